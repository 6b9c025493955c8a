//! Publications: what is shown to whom, between which dates.

use super::deposits::RenditionShape;
use super::groups::{GroupShape, shapes};
use super::{Listing, Problem, given, limited, place, token_of};
use crate::error::{Error, Result};
use crate::extract::{JsonBody, SignedIn};
use crate::site::Site;
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path, Query};
use balado_app::publications::{Companion, PublicationFilter, PublicationView, PublicationWish};
use balado_domain::audience::Audience;
use balado_domain::deposit::RenditionKind;
use balado_domain::publication::Link;
use balado_domain::{DepositId, GroupId, PublicationId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A deposit shown to classes and groups.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicationShape {
    /// Its id; also the guid of its feed items.
    id: Uuid,
    /// The deposit it shows; null for a reader.
    deposit: Option<Uuid>,
    /// Title.
    title: String,
    /// Plain text.
    description: String,
    /// ISO 639 language of the content.
    language: String,
    /// `draft`, `held`, `awaiting-media`, `scheduled`, `published`, `withdrawn` or `expired`.
    state: String,
    /// Visible from.
    publish_at: DateTime<Utc>,
    /// Visible until; null for no end.
    until: Option<DateTime<Utc>>,
    /// Short name of who published it.
    author: String,
    /// Classes and groups it is for.
    groups: Vec<GroupShape>,
    /// Keywords.
    tags: Vec<String>,
    /// Links.
    links: Vec<LinkShape>,
    /// Documents that go with it.
    companions: Vec<CompanionShape>,
    /// `audio`, `video`, `image` or `document`; null until known.
    family: Option<String>,
    /// Files to play or read.
    media: Vec<RenditionShape>,
    /// Path of the peaks that draw the sound.
    waveform_url: Option<String>,
    /// The same peaks, finer and packed, for scripts that cut.
    peaks_url: Option<String>,
    /// Many small pictures of a film in one, for looking ahead.
    sprite_url: Option<String>,
    /// Which part of the sprite shows which moment: WebVTT.
    storyboard_url: Option<String>,
    /// Path of a picture of it.
    poster_url: Option<String>,
    /// How many people fetched it; null for a reader.
    reached: Option<usize>,
}

/// A link.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkShape {
    /// Address beginning with `http://` or `https://`.
    url: String,
    /// What to show; the address itself when empty.
    #[serde(default)]
    label: String,
}

/// A document that goes with a publication.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompanionShape {
    /// Its deposit.
    deposit: Uuid,
    /// The name its file had.
    name: String,
    /// What to fetch; null until it is made.
    media: Option<RenditionShape>,
}

impl PublicationShape {
    /// The shape of a publication as `who` sees it.
    pub(crate) fn new(view: PublicationView, who: &SignedIn) -> Self {
        let publication = view.publication;
        let own = publication.author_id == who.person.id;
        let folder = format!("/media/publications/{}", publication.id);
        let url_of = |kind: RenditionKind| {
            view.renditions.iter().any(|one| one.kind == kind).then(|| format!("{folder}/{kind}"))
        };
        let is_content = RenditionKind::is_content;
        let content = view.renditions.iter().filter(|one| is_content(one.kind));
        Self {
            waveform_url: url_of(RenditionKind::Waveform),
            peaks_url: url_of(RenditionKind::Peaks),
            sprite_url: url_of(RenditionKind::Sprite),
            storyboard_url: url_of(RenditionKind::Sprite).map(|_| format!("{folder}/storyboard.vtt")),
            poster_url: url_of(RenditionKind::Poster),
            media: content.map(|one| RenditionShape::new(one, &folder)).collect(),
            companions: view.companions.iter().map(|one| companion(one, &folder)).collect(),
            id: publication.id.uuid(),
            deposit: own.then(|| publication.deposit_id.uuid()),
            title: publication.title,
            description: publication.description,
            language: publication.language,
            state: view.state.to_string(),
            publish_at: publication.publish_at,
            until: publication.until,
            author: view.author_name,
            groups: shapes(view.groups),
            tags: publication.tags,
            links: publication
                .links
                .into_iter()
                .map(|link| LinkShape { url: link.url, label: link.label })
                .collect(),
            family: view.family.map(|family| family.to_string()),
            reached: own.then_some(view.reached),
        }
    }
}

