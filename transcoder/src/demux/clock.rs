//! One clock for all tracks: starts at zero, and does not jump where the numbers in the file do.

use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Packet, Rational, Rescale};
use std::collections::HashMap;

/// The unit of this clock.
const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// A step forward larger than this is a new numbering, not a pause, where streams may restart theirs.
const LEAP_US: i64 = 10_000_000;

/// A step back larger than this is a new numbering everywhere: decoding times never go back.
const RESTART_US: i64 = 1_000_000;

/// Corrects the times of packets.
pub(super) struct Clock {
    offset_us: i64,
    expected_us: HashMap<usize, i64>,
    may_restart: bool,
}

impl Clock {
    /// For an opened file. `may_restart` tells that a jump forward means a new numbering too.
    pub(super) fn new(input: &Input, may_restart: bool) -> Self {
        // SAFETY: the pointer is that of a live, opened context; one integer is read from it.
        let start = unsafe { (*input.as_ptr()).start_time };
        let offset_us = if start == ffmpeg_next::ffi::AV_NOPTS_VALUE { 0 } else { start.saturating_neg() };
        Self { offset_us, expected_us: HashMap::new(), may_restart }
    }

    /// Leaves times as they are.
    pub(super) fn from_zero() -> Self {
        Self { offset_us: 0, expected_us: HashMap::new(), may_restart: false }
    }

    /// What the file's own numbers start from.
    pub(super) fn start_us(&self) -> i64 {
        self.offset_us.saturating_neg()
    }

    /// Moves a packet, whose times count in `unit`, onto this clock. The lead-in of a later clip in an edit list goes back
    /// before the end of the clip before it, without a new numbering.
    pub(super) fn place(&mut self, packet: &mut Packet, unit: Rational) {
        let Some(time) = packet.dts().or(packet.pts()) else { return };
        if !super::is_left_out(packet) {
            self.follow(packet, time.rescale(unit, MICROSECONDS), unit);
        }
        let shift = self.offset_us.rescale(MICROSECONDS, unit);
        packet.set_pts(packet.pts().map(|pts| pts.saturating_add(shift)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_add(shift)));
    }

    /// Sees whether a packet of that time goes on where its track was, or begins a new numbering.
    fn follow(&mut self, packet: &Packet, time_us: i64, unit: Rational) {
        let mut placed = time_us.saturating_add(self.offset_us);
        if let Some(expected) = self.expected_us.get(&packet.stream()) {
            let jump = placed.saturating_sub(*expected);
            if jump < -RESTART_US || (self.may_restart && jump > LEAP_US) {
                self.offset_us = self.offset_us.saturating_sub(jump);
                placed = *expected;
            }
        }
        let duration_us = packet.duration().max(0).rescale(unit, MICROSECONDS);
        self.expected_us.insert(packet.stream(), placed.saturating_add(duration_us));
    }
}
