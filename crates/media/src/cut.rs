//! What is kept of a finished sound or film, and how it is split: pure arithmetic on milliseconds.
//!
//! For the command line, which reads spans as people type them, `app`, which checks what a page sends, and the
//! transcoder, which does the cutting. Times count from the start of the finished MP3 or MP4, as its player shows them.
//!
//! Spans stand in the order of the recording and do not overlap: whoever mixes them up gets an answer that names the
//! piece. Two that touch are one. An end beyond the end of the recording means its end; a start beyond it is an error.

mod split;
mod text;

pub use split::{MAX_PARTS, Split, divide};
pub use text::parse_spans;

use balado_domain::{ErrorKind, Failure};
use serde::{Deserialize, Serialize};

/// Most spans in one cut.
pub const MAX_SPANS: usize = 200;

/// One kept piece, as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// First moment kept, in milliseconds.
    pub from_ms: i64,
    /// First moment no longer kept, in milliseconds; the end of the recording when absent.
    pub to_ms: Option<i64>,
}

/// One kept piece of a recording whose length is known: never empty, never beyond the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// First moment, in milliseconds.
    pub from_ms: i64,
    /// First moment after it, in milliseconds.
    pub to_ms: i64,
}

impl Stretch {
    /// Playing time, in milliseconds.
    #[must_use]
    pub fn duration_ms(self) -> i64 {
        self.to_ms.saturating_sub(self.from_ms)
    }
}

impl From<Stretch> for Span {
    fn from(stretch: Stretch) -> Self {
        Self { from_ms: stretch.from_ms, to_ms: Some(stretch.to_ms) }
    }
}

/// How near to the wanted moments pictures are cut. Sound is always cut where asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// At the key frames around each span: nothing is encoded, somewhat more is kept. Where that would be more than ten
    /// seconds, at the very frame.
    Fast,
    /// At the very frame: the groups of pictures at the edges are encoded again.
    Exact,
}

/// What is made of one finished file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutPlan {
    /// One file each, of its spans one after the other.
    pub parts: Vec<Vec<Span>>,
    /// How near to the wanted moments.
    pub precision: Precision,
}

/// What a person asks for: new files of pieces of a finished one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutWish {
    /// What is kept; everything when empty, which makes sense for a split only.
    pub keep: Vec<Span>,
    /// How it becomes files.
    pub split: Split,
    /// How near to the wanted moments.
    pub precision: Precision,
}

impl CutWish {
    /// What is kept of a recording of that length.
    ///
    /// # Errors
    /// As [`settle`].
    pub fn settle(&self, duration_ms: i64) -> Result<Vec<Stretch>, CutError> {
        let all = [Span { from_ms: 0, to_ms: None }];
        let splits = matches!(self.split, Split::Silences | Split::Chapters);
        settle(if self.keep.is_empty() && splits { &all } else { &self.keep }, duration_ms)
    }

    /// How many parts it can give at most.
    #[must_use]
    pub fn most_parts(&self) -> usize {
        match self.split {
            Split::None => 1,
            Split::Spans => self.keep.len(),
            Split::Silences | Split::Chapters => MAX_PARTS,
        }
    }

    /// The plan, once a survey found what the split asks for; an empty one when it asks for nothing.
    ///
    /// # Errors
    /// As [`settle`] and [`divide`].
    pub fn plan(&self, duration_ms: i64, survey: &Survey) -> Result<CutPlan, CutError> {
        let parts = divide(&self.settle(duration_ms)?, self.split, survey)?;
        let parts = parts.into_iter().map(|part| part.into_iter().map(Span::from).collect()).collect();
        Ok(CutPlan { parts, precision: self.precision })
    }
}

/// What was found in a recording that helps to cut it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// Playing time.
    pub duration_ms: i64,
    /// Where nobody speaks, in order.
    pub silences: Vec<Stretch>,
    /// Its chapters, in order.
    pub chapters: Vec<Chapter>,
}

impl Survey {
    /// The title of the chapter that holds a moment; nothing when there is none, or it has no title.
    #[must_use]
    pub fn title_at(&self, moment_ms: i64) -> Option<&str> {
        let before = self.chapters.partition_point(|chapter| chapter.from_ms <= moment_ms);
        let chapter = self.chapters.get(before.checked_sub(1)?)?;
        Some(chapter.title.as_str()).filter(|title| !title.is_empty())
    }
}

/// A named piece of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// First moment, in milliseconds.
    pub from_ms: i64,
    /// First moment after it, in milliseconds.
    pub to_ms: i64,
    /// Its title, possibly empty.
    pub title: String,
}

/// Why spans make no sense. `piece` counts from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// There is none.
    #[error("nothing is kept")]
    Nothing,
    /// Not written as a span.
    #[error("piece {piece}, `{text}`, is not a span such as 0:10-1:20")]
    Unreadable {
        /// Which.
        piece: usize,
        /// As it was written.
        text: String,
    },
    /// It ends before it begins, or where it begins.
    #[error("piece {piece} is empty: it ends at or before its start")]
    Empty {
        /// Which.
        piece: usize,
    },
    /// It begins before the piece before it ends.
    #[error("piece {piece} begins before the piece before it ends")]
    OutOfOrder {
        /// Which.
        piece: usize,
    },
    /// It begins after the end of the recording.
    #[error("piece {piece} begins after the end of the recording")]
    Beyond {
        /// Which.
        piece: usize,
    },
    /// More than [`MAX_SPANS`] spans or [`MAX_PARTS`] parts.
    #[error("too many pieces")]
    TooMany,
}

