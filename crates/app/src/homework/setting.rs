//! Setting an assignment and looking at it, as its teacher or as a pupil of its audience.

use super::answers::{SubmissionView, submission_view};
use crate::deposits::current_year_of;
use crate::error::{Result, forbidden, invalid, not_found};
use crate::publications::refuse_foreign_audience;
use crate::start::App;
use balado_domain::audience::Audience;
use balado_domain::deposit::Family;
use balado_domain::event::Event;
use balado_domain::feed::FeedScope;
use balado_domain::homework::Assignment;
use balado_domain::people::{Group, Role};
use balado_domain::{AssignmentId, FeedId, PublicationId, Timestamp, Viewer};
use balado_store::{Conn, feeds, homework, people, publications};

/// What a teacher asks for.
#[derive(Debug, Clone)]
pub struct AssignmentWish {
    /// Title.
    pub title: String,
    /// Instructions, plain text.
    pub instructions: String,
    /// A publication to listen to first.
    pub model: Option<PublicationId>,
    /// Classes and groups taught.
    pub audience: Audience,
    /// From when; now when absent.
    pub opens_at: Option<Timestamp>,
    /// When it is due.
    pub due_at: Timestamp,
    /// When the box closes; never when absent.
    pub closes_at: Option<Timestamp>,
    /// Families of file it takes; sound and video when empty.
    pub accepts: Vec<Family>,
}

/// An assignment with what a page shows beside it.
#[derive(Debug, Clone)]
pub struct AssignmentView {
    /// The assignment.
    pub assignment: Assignment,
    /// `Lou M.`
    pub author_name: String,
    /// Classes and groups of its audience.
    pub groups: Vec<Group>,
    /// Whether pupils may hand in now.
    pub is_open: bool,
    /// The private feed of its answers, for its teacher.
    pub feed: Option<FeedId>,
    /// The reader's own current answer, for a pupil.
    pub own: Option<SubmissionView>,
    /// How many answers there are, for its teacher.
    pub received: usize,
    /// How many of them were not heard yet, for its teacher.
    pub unheard: usize,
    /// How many pupils it is for, for its teacher.
    pub expected: usize,
}

impl AssignmentWish {
    fn checked(mut self, now: Timestamp) -> Result<Self> {
        self.title = self.title.trim().to_owned();
        self.instructions = self.instructions.trim().to_owned();
        if self.title.is_empty() {
            return Err(invalid("title-missing", "an assignment needs a title"));
        }
        if self.title.chars().count() > 200 || self.instructions.len() > 10_000 {
            return Err(invalid("title-too-long", "title or instructions are too long"));
        }
        let opens_at = self.opens_at.unwrap_or(now);
        if self.due_at <= opens_at || self.closes_at.is_some_and(|closes| closes < self.due_at) {
            return Err(invalid("dates-reversed", "it opens, is due, then closes"));
        }
        if self.accepts.is_empty() {
            self.accepts = vec![Family::Audio, Family::Video];
        }
        self.accepts.sort_unstable();
        self.accepts.dedup();
        Ok(self)
    }
}

