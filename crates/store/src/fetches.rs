//! Counted downloads: who has what on their player.

use crate::column::{insert_unless_present, instant, row};
use crate::schema::fetches;
use crate::{Conn, Error, Result, Tx, column::parse, people, publications};
use balado_domain::feed::Fetch;
use balado_domain::{PersonId, PublicationId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = fetches)]
    FetchRow of Fetch {
        id: String,
        school_id: String,
        subscription_id: Option<String>,
        beneficiary_id: String,
        publication_id: String,
        kind: String,
        fetched_at: NaiveDateTime,
    }
}

/// Adds a batch of downloads. One that is there already stays: a batch whose commit was not heard of is sent again.
///
/// # Errors
/// When the database fails: then none is added.
pub fn insert_many(tx: &mut Tx<'_>, batch: &[Fetch]) -> Result<()> {
    for fetch in batch {
        insert_unless_present!(tx, fetches::table, FetchRow::from(fetch))?;
    }
    Ok(())
}

/// What was downloaded for a person since an instant, newest first: for that person and their guardians.
///
/// # Errors
/// [`Error::NotFound`] for any other viewer.
pub fn list_of_beneficiary(
    conn: &mut Conn,
    viewer: &Viewer,
    beneficiary: PersonId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Fetch>> {
    if !may_follow(conn, viewer, beneficiary)? {
        return Err(Error::NotFound("person"));
    }
    let rows: Vec<FetchRow> = fetches::table
        .filter(fetches::beneficiary_id.eq(beneficiary.to_string()))
        .filter(fetches::fetched_at.ge(instant(since)))
        .order((fetches::fetched_at.desc(), fetches::id.desc()))
        .limit(limit)
        .load(conn)?;
    rows.into_iter().map(FetchRow::into_entity).collect()
}

fn may_follow(conn: &mut Conn, viewer: &Viewer, beneficiary: PersonId) -> Result<bool> {
    match viewer {
        Viewer::System => Ok(true),
        Viewer::Guardian { pupil, .. } => Ok(pupil.id == beneficiary),
        Viewer::Person(person) | Viewer::ApiToken { person, .. } => {
            Ok(person.id == beneficiary || people::is_guardian(conn, person.id, beneficiary)?)
        }
        Viewer::FeedToken(_) | Viewer::MediaKey(_) | Viewer::Anonymous => Ok(false),
    }
}

/// For how many different people each publication was downloaded. Only of publications the viewer wrote (all, for
/// Balado itself); those nobody downloaded are left out.
///
/// # Errors
/// When the database fails.
pub fn count_of_publications(
    conn: &mut Conn,
    viewer: &Viewer,
    ids: &[PublicationId],
) -> Result<HashMap<PublicationId, usize>> {
    let own = publications::list_authored_ids(conn, viewer, ids)?;
    let pairs: Vec<(String, String)> = fetches::table
        .filter(fetches::publication_id.eq_any(own))
        .select((fetches::publication_id, fetches::beneficiary_id))
        .distinct()
        .load(conn)?;
    let mut beneficiaries: HashMap<PublicationId, HashSet<String>> = HashMap::new();
    for (publication, beneficiary) in pairs {
        beneficiaries.entry(parse(publication)?).or_default().insert(beneficiary);
    }
    Ok(beneficiaries.into_iter().map(|(publication, people)| (publication, people.len())).collect())
}
