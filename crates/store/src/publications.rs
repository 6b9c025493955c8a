//! Publications: a deposit shown to an audience, between two dates.
//!
//! Every read takes a `Viewer`, and who sees what is decided in one place ([`visibility`]), as part of each
//! statement: no worker need run for a publication to appear or to vanish on time. What may be published, and
//! what follows from it, is decided by `app`.

mod lists;
mod read;
mod visibility;
mod write;

pub(crate) use lists::{target_columns, target_from};
pub use read::{
    PublicationFilter, boundaries, file_name_taken, get_for, get_many_for, is_published, list_awaiting,
    list_for_author, list_of_deposit, list_of_feed, list_showing, list_visible,
};
pub(crate) use read::{list_authored_ids, shows};
pub use write::{SetEnclosure, insert, set_enclosure, set_withdrawn, update};

use crate::column::{Column, instant, parse};
use crate::schema::publications;
use crate::{Conn, Result, renditions};
use balado_domain::deposit::Rendition;
use balado_domain::publication::{Enclosure, Publication};
use balado_domain::{Audience, PublicationId, RenditionId};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashMap;

#[derive(Queryable, Insertable)]
#[diesel(table_name = publications)]
struct PublicationRow {
    id: String,
    school_id: String,
    school_year_id: String,
    deposit_id: String,
    author_id: String,
    title: String,
    description: String,
    language: String,
    stage: String,
    hold_reason: Option<String>,
    publish_at: NaiveDateTime,
    until_at: Option<NaiveDateTime>,
    pub_date: Option<NaiveDateTime>,
    withdrawn_at: Option<NaiveDateTime>,
    enclosure_id: Option<String>,
    file_name: Option<String>,
    revision: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl From<&Publication> for PublicationRow {
    fn from(publication: &Publication) -> Self {
        Self {
            id: publication.id.to_string(),
            school_id: publication.school_id.to_string(),
            school_year_id: publication.school_year_id.to_string(),
            deposit_id: publication.deposit_id.to_string(),
            author_id: publication.author_id.to_string(),
            title: publication.title.clone(),
            description: publication.description.clone(),
            language: publication.language.clone(),
            stage: publication.stage.to_string(),
            hold_reason: publication.hold_reason.clone(),
            publish_at: instant(publication.publish_at),
            until_at: publication.until.map(instant),
            pub_date: publication.pub_date.map(instant),
            withdrawn_at: publication.withdrawn_at.map(instant),
            enclosure_id: publication.enclosure.as_ref().map(|enclosure| enclosure.rendition_id.to_string()),
            file_name: publication.file_name.clone(),
            revision: publication.revision,
            created_at: instant(publication.created_at),
            updated_at: instant(publication.updated_at),
        }
    }
}

impl PublicationRow {
    /// The publication without its lists and enclosure, which are in other tables.
    fn into_bare(self) -> Result<Publication> {
        Ok(Publication {
            id: parse(self.id)?,
            school_id: parse(self.school_id)?,
            school_year_id: parse(self.school_year_id)?,
            deposit_id: parse(self.deposit_id)?,
            author_id: parse(self.author_id)?,
            title: self.title,
            description: self.description,
            language: self.language,
            stage: parse(self.stage)?,
            hold_reason: self.hold_reason,
            publish_at: self.publish_at.load()?,
            until: self.until_at.load()?,
            pub_date: self.pub_date.load()?,
            withdrawn_at: self.withdrawn_at.load()?,
            enclosure: None,
            file_name: self.file_name,
            revision: self.revision,
            audience: Audience::default(),
            tags: Vec::new(),
            links: Vec::new(),
            companions: Vec::new(),
            created_at: self.created_at.load()?,
            updated_at: self.updated_at.load()?,
        })
    }
}

/// Completes rows with their enclosures and lists, a fixed number of statements whatever their number.
fn assemble(conn: &mut Conn, rows: Vec<PublicationRow>) -> Result<Vec<Publication>> {
    let mut enclosures: HashMap<PublicationId, RenditionId> = HashMap::new();
    let mut publications = Vec::with_capacity(rows.len());
    for mut row in rows {
        let enclosure: Option<RenditionId> = row.enclosure_id.take().load()?;
        let publication = row.into_bare()?;
        if let Some(enclosure) = enclosure {
            enclosures.insert(publication.id, enclosure);
        }
        publications.push(publication);
    }
    let ids: Vec<RenditionId> = enclosures.values().copied().collect();
    let found: HashMap<RenditionId, Rendition> =
        renditions::list_by_ids(conn, &ids)?.into_iter().map(|rendition| (rendition.id, rendition)).collect();
    for publication in &mut publications {
        let rendition = enclosures.get(&publication.id).and_then(|id| found.get(id));
        publication.enclosure = rendition.map(enclosure_of);
    }
    lists::fill(conn, &mut publications)?;
    Ok(publications)
}

fn enclosure_of(rendition: &Rendition) -> Enclosure {
    Enclosure {
        rendition_id: rendition.id,
        kind: rendition.kind,
        size_bytes: rendition.size_bytes,
        duration_ms: rendition.duration_ms,
        sha256: rendition.sha256.clone(),
    }
}
