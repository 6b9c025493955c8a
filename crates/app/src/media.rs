//! What may be served to whom: from a media address of a feed, to a signed-in reader, or to the owner of a deposit.
//!
//! Every function answers with where the bytes are and what may be said of them; `web` streams them.

use crate::error::{Result, not_found};
use crate::feeds::COVER_NAME;
use crate::fetches::FetchTicket;
use crate::start::App;
use balado_domain::deposit::{Deposit, Rendition, RenditionKind};
use balado_domain::feed::{FeedScope, TokenPurpose};
use balado_domain::publication::Publication;
use balado_domain::{DepositId, PublicationId, SubmissionId, Viewer};
use balado_media::recipe::RecipeBook;
use balado_media::sprite::Layout;
use balado_objects::BlobKey;
use balado_store::{Conn, deposits, homework, publications, renditions};
use uuid::Uuid;

/// A blob somebody may have, and how to serve it.
#[derive(Debug, Clone)]
pub struct Servable {
    /// Where the bytes are.
    pub blob: BlobKey,
    /// Exact size.
    pub size_bytes: u64,
    /// Type from our own table; the original is always `application/octet-stream`.
    pub media_type: &'static str,
    /// Name to offer when saved.
    pub file_name: String,
    /// Whether a browser may show it in the page; never for originals.
    pub inline: bool,
    /// Counts one download once every byte of a full answer was sent.
    pub ticket: Option<FetchTicket>,
}

/// Where each small picture of a film's sprite lies, and how long the film plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storyboard {
    /// How the sprite is cut.
    pub layout: Layout,
    /// Playing time of the film, in milliseconds.
    pub duration_ms: i64,
}

impl App {
    /// The picture of a feed, for a holder of one of its media addresses.
    ///
    /// # Errors
    /// `not-found`, or `subscription-revoked` (gone) for a dead key.
    pub async fn media_cover(&self, key: &str, name: &str) -> Result<()> {
        self.open_token(key, TokenPurpose::Media).await?;
        if name == COVER_NAME { Ok(()) } else { Err(not_found("cover")) }
    }

    /// A file of an item of a feed: its enclosure by name, `poster.jpg`, or a companion document.
    ///
    /// # Errors
    /// `not-found`, or `subscription-revoked` (gone) for a dead key. A withdrawn or expired item is `not-found`.
    pub async fn media_by_key(&self, key: &str, item: Uuid, name: &str) -> Result<Servable> {
        let opened = self.open_token(key, TokenPurpose::Media).await?;
        let (name, now) = (name.to_owned(), self.now());
        self.database()
            .read(move |c| {
                let viewer = Viewer::MediaKey(opened.grant());
                if let FeedScope::Assignment(_) = opened.feed.scope {
                    return answer(c, &viewer, SubmissionId::from_uuid(item), &name);
                }
                let publication = publications::get_for(c, &viewer, PublicationId::from_uuid(item), now)?;
                let kind = kind_by_name(&publication, &name).ok_or_else(|| not_found("file"))?;
                let ticket = FetchTicket {
                    school: publication.school_id,
                    subscription: Some(opened.subscription.id),
                    beneficiary: opened.beneficiary.id,
                    publication: publication.id,
                    kind,
                };
                let counted = publication.enclosure.as_ref().is_some_and(|enclosure| enclosure.kind == kind);
                serve(c, publication.deposit_id, kind, name, counted.then_some(ticket))
            })
            .await
    }

    /// A companion document of an item of a feed.
    ///
    /// # Errors
    /// As [`App::media_by_key`].
    pub async fn companion_by_key(&self, key: &str, item: Uuid, deposit: DepositId) -> Result<Servable> {
        let opened = self.open_token(key, TokenPurpose::Media).await?;
        let now = self.now();
        self.database()
            .read(move |c| {
                let viewer = Viewer::MediaKey(opened.grant());
                let publication = publications::get_for(c, &viewer, PublicationId::from_uuid(item), now)?;
                companion(c, &publication, deposit)
            })
            .await
    }

