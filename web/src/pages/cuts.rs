//! The form on a deposit's page that cuts it: which passages, and whether they become one recording or several.

use super::frame::go_saying;
use crate::error::Result;
use crate::extract::SignedForm;
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use balado_app::cuts::{CutWish, Precision, Split, parse_spans};
use balado_domain::deposit::{Deposit, DepositState, Family};
use balado_domain::{DepositId, Failure};

/// Whether a deposit can be cut now.
pub(crate) fn may_be_cut(deposit: &Deposit) -> bool {
    deposit.state == DepositState::Ready && matches!(deposit.family, Some(Family::Audio | Family::Video))
}

/// `POST /deposits/{id}/cut`: `keep` as people write it (`0:10-1:20,2:00-3:30`), `split` as the interface names it.
pub(crate) async fn cut(site: Data<Site>, form: SignedForm, id: Path<DepositId>) -> Result<HttpResponse> {
    let (id, typed) = (id.into_inner(), form.fields.one("keep"));
    let keep = if typed.is_empty() { Vec::new() } else { parse_spans(typed).map_err(Failure::from)? };
    let split = form.fields.one("split").parse().unwrap_or(Split::None);
    let wish = CutWish { keep, split, precision: Precision::Exact };
    site.app.request_cut(&form.who.viewer, id, wish).await?;
    Ok(go_saying(&site, "/deposits", "done-cut"))
}
