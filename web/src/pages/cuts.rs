//! Cutting on a deposit's page: the form (which passages, and whether they become one recording or several) and what was
//! made of it so far.

use super::frame::{Reader, go_saying};
use super::pieces::{Deposit as DepositShown, Progress, When};
use crate::error::Result;
use crate::extract::SignedForm;
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use balado_app::cuts::{CutView, CutWish, Precision, Split, parse_spans};
use balado_domain::cut::CutState;
use balado_domain::deposit::{Deposit, DepositState, Family};
use balado_domain::{CutId, DepositId, ErrorKind, Failure};

/// How many of the deposits that were cut out of one its page shows; the others are among all deposits.
const PARTS_SHOWN: usize = 24;
/// How many cuts a page looks at, newest first.
const CUTS_SHOWN: usize = 10;

/// A cut as the page of its deposit shows it.
#[derive(Debug, Clone)]
pub(crate) struct CutShown {
    pub(crate) id: String,
    /// Where it is called off, under `/deposits/`.
    pub(crate) stop_path: String,
    pub(crate) when: When,
    pub(crate) state: String,
    pub(crate) failure_code: Option<String>,
    pub(crate) progress: Progress,
    pub(crate) parts: Vec<DepositShown>,
}

impl CutShown {
    /// Whether its owner called it off.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.failure_code.as_deref() == Some("cancelled")
    }
}

/// The cuts of a deposit as its page shows them.
#[derive(Debug, Clone, Default)]
pub(crate) struct CutsShown {
    pub(crate) shown: Vec<CutShown>,
    /// How many still wait, shown or not.
    pub(crate) waiting: usize,
    /// Whether there are deposits that are not shown.
    pub(crate) has_more: bool,
}

/// Whether a deposit can be cut now.
pub(crate) fn may_be_cut(deposit: &Deposit) -> bool {
    deposit.state == DepositState::Ready && matches!(deposit.family, Some(Family::Audio | Family::Video))
}

/// What was cut out of a deposit of the reader's own, newest first. Parts that were erased since are left out.
pub(crate) async fn made_of(reader: &Reader, id: DepositId) -> Result<CutsShown> {
    let cuts = reader.site.app.cuts_of(reader.viewer(), id).await?;
    let waiting = cuts.iter().filter(|view| view.cut.state == CutState::Waiting).count();
    let total: usize = cuts.iter().map(|view| view.deposits.len()).sum();
    let mut room = PARTS_SHOWN;
    let mut shown = Vec::with_capacity(cuts.len().min(CUTS_SHOWN));
    for view in cuts.iter().take(CUTS_SHOWN) {
        let cut = shown_of(reader, view, room).await?;
        room = room.saturating_sub(cut.parts.len());
        shown.push(cut);
    }
    let listed: usize = cuts.iter().take(CUTS_SHOWN).map(|view| view.deposits.len()).sum();
    Ok(CutsShown { shown, waiting, has_more: total > listed.min(PARTS_SHOWN) })
}

async fn shown_of(reader: &Reader, view: &CutView, room: usize) -> Result<CutShown> {
    let app = &reader.site.app;
    let mut groups = app.groups_of_deposits(reader.viewer(), view.deposits.clone()).await?;
    let mut parts = Vec::new();
    for part in view.deposits.iter().take(room) {
        let found = match app.deposit(reader.viewer(), *part).await {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        let groups = groups.remove(part).unwrap_or_default();
        parts.push(DepositShown::new(&found, &groups, &reader.dates, reader.who.language));
    }
    Ok(CutShown {
        id: view.cut.id.to_string(),
        stop_path: format!("{}/cuts/{}", view.cut.deposit_id, view.cut.id),
        when: reader.dates.when(view.cut.created_at),
        state: view.cut.state.to_string(),
        failure_code: view.cut.failure_code.clone(),
        progress: Progress::of(view.job.as_ref(), reader.who.language),
        parts,
    })
}

/// `POST /deposits/{id}/cut`: `keep` as people write it (`0:10-1:20,2:00-3:30`), `split` as the interface names it.
pub(crate) async fn cut(site: Data<Site>, form: SignedForm, id: Path<DepositId>) -> Result<HttpResponse> {
    let (id, typed) = (id.into_inner(), form.fields.one("keep"));
    let keep = if typed.is_empty() { Vec::new() } else { parse_spans(typed).map_err(Failure::from)? };
    let split = form.fields.one("split").parse().unwrap_or(Split::None);
    let wish = CutWish { keep, split, precision: Precision::Exact };
    site.app.request_cut(&form.who.viewer, id, wish).await?;
    Ok(go_saying(&site, &format!("/deposits/{id}#cuts"), "done-cut"))
}

/// `POST /deposits/{id}/cuts/{cut}/cancel`.
pub(crate) async fn cancel(
    site: Data<Site>,
    form: SignedForm,
    path: Path<(DepositId, CutId)>,
) -> Result<HttpResponse> {
    let (id, cut) = path.into_inner();
    site.app.cancel_cut(&form.who.viewer, id, cut).await?;
    Ok(go_saying(&site, &format!("/deposits/{id}"), "done-cancelled"))
}
