//! What a gate is asked about, and what it answers.

use balado_domain::deposit::Family;
use balado_domain::{AssignmentId, Audience, PersonId, PublicationId, SchoolId, Timestamp};
use serde::{Deserialize, Serialize};

/// Something a person is about to show or hand in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "draft", rename_all = "kebab-case")]
pub enum Draft {
    /// A publication about to be offered.
    Publication(PublicationDraft),
    /// An answer about to be handed in.
    Submission(SubmissionDraft),
}

impl Draft {
    /// The school it belongs to, whose modules are asked.
    #[must_use]
    pub fn school(&self) -> SchoolId {
        match self {
            Self::Publication(draft) => draft.school,
            Self::Submission(draft) => draft.school,
        }
    }
}

/// A publication about to be offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicationDraft {
    /// Its id.
    pub id: PublicationId,
    /// Its school.
    pub school: SchoolId,
    /// Who shows it.
    pub author: PersonId,
    /// Title.
    pub title: String,
    /// Visible from.
    pub publish_at: Timestamp,
    /// Visible until, exclusive.
    pub until: Option<Timestamp>,
    /// To whom.
    pub audience: Audience,
}

/// An answer about to be handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionDraft {
    /// What it answers.
    pub assignment: AssignmentId,
    /// The school of the pupil's deposit.
    pub school: SchoolId,
    /// The pupil.
    pub pupil: PersonId,
    /// Who pressed the button: the pupil, or an adult for them.
    pub submitted_by: PersonId,
    /// What the deposit turned out to be; absent while its content is not known.
    pub family: Option<Family>,
}

/// A gate's answer. Reasons are stable kebab-case codes that `web` words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// Nothing against it.
    Allow,
    /// Not now: somebody has to look, or the gate cannot tell.
    Hold(&'static str),
    /// No.
    Refuse(&'static str),
}

impl Review {
    /// The stricter of two answers: a refusal over a hold over nothing; the first of two alike.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refuse(_), _) => self,
            (_, Self::Refuse(_)) => other,
            (Self::Hold(_), _) => self,
            _ => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_answer_wins() {
        let (hold, refuse) = (Review::Hold("a"), Review::Refuse("b"));
        assert_eq!(Review::Allow.and(Review::Allow), Review::Allow);
        assert_eq!(Review::Allow.and(hold), hold);
        assert_eq!(hold.and(refuse), refuse);
        assert_eq!(refuse.and(hold), refuse);
        assert_eq!(hold.and(Review::Hold("c")), hold);
    }
}
