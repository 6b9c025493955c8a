//! How much a child may say. Its lines are bounded in length; this bounds their number, so that a decoder somebody took
//! over cannot make the worker hold files and words without end.

use balado_domain::deposit::RenditionKind;
use balado_media::cut::MAX_PARTS;
use balado_media::wire::Event;
use std::collections::HashSet;

/// Most lines of one child: twice what the longest honest one says, a sign of life every ten seconds for a day and each
/// thousandth of its progress once.
const MOST_LINES: u32 = 20_000;
/// Most different things of one child: the longest cut tells what it kept and what it made of each part.
const MOST_THINGS: usize = 2 * MAX_PARTS + 16;

/// What a child says once at most.
#[derive(PartialEq, Eq, Hash)]
enum Thing {
    BoxReport,
    Family,
    Survey,
    Kept(u32),
    Output(RenditionKind, Option<u32>),
    LastWord,
}

/// What one child has said so far.
#[derive(Default)]
pub(super) struct Manners {
    lines: u32,
    things: HashSet<Thing>,
}

impl Manners {
    /// Counts a line after the box report.
    ///
    /// # Errors
    /// What is wrong with it, for the log, when it says a thing again or too much altogether.
    pub(super) fn admit(&mut self, event: &Event) -> Result<(), String> {
        self.lines += 1;
        if self.lines > MOST_LINES {
            return Err(format!("more than {MOST_LINES} lines"));
        }
        let thing = match event {
            Event::Progress { .. } | Event::Alive => return Ok(()),
            Event::Boxed { .. } => Thing::BoxReport,
            Event::Probed { .. } => Thing::Family,
            Event::Surveyed { .. } => Thing::Survey,
            Event::Kept { part, .. } => Thing::Kept(*part),
            Event::Output(output) => Thing::Output(output.kind, output.part),
            Event::Done | Event::Refused { .. } | Event::Missing { .. } => Thing::LastWord,
        };
        if thing == Thing::BoxReport || !self.things.insert(thing) {
            return Err("it says the same thing twice".to_owned());
        }
        if self.things.len() > MOST_THINGS {
            return Err(format!("more than {MOST_THINGS} different things"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use balado_domain::deposit::Family;

    fn kept(part: u32) -> Event {
        Event::Kept { part, pieces: Vec::new() }
    }

    fn probed() -> Event {
        Event::Probed {
            family: Family::Audio,
            media_type: "audio/mpeg".to_owned(),
            duration_ms: None,
            width: None,
            height: None,
        }
    }

    #[test]
    fn a_thing_is_said_once_and_signs_of_life_as_long_as_the_longest_work_takes() {
        let mut manners = Manners::default();
        let a_day = 24 * 3600 / 10;
        assert!((0..a_day).all(|_| manners.admit(&Event::Alive).is_ok()));
        let progress = |permille| Event::Progress { permille, remaining_ms: Some(1) };
        assert!((0..=1000).all(|permille| manners.admit(&progress(permille)).is_ok()));
        assert!(manners.admit(&probed()).is_ok());
        assert!(manners.admit(&probed()).is_err());
        assert!((0..100).all(|part| manners.admit(&kept(part)).is_ok()));
        assert!(manners.admit(&kept(7)).is_err());
        assert!(manners.admit(&Event::Done).is_ok());
        assert!(manners.admit(&Event::Done).is_err());
    }

    #[test]
    fn neither_lines_nor_different_things_are_without_end() {
        let (mut signs, mut things) = (Manners::default(), Manners::default());
        let first_refused = |manners: &mut Manners, event: &dyn Fn(u32) -> Event| {
            (0..1_000_000).find(|n| manners.admit(&event(*n)).is_err())
        };
        assert_eq!(first_refused(&mut signs, &|_| Event::Alive), Some(MOST_LINES));
        assert_eq!(first_refused(&mut things, &kept), u32::try_from(MOST_THINGS).ok());
    }
}