fn companion(companion: &Companion, folder: &str) -> CompanionShape {
    let url = format!("{folder}/companions/{}", companion.deposit);
    CompanionShape {
        deposit: companion.deposit.uuid(),
        name: companion.name.clone(),
        media: companion
            .rendition
            .as_ref()
            .map(|made| RenditionShape { url, ..RenditionShape::new(made, folder) }),
    }
}

/// What to publish, to whom, when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPublication {
    /// A deposit of yours, ready or not.
    deposit: Uuid,
    /// Title.
    title: String,
    /// Plain text.
    #[serde(default)]
    description: String,
    /// ISO 639 language of the content; `fr` when left out.
    #[serde(default)]
    language: String,
    /// Classes and groups you teach.
    groups: Vec<Uuid>,
    /// Visible from; now when left out.
    #[serde(default)]
    publish_at: Option<DateTime<Utc>>,
    /// Visible until.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
    /// Keywords.
    #[serde(default)]
    tags: Vec<String>,
    /// Links.
    #[serde(default)]
    links: Vec<LinkShape>,
    /// Deposits of yours that go with it.
    #[serde(default)]
    companions: Vec<Uuid>,
}

impl From<NewPublication> for PublicationWish {
    fn from(new: NewPublication) -> Self {
        Self {
            deposit: DepositId::from_uuid(new.deposit),
            title: new.title,
            description: new.description,
            language: new.language,
            audience: audience_of(&new.groups),
            publish_at: new.publish_at,
            until: new.until,
            tags: new.tags,
            links: links_of(new.links),
            companions: new.companions.into_iter().map(DepositId::from_uuid).collect(),
        }
    }
}

pub(crate) fn audience_of(groups: &[Uuid]) -> Audience {
    Audience::groups(groups.iter().copied().map(GroupId::from_uuid))
}

fn links_of(links: Vec<LinkShape>) -> Vec<Link> {
    links.into_iter().map(|link| Link { url: link.url, label: link.label }).collect()
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublicationChange {
    /// Title.
    title: Option<String>,
    /// Plain text.
    description: Option<String>,
    /// ISO 639 language of the content.
    language: Option<String>,
    /// Classes and groups you teach.
    groups: Option<Vec<Uuid>>,
    /// Visible from.
    publish_at: Option<DateTime<Utc>>,
    /// Visible until; null for no end.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    until: Option<Option<DateTime<Utc>>>,
    /// Keywords.
    tags: Option<Vec<String>>,
    /// Links.
    links: Option<Vec<LinkShape>>,
    /// Deposits of yours that go with it.
    companions: Option<Vec<Uuid>>,
}

impl PublicationChange {
    /// The whole wish: what is there, with the changes.
    fn over(self, view: PublicationView) -> PublicationWish {
        let before = view.publication;
        let companions = self.companions.map(|ids| ids.into_iter().map(DepositId::from_uuid).collect());
        PublicationWish {
            deposit: before.deposit_id,
            title: self.title.unwrap_or(before.title),
            description: self.description.unwrap_or(before.description),
            language: self.language.unwrap_or(before.language),
            audience: self.groups.map_or(before.audience, |groups| audience_of(&groups)),
            publish_at: Some(self.publish_at.unwrap_or(before.publish_at)),
            until: self.until.unwrap_or(before.until),
            tags: self.tags.unwrap_or(before.tags),
            links: self.links.map_or(before.links, links_of),
            companions: companions.unwrap_or(before.companions),
        }
    }
}

/// Which publications to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `me`: your own, in every state. Left out: what you may see now.
    author: Option<String>,
    /// Only those for this class or group.
    #[param(value_type = Option<Uuid>)]
    group: Option<GroupId>,
    /// `next` of the list before.
    before: Option<String>,
    /// At most this many, 200 at most.
    limit: Option<i64>,
}

