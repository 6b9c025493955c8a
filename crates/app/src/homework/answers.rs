//! Handing in, and the answers as the teacher hears them: on one page and in a private feed.

use crate::error::{Result, conflict, forbidden, not_found};
use crate::start::App;
use balado_domain::deposit::{Deposit, DepositState, Family, Purpose, Rendition, RenditionKind};
use balado_domain::event::Event;
use balado_domain::feed::{Feed, FeedScope};
use balado_domain::homework::{Assignment, Submission};
use balado_domain::people::{Person, Role};
use balado_domain::{AssignmentId, DepositId, ErrorKind, Failure, SubmissionId, Timestamp, Viewer};
use balado_ent::{Draft, Review, SubmissionDraft};
use balado_feeds::{EnclosureModel, ItemModel};
use balado_store::{Conn, deposits, feeds, homework, people, renditions};

/// An answer with what a page shows beside it.
#[derive(Debug, Clone)]
pub struct SubmissionView {
    /// The answer.
    pub submission: Submission,
    /// The pupil's full name, for their teacher.
    pub pupil_name: String,
    /// The file.
    pub deposit: Deposit,
    /// What was made of it so far.
    pub renditions: Vec<Rendition>,
    /// Whether it came after the due date.
    pub is_late: bool,
}

/// One pupil of an assignment's audience.
#[derive(Debug, Clone)]
pub struct PupilRow {
    /// The pupil.
    pub pupil: Person,
    /// Their current answer, if any.
    pub answer: Option<SubmissionView>,
}

impl App {
    /// Hands a deposit in. Handing in again before the box closes replaces the earlier answer.
    ///
    /// # Errors
    /// `not-found` for an assignment not addressed to the viewer or a deposit not theirs, `deposit-used`,
    /// `deposit-failed`, or the refusal of the homework box (closed, kind not accepted).
    pub async fn hand_in(
        &self,
        viewer: &Viewer,
        id: AssignmentId,
        deposit: DepositId,
    ) -> Result<SubmissionView> {
        let pupil = viewer.person().ok_or_else(|| forbidden("only a pupil hands in"))?.id;
        let assignment = self.assignment(viewer, id).await?.assignment;
        let reader = viewer.clone();
        let asker = reader.clone();
        let found = self.database().read(move |c| handable(c, &asker, deposit)).await?;
        let draft = Draft::Submission(SubmissionDraft {
            assignment: id,
            school: assignment.school_id,
            pupil,
            submitted_by: pupil,
            family: found.family,
        });
        match self.ask_gates(draft).await {
            Review::Allow => {}
            Review::Hold(code) => {
                return Err(Failure::new(ErrorKind::Unavailable, code, "a gate holds the answer back").into());
            }
            Review::Refuse(code) => {
                return Err(Failure::new(ErrorKind::Conflict, code, "a gate refused the answer").into());
            }
        }
        let scribe = self.scribe(viewer, assignment.school_id);
        let submission = Submission {
            id: SubmissionId::generate(self.clock().as_ref()),
            assignment_id: id,
            school_id: assignment.school_id,
            pupil_id: pupil,
            deposit_id: deposit,
            submitted_by: pupil,
            submitted_at: scribe.now,
            replaced_at: None,
            heard_at: None,
        };
        self.database()
            .write(move |tx| {
                people::lock_person(tx, pupil)?;
                let current = homework::get_assignment_for(tx, &reader, id, scribe.now)?;
                if !current.is_open_at(scribe.now) {
                    return Err(conflict("assignment-closed", "the box closed meanwhile"));
                }
                if handable(tx, &reader, deposit)?.school_id != current.school_id {
                    return Err(not_found("deposit"));
                }
                if homework::find_submission_by_deposit(tx, &Viewer::System, deposit)?.is_some() {
                    return Err(conflict("deposit-used", "this recording was handed in already"));
                }
                homework::insert_submission(tx, &submission)?;
                feeds::bump(tx, &[FeedScope::Assignment(id)], scribe.now)?;
                scribe.journal(tx, "submission.hand-in", "submission", submission.id.to_string())?;
                scribe.tell(tx, Event::SubmissionReceived { submission: submission.id, assignment: id })?;
                submission_view(tx, &assignment, submission, scribe.now)
            })
            .await
            .inspect(|_| self.announce_jobs())
    }

