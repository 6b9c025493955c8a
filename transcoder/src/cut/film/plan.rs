//! Which pictures are copied and which encoded, and when each is shown: pure arithmetic on ticks of the picture track.
//!
//! Pictures have two orders: as they are stored (decoding) and as they are shown. A *rank* is a place in the second. A group
//! begins with a picture nothing before is needed for, and what it shows comes after all that stands before it; so the
//! ranks of a group are the places of its pictures.
//!
//! A film lasts as long as its pictures or its sound, whichever is longer: the first picture is shown from its start, the
//! last to its end. What its edit list hides before its first picture is decoded where others need it, and never shown. A
//! picture that stays for long, such as these or a slide, is shown in part where it is cut.

/// One stored picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picture {
    /// When it is shown.
    pub(super) pts: i64,
    /// When it is decoded, as the source says.
    pub(super) dts: i64,
    /// For how long, as the source says.
    pub(super) duration: i64,
    /// Whether decoding can begin here.
    pub(super) is_entry: bool,
    /// Whether an edit list hides it: decoders then give no picture.
    pub(super) is_hidden: bool,
}

/// What is done, in the order the new film stores its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Stored pictures `[from, to)` as they are.
    Copy {
        /// First.
        from: usize,
        /// First no longer.
        to: usize,
    },
    /// Pictures of these ranks, decoded from their group and encoded.
    Encode {
        /// Stored pictures of the group.
        group: (usize, usize),
        /// First rank.
        from: usize,
        /// First rank no longer.
        to: usize,
    },
}

/// One kept piece, as it really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it begins in the source.
    pub(super) from: i64,
    /// Where it ends in the source.
    pub(super) to: i64,
    /// Where it begins in the new film.
    pub(super) at: i64,
}

/// When a picture of the new film is decoded and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) pts: i64,
    pub(super) dts: i64,
    pub(super) duration: i64,
}

/// A new film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) pieces: Vec<Piece>,
    /// One for each picture, in the order of the steps.
    pub(super) stamps: Vec<Stamp>,
    /// Where the new film ends.
    pub(super) end: i64,
}

/// The source in the order it is shown.
pub(super) struct Shown<'a> {
    pictures: &'a [Picture],
    /// Times by rank, and the end of the film.
    times: Vec<i64>,
    /// What stays for longer may be shown in part.
    long: i64,
    /// No cut is widened by more.
    far: i64,
    /// Rank of each stored picture.
    ranks: Vec<usize>,
    /// Where groups begin, and the end.
    groups: Vec<usize>,
    /// The first rank that is not hidden.
    visible: usize,
}

