//! Files: those a feed points at, those of the pages, and originals. Who may have which is decided by `app::media`.

use crate::error::{Error, Result};
use crate::extract::SignedIn;
use crate::range;
use crate::site::Site;
use crate::stream::{joined, send};
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use balado_app::media::Storyboard;
use balado_domain::deposit::RenditionKind;
use balado_domain::{DepositId, PersonId, PublicationId, Viewer};
use flate2::Crc;
use std::sync::LazyLock;
use uuid::Uuid;

/// The picture of every feed: 1400 pixels square, as directories ask.
static COVER: &[u8] = include_bytes!("../art/cover.png");
/// Changes whenever the picture does.
static COVER_ETAG: LazyLock<String> = LazyLock::new(|| {
    let mut sum = Crc::new();
    sum.update(COVER);
    format!("\"cover-{:08x}\"", sum.sum())
});

/// `/m/{key}/{name}`: the picture of the feed.
pub(crate) async fn cover(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (key, name) = path.into_inner();
    site.app.media_cover(&key, &name).await?;
    let etag = (ETAG, COVER_ETAG.as_str());
    if range::names(joined(&request, &IF_NONE_MATCH).as_deref(), &COVER_ETAG) {
        return Ok(HttpResponse::NotModified().insert_header(etag).finish());
    }
    Ok(HttpResponse::Ok().insert_header(etag).insert_header((CONTENT_TYPE, "image/png")).body(COVER))
}

/// `/m/{key}/{item}/{name}`: an enclosure or poster.
pub(crate) async fn item(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<(String, Uuid, String)>,
) -> Result<HttpResponse> {
    let (key, item, name) = path.into_inner();
    let servable = site.app.media_by_key(&key, item, &name).await?;
    send(&request, &site.app, servable).await
}

/// `/m/{key}/{item}/{deposit}/{name}`: a companion document. The name is for the reader; the deposit decides.
pub(crate) async fn item_companion(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<(String, Uuid, DepositId, String)>,
) -> Result<HttpResponse> {
    let (key, item, deposit, _) = path.into_inner();
    let servable = site.app.companion_by_key(&key, item, deposit).await?;
    send(&request, &site.app, servable).await
}

/// `/media/publications/{id}/{kind}`.
pub(crate) async fn publication(
    request: HttpRequest,
    site: Data<Site>,
    who: SignedIn,
    path: Path<(PublicationId, String)>,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let listener = listener(&request, &site, &who).await?;
    let servable = site.app.publication_media(&listener, id, kind_of(&kind)?).await?;
    send(&request, &site.app, servable).await
}

/// `/media/publications/{id}/companions/{deposit}`.
pub(crate) async fn companion(
    request: HttpRequest,
    site: Data<Site>,
    who: SignedIn,
    path: Path<(PublicationId, DepositId)>,
) -> Result<HttpResponse> {
    let (id, deposit) = path.into_inner();
    let listener = listener(&request, &site, &who).await?;
    let servable = site.app.companion(&listener, id, deposit).await?;
    send(&request, &site.app, servable).await
}

/// `/media/deposits/{id}/{kind}`. A teacher who fetches an answer has begun to hear it.
pub(crate) async fn deposit(
    request: HttpRequest,
    site: Data<Site>,
    who: SignedIn,
    path: Path<(DepositId, String)>,
) -> Result<HttpResponse> {
    let (id, kind) = path.into_inner();
    let kind = kind_of(&kind)?;
    let servable = site.app.deposit_media(&who.viewer, id, kind).await?;
    let is_content = kind.is_content();
    if request.method() == Method::GET && is_content {
        site.app.note_heard(&who.viewer, id).await?;
    }
    send(&request, &site.app, servable).await
}

/// `/media/publications/{id}/storyboard.vtt`: how to look ahead in a film.
pub(crate) async fn publication_storyboard(
    request: HttpRequest,
    site: Data<Site>,
    who: SignedIn,
    id: Path<PublicationId>,
) -> Result<HttpResponse> {
    let listener = listener(&request, &site, &who).await?;
    let storyboard = site.app.publication_storyboard(&listener, id.into_inner()).await?;
    Ok(as_captions(storyboard, request.query_string()))
}

/// `/media/deposits/{id}/storyboard.vtt`.
pub(crate) async fn deposit_storyboard(
    site: Data<Site>,
    who: SignedIn,
    id: Path<DepositId>,
) -> Result<HttpResponse> {
    Ok(as_captions(site.app.deposit_storyboard(&who.viewer, id.into_inner()).await?, ""))
}

/// WebVTT whose cues name a part of the sprite beside it (W3C Media Fragments, `xywh`), as players expect.
fn as_captions(storyboard: Storyboard, query: &str) -> HttpResponse {
    let Storyboard { layout, duration_ms } = storyboard;
    let address = if query.is_empty() { "sprite".to_owned() } else { format!("sprite?{query}") };
    let (width, height) = (layout.tile_width, layout.tile_height);
    let mut text = String::from("WEBVTT\n");
    for number in 0..layout.count {
        let (x, y) = layout.corner(number);
        let from = i64::from(number).saturating_mul(layout.interval_ms);
        let to = if number + 1 == layout.count { duration_ms } else { from + layout.interval_ms };
        let (from, to) = (moment(from), moment(to.max(from + 1)));
        text.push_str(&format!("\n{from} --> {to}\n{address}#xywh={x},{y},{width},{height}\n"));
    }
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/vtt; charset=utf-8")).body(text)
}

/// `01:02:03.004`.
fn moment(ms: i64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1000)
}

/// `/media/deposits/{id}/original`: for its owner, as a download.
pub(crate) async fn original(
    request: HttpRequest,
    site: Data<Site>,
    who: SignedIn,
    id: Path<DepositId>,
) -> Result<HttpResponse> {
    let servable = site.app.original(&who.viewer, id.into_inner()).await?;
    send(&request, &site.app, servable).await
}

/// As whom a file of a publication is asked for: a guardian may listen to what the child named by `?child=` may.
async fn listener(request: &HttpRequest, site: &Site, who: &SignedIn) -> Result<Viewer> {
    let mut fields = form_urlencoded::parse(request.query_string().as_bytes());
    let Some((_, child)) = fields.find(|(name, _)| name == "child") else { return Ok(who.viewer.clone()) };
    let child: PersonId = child.parse().map_err(|_| Error::not_found())?;
    Ok(site.app.guardian_viewer(&who.viewer, child).await?)
}

fn kind_of(text: &str) -> Result<RenditionKind> {
    text.parse().map_err(|_| Error::not_found())
}