impl App {
    /// Sets an assignment for classes and groups the viewer teaches. Its private feed of answers exists from then on.
    ///
    /// # Errors
    /// `module-off` when the school has no homework box, `not-your-class`, `title-missing`, `dates-reversed`, `not-found` for
    /// a model the viewer cannot see.
    pub async fn set_assignment(&self, viewer: &Viewer, wish: AssignmentWish) -> Result<AssignmentView> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person sets assignments"))?.clone();
        let now = self.now();
        let wish = wish.checked(now)?;
        let school = self.school_of_groups(&wish.audience).await?;
        if !self.module_is_on(school, "homework").await? {
            return Err(forbidden("the school has no homework box"));
        }
        let id = AssignmentId::generate(self.clock().as_ref());
        let (reader, scribe) = (viewer.clone(), self.scribe(viewer, school));
        self.database()
            .write(move |tx| {
                refuse_foreign_audience(tx, &person, school, &wish.audience)?;
                if let Some(model) = wish.model {
                    publications::get_for(tx, &reader, model, now)?;
                }
                let assignment = Assignment {
                    id,
                    school_id: school,
                    school_year_id: current_year_of(tx, school, now)?,
                    author_id: person.id,
                    title: wish.title,
                    instructions: wish.instructions,
                    model_id: wish.model,
                    opens_at: wish.opens_at.unwrap_or(now),
                    due_at: wish.due_at,
                    closes_at: wish.closes_at,
                    accepts: wish.accepts,
                    audience: wish.audience,
                    created_at: now,
                    withdrawn_at: None,
                };
                homework::insert_assignment(tx, &assignment)?;
                scribe.ensure_feed(tx, FeedScope::Assignment(id))?;
                scribe.journal(tx, "assignment.create", "assignment", id.to_string())?;
                scribe.tell(tx, Event::AssignmentCreated { assignment: id })?;
                Ok(())
            })
            .await?;
        self.announce_jobs();
        self.assignment(viewer, id).await
    }

    /// One assignment, if the viewer set it or it is addressed to them.
    ///
    /// # Errors
    /// `not-found`, also when the school has switched the homework box off.
    pub async fn assignment(&self, viewer: &Viewer, id: AssignmentId) -> Result<AssignmentView> {
        let (viewer, now) = (viewer.clone(), self.now());
        let app = self.clone();
        self.database()
            .read(move |c| {
                let assignment = homework::get_assignment_for(c, &viewer, id, now)?;
                if !app.module_is_on_in(c, assignment.school_id, "homework")? {
                    return Err(not_found("assignment"));
                }
                view_of(c, &viewer, assignment, now)
            })
            .await
    }

    /// The assignments the viewer set or has to answer, soonest due first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn assignments(&self, viewer: &Viewer) -> Result<Vec<AssignmentView>> {
        let (viewer, now) = (viewer.clone(), self.now());
        let app = self.clone();
        self.database()
            .read(move |c| {
                let mut views = Vec::new();
                for assignment in homework::list_assignments_for(c, &viewer, now)? {
                    if app.module_is_on_in(c, assignment.school_id, "homework")? {
                        views.push(view_of(c, &viewer, assignment, now)?);
                    }
                }
                views.sort_by_key(|view| view.assignment.due_at);
                Ok(views)
            })
            .await
    }

    async fn school_of_groups(&self, audience: &Audience) -> Result<balado_domain::SchoolId> {
        let ids: Vec<_> = audience.group_ids().collect();
        let groups = self.database().read(move |c| Ok(people::list_groups(c, &ids)?)).await?;
        groups.first().map(|group| group.school_id).ok_or_else(|| forbidden("no class was chosen"))
    }
}

fn view_of(c: &mut Conn, viewer: &Viewer, assignment: Assignment, now: Timestamp) -> Result<AssignmentView> {
    let is_author = viewer.person().is_some_and(|person| person.id == assignment.author_id);
    let groups: Vec<_> = assignment.audience.group_ids().collect();
    let mut view = AssignmentView {
        author_name: people::get_person(c, assignment.author_id)?.short_name(),
        groups: people::list_groups(c, &groups)?,
        is_open: assignment.is_open_at(now),
        feed: None,
        own: None,
        received: 0,
        unheard: 0,
        expected: 0,
        assignment,
    };
    let answers = homework::list_submissions_for(c, viewer, view.assignment.id)?;
    if is_author {
        view.received = answers.len();
        view.unheard = answers.iter().filter(|answer| answer.heard_at.is_none()).count();
        view.expected = people::people_in_audience(c, &view.assignment.audience, &[Role::Pupil], now)?.len();
        let scope = FeedScope::Assignment(view.assignment.id);
        view.feed = feeds::find_for_scope(c, &Viewer::System, scope)?.map(|feed| feed.id);
    } else if let Some(own) = answers.into_iter().next() {
        view.own = Some(submission_view(c, &view.assignment, own, now)?);
    }
    Ok(view)
}
