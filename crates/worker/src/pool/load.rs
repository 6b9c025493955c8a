//! How many children of this process run now, so that each is told how many threads it may use.

use balado_domain::job::Lane;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The films at work in this process. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub(super) struct Load {
    cores: usize,
    films: Arc<AtomicUsize>,
}

/// One child at work. It is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Presence {
    load: Load,
    lane: Lane,
}

impl Default for Load {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { cores, films: Arc::default() }
    }
}

impl Load {
    /// Counts a child of that lane from now on.
    pub(super) fn enter(&self, lane: Lane) -> Presence {
        if lane == Lane::Film {
            self.films.fetch_add(1, Ordering::Relaxed);
        }
        Presence { load: self.clone(), lane }
    }

    /// Counts one more film from now on, unless that many are at work already.
    pub(super) fn enter_film(&self, most: usize) -> Option<Presence> {
        let one_more = |films: usize| (films < most).then_some(films + 1);
        self.films.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Presence { load: self.clone(), lane: Lane::Film })
    }
}

impl Presence {
    /// How many threads the child may use. Films share the cores: short work takes precedence by the scheduler, not by
    /// leaving cores idle, and one thread more than cores fills the moments in which one waits for another. Everything else
    /// has one thread's worth of work.
    pub(super) fn threads(&self) -> u32 {
        match self.lane {
            Lane::Film => {
                let films = self.load.films.load(Ordering::Relaxed).max(1);
                u32::try_from(self.load.cores.div_ceil(films) + 1).unwrap_or(1)
            }
            Lane::Media | Lane::Follow | Lane::Light => 1,
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if self.lane == Lane::Film {
            self.load.films.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_share_the_cores_and_leave_them_when_they_end() {
        let load = Load { cores: 4, films: Arc::default() };
        let first = load.enter(Lane::Film);
        assert_eq!(first.threads(), 5);
        let (second, sound) = (load.enter(Lane::Film), load.enter(Lane::Media));
        assert_eq!((second.threads(), sound.threads()), (3, 1));
        drop(first);
        assert_eq!(second.threads(), 5);
    }

    #[test]
    fn no_more_films_enter_than_are_wanted() {
        let load = Load { cores: 4, films: Arc::default() };
        let only = load.enter_film(1);
        assert!(only.is_some() && load.enter_film(1).is_none());
        drop(only);
        assert!(load.enter_film(1).is_some());
    }
}
