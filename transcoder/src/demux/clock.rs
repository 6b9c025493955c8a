//! One clock for all tracks: starts at zero, and does not jump where the numbers in the file do.
//!
//! A new numbering begins for the whole file, where the last track of the old one ended, so that tracks stay in time with
//! each other though one ended before the other. It takes to see every track of the file, whichever of them is wanted.

use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Packet, Rational, Rescale, media};
use std::collections::{HashMap, HashSet, VecDeque};

/// The unit of this clock.
const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// A step forward larger than this, of all tracks, is a new numbering, not a pause, where streams may restart theirs.
const LEAP_US: i64 = 10_000_000;

/// A step back larger than this is a new numbering everywhere: decoding times never go back.
const RESTART_US: i64 = 1_000_000;

/// Packets looked through at most for the beginning of each track in a new numbering: some seconds of a film.
const MOST_GATHERED: usize = 256;

/// Corrects the times of packets.
pub(super) struct Clock {
    /// What turns the newest numbering into this clock.
    offset_us: i64,
    /// What turned the one before into it.
    before_us: i64,
    tracks: HashMap<usize, Track>,
    /// Tracks of pictures: shown in another order than decoded, so that a time to show says nothing of the numbering.
    pictures: HashSet<usize>,
    /// Where the file says it ends, on this clock.
    told_end_us: Option<i64>,
    may_leap: bool,
    /// From the first packet of a new numbering on, until every track has begun it.
    gathered: Vec<Gathered>,
    ready: VecDeque<Packet>,
}

/// Where a track is.
#[derive(Debug, Clone, Copy)]
struct Track {
    /// That of the numbering its last packet was in.
    offset_us: i64,
    ends_us: i64,
}

struct Gathered {
    stamped: Stamped,
    is_new: bool,
}

/// Which numbering a packet belongs to.
enum Belongs {
    New,
    Old,
    /// The old one, which its track seemed to have left.
    OldAgain,
    /// One that is newer still.
    Neither,
}

/// A packet whose times count in `unit`.
struct Stamped {
    packet: Packet,
    unit: Rational,
    /// When it is decoded, in the numbers of the file. Not so for what an edit list leaves out: the lead-in of a later clip
    /// goes back before the end of the clip before it, without a new numbering.
    time_us: Option<i64>,
}

impl Clock {
    /// For an opened file. `may_leap` tells that a jump forward means a new numbering too.
    pub(super) fn new(input: &Input, may_leap: bool) -> Self {
        // SAFETY: the pointer is that of a live, opened context; one integer is read from it.
        let start = unsafe { (*input.as_ptr()).start_time };
        let offset_us = if start == ffmpeg_next::ffi::AV_NOPTS_VALUE { 0 } else { start.saturating_neg() };
        let is_film = |stream: &ffmpeg_next::Stream| stream.parameters().medium() == media::Type::Video;
        let pictures = input.streams().filter(is_film).map(|stream| stream.index()).collect();
        let told_end_us = Some(input.duration()).filter(|duration_us| *duration_us > 0);
        Self { offset_us, before_us: offset_us, pictures, told_end_us, may_leap, ..Self::from_zero() }
    }

