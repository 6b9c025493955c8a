//! Reads packets on a thread of its own, some ahead of whoever takes them: copying a film then waits for the slower of
//! reading and writing, not for both.

use super::Demuxer;
use crate::error::{Error, Result};
use ffmpeg_next::Packet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Packets handed over at once: one by one, the handing over would cost more than the reading.
const TOGETHER: usize = 64;

/// Handfuls that wait at most, which is a few seconds of film.
const WAITING: usize = 4;

/// A packet, and how far into the film it lies.
type Placed = (Packet, Option<f64>);

/// Packets read ahead.
pub struct Ahead {
    receiver: Receiver<Result<Vec<Placed>>>,
    taken: std::vec::IntoIter<Placed>,
}

impl Ahead {
    /// Starts reading.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(demuxer: Demuxer) -> Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let reading = move || {
            // Nobody takes them any more: the copying has failed, and says so itself.
            let _ = read(demuxer, &sender);
        };
        std::thread::Builder::new().name("read ahead".to_owned()).spawn(reading)?;
        Ok(Self { receiver, taken: Vec::new().into_iter() })
    }

    /// The next packet and how far into the film it lies, as [`Demuxer::next`] and [`Demuxer::share`] tell.
    ///
    /// # Errors
    /// As [`Demuxer::next`].
    pub fn next(&mut self) -> Result<Option<Placed>> {
        if let Some(placed) = self.taken.next() {
            return Ok(Some(placed));
        }
        let handful = self.receiver.recv().map_err(|_| Error::Fault("the reading ended early".to_owned()))?;
        self.taken = handful?.into_iter();
        Ok(self.taken.next())
    }
}

/// An empty handful is the end.
fn read(
    mut demuxer: Demuxer,
    sender: &SyncSender<Result<Vec<Placed>>>,
) -> std::result::Result<(), std::sync::mpsc::SendError<Result<Vec<Placed>>>> {
    loop {
        let mut handful = Vec::with_capacity(TOGETHER);
        while handful.len() < TOGETHER {
            match demuxer.next() {
                Ok(Some(packet)) => {
                    let share = demuxer.share(&packet);
                    handful.push((packet, share));
                }
                Ok(None) => break,
                Err(error) => return sender.send(Err(error)),
            }
        }
        let was_last = handful.len() < TOGETHER;
        let is_empty = handful.is_empty();
        sender.send(Ok(handful))?;
        if was_last {
            return if is_empty { Ok(()) } else { sender.send(Ok(Vec::new())) };
        }
    }
}