/// What you may see now, or your own in every state; newest first.
#[utoipa::path(
    get, path = "/api/publications", tag = "publications", params(Wanted),
    responses((status = 200, body = Listing<PublicationShape>))
)]
pub(crate) async fn list(
    site: Data<Site>,
    who: SignedIn,
    wanted: Query<Wanted>,
) -> Result<Json<Listing<PublicationShape>>> {
    let limit = limited(wanted.limit);
    match wanted.author.as_deref() {
        Some("me") => {
            let found = site.app.own_publications(&who.viewer, limit).await?;
            let asked = |view: &PublicationView| {
                wanted.group.is_none_or(|group| view.publication.audience.group_ids().any(|id| id == group))
            };
            let found = found.into_iter().filter(asked);
            return Ok(Json(Listing::whole(found.map(|view| PublicationShape::new(view, &who)).collect())));
        }
        Some(_) => return Err(Error::invalid("query-unreadable", "author is `me` or absent")),
        None => {}
    }
    let before = wanted.before.as_deref().map(place).transpose()?;
    let found = site
        .app
        .visible_publications(&who.viewer, PublicationFilter { group: wanted.group, before, limit })
        .await?;
    let is_full = i64::try_from(found.len()) == Ok(limit);
    let next = found.last().filter(|_| is_full).map(|view| {
        let at = view.publication.pub_date.unwrap_or(view.publication.publish_at);
        token_of(at, view.publication.id)
    });
    Ok(Json(Listing {
        items: found.into_iter().map(|view| PublicationShape::new(view, &who)).collect(),
        next,
    }))
}

/// Publishes a deposit, ready or not, to classes and groups you teach.
#[utoipa::path(
    post, path = "/api/publications", tag = "publications", request_body = NewPublication,
    responses(
        (status = 201, body = PublicationShape),
        (status = 400, body = Problem, description = "`title-missing`, `dates-reversed`, `link-invalid`, …"),
        (status = 403, body = Problem, description = "`not-your-class`, or a portal module refused"),
        (status = 404, body = Problem, description = "not your deposit"),
        (status = 409, body = Problem, description = "`deposit-failed`")
    )
)]
pub(crate) async fn create(
    site: Data<Site>,
    who: SignedIn,
    body: JsonBody<NewPublication>,
) -> Result<HttpResponse> {
    let view = site.app.publish(&who.viewer, body.0.into()).await?;
    let location = format!("/api/publications/{}", view.publication.id);
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(PublicationShape::new(view, &who)))
}

/// One publication, if you may see it now.
#[utoipa::path(
    get, path = "/api/publications/{id}", tag = "publications", params(("id" = Uuid, Path)),
    responses((status = 200, body = PublicationShape), (status = 404, body = Problem))
)]
pub(crate) async fn show(
    site: Data<Site>,
    who: SignedIn,
    id: Path<PublicationId>,
) -> Result<Json<PublicationShape>> {
    let view = site.app.publication(&who.viewer, id.into_inner()).await?;
    Ok(Json(PublicationShape::new(view, &who)))
}

/// Changes your own publication.
#[utoipa::path(
    patch, path = "/api/publications/{id}", tag = "publications", params(("id" = Uuid, Path)),
    request_body = PublicationChange,
    responses(
        (status = 200, body = PublicationShape), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem, description = "`publication-withdrawn`")
    )
)]
pub(crate) async fn edit(
    site: Data<Site>,
    who: SignedIn,
    id: Path<PublicationId>,
    body: JsonBody<PublicationChange>,
) -> Result<Json<PublicationShape>> {
    let id = id.into_inner();
    let before = site.app.publication(&who.viewer, id).await?;
    let view = site.app.edit_publication(&who.viewer, id, body.0.over(before)).await?;
    Ok(Json(PublicationShape::new(view, &who)))
}

/// Takes your own publication back, from pages, feeds and media addresses at once. The deposit stays.
#[utoipa::path(
    post, path = "/api/publications/{id}/withdraw", tag = "publications", params(("id" = Uuid, Path)),
    responses((status = 200, body = PublicationShape), (status = 404, body = Problem))
)]
pub(crate) async fn withdraw(
    site: Data<Site>,
    who: SignedIn,
    id: Path<PublicationId>,
) -> Result<Json<PublicationShape>> {
    let view = site.app.withdraw_publication(&who.viewer, id.into_inner()).await?;
    Ok(Json(PublicationShape::new(view, &who)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_tells_null_from_absent() {
        let none: PublicationChange = serde_json::from_str("{}").unwrap();
        assert!(none.until.is_none());
        let ended: PublicationChange = serde_json::from_str("{\"until\":null}").unwrap();
        assert_eq!(ended.until, Some(None));
        assert!(serde_json::from_str::<PublicationChange>("{\"author\":\"x\"}").is_err());
    }
}