    /// Leaves times as they are.
    pub(super) fn from_zero() -> Self {
        Self {
            offset_us: 0,
            before_us: 0,
            tracks: HashMap::new(),
            pictures: HashSet::new(),
            told_end_us: None,
            may_leap: false,
            gathered: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// Has a moment of the file be zero, before the first packet.
    pub(super) fn start_from(&mut self, start_us: i64) {
        self.offset_us = start_us.saturating_neg();
        self.before_us = self.offset_us;
    }

    /// What the newest numbering starts from.
    pub(super) fn start_us(&self) -> i64 {
        self.offset_us.saturating_neg()
    }

    /// Takes the next packet of the file.
    pub(super) fn take(&mut self, packet: Packet, unit: Rational) {
        let is_shown_in_order = !self.pictures.contains(&packet.stream());
        let time = packet.dts().or(packet.pts().filter(|_| is_shown_in_order));
        let time = time.filter(|_| !super::is_left_out(&packet));
        let time_us = time.map(|time| time.rescale(unit, MICROSECONDS));
        let stamped = Stamped { packet, unit, time_us };
        if self.gathered.is_empty() && !self.begins_anew(&stamped) {
            let offset_us = self.numbering_of(&stamped);
            return self.place(stamped, offset_us);
        }
        let is_new = match self.belongs(&stamped) {
            Belongs::New => true,
            Belongs::Old => false,
            Belongs::OldAgain => {
                self.take_back();
                return self.take(stamped.packet, stamped.unit);
            }
            Belongs::Neither => {
                self.renumber();
                return self.take(stamped.packet, stamped.unit);
            }
        };
        self.gathered.push(Gathered { stamped, is_new });
        if self.gathered.len() >= MOST_GATHERED || self.tracks.keys().all(|index| self.has_begun(*index)) {
            self.renumber();
        }
    }

    /// There are no more packets of the file: whether there is something left to give.
    pub(super) fn finish(&mut self) -> bool {
        if !self.gathered.is_empty() {
            self.renumber();
        }
        !self.ready.is_empty()
    }

    /// The next packet on this clock.
    pub(super) fn give(&mut self) -> Option<Packet> {
        self.ready.pop_front()
    }

    /// Whether a packet goes on nowhere. From here on the newest numbering is the one it begins.
    fn begins_anew(&mut self, stamped: &Stamped) -> bool {
        let Some((time_us, track)) = stamped.time_us.zip(self.tracks.get(&stamped.packet.stream())) else {
            return false;
        };
        let at_us = time_us.saturating_add(self.numbering_of(stamped));
        let latest_us = self.latest_us();
        let is_new = at_us.saturating_sub(track.ends_us) < -RESTART_US
            || (self.may_leap && at_us.saturating_sub(latest_us) > LEAP_US && !self.is_slide(at_us));
        if is_new {
            self.before_us = self.offset_us;
            self.offset_us = latest_us.saturating_sub(time_us);
        }
        is_new
    }

    /// Whether a time may be that of the next slide of a film without sound: pictures may stay for long, but not beyond
    /// where the file ends.
    fn is_slide(&self, at_us: i64) -> bool {
        self.tracks.keys().all(|index| self.pictures.contains(index))
            && self.told_end_us.is_some_and(|end_us| at_us <= end_us)
    }

    /// Where a packet belongs while a new numbering begins.
    fn belongs(&self, stamped: &Stamped) -> Belongs {
        if self.gathered.is_empty() {
            return Belongs::New;
        }
        let has_begun = self.has_begun(stamped.packet.stream());
        let first_us = self.gathered.iter().find_map(|one| one.stamped.time_us.filter(|_| one.is_new));
        let Some((time_us, first_us)) = stamped.time_us.zip(first_us) else {
            return if has_begun { Belongs::New } else { Belongs::Old };
        };
        let is_near = time_us.abs_diff(first_us) <= LEAP_US.unsigned_abs();
        match (is_near, has_begun, self.numbering_of(stamped) == self.offset_us) {
            (true, true, _) | (true, false, true) => Belongs::New,
            (_, false, false) => Belongs::Old,
            (false, true, false) => Belongs::OldAgain,
            (false, _, true) => Belongs::Neither,
        }
    }

    /// The new numbering was none, but damage: its packets go where their tracks ended, and the old one goes on.
    fn take_back(&mut self) {
        self.offset_us = self.before_us;
        for Gathered { stamped, is_new } in std::mem::take(&mut self.gathered) {
            let index = stamped.packet.stream();
            let Track { offset_us, ends_us } = self
                .tracks
                .get(&index)
                .copied()
                .unwrap_or(Track { offset_us: self.offset_us, ends_us: self.latest_us() });
            let placed_us = match stamped.time_us {
                Some(time_us) if is_new => ends_us.saturating_sub(time_us),
                _ => offset_us,
            };
            self.place(stamped, placed_us);
            if let Some(track) = self.tracks.get_mut(&index) {
                track.offset_us = offset_us;
            }
        }
    }

    /// The numbering of a packet: the newest, or that of its track's last one, whose packets come some time after the first
    /// of another track's new one.
    fn numbering_of(&self, stamped: &Stamped) -> i64 {
        let Some(track) = self.tracks.get(&stamped.packet.stream()) else { return self.offset_us };
        let Some(time_us) = stamped.time_us else { return track.offset_us };
        let off = |offset_us: i64, from_us: i64| time_us.saturating_add(offset_us).abs_diff(from_us);
        if off(track.offset_us, track.ends_us) < off(self.offset_us, self.latest_us()) {
            track.offset_us
        } else {
            self.offset_us
        }
    }

    /// Whether a track was seen in the numbering that begins.
    fn has_begun(&self, index: usize) -> bool {
        self.gathered.iter().any(|one| one.is_new && one.stamped.packet.stream() == index)
    }

    /// Puts the beginning of a new numbering where the last track of the old one ends.
    fn renumber(&mut self) {
        let (new, old): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.gathered).into_iter().partition(|one| one.is_new);
        for Gathered { stamped, .. } in old {
            let numbering = self.tracks.get(&stamped.packet.stream()).map(|track| track.offset_us);
            self.place(stamped, numbering.unwrap_or(self.offset_us));
        }
        if let Some(first_us) = new.iter().filter_map(|one| one.stamped.time_us).min() {
            self.offset_us = self.latest_us().saturating_sub(first_us);
        }
        for Gathered { stamped, .. } in new {
            self.place(stamped, self.offset_us);
        }
    }

    fn place(&mut self, stamped: Stamped, offset_us: i64) {
        let Stamped { mut packet, unit, time_us } = stamped;
        if let Some(time_us) = time_us {
            let duration_us = packet.duration().max(0).rescale(unit, MICROSECONDS);
            let ends_us = time_us.saturating_add(offset_us).saturating_add(duration_us);
            self.tracks.insert(packet.stream(), Track { offset_us, ends_us });
        }
        let shift = offset_us.rescale(MICROSECONDS, unit);
        packet.set_pts(packet.pts().map(|pts| pts.saturating_add(shift)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_add(shift)));
        self.ready.push_back(packet);
    }

    /// Where the track ends that is furthest.
    fn latest_us(&self) -> i64 {
        self.tracks.values().map(|track| track.ends_us).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECONDS: Rational = Rational(1, 1000);

    /// When the packets of two tracks are decoded on this clock, given as (track, milliseconds in the file); each lasts 100.
    fn placed(packets: &[(usize, i64)]) -> Vec<(usize, i64)> {
        let both = packets.iter().map(|(track, time)| (*track, Some(*time), *time));
        let given = through(Clock { may_leap: true, ..Clock::from_zero() }, both);
        given.iter().map(|packet| (packet.stream(), packet.dts().unwrap())).collect()
    }

    /// Packets (track, when it is decoded, when shown) on a clock, each of 100 ms.
    fn through(mut clock: Clock, packets: impl Iterator<Item = (usize, Option<i64>, i64)>) -> Vec<Packet> {
        let mut given = Vec::new();
        for (track, dts, pts) in packets {
            let mut packet = Packet::empty();
            packet.set_stream(track);
            packet.set_dts(dts);
            packet.set_pts(Some(pts));
            packet.set_duration(100);
            clock.take(packet, MILLISECONDS);
            given.extend(std::iter::from_fn(|| clock.give()));
        }
        clock.finish();
        given.extend(std::iter::from_fn(|| clock.give()));
        given
    }

    /// When the pictures of a film without sound are shown, which says it lasts 200 s.
    fn shown(pictures: &[(Option<i64>, i64)]) -> Vec<i64> {
        let film = Clock {
            pictures: HashSet::from([0]),
            told_end_us: Some(200_000_000),
            may_leap: true,
            ..Clock::from_zero()
        };
        let given = through(film, pictures.iter().map(|(dts, pts)| (0, *dts, *pts)));
        given.iter().map(|packet| packet.pts().unwrap()).collect()
    }

    #[test]
    fn pictures_that_say_only_when_they_are_shown_begin_no_new_numbering() {
        let sent = [(None, 0), (None, 4000), (Some(0), 2000), (Some(500), 1000), (Some(1000), 3000)];
        assert_eq!(shown(&sent), sent.map(|(_, pts)| pts));
    }

    #[test]
    fn slides_stay_as_long_as_the_film_has_time_for_them() {
        let slides = [0, 20_000, 40_000, 199_000].map(|ms| (Some(ms), ms));
        assert_eq!(shown(&slides), [0, 20_000, 40_000, 199_000]);
        let beyond = [0, 1000, 900_000].map(|ms| (Some(ms), ms));
        assert_eq!(shown(&beyond), [0, 1000, 1100]);
    }

    #[test]
    fn a_number_that_was_damaged_moves_nothing_else() {
        let sent =
            [(0, 0), (1, 0), (0, 100), (1, 100), (0, 6_000_200), (0, 300), (1, 200), (0, 400), (1, 300)];
        let mut expected = sent;
        expected[4] = (0, 200);
        assert_eq!(placed(&sent), expected);
    }

    #[test]
    fn numbers_that_leap_twice_before_all_tracks_followed_leave_no_hole() {
        let sent = [(0, 0), (1, 0), (0, 5_000_000), (0, 900_000), (1, 900_000), (0, 900_100), (1, 900_100)];
        let expected = [(0, 0), (1, 0), (0, 100), (0, 200), (1, 200), (0, 300), (1, 300)];
        assert_eq!(placed(&sent), expected);
    }

    #[test]
    fn a_new_numbering_begins_where_the_last_track_ended() {
        let sent = [(0, 0), (1, 0), (1, 100), (0, 80_000), (1, 80_000), (0, 80_100)];
        let expected = [(0, 0), (1, 0), (1, 100), (0, 200), (1, 200), (0, 300)];
        assert_eq!(placed(&sent), expected);
    }
}
