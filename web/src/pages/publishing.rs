//! Publishing a deposit, and changing a publication: the same form, which keeps what was typed when it is refused.

mod typed;

use super::frame::{Frame, Page, Reader, go, go_saying};
use super::pieces::{Deposit, FormError, GroupChoice, Link, group_choices};
use super::query::Query;
use crate::error::{Error, Result};
use crate::extract::SignedForm;
use crate::words::Words;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use balado_app::publications::PublicationView;
use balado_app::screens::Wanted;
use balado_domain::deposit::DepositState;
use balado_domain::{DepositId, ErrorKind, PublicationId};
use typed::Typed;

/// How many of one's own deposits can be attached by a tick.
const ATTACHABLE: usize = 20;

#[derive(Template)]
#[template(path = "publish.html")]
struct Publish {
    l: Words,
    page: Page,
    deposit: Deposit,
    action: String,
    editing: bool,
    errors: Vec<FormError>,
    title: String,
    groups: Vec<GroupChoice>,
    when: String,
    publish_at: String,
    until: String,
    description: String,
    tags: String,
    links: Vec<Link>,
    companions: Vec<Companion>,
    further_open: bool,
}

/// A deposit that can be attached.
#[derive(Debug, Clone)]
struct Companion {
    id: String,
    name: String,
    checked: bool,
}

/// What the form is for.
struct Subject {
    deposit: DepositId,
    /// The publication being changed; none for a new one.
    before: Option<PublicationView>,
}

/// `GET /publish?deposit=`.
pub(crate) async fn form(reader: Reader, query: Query) -> Result<HttpResponse> {
    reader.must_teach()?;
    let deposit = query.parsed("deposit").ok_or_else(Error::not_found)?;
    let view = reader.site.app.deposit(reader.viewer(), deposit).await?;
    let typed = Typed::fresh(&view.deposit.original_name, &reader.portrait.taught);
    let page = view_of(&reader, &Subject { deposit, before: None }, typed, Vec::new()).await?;
    reader.frame.show(&page)
}

/// `POST /publications`.
pub(crate) async fn create(request: HttpRequest, form: SignedForm) -> Result<HttpResponse> {
    let mut reader = Reader::of(&request, form.who).await?;
    reader.must_teach()?;
    let deposit = form.fields.one("deposit").parse().map_err(|_| Error::not_found())?;
    let typed = Typed::read(&form.fields);
    let errors = match typed.wish(deposit, None, &reader.dates) {
        Ok(wish) => match reader.site.app.publish(reader.viewer(), wish).await {
            Ok(view) => return Ok(go(&format!("/publications/{}?done", view.publication.id))),
            Err(error) => vec![refused(error)?],
        },
        Err(errors) => errors,
    };
    reader.frame.set_path(format!("/publish?deposit={deposit}"));
    let page = view_of(&reader, &Subject { deposit, before: None }, typed, errors).await?;
    reader.frame.show_again(&page)
}

/// `GET /publications/{id}/edit`.
pub(crate) async fn edit_form(reader: Reader, id: Path<PublicationId>) -> Result<HttpResponse> {
    let subject = own(&reader, id.into_inner()).await?;
    let typed = subject.before.as_ref().map(|view| Typed::of(&view.publication, &reader.dates));
    let page = view_of(&reader, &subject, typed.unwrap_or_default(), Vec::new()).await?;
    reader.frame.show(&page)
}

/// `POST /publications/{id}/edit`.
pub(crate) async fn edit(
    request: HttpRequest,
    form: SignedForm,
    id: Path<PublicationId>,
) -> Result<HttpResponse> {
    let (reader, id) = (Reader::of(&request, form.who).await?, id.into_inner());
    let subject = own(&reader, id).await?;
    let typed = Typed::read(&form.fields);
    let before = subject.before.as_ref().map(|view| &view.publication);
    let errors = match typed.wish(subject.deposit, before, &reader.dates) {
        Ok(wish) => match reader.site.app.edit_publication(reader.viewer(), id, wish).await {
            Ok(_) => return Ok(go_saying(&reader.site, &format!("/publications/{id}"), "done-saved")),
            Err(error) => vec![refused(error)?],
        },
        Err(errors) => errors,
    };
    let page = view_of(&reader, &subject, typed, errors).await?;
    reader.frame.show_again(&page)
}

async fn own(reader: &Reader, id: PublicationId) -> Result<Subject> {
    let view = reader.site.app.publication(reader.viewer(), id).await?;
    reader.must(view.publication.author_id == reader.who.person.id)?;
    Ok(Subject { deposit: view.publication.deposit_id, before: Some(view) })
}

async fn view_of(
    reader: &Reader,
    subject: &Subject,
    typed: Typed,
    errors: Vec<FormError>,
) -> Result<Publish> {
    let (app, frame): (_, &Frame) = (&reader.site.app, &reader.frame);
    let view = app.deposit(reader.viewer(), subject.deposit).await?;
    reader.must(view.deposit.owner_id == reader.who.person.id)?;
    let words = frame.words;
    let editing = subject.before.is_some();
    let title = words.t(if editing { "publication-edit-title" } else { "publish-title" });
    let action = match &subject.before {
        Some(view) => format!("/publications/{}/edit", view.publication.id),
        None => "/publications".to_owned(),
    };
    Ok(Publish {
        l: words,
        page: frame.page(title, if editing { "publications" } else { "deposits" }, "publish"),
        deposit: Deposit::new(&view, &[], &reader.dates, reader.who.language),
        action,
        editing,
        errors,
        groups: group_choices(&reader.portrait.taught, |id| typed.groups.iter().any(|ticked| ticked == id)),
        companions: companions(reader, subject, &typed).await?,
        further_open: typed.has_further(),
        links: typed.padded_links(),
        title: typed.title,
        when: typed.when,
        publish_at: typed.publish_at,
        until: typed.until,
        description: typed.description,
        tags: typed.tags,
    })
}

/// The author's recent deposits, and those that are attached already.
async fn companions(reader: &Reader, subject: &Subject, typed: &Typed) -> Result<Vec<Companion>> {
    let wanted = Wanted { text: String::new(), state: None, group: None, after: None, limit: ATTACHABLE };
    let recent = reader.site.app.find_deposits(reader.viewer(), wanted).await?.items;
    let attached = subject.before.iter().flat_map(|view| &view.companions);
    let mut offered: Vec<Companion> = attached
        .map(|one| Companion { id: one.deposit.to_string(), name: one.name.clone(), checked: false })
        .collect();
    for view in recent {
        let id = view.deposit.id.to_string();
        let is_fit = view.deposit.id != subject.deposit && view.deposit.state != DepositState::Failed;
        if is_fit && offered.iter().all(|one| one.id != id) {
            offered.push(Companion { id, name: view.deposit.original_name, checked: false });
        }
    }
    for one in &mut offered {
        one.checked = typed.companions.contains(&one.id);
    }
    Ok(offered)
}

/// What the form says of a refusal; failures that no other typing could mend are passed on.
fn refused(error: balado_app::Error) -> Result<FormError> {
    let field = match (error.kind(), error.code()) {
        (_, "title-missing" | "title-too-long" | "deposit-failed") => "title",
        (_, "dates-reversed") => "until",
        (_, "link-invalid") => "links",
        (_, "description-too-long") => "description",
        (_, "list-too-long") => "tags",
        (ErrorKind::Forbidden, _) => "groups",
        _ => return Err(error.into()),
    };
    Ok(FormError { field: field.to_owned(), code: error.code().to_owned() })
}
