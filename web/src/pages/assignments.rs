//! Homework: setting it, the grid of a class with its answers, and handing in.

mod typed;

use super::figures;
use super::flash;
use super::frame::{Page, Reader, go, go_saying};
use super::pieces::{
    Answer, Choice, Due, FormError, Given, GroupChoice, Publication, Receipt, group_choices, paragraphs,
};
use super::query::Query;
use crate::error::Result;
use crate::extract::SignedForm;
use crate::words::Words;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use balado_app::homework::{AssignmentView, PupilRow};
use balado_app::screens::Wanted;
use balado_domain::deposit::Family;
use balado_domain::publication::PublicationState;
use balado_domain::{AssignmentId, ErrorKind};
use typed::Typed;

/// How many of one's publications can be the model.
const MODELS: usize = 20;

#[derive(Template)]
#[template(path = "assignments.html")]
struct Assignments {
    l: Words,
    page: Page,
    given: Vec<Given>,
    due: Vec<Due>,
    past: Vec<Due>,
}

#[derive(Template)]
#[template(path = "assignment_new.html")]
struct AssignmentNew {
    l: Words,
    page: Page,
    errors: Vec<FormError>,
    title: String,
    instructions: String,
    groups: Vec<GroupChoice>,
    due_at: String,
    accepts: Vec<Choice>,
    models: Vec<Choice>,
    opens_at: String,
    closes_at: String,
    further_open: bool,
}

#[derive(Template)]
#[template(path = "assignment.html")]
struct AssignmentPage {
    l: Words,
    page: Page,
    assignment: Given,
    instructions: Vec<String>,
    model: Option<Publication>,
    pupils: Vec<PupilCell>,
    received: i64,
    feed_id: Option<String>,
}

/// One pupil in the grid of a class.
#[derive(Debug, Clone)]
struct PupilCell {
    name: String,
    initials: String,
    hue: u8,
    status: String,
    answer: Option<Answer>,
}

#[derive(Template)]
#[template(path = "hand_in.html")]
struct HandIn {
    l: Words,
    page: Page,
    school_id: String,
    assignment: Due,
    instructions: Vec<String>,
    model: Option<Publication>,
    accept: String,
    may_record: bool,
    receipt: Option<Receipt>,
}

/// `GET /assignments`.
pub(crate) async fn list(reader: Reader) -> Result<HttpResponse> {
    reader.must(reader.has().homework)?;
    let views = reader.site.app.assignments(reader.viewer()).await?;
    let (dates, words) = (&reader.dates, reader.frame.words);
    let teaches = reader.has().teaches;
    let mut given = Vec::new();
    let (mut due, mut past) = (Vec::new(), Vec::new());
    for view in &views {
        if view.assignment.author_id == reader.who.person.id {
            given.push(Given::new(view, dates));
        } else if view.is_open && view.own.is_none() {
            due.push(Due::new(view, dates));
        } else {
            past.push(Due::new(view, dates));
        }
    }
    // Both lists of what is over read latest first.
    past.reverse();
    given.reverse();
    let title = words.t(if teaches { "assignments-title" } else { "homework-title" });
    let page = reader.frame.page(title, "assignments", if teaches { "assignments" } else { "hand-in" });
    reader.frame.show(&Assignments { l: words, page, given, due, past })
}

/// `GET /assignments/new`.
pub(crate) async fn form(reader: Reader) -> Result<HttpResponse> {
    reader.must(reader.has().homework && reader.has().teaches)?;
    let typed = Typed::fresh(&reader.portrait.taught, &reader.dates);
    let view = form_view(&reader, typed, Vec::new()).await?;
    reader.frame.show(&view)
}

/// `POST /assignments`.
pub(crate) async fn create(request: HttpRequest, form: SignedForm) -> Result<HttpResponse> {
    let mut reader = Reader::of(&request, form.who).await?;
    reader.must(reader.has().homework && reader.has().teaches)?;
    let typed = Typed::read(&form.fields);
    let errors = match typed.wish(&reader.dates) {
        Ok(wish) => match reader.site.app.set_assignment(reader.viewer(), wish).await {
            Ok(view) => {
                let path = format!("/assignments/{}", view.assignment.id);
                return Ok(go_saying(&reader.site, &path, "done-assigned"));
            }
            Err(error) => vec![refused(error)?],
        },
        Err(errors) => errors,
    };
    reader.frame.set_path("/assignments/new".to_owned());
    let view = form_view(&reader, typed, errors).await?;
    reader.frame.show_again(&view)
}