impl Plan {
    /// For the wanted times, in order. Exact cuts at the very pictures, else at the groups around them where those are near
    /// and leave something of what was cut away between.
    pub(super) fn new(shown: &Shown, wanted: &[(i64, i64)], exact: bool) -> Self {
        let widened: Vec<Kept> = wanted.iter().map(|times| shown.kept(*times, (exact, exact))).collect();
        let meets_next = |place: usize| {
            let pair = widened.get(place).zip(widened.get(place + 1));
            pair.is_some_and(|(one, other)| one.to >= other.from)
        };
        let mut kept: Vec<Kept> = Vec::new();
        for (place, times) in wanted.iter().enumerate() {
            let is_met = place.checked_sub(1).is_some_and(meets_next);
            let next = shown.kept(*times, (exact || is_met, exact || meets_next(place)));
            match kept.last_mut() {
                Some(last) if next.from <= last.to => {
                    (last.ranks.1, last.to) = (last.ranks.1.max(next.ranks.1), last.to.max(next.to));
                }
                _ => kept.push(next),
            }
        }
        let mut at = 0;
        let (mut steps, mut pieces, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for Kept { ranks, from, to } in kept {
            let of_piece = shown.steps(ranks);
            let stored = of_piece.iter().flat_map(|step| shown.ranks_of(*step));
            times.extend(stored.map(|rank| shown.time(rank).max(from) - from + at));
            steps.extend(of_piece);
            pieces.push(Piece { from, to, at });
            at += to - from;
        }
        let stamps = stamps(&times, at);
        Self { steps, pieces, stamps, end: at }
    }
}

/// A piece of the source: the pictures of these ranks, the first and the last perhaps in part.
struct Kept {
    ranks: (usize, usize),
    from: i64,
    to: i64,
}

impl<'a> Shown<'a> {
    /// `end` is that of the film; a picture shown for more than `long` ticks may be shown in part; no cut is widened to a group
    /// that begins or ends more than `far` ticks away.
    pub(super) fn new(pictures: &'a [Picture], end: i64, (long, far): (i64, i64)) -> Self {
        let mut order: Vec<usize> = (0..pictures.len()).collect();
        let pts = |index: &usize| pictures.get(*index).map_or(0, |picture| picture.pts);
        order.sort_by_key(pts);
        let mut ranks = vec![0; pictures.len()];
        for (rank, index) in order.iter().enumerate() {
            if let Some(place) = ranks.get_mut(*index) {
                *place = rank;
            }
        }
        let is_hidden = |index: &usize| pictures.get(*index).is_some_and(|picture| picture.is_hidden);
        let visible = order.iter().take_while(|index| is_hidden(index)).count();
        let visible = visible.min(pictures.len().saturating_sub(1));
        let mut times: Vec<i64> = order.iter().map(pts).collect();
        let last = order.last().and_then(|index| pictures.get(*index));
        times.extend(last.map(|picture| end.max(picture.pts + picture.duration.max(1))));
        for time in times.iter_mut().take(visible + 1) {
            *time = 0.min(*time);
        }
        let mut groups = Vec::new();
        let mut highest = None;
        for (index, picture) in pictures.iter().enumerate() {
            let rank = ranks.get(index).copied();
            // An entry shown before something stored before it would tear that group apart.
            if picture.is_entry && highest < rank && rank == Some(index) || index == 0 {
                groups.push(index);
            }
            highest = highest.max(rank);
        }
        groups.push(pictures.len());
        Self { pictures, times, long, far, ranks, groups, visible }
    }

    fn time(&self, rank: usize) -> i64 {
        self.times.get(rank).or(self.times.last()).copied().unwrap_or(0)
    }

    fn stays_long(&self, rank: usize) -> bool {
        self.time(rank + 1) - self.time(rank) > self.long
    }

    /// What is kept for a wanted time, of which the beginning or the end may have to be exact.
    fn kept(&self, (from, to): (i64, i64), (exact_begin, exact_end): (bool, bool)) -> Kept {
        let range = self.range(from, to);
        let widened = self.widened(range, (from, to));
        let ranks =
            (if exact_begin { range.0 } else { widened.0 }, if exact_end { range.1 } else { widened.1 });
        let (first, last) = (ranks.0, ranks.1.saturating_sub(1));
        let starts_within =
            self.stays_long(first) && (self.time(first)..self.time(first + 1)).contains(&from);
        let from = if starts_within { from } else { self.time(first) };
        let ends_within = self.stays_long(last) && (self.time(last) + 1..self.time(last + 1)).contains(&to);
        let to = if ends_within { to } else { self.time(last + 1) };
        Kept { ranks, from, to: to.max(from + 1) }
    }

    /// The ranks shown mostly within a time, or for long and partly within it; at least one.
    fn range(&self, from: i64, to: i64) -> (usize, usize) {
        let counts_from = |rank: usize| {
            if self.stays_long(rank) { self.time(rank + 1) - 1 } else { self.middle(rank) }
        };
        let counts_to = |rank: usize| if self.stays_long(rank) { self.time(rank) } else { self.middle(rank) };
        let count = self.pictures.len();
        let first = first_not(count, |rank| counts_from(rank) < from).min(count.saturating_sub(1));
        let first = first.max(self.visible);
        let last = first_not(count, |rank| counts_to(rank) < to);
        if last > first {
            return (first, last);
        }
        let shown = first_not(count, |rank| self.time(rank) <= from).saturating_sub(1).max(self.visible);
        (shown, shown + 1)
    }

