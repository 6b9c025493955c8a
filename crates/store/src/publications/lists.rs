//! The lists of a publication: audience, tags, links, companion deposits.

use crate::column::{parse, texts};
use crate::schema::{publication_audiences, publication_companions, publication_links, publication_tags};
use crate::{Conn, Result, Tx};
use balado_domain::audience::{AudienceKind, AudienceTarget};
use balado_domain::publication::{Link, Publication};
use diesel::prelude::*;
use std::collections::HashMap;

/// The two columns an audience target is kept in.
pub(crate) fn target_columns(target: &AudienceTarget) -> (AudienceKind, String) {
    match target {
        AudienceTarget::Group(id) => (AudienceKind::Group, id.to_string()),
        AudienceTarget::Person(id) => (AudienceKind::Person, id.to_string()),
        AudienceTarget::School(id) => (AudienceKind::School, id.to_string()),
        AudienceTarget::Public => (AudienceKind::Public, String::new()),
    }
}

/// The audience target kept in those two columns.
pub(crate) fn target_from(kind: String, id: String) -> Result<AudienceTarget> {
    Ok(match parse::<AudienceKind>(kind)? {
        AudienceKind::Group => AudienceTarget::Group(parse(id)?),
        AudienceKind::Person => AudienceTarget::Person(parse(id)?),
        AudienceKind::School => AudienceTarget::School(parse(id)?),
        AudienceKind::Public => AudienceTarget::Public,
    })
}

/// Writes the lists of a publication that has none yet.
pub(super) fn insert(tx: &mut Tx<'_>, publication: &Publication) -> Result<()> {
    let id = publication.id.to_string();
    for target in &publication.audience.targets {
        let (kind, target_id) = target_columns(target);
        diesel::insert_into(publication_audiences::table)
            .values((
                publication_audiences::publication_id.eq(&id),
                publication_audiences::kind.eq(kind.as_str()),
                publication_audiences::target_id.eq(target_id),
            ))
            .execute(&mut **tx)?;
    }
    for tag in &publication.tags {
        diesel::insert_into(publication_tags::table)
            .values((publication_tags::publication_id.eq(&id), publication_tags::tag.eq(tag)))
            .execute(&mut **tx)?;
    }
    for (position, link) in (0_i32..).zip(&publication.links) {
        diesel::insert_into(publication_links::table)
            .values((
                publication_links::publication_id.eq(&id),
                publication_links::position.eq(position),
                publication_links::url.eq(&link.url),
                publication_links::label.eq(&link.label),
            ))
            .execute(&mut **tx)?;
    }
    for (position, companion) in (0_i32..).zip(&publication.companions) {
        diesel::insert_into(publication_companions::table)
            .values((
                publication_companions::publication_id.eq(&id),
                publication_companions::position.eq(position),
                publication_companions::deposit_id.eq(companion.to_string()),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Replaces the lists of a publication.
pub(super) fn replace(tx: &mut Tx<'_>, publication: &Publication) -> Result<()> {
    let id = publication.id.to_string();
    diesel::delete(publication_audiences::table.filter(publication_audiences::publication_id.eq(&id)))
        .execute(&mut **tx)?;
    diesel::delete(publication_tags::table.filter(publication_tags::publication_id.eq(&id)))
        .execute(&mut **tx)?;
    diesel::delete(publication_links::table.filter(publication_links::publication_id.eq(&id)))
        .execute(&mut **tx)?;
    diesel::delete(publication_companions::table.filter(publication_companions::publication_id.eq(&id)))
        .execute(&mut **tx)?;
    insert(tx, publication)
}

/// Reads the lists of many publications: four statements in all.
///
/// Audiences and tags have no order of their own; they come back sorted, so that equal rows give equal feeds.
pub(super) fn fill(conn: &mut Conn, publications: &mut [Publication]) -> Result<()> {
    if publications.is_empty() {
        return Ok(());
    }
    let ids = texts(publications.iter().map(|publication| publication.id));
    let mut places: HashMap<String, &mut Publication> =
        publications.iter_mut().map(|publication| (publication.id.to_string(), publication)).collect();

    let audiences: Vec<(String, String, String)> = publication_audiences::table
        .filter(publication_audiences::publication_id.eq_any(&ids))
        .order((publication_audiences::kind, publication_audiences::target_id))
        .load(conn)?;
    for (id, kind, target_id) in audiences {
        if let Some(publication) = places.get_mut(&id) {
            publication.audience.targets.push(target_from(kind, target_id)?);
        }
    }
    let tags: Vec<(String, String)> =
        publication_tags::table.filter(publication_tags::publication_id.eq_any(&ids)).load(conn)?;
    for (id, tag) in tags {
        if let Some(publication) = places.get_mut(&id) {
            publication.tags.push(tag);
        }
    }
    let links: Vec<(String, i32, String, String)> = publication_links::table
        .filter(publication_links::publication_id.eq_any(&ids))
        .order(publication_links::position)
        .load(conn)?;
    for (id, _, url, label) in links {
        if let Some(publication) = places.get_mut(&id) {
            publication.links.push(Link { url, label });
        }
    }
    let companions: Vec<(String, i32, String)> = publication_companions::table
        .filter(publication_companions::publication_id.eq_any(&ids))
        .order(publication_companions::position)
        .load(conn)?;
    for (id, _, deposit) in companions {
        if let Some(publication) = places.get_mut(&id) {
            publication.companions.push(parse(deposit)?);
        }
    }
    for publication in publications {
        // Not in SQL: the engines sort text by different rules.
        publication.tags.sort();
    }
    Ok(())
}