async fn form_view(reader: &Reader, typed: Typed, errors: Vec<FormError>) -> Result<AssignmentNew> {
    let wanted = Wanted { text: String::new(), state: None, group: None, after: None, limit: MODELS };
    let own = reader.site.app.find_publications(reader.viewer(), wanted).await?.items;
    let usable = own
        .into_iter()
        .filter(|view| !matches!(view.state, PublicationState::Withdrawn | PublicationState::Expired));
    let models = usable.map(|view| {
        let value = view.publication.id.to_string();
        Choice { chosen: value == typed.model, label: view.publication.title, value }
    });
    let accepts = Family::ALL.iter().map(|family| {
        let value = family.to_string();
        Choice { chosen: typed.accepts.contains(&value), label: String::new(), value }
    });
    let words = reader.frame.words;
    Ok(AssignmentNew {
        l: words,
        page: reader.frame.page(words.t("assignment-new-title"), "assignments", "assignments"),
        errors,
        groups: group_choices(&reader.portrait.taught, |id| typed.groups.iter().any(|ticked| ticked == id)),
        accepts: accepts.collect(),
        models: models.collect(),
        further_open: typed.has_further(),
        title: typed.title,
        instructions: typed.instructions,
        due_at: typed.due_at,
        opens_at: typed.opens_at,
        closes_at: typed.closes_at,
    })
}

/// What the form says of a refusal; failures that no other typing could mend are passed on.
fn refused(error: balado_app::Error) -> Result<FormError> {
    let field = match (error.kind(), error.code()) {
        (_, "title-missing" | "title-too-long") => "title",
        (_, "dates-reversed") => "due_at",
        (ErrorKind::NotFound, _) => "model",
        (ErrorKind::Forbidden, _) => "groups",
        _ => return Err(error.into()),
    };
    Ok(FormError { field: field.to_owned(), code: error.code().to_owned() })
}

/// `GET /assignments/{id}`: the grid for its teacher; pupils are sent to where they hand in.
pub(crate) async fn show(reader: Reader, id: Path<AssignmentId>) -> Result<HttpResponse> {
    let (app, id) = (&reader.site.app, id.into_inner());
    let view = app.assignment(reader.viewer(), id).await?;
    if view.assignment.author_id != reader.who.person.id {
        return Ok(go(&format!("/assignments/{id}/hand-in")));
    }
    let rows = app.answers(reader.viewer(), id).await?;
    let words = reader.frame.words;
    let assignment = Given::new(&view, &reader.dates);
    reader.frame.show(&AssignmentPage {
        l: words,
        page: reader.frame.page(assignment.title.clone(), "assignments", "assignments"),
        instructions: paragraphs(&view.assignment.instructions),
        model: model_of(&reader, &view).await,
        pupils: rows.iter().map(|row| cell(row, &reader)).collect(),
        received: assignment.received,
        feed_id: view.feed.map(|feed| feed.to_string()),
        assignment,
    })
}

fn cell(row: &PupilRow, reader: &Reader) -> PupilCell {
    let status = match &row.answer {
        None => "missing",
        Some(answer) if answer.submission.heard_at.is_some() => "heard",
        Some(answer) if answer.is_late => "late",
        Some(_) => "to-hear",
    };
    let name = row.pupil.full_name();
    PupilCell {
        initials: figures::initials(&row.pupil.given_name, &row.pupil.family_name),
        hue: figures::hue(&name),
        status: status.to_owned(),
        answer: row.answer.as_ref().map(|answer| Answer::new(answer, &reader.dates, reader.who.language)),
        name,
    }
}

/// The publication to listen to first; none when the reader can no longer see it.
async fn model_of(reader: &Reader, view: &AssignmentView) -> Option<Publication> {
    let model = reader.site.app.publication(reader.viewer(), view.assignment.model_id?).await.ok()?;
    Some(Publication::new(&model, "", &reader.dates, reader.who.language))
}

/// `GET /assignments/{id}/hand-in`; `?done` right after.
pub(crate) async fn hand_in(reader: Reader, query: Query, id: Path<AssignmentId>) -> Result<HttpResponse> {
    let (app, id) = (&reader.site.app, id.into_inner());
    let view = app.assignment(reader.viewer(), id).await?;
    if view.assignment.author_id == reader.who.person.id {
        return Ok(go(&format!("/assignments/{id}")));
    }
    let receipt = match &view.own {
        Some(own) => {
            let deposit = app.deposit(reader.viewer(), own.deposit.id).await?;
            Some(Receipt::new(own, &deposit, &reader.dates, reader.who.language))
        }
        None => None,
    };
    let words = reader.frame.words;
    let mut page = reader.frame.page(view.assignment.title.clone(), "assignments", "hand-in");
    if query.has("done") && receipt.is_some() {
        page.flash = Some(flash::done(words, "done-handed-in"));
    }
    let accepts = &view.assignment.accepts;
    reader.frame.show(&HandIn {
        l: words,
        page,
        school_id: view.assignment.school_id.to_string(),
        assignment: Due::new(&view, &reader.dates),
        instructions: paragraphs(&view.assignment.instructions),
        model: model_of(&reader, &view).await,
        accept: accepts.iter().map(|family| accepted(*family)).collect::<Vec<_>>().join(","),
        may_record: accepts.contains(&Family::Audio),
        receipt,
    })
}

/// What a file chooser offers for a family.
fn accepted(family: Family) -> &'static str {
    match family {
        Family::Audio => "audio/*",
        Family::Video => "video/*",
        Family::Image => "image/*",
        Family::Document => ".pdf,.odt,.ods,.odp,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.rtf,.txt",
    }
}