    fn middle(&self, rank: usize) -> i64 {
        self.time(rank) + (self.time(rank + 1) - self.time(rank)) / 2
    }

    fn widened(&self, (first, last): (usize, usize), (from, to): (i64, i64)) -> (usize, usize) {
        let before = self.groups.partition_point(|start| *start <= first).saturating_sub(1);
        let after = self.groups.partition_point(|start| *start < last);
        let at = |place: usize| self.groups.get(place).copied();
        let begin = at(before).unwrap_or(0).max(self.visible);
        let end = at(after).unwrap_or(self.pictures.len());
        (
            if from.saturating_sub(self.time(begin)) > self.far { first } else { begin },
            if self.time(end).saturating_sub(to) > self.far { last } else { end },
        )
    }

    fn steps(&self, (first, last): (usize, usize)) -> Vec<Step> {
        let mut steps = Vec::new();
        for pair in self.groups.windows(2) {
            let &[start, end] = pair else { continue };
            let (from, to) = (first.max(start), last.min(end));
            if from >= to {
                continue;
            }
            let is_entry = self.pictures.get(start).is_some_and(|picture| picture.is_entry);
            let copied = if from == start && is_entry { self.copyable(start, to) } else { from };
            if copied > from {
                match steps.last_mut() {
                    Some(Step::Copy { to, .. }) if *to == from => *to = copied,
                    _ => steps.push(Step::Copy { from, to: copied }),
                }
            }
            if copied < to {
                steps.push(Step::Encode { group: (start, end), from: copied, to });
            }
        }
        steps
    }

    /// The ranks a step writes, in the order they are stored.
    fn ranks_of(&self, step: Step) -> Vec<usize> {
        match step {
            Step::Copy { from, to } => self.ranks.get(from..to).unwrap_or(&[]).to_vec(),
            Step::Encode { from, to, .. } => (from..to).collect(),
        }
    }

    /// How far the pictures stored from `start` are the very ones shown from there, up to `to`.
    fn copyable(&self, start: usize, to: usize) -> usize {
        let mut highest = start;
        let mut copyable = start;
        for stored in start..to {
            highest = highest.max(self.ranks.get(stored).copied().unwrap_or(usize::MAX));
            if highest == stored {
                copyable = stored + 1;
            }
        }
        copyable
    }
}

/// The first rank of which something no longer holds.
fn first_not(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// For pictures stored in this order and shown at these times: decoding times are showing times in order, moved ahead far
/// enough that nothing is shown before it is decoded.
fn stamps(times: &[i64], end: i64) -> Vec<Stamp> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|index| times.get(*index).copied());
    let sorted: Vec<i64> = order.iter().filter_map(|index| times.get(*index).copied()).collect();
    let late = |(rank, index): (usize, &usize)| index.saturating_sub(rank);
    let ahead = order.iter().enumerate().map(late).max().unwrap_or(0);
    let at = |rank: usize| sorted.get(rank).copied().unwrap_or(end);
    let step = (at(1) - at(0)).max(1);
    let mut stamps = vec![Stamp { pts: 0, dts: 0, duration: 0 }; times.len()];
    for (rank, index) in order.iter().enumerate() {
        if let Some(stamp) = stamps.get_mut(*index) {
            (stamp.pts, stamp.duration) = (at(rank), at(rank + 1) - at(rank));
        }
    }
    for (index, stamp) in stamps.iter_mut().enumerate() {
        stamp.dts = match index.checked_sub(ahead) {
            Some(rank) => at(rank),
            None => at(0) - i64::try_from(ahead - index).unwrap_or(0) * step,
        };
    }
    stamps
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: i64 = 400;

