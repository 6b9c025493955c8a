//! Dividing what is kept into parts: one file each.

use super::{CutError, Stretch, Survey};
use balado_domain::text_enum;

/// Most files made of one.
pub const MAX_PARTS: usize = 100;

/// A silence at least this long is taken for the gap between two exercises, not for somebody thinking.
const DIVIDING_SILENCE_MS: i64 = 2000;

/// A part shorter than this stays with the part before it: a cough between two silences is no exercise.
const SHORTEST_PART_MS: i64 = 5000;

text_enum! {
    /// How what is kept becomes files.
    pub enum Split {
        /// One file of everything.
        None = "none",
        /// One file for each span.
        Spans = "spans",
        /// A new file in the middle of each silence of at least two seconds. Nothing is lost: the halves of the
        /// silence stay.
        Silences = "silences",
        /// A new file where a chapter begins.
        Chapters = "chapters",
    }
}

/// Divides what is kept. `survey` is asked for silences and chapters only; without any, everything is one part.
///
/// # Errors
/// [`CutError::TooMany`] when it gives more than [`MAX_PARTS`] parts.
pub fn divide(kept: &[Stretch], split: Split, survey: &Survey) -> Result<Vec<Vec<Stretch>>, CutError> {
    let parts = match split {
        Split::None => vec![kept.to_vec()],
        Split::Spans => kept.iter().map(|stretch| vec![*stretch]).collect(),
        Split::Silences => {
            let long = survey.silences.iter().filter(|silence| silence.duration_ms() >= DIVIDING_SILENCE_MS);
            let middles: Vec<i64> = long.map(|silence| silence.from_ms + silence.duration_ms() / 2).collect();
            join_short(divide_at(kept, &middles))
        }
        Split::Chapters => {
            let starts: Vec<i64> = survey.chapters.iter().map(|chapter| chapter.from_ms).collect();
            divide_at(kept, &starts)
        }
    };
    if parts.len() > MAX_PARTS { Err(CutError::TooMany) } else { Ok(parts) }
}

/// Begins a new part at each mark; a mark in what is not kept divides what stands before it from what comes after.
fn divide_at(kept: &[Stretch], marks: &[i64]) -> Vec<Vec<Stretch>> {
    let mut parts: Vec<Vec<Stretch>> = Vec::new();
    let mut part = Vec::new();
    let mut marks = marks.iter().copied().peekable();
    for stretch in kept {
        let mut from_ms = stretch.from_ms;
        while let Some(mark) = marks.next_if(|mark| *mark < stretch.to_ms) {
            if mark > from_ms {
                part.push(Stretch { from_ms, to_ms: mark });
                from_ms = mark;
            }
            if !part.is_empty() {
                parts.push(std::mem::take(&mut part));
            }
        }
        part.push(Stretch { from_ms, to_ms: stretch.to_ms });
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

fn join_short(parts: Vec<Vec<Stretch>>) -> Vec<Vec<Stretch>> {
    let mut joined: Vec<Vec<Stretch>> = Vec::new();
    for part in parts {
        let is_short =
            |part: &[Stretch]| part.iter().map(|one| one.duration_ms()).sum::<i64>() < SHORTEST_PART_MS;
        match joined.last_mut() {
            Some(last) if is_short(&part) || is_short(last) => append(last, part),
            _ => joined.push(part),
        }
    }
    joined
}

/// Pieces that touch become one again.
fn append(part: &mut Vec<Stretch>, more: Vec<Stretch>) {
    for stretch in more {
        match part.last_mut() {
            Some(last) if last.to_ms == stretch.from_ms => last.to_ms = stretch.to_ms,
            _ => part.push(stretch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Chapter;
    use super::*;

    fn stretch((from_ms, to_ms): (i64, i64)) -> Stretch {
        Stretch { from_ms, to_ms }
    }

    fn pairs(parts: &[Vec<Stretch>]) -> Vec<Vec<(i64, i64)>> {
        parts.iter().map(|part| part.iter().map(|one| (one.from_ms, one.to_ms)).collect()).collect()
    }

    fn chapters(starts: &[i64]) -> Survey {
        let chapter = |from_ms: &i64| Chapter { from_ms: *from_ms, to_ms: from_ms + 1, title: String::new() };
        Survey { chapters: starts.iter().map(chapter).collect(), ..Survey::default() }
    }

    #[test]
    fn spans_become_one_file_or_one_each() {
        let kept = [(0, 10), (20, 30)].map(stretch);
        let none = Survey::default();
        assert_eq!(pairs(&divide(&kept, Split::None, &none).unwrap()), [[(0, 10), (20, 30)]]);
        assert_eq!(pairs(&divide(&kept, Split::Spans, &none).unwrap()), [[(0, 10)], [(20, 30)]]);
        assert_eq!(pairs(&divide(&kept, Split::Silences, &none).unwrap()), [[(0, 10), (20, 30)]]);
        let many: Vec<Stretch> = (0..101).map(|n| stretch((n * 10, n * 10 + 5))).collect();
        assert_eq!(divide(&many, Split::Spans, &none), Err(CutError::TooMany));
    }

    #[test]
    fn chapters_divide_what_is_kept_and_nothing_is_lost() {
        let kept = [(0, 100), (200, 300)].map(stretch);
        let parts = divide(&kept, Split::Chapters, &chapters(&[0, 50, 150, 200, 300])).unwrap();
        assert_eq!(pairs(&parts), vec![vec![(0, 50)], vec![(50, 100)], vec![(200, 300)]]);
    }

    #[test]
    fn only_long_silences_divide_and_short_parts_stay_with_their_neighbour() {
        let silences = [(10_000, 11_000), (20_000, 24_000), (25_000, 27_000), (60_000, 66_000)].map(stretch);
        let survey = Survey { silences: silences.to_vec(), ..Survey::default() };
        let parts = divide(&[stretch((0, 100_000))], Split::Silences, &survey).unwrap();
        assert_eq!(pairs(&parts), vec![vec![(0, 26_000)], vec![(26_000, 63_000)], vec![(63_000, 100_000)]]);
    }

    proptest::proptest! {
        #[test]
        fn dividing_keeps_every_moment_once(
            marks in proptest::collection::vec(0_i64..400, 0..12), a in 1_i64..100, b in 101_i64..200, c in 201_i64..300,
        ) {
            let mut marks = marks;
            marks.sort_unstable();
            let kept = [stretch((0, a)), stretch((b, c))];
            let mut joined = Vec::new();
            divide_at(&kept, &marks).into_iter().for_each(|part| append(&mut joined, part));
            assert_eq!(joined, kept);
        }
    }
}
