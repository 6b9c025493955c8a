//! Recording, depositing, and what became of each deposit.

use super::cuts::{self, CutShown};
use super::figures;
use super::frame::{Page, Reader, go_saying};
use super::pieces::{Deposit, Filter, Publication, Quota};
use super::publications;
use super::query::{Query, own_classes};
use crate::error::Result;
use crate::extract::SignedForm;
use crate::site::Site;
use crate::words::Words;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use balado_domain::DepositId;
use balado_domain::deposit::{DepositState, RenditionKind};

/// The states a list of deposits can be narrowed to.
const STATES: &[DepositState] =
    &[DepositState::Receiving, DepositState::Received, DepositState::Ready, DepositState::Failed];

#[derive(Template)]
#[template(path = "record.html")]
struct Record {
    l: Words,
    page: Page,
    school_id: String,
}

#[derive(Template)]
#[template(path = "deposit_new.html")]
struct DepositNew {
    l: Words,
    page: Page,
    school_id: String,
    quota: Quota,
}

#[derive(Template)]
#[template(path = "deposits.html")]
struct Deposits {
    l: Words,
    page: Page,
    filter: Filter,
    items: Vec<Deposit>,
    more: Option<String>,
    quota: Quota,
}

#[derive(Template)]
#[template(path = "deposit.html")]
struct DepositPage {
    l: Words,
    page: Page,
    deposit: Deposit,
    publications: Vec<Publication>,
    outputs: Vec<Output>,
    may_be_cut: bool,
    cuts: Vec<CutShown>,
    waiting_cuts: usize,
    more_parts: bool,
}

/// A file that was made of a deposit.
#[derive(Debug, Clone)]
struct Output {
    kind: String,
    icon: &'static str,
    href: String,
    detail: String,
}

/// `GET /record`.
pub(crate) async fn record(reader: Reader) -> Result<HttpResponse> {
    reader.must_teach()?;
    let words = reader.frame.words;
    let page = reader.frame.page(words.t("record-title"), "record", "record");
    reader.frame.show(&Record { l: words, page, school_id: reader.school()?.to_string() })
}

/// `GET /deposit`.
pub(crate) async fn form(reader: Reader) -> Result<HttpResponse> {
    reader.must_teach()?;
    let words = reader.frame.words;
    let page = reader.frame.page(words.t("deposit-title"), "deposits", "deposit");
    let (school_id, quota) = (reader.school()?.to_string(), quota_of(&reader).await?);
    reader.frame.show(&DepositNew { l: words, page, school_id, quota })
}

/// `GET /deposits`.
pub(crate) async fn list(reader: Reader, query: Query) -> Result<HttpResponse> {
    reader.must_teach()?;
    let app = &reader.site.app;
    let found = app.find_deposits(reader.viewer(), query.wanted()).await?;
    let ids = found.items.iter().map(|view| view.deposit.id).collect();
    let groups = app.groups_of_deposits(reader.viewer(), ids).await?;
    let items = found.items.iter().map(|view| {
        let shown_to = groups.get(&view.deposit.id).map_or(&[][..], Vec::as_slice);
        Deposit::new(view, shown_to, &reader.dates, reader.who.language)
    });
    let words = reader.frame.words;
    reader.frame.show(&Deposits {
        l: words,
        page: reader.frame.page(words.t("deposits-title"), "deposits", "deposits"),
        filter: query.filter(STATES, own_classes(&reader)),
        items: items.collect(),
        more: query.next_page("/deposits", found.next),
        quota: quota_of(&reader).await?,
    })
}

/// `GET /deposits/{id}`: for its owner.
pub(crate) async fn show(reader: Reader, id: Path<DepositId>) -> Result<HttpResponse> {
    let (app, id) = (&reader.site.app, id.into_inner());
    let view = app.deposit(reader.viewer(), id).await?;
    reader.must(view.deposit.owner_id == reader.who.person.id)?;
    let groups = app.groups_of_deposits(reader.viewer(), vec![id]).await?.remove(&id).unwrap_or_default();
    let mut shown = Vec::with_capacity(view.publications.len());
    for publication in &view.publications {
        shown.push(app.publication(reader.viewer(), *publication).await?);
    }
    let made = cuts::made_of(&reader, id).await?;
    let words = reader.frame.words;
    let mut deposit = Deposit::new(&view, &groups, &reader.dates, reader.who.language);
    deposit.may_publish &= reader.has().teaches;
    reader.frame.show(&DepositPage {
        l: words,
        page: reader.frame.page(deposit.name.clone(), "deposits", "deposits"),
        may_be_cut: cuts::may_be_cut(&view.deposit),
        waiting_cuts: made.waiting,
        more_parts: made.has_more,
        cuts: made.shown,
        publications: publications::authored(&reader, shown).await?,
        outputs: view
            .renditions
            .iter()
            .filter(|made| made.kind.is_content() || made.kind == RenditionKind::Poster)
            .map(|made| Output {
                kind: made.kind.to_string(),
                icon: icon_of(made.kind),
                href: format!("/media/deposits/{id}/{}", made.kind),
                detail: detail(words, made.size_bytes, made.pages),
            })
            .collect(),
        deposit,
    })
}

/// `POST /deposits/{id}/retry`.
pub(crate) async fn retry(site: Data<Site>, form: SignedForm, id: Path<DepositId>) -> Result<HttpResponse> {
    let view = site.app.retry_deposit(&form.who.viewer, id.into_inner()).await?;
    Ok(go_saying(&site, &format!("/deposits/{}", view.deposit.id), "done-retried"))
}

/// `POST /deposits/{id}/cancel`.
pub(crate) async fn cancel(site: Data<Site>, form: SignedForm, id: Path<DepositId>) -> Result<HttpResponse> {
    let id = id.into_inner();
    site.app.cancel_deposit(&form.who.viewer, id).await?;
    Ok(go_saying(&site, &format!("/deposits/{id}"), "done-cancelled"))
}

/// The drawing beside an output in a list.
fn icon_of(kind: RenditionKind) -> &'static str {
    match kind {
        RenditionKind::Mp3 => "headphones",
        RenditionKind::Mp4 | RenditionKind::Light => "film",
        RenditionKind::Jpeg | RenditionKind::Poster | RenditionKind::Sprite => "image",
        RenditionKind::Waveform | RenditionKind::Peaks => "waves",
        _ => "page",
    }
}

/// « 1,2 Mo », « 4 pages, 300 ko ».
pub(crate) fn detail(words: Words, size_bytes: i64, pages: Option<i32>) -> String {
    let size = figures::size(size_bytes, words.language());
    match pages {
        Some(pages) => format!("{}, {size}", words.n("pages-count", &i64::from(pages))),
        None => size,
    }
}

/// How much of their storage the reader uses.
pub(crate) async fn quota_of(reader: &Reader) -> Result<Quota> {
    let language = reader.who.language;
    let (used, total) = reader.site.app.storage_used(reader.viewer(), reader.school()?).await?;
    let permille = used.saturating_mul(1000).checked_div(total).unwrap_or(1000);
    Ok(Quota {
        permille: permille.clamp(0, 1000),
        used: figures::size(used, language),
        total: figures::size(total, language),
        left: figures::size((total - used).max(0), language),
    })
}