    /// Groups of eight, stored I P B B P B B P, a tick of 10 each.
    fn pictures(groups: usize) -> Vec<Picture> {
        let ranks = [0, 3, 1, 2, 6, 4, 5, 7];
        let of = |group: usize| {
            ranks.iter().enumerate().map(move |(place, rank)| Picture {
                pts: i64::try_from(group * 8 + rank).unwrap() * 10,
                dts: 0,
                duration: 10,
                is_entry: place == 0,
                is_hidden: false,
            })
        };
        (0..groups).flat_map(of).collect()
    }

    fn plan(pictures: &[Picture], wanted: &[(i64, i64)], exact: bool) -> Plan {
        Plan::new(&Shown::new(pictures, 0, (20, FAR)), wanted, exact)
    }

    fn check(plan: &Plan) {
        let mut shown: Vec<(i64, i64)> =
            plan.stamps.iter().map(|stamp| (stamp.pts, stamp.duration)).collect();
        shown.sort_unstable();
        assert_eq!(shown[0].0, 0);
        assert!(shown.windows(2).all(|pair| pair[0].0 + pair[0].1 == pair[1].0), "{plan:?}");
        assert_eq!(shown.last().map(|(at, lasts)| at + lasts), Some(plan.end));
        assert!(plan.stamps.windows(2).all(|pair| pair[0].dts < pair[1].dts), "{plan:?}");
        assert!(plan.stamps.iter().all(|stamp| stamp.dts <= stamp.pts), "{plan:?}");
    }

    #[test]
    fn whole_groups_are_copied() {
        for exact in [true, false] {
            let made = plan(&pictures(4), &[(80, 240)], exact);
            assert_eq!(made.steps, [Step::Copy { from: 8, to: 24 }]);
            assert_eq!(made.pieces, [Piece { from: 80, to: 240, at: 0 }]);
            check(&made);
        }
    }

    #[test]
    fn only_what_a_cut_leaves_of_a_group_is_encoded() {
        let made = plan(&pictures(4), &[(50, 256)], true);
        let encoded = |group, from, to| Step::Encode { group, from, to };
        // The last group is shown to 25; its I stands alone, P of 27 is not wanted, so 25 is encoded.
        let expected = [encoded((0, 8), 5, 8), Step::Copy { from: 8, to: 25 }, encoded((24, 32), 25, 26)];
        assert_eq!(made.steps, expected);
        assert_eq!(made.pieces, [Piece { from: 50, to: 260, at: 0 }]);
        check(&made);
        let tail = plan(&pictures(4), &[(0, 40)], true);
        assert_eq!(tail.steps, [Step::Copy { from: 0, to: 4 }], "I P B B are the first four shown too");
        check(&tail);
    }

    #[test]
    fn fast_cuts_widen_to_groups_but_not_to_each_other() {
        let made = plan(&pictures(4), &[(10, 50), (100, 110), (250, 260)], false);
        let pieces = [(0, 50, 0), (100, 160, 50), (240, 320, 110)];
        assert_eq!(made.pieces, pieces.map(|(from, to, at)| Piece { from, to, at }));
        assert_eq!(made.steps.last(), Some(&Step::Copy { from: 24, to: 32 }));
        check(&made);
    }

    #[test]
    fn fast_cuts_do_not_widen_to_groups_far_away() {
        let four = pictures(4);
        let shown = Shown::new(&four, 0, (20, 40));
        let pieces = |wanted: (i64, i64)| {
            let made = Plan::new(&shown, &[wanted], false);
            check(&made);
            made.pieces.iter().map(|piece| (piece.from, piece.to)).collect::<Vec<_>>()
        };
        assert_eq!(pieces((120, 200)), [(80, 240)], "just near enough");
        assert_eq!(pieces((130, 200)), [(130, 240)]);
        assert_eq!(pieces((120, 190)), [(80, 190)]);
    }

    #[test]
    fn one_picture_is_a_film() {
        let made = plan(&pictures(2), &[(61, 62)], true);
        assert_eq!(made.steps, [Step::Encode { group: (0, 8), from: 6, to: 7 }]);
        check(&made);
    }

