//! Homework and answers as templates read them.

use super::media::progress;
use super::{Chip, Media, Progress, When, chips};
use crate::pages::dates::Dates;
use crate::pages::figures;
use crate::words::Language;
use balado_app::deposits::DepositView;
use balado_app::homework::{AssignmentView, SubmissionView};

/// An assignment for its teacher.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) due: When,
    pub(crate) chips: Vec<Chip>,
    pub(crate) hue: u8,
    pub(crate) received: i64,
    pub(crate) expected: i64,
    pub(crate) to_hear: i64,
}

impl Given {
    /// An assignment its teacher set.
    pub(crate) fn new(view: &AssignmentView, dates: &Dates) -> Self {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let id = view.assignment.id.to_string();
        Self {
            href: format!("/assignments/{id}"),
            title: view.assignment.title.clone(),
            due: dates.when(view.assignment.due_at),
            chips: chips(&view.groups),
            hue: hue(view),
            received: count(view.received),
            expected: count(view.expected),
            to_hear: count(view.unheard),
        }
    }
}

/// An assignment for a pupil.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) id: String,
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) due: When,
    pub(crate) hue: u8,
    pub(crate) time_left: Option<String>,
    pub(crate) is_late: bool,
    pub(crate) is_open: bool,
    pub(crate) handed_in: Option<When>,
}

impl Due {
    /// An assignment a pupil has to answer.
    pub(crate) fn new(view: &AssignmentView, dates: &Dates) -> Self {
        let id = view.assignment.id.to_string();
        Self {
            href: format!("/assignments/{id}/hand-in"),
            title: view.assignment.title.clone(),
            author: view.author_name.clone(),
            due: dates.when(view.assignment.due_at),
            hue: hue(view),
            time_left: dates.time_left(view.assignment.due_at),
            is_late: view.own.is_none() && view.assignment.due_at < dates.now(),
            is_open: view.is_open,
            handed_in: view.own.as_ref().map(|own| dates.when(own.submission.submitted_at)),
            id,
        }
    }
}

fn hue(view: &AssignmentView) -> u8 {
    view.groups.first().map_or(0, |group| figures::hue(&group.name))
}

/// A pupil's answer, for the teacher who listens.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) id: String,
    pub(crate) media: Media,
    pub(crate) when: When,
    pub(crate) is_late: bool,
    pub(crate) submitted_by: Option<String>,
    pub(crate) failure_code: Option<String>,
}

impl Answer {
    /// An answer as its teacher hears it.
    pub(crate) fn new(view: &SubmissionView, dates: &Dates, language: Language) -> Self {
        Self {
            id: view.submission.id.to_string(),
            media: media_of(view, language),
            when: dates.when(view.submission.submitted_at),
            is_late: view.is_late,
            submitted_by: None,
            failure_code: view.deposit.failure_code.clone(),
        }
    }
}

/// What a pupil sees of the answer they handed in.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    pub(crate) when: When,
    pub(crate) is_late: bool,
    pub(crate) submitted_by: Option<String>,
    pub(crate) deposit_id: String,
    pub(crate) name: String,
    pub(crate) media: Media,
    pub(crate) progress: Option<Progress>,
}

impl Receipt {
    /// The receipt of an answer; `deposit` is its file as its owner sees it.
    pub(crate) fn new(
        view: &SubmissionView,
        deposit: &DepositView,
        dates: &Dates,
        language: Language,
    ) -> Self {
        Self {
            when: dates.when(view.submission.submitted_at),
            is_late: view.is_late,
            submitted_by: None,
            deposit_id: view.deposit.id.to_string(),
            name: view.deposit.original_name.clone(),
            media: media_of(view, language),
            progress: progress(deposit, language),
        }
    }
}

fn media_of(view: &SubmissionView, language: Language) -> Media {
    let folder = format!("/media/deposits/{}", view.deposit.id);
    Media::new(view.deposit.family, &view.renditions, &folder, "", language)
}