    /// A companion document of a publication the viewer may see now.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn companion(
        &self,
        viewer: &Viewer,
        id: PublicationId,
        deposit: DepositId,
    ) -> Result<Servable> {
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let publication = publications::get_for(c, &viewer, id, now)?;
                companion(c, &publication, deposit)
            })
            .await
    }

    /// An output of a publication the viewer may see now.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn publication_media(
        &self,
        viewer: &Viewer,
        id: PublicationId,
        kind: RenditionKind,
    ) -> Result<Servable> {
        let (viewer, now) = (viewer.clone(), self.now());
        self.database()
            .read(move |c| {
                let publication = publications::get_for(c, &viewer, id, now)?;
                let name =
                    publication.file_name.clone().unwrap_or_else(|| format!("balado.{}", kind.extension()));
                // What an author or a guardian listens to has reached no pupil.
                let reader = viewer.person().filter(|reader| reader.id != publication.author_id);
                let ticket = reader.filter(|_| is_main(&publication, kind)).map(|reader| FetchTicket {
                    school: publication.school_id,
                    subscription: None,
                    beneficiary: reader.id,
                    publication: publication.id,
                    kind,
                });
                serve(c, publication.deposit_id, kind, with_extension(&name, kind), ticket)
            })
            .await
    }

    /// An output of a deposit the viewer may see: its owner, or the teacher it was handed in to.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn deposit_media(
        &self,
        viewer: &Viewer,
        id: DepositId,
        kind: RenditionKind,
    ) -> Result<Servable> {
        let viewer = viewer.clone();
        self.database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &viewer, id)?;
                let name = with_extension(&deposit.original_name, kind);
                serve(c, id, kind, name, None)
            })
            .await
    }

    /// How to look ahead in the film of a publication the viewer may see now.
    ///
    /// # Errors
    /// `not-found`, also for what has no sprite.
    pub async fn publication_storyboard(&self, viewer: &Viewer, id: PublicationId) -> Result<Storyboard> {
        let (viewer, now, book) = (viewer.clone(), self.now(), self.recipes().clone());
        self.database()
            .read(move |c| {
                let publication = publications::get_for(c, &viewer, id, now)?;
                storyboard(c, &book, publication.deposit_id)
            })
            .await
    }

    /// How to look ahead in the film of a deposit the viewer may see.
    ///
    /// # Errors
    /// `not-found`, also for what has no sprite.
    pub async fn deposit_storyboard(&self, viewer: &Viewer, id: DepositId) -> Result<Storyboard> {
        let (viewer, book) = (viewer.clone(), self.recipes().clone());
        self.database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &viewer, id)?;
                storyboard(c, &book, deposit.id)
            })
            .await
    }

    /// The original of a deposit, for its owner only; never shown in a page.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn original(&self, viewer: &Viewer, id: DepositId) -> Result<Servable> {
        let viewer = viewer.clone();
        let person = viewer.person().map(|person| person.id);
        self.database()
            .read(move |c| {
                let deposit = deposits::get_for(c, &viewer, id)?;
                match &deposit.sha256 {
                    Some(sha256) if person == Some(deposit.owner_id) => Ok(original_of(&deposit, sha256)),
                    _ => Err(not_found("original")),
                }
            })
            .await
    }
}

fn original_of(deposit: &Deposit, sha256: &str) -> Servable {
    Servable {
        blob: BlobKey::new(deposit.school_id, deposit.id, sha256),
        size_bytes: u64::try_from(deposit.size_bytes).unwrap_or(0),
        media_type: "application/octet-stream",
        file_name: deposit.original_name.clone(),
        inline: false,
        ticket: None,
    }
}

fn is_main(publication: &Publication, kind: RenditionKind) -> bool {
    publication.enclosure.as_ref().is_some_and(|enclosure| enclosure.kind == kind)
        || matches!(kind, RenditionKind::Mp3 | RenditionKind::Mp4)
}

fn kind_by_name(publication: &Publication, name: &str) -> Option<RenditionKind> {
    if publication.file_name.as_deref() == Some(name) {
        return publication.enclosure.as_ref().map(|enclosure| enclosure.kind);
    }
    (name == balado_feeds::address::POSTER_NAME).then_some(RenditionKind::Poster)
}

fn companion(c: &mut Conn, publication: &Publication, deposit: DepositId) -> Result<Servable> {
    if !publication.companions.contains(&deposit) {
        return Err(not_found("companion"));
    }
    let found = deposits::get_for(c, &Viewer::System, deposit)?;
    let kind = found.family.ok_or_else(|| not_found("companion"))?.enclosure_kind();
    serve(c, deposit, kind, with_extension(&found.original_name, kind), None)
}

/// A pupil's answer in the feed of its assignment, by any name that feed gave it.
fn answer(c: &mut Conn, viewer: &Viewer, id: SubmissionId, name: &str) -> Result<Servable> {
    let submission = homework::get_submission_for(c, viewer, id)?;
    let deposit = deposits::get_for(c, &Viewer::System, submission.deposit_id)?;
    let main = deposit.family.ok_or_else(|| not_found("answer"))?.enclosure_kind();
    let kind = if name == balado_feeds::address::POSTER_NAME { RenditionKind::Poster } else { main };
    serve(c, deposit.id, kind, name.to_owned(), None)
}

fn serve(
    c: &mut Conn,
    deposit: DepositId,
    kind: RenditionKind,
    file_name: String,
    ticket: Option<FetchTicket>,
) -> Result<Servable> {
    let made: Vec<Rendition> = renditions::list_of_deposits(c, &Viewer::System, &[deposit])?;
    let rendition = made.into_iter().find(|one| one.kind == kind).ok_or_else(|| not_found("rendition"))?;
    Ok(Servable {
        blob: BlobKey::new(rendition.school_id, deposit, rendition.sha256),
        size_bytes: u64::try_from(rendition.size_bytes).unwrap_or(0),
        media_type: kind.media_type(),
        file_name,
        inline: true,
        ticket,
    })
}

/// A sprite carries no description of its own: its layout follows from the recipe and from what is recorded of the film.
fn storyboard(c: &mut Conn, book: &RecipeBook, deposit: DepositId) -> Result<Storyboard> {
    let made = renditions::list_of_deposits(c, &Viewer::System, &[deposit])?;
    let find = |kind: RenditionKind| made.iter().find(|one| one.kind == kind);
    let (sprite, film) =
        find(RenditionKind::Sprite).zip(find(RenditionKind::Mp4)).ok_or_else(|| not_found("sprite"))?;
    let profile = &book.find(&sprite.recipe).ok_or_else(|| not_found("recipe"))?.video.sprite;
    let pixels = |side: Option<i32>| side.and_then(|side| u32::try_from(side).ok());
    let (Some(duration_ms), Some(width), Some(height)) =
        (film.duration_ms, pixels(film.width), pixels(film.height))
    else {
        return Err(not_found("sprite"));
    };
    Ok(Storyboard { layout: Layout::new(profile, duration_ms, width, height), duration_ms })
}

/// The name with the extension of what is really served.
fn with_extension(name: &str, kind: RenditionKind) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.{}", kind.extension())
}