    #[test]
    fn what_is_heard_after_the_last_picture_or_before_the_first_is_kept_beside_it() {
        let mut late = pictures(2);
        late.iter_mut().for_each(|picture| picture.pts += 100);
        let shown = Shown::new(&late, 500, (20, FAR));
        let pieces = |wanted: &[(i64, i64)]| {
            let made = Plan::new(&shown, wanted, true);
            check(&made);
            made.pieces.iter().map(|piece| (piece.from, piece.to)).collect::<Vec<_>>()
        };
        assert_eq!(pieces(&[(0, i64::MAX / 4)]), [(0, 500)]);
        assert_eq!(pieces(&[(250, 400)]), [(250, 400)], "the last picture, shown longer");
        assert_eq!(pieces(&[(300, 350), (400, 500)]), [(300, 350), (400, 500)], "shown twice");
        assert_eq!(pieces(&[(5, 40), (60, 130)]), [(5, 40), (60, 130)]);
        let fast = Plan::new(&shown, &[(400, 450)], false);
        assert_eq!(fast.pieces, [Piece { from: 180, to: 450, at: 0 }]);
    }

    #[test]
    fn a_slide_is_shown_in_part() {
        let mut slides = pictures(1);
        slides.iter_mut().for_each(|picture| picture.pts *= 10);
        let made = Plan::new(&Shown::new(&slides, 0, (20, FAR)), &[(130, 250)], true);
        assert_eq!(made.pieces, [Piece { from: 130, to: 250, at: 0 }]);
        assert_eq!(
            made.stamps.iter().map(|stamp| (stamp.pts, stamp.duration)).collect::<Vec<_>>(),
            [(0, 70), (70, 50)]
        );
    }

    #[test]
    fn of_two_slides_that_follow_each_other_each_may_be_shown_in_part() {
        let slide = |at| Picture { pts: at, dts: 0, duration: 500, is_entry: true, is_hidden: false };
        let slides = [slide(0), slide(500)];
        for exact in [true, false] {
            for wanted in [[(0, 300), (600, 1000)], [(0, 500), (600, 1000)]] {
                let made = Plan::new(&Shown::new(&slides, 0, (20, FAR)), &wanted, exact);
                check(&made);
                assert_eq!(made.stamps.len(), 2, "{made:?}");
                assert_eq!(made.end, wanted.iter().map(|(from, to)| to - from).sum::<i64>());
            }
        }
    }

    #[test]
    fn what_a_film_hides_before_its_beginning_stays_hidden() {
        let of = |earlier: i64| {
            let mut trimmed = pictures(2);
            for picture in &mut trimmed {
                picture.pts -= earlier;
                picture.is_hidden = picture.pts < 0;
            }
            trimmed
        };
        let made = plan(&of(50), &[(10, 20)], false);
        assert_eq!(made.pieces, [Piece { from: 0, to: 30, at: 0 }]);
        check(&made);
        let mut paused = of(50);
        paused.iter_mut().for_each(|picture| picture.pts += 100);
        let made = plan(&paused, &[(10, 105)], true);
        assert_eq!(made.pieces, [Piece { from: 10, to: 105, at: 0 }], "the first is shown while nothing was");
        check(&made);
        // In the midst of a picture: the next one is shown from the beginning.
        for (exact, to) in [(false, 25), (true, 15)] {
            let made = plan(&of(55), &[(0, 20)], exact);
            assert_eq!(made.pieces, [Piece { from: 0, to, at: 0 }]);
            check(&made);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_cut_shows_every_picture_once_and_in_time(
            groups in 1_usize..5, cuts in proptest::collection::vec(0_i64..400, 2..8), exact in proptest::bool::ANY,
        ) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            cuts.dedup();
            let end = i64::try_from(groups).unwrap() * 80;
            let wanted: Vec<(i64, i64)> =
                cuts.chunks_exact(2).map(|pair| (pair[0], pair[1].min(end))).filter(|(from, to)| from < to).collect();
            if !wanted.is_empty() {
                check(&plan(&pictures(groups), &wanted, exact));
            }
        }
    }
}