impl CutError {
    /// Stable kebab-case name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "cut-nothing",
            Self::Unreadable { .. } => "cut-unreadable",
            Self::Empty { .. } => "cut-empty",
            Self::OutOfOrder { .. } => "cut-out-of-order",
            Self::Beyond { .. } => "cut-beyond",
            Self::TooMany => "cut-too-many",
        }
    }

    /// What a caller can do about it: send other spans.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

impl From<CutError> for Failure {
    fn from(error: CutError) -> Self {
        Self::new(error.kind(), error.code(), error.to_string())
    }
}

/// Fits spans to a recording of that length: open ends are closed, spans that touch become one.
///
/// # Errors
/// When there is none or too many, or one is empty, out of order, or begins beyond the end.
pub fn settle(spans: &[Span], duration_ms: i64) -> Result<Vec<Stretch>, CutError> {
    if spans.len() > MAX_SPANS {
        return Err(CutError::TooMany);
    }
    let mut kept: Vec<Stretch> = Vec::with_capacity(spans.len());
    for (place, span) in spans.iter().enumerate() {
        let piece = place + 1;
        let to_ms = span.to_ms.unwrap_or(duration_ms).min(duration_ms);
        if span.from_ms < 0 || span.to_ms.is_some_and(|to| to <= span.from_ms) {
            return Err(CutError::Empty { piece });
        }
        if span.from_ms >= duration_ms {
            return Err(CutError::Beyond { piece });
        }
        match kept.last_mut() {
            Some(last) if span.from_ms < last.to_ms => return Err(CutError::OutOfOrder { piece }),
            Some(last) if span.from_ms == last.to_ms => last.to_ms = to_ms,
            _ => kept.push(Stretch { from_ms: span.from_ms, to_ms }),
        }
    }
    if kept.is_empty() { Err(CutError::Nothing) } else { Ok(kept) }
}

impl CutPlan {
    /// The parts fitted to a recording of that length.
    ///
    /// # Errors
    /// As [`settle`]; when there are more than [`MAX_PARTS`].
    pub fn settle(&self, duration_ms: i64) -> Result<Vec<Vec<Stretch>>, CutError> {
        if self.parts.is_empty() {
            return Err(CutError::Nothing);
        }
        if self.parts.len() > MAX_PARTS {
            return Err(CutError::TooMany);
        }
        self.parts.iter().map(|spans| settle(spans, duration_ms)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from_ms: i64, to_ms: i64) -> Span {
        Span { from_ms, to_ms: Some(to_ms) }
    }

    #[test]
    fn spans_are_fitted_to_the_recording() {
        let open = Span { from_ms: 5000, to_ms: None };
        let kept = settle(&[span(0, 1000), span(1000, 2000), span(3000, 4000), open], 6000).unwrap();
        let expected = [(0, 2000), (3000, 4000), (5000, 6000)];
        assert_eq!(kept, expected.map(|(from_ms, to_ms)| Stretch { from_ms, to_ms }));
        assert_eq!(
            settle(&[span(0, 99_999)], 6000).unwrap()[0].to_ms,
            6000,
            "an end beyond the end is the end"
        );
    }

    #[test]
    fn an_error_names_the_piece() {
        assert_eq!(settle(&[], 1000), Err(CutError::Nothing));
        assert_eq!(settle(&[span(0, 10), span(20, 20)], 1000), Err(CutError::Empty { piece: 2 }));
        assert_eq!(settle(&[span(-5, 10)], 1000), Err(CutError::Empty { piece: 1 }));
        assert_eq!(settle(&[span(0, 30), span(20, 40)], 1000), Err(CutError::OutOfOrder { piece: 2 }));
        assert_eq!(settle(&[span(20, 40), span(0, 10)], 1000), Err(CutError::OutOfOrder { piece: 2 }));
        assert_eq!(settle(&[span(1000, 1001)], 1000), Err(CutError::Beyond { piece: 1 }));
        assert_eq!(settle(&vec![span(0, 1); MAX_SPANS + 1], 1000), Err(CutError::TooMany));
        let empty = CutPlan { parts: vec![vec![]], precision: Precision::Exact };
        assert_eq!(empty.settle(1000), Err(CutError::Nothing));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_accepted_is_in_order_and_inside(
            spans in proptest::collection::vec((-10_i64..2000, proptest::option::of(-10_i64..2500)), 0..8),
            duration_ms in 0_i64..2000,
        ) {
            let spans: Vec<Span> = spans.iter().map(|(from_ms, to_ms)| Span { from_ms: *from_ms, to_ms: *to_ms }).collect();
            if let Ok(kept) = settle(&spans, duration_ms) {
                assert!(!kept.is_empty() && kept.iter().all(|one| one.from_ms < one.to_ms));
                assert!(kept.windows(2).all(|pair| pair[0].to_ms < pair[1].from_ms));
                assert!(kept[0].from_ms >= 0 && kept[kept.len() - 1].to_ms <= duration_ms);
            }
        }
    }
}