    /// Every pupil of the audience with their answer: for the teacher who set the assignment.
    ///
    /// # Errors
    /// `not-found` for anybody else.
    pub async fn answers(&self, viewer: &Viewer, id: AssignmentId) -> Result<Vec<PupilRow>> {
        let assignment = self.assignment(viewer, id).await?.assignment;
        if viewer.person().map(|person| person.id) != Some(assignment.author_id) {
            return Err(not_found("assignment"));
        }
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let given = homework::list_submissions_for(c, &viewer, id)?;
                let mut ids = people::people_in_audience(c, &assignment.audience, &[Role::Pupil], now)?;
                ids.extend(given.iter().map(|answer| answer.pupil_id));
                ids.sort_unstable();
                ids.dedup();
                let mut pupils = people::list_persons(c, &ids)?;
                pupils.sort_by(|a, b| (&a.family_name, &a.given_name).cmp(&(&b.family_name, &b.given_name)));
                pupils
                    .into_iter()
                    .map(|pupil| {
                        let answer = given.iter().find(|answer| answer.pupil_id == pupil.id).cloned();
                        let answer =
                            answer.map(|answer| submission_view(c, &assignment, answer, now)).transpose()?;
                        Ok(PupilRow { pupil, answer })
                    })
                    .collect()
            })
            .await
    }

    /// Notes that the teacher has listened to an answer.
    ///
    /// # Errors
    /// `not-found` unless the viewer set the assignment.
    pub async fn mark_heard(&self, viewer: &Viewer, id: SubmissionId) -> Result<()> {
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .write(move |tx| {
                let submission = homework::get_submission_for(tx, &viewer, id)?;
                let assignment = homework::get_assignment_for(tx, &viewer, submission.assignment_id, now)?;
                if viewer.person().map(|person| person.id) != Some(assignment.author_id) {
                    return Err(not_found("submission"));
                }
                Ok(homework::set_heard(tx, id, now)?)
            })
            .await
    }

    /// Notes that the file of an answer was fetched to be heard. Nothing happens unless the viewer set the assignment it was
    /// handed in to, and only the first time counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_heard(&self, viewer: &Viewer, deposit: DepositId) -> Result<()> {
        let now = self.now();
        let Some(person) = viewer.person().map(|person| person.id) else { return Ok(()) };
        let unheard = self
            .database()
            .read(move |c| {
                let Some(answer) = homework::find_submission_by_deposit(c, &Viewer::System, deposit)? else {
                    return Ok(None);
                };
                if answer.heard_at.is_some() || answer.pupil_id == person {
                    return Ok(None);
                }
                let assignment = homework::get_assignment_for(c, &Viewer::System, answer.assignment_id, now)?;
                Ok((assignment.author_id == person).then_some(answer.id))
            })
            .await?;
        match unheard {
            Some(id) => self.mark_heard(viewer, id).await,
            None => Ok(()),
        }
    }
}

/// A deposit its owner may hand in: theirs, made for it, and not failed.
fn handable(c: &mut Conn, viewer: &Viewer, id: DepositId) -> Result<Deposit> {
    let deposit = deposits::get_for(c, viewer, id)?;
    let own = viewer.person().map(|person| person.id) == Some(deposit.owner_id);
    if !own || deposit.purpose != Purpose::Submission {
        return Err(not_found("deposit"));
    }
    match deposit.state {
        DepositState::Failed => Err(conflict("deposit-failed", "nothing could be made of it")),
        DepositState::Abandoned => Err(not_found("deposit")),
        _ => Ok(deposit),
    }
}

pub(super) fn submission_view(
    c: &mut Conn,
    assignment: &Assignment,
    submission: Submission,
    now: Timestamp,
) -> Result<SubmissionView> {
    let deposit = deposits::get_for(c, &Viewer::System, submission.deposit_id)?;
    Ok(SubmissionView {
        pupil_name: people::get_person(c, submission.pupil_id)?.full_name(),
        renditions: renditions::list_of_deposit(c, &Viewer::System, deposit.id, now)?,
        is_late: submission.submitted_at > assignment.due_at,
        deposit,
        submission,
    })
}

/// The answers of an assignment as feed items, those whose output exists.
pub(crate) fn answer_items(
    c: &mut Conn,
    viewer: &Viewer,
    feed: &Feed,
    now: Timestamp,
) -> Result<Vec<ItemModel>> {
    let FeedScope::Assignment(id) = feed.scope else { return Ok(Vec::new()) };
    let assignment = homework::get_assignment_for(c, &Viewer::System, id, now)?;
    let mut items = Vec::new();
    for submission in homework::list_submissions_for(c, viewer, id)? {
        let pupil = people::get_person(c, submission.pupil_id)?.short_name();
        let deposit = deposits::get_for(c, &Viewer::System, submission.deposit_id)?;
        let made = renditions::list_of_deposit(c, &Viewer::System, deposit.id, now)?;
        let main = deposit.family.map(Family::enclosure_kind);
        let Some(enclosure) = made.iter().find(|rendition| Some(rendition.kind) == main) else { continue };
        items.push(ItemModel {
            id: submission.id.uuid(),
            title: format!("{pupil} · {}", assignment.title),
            description: String::new(),
            author: pupil,
            pub_date: submission.submitted_at.max(enclosure.created_at),
            page_path: Some(format!("/assignments/{id}")),
            enclosure: EnclosureModel {
                kind: enclosure.kind,
                size_bytes: enclosure.size_bytes,
                duration_ms: enclosure.duration_ms,
                file_name: format!("reponse.{}", enclosure.kind.extension()),
            },
            has_poster: made.iter().any(|rendition| rendition.kind == RenditionKind::Poster),
            tags: Vec::new(),
            links: Vec::new(),
            companions: Vec::new(),
        });
    }
    Ok(items)
}
