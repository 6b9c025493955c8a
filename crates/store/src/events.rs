//! Things that happened, appended in the transaction they tell of and never changed.

use crate::column::{Column, instant, parse};
use crate::schema::events;
use crate::{Conn, Error, Result, Tx};
use balado_domain::EventId;
use balado_domain::event::EventEnvelope;
use chrono::NaiveDateTime;
use diesel::prelude::*;

#[derive(Queryable, Insertable)]
#[diesel(table_name = events)]
struct EventRow {
    id: String,
    school_id: String,
    actor_id: Option<String>,
    at: NaiveDateTime,
    kind: String,
    body: String,
}

/// Appends an event.
///
/// # Errors
/// When the database fails.
pub fn append(tx: &mut Tx<'_>, envelope: &EventEnvelope) -> Result<()> {
    let body = serde_json::to_string(&envelope.event)
        .map_err(|error| Error::Corrupt { what: "event body", value: error.to_string() })?;
    let row = EventRow {
        id: envelope.id.to_string(),
        school_id: envelope.school_id.to_string(),
        actor_id: Column::store(&envelope.actor_id),
        at: instant(envelope.at),
        kind: envelope.event.kind().to_string(),
        body,
    };
    diesel::insert_into(events::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// One event.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Corrupt`] when its body is of a kind this program does not know.
pub fn get(conn: &mut Conn, id: EventId) -> Result<EventEnvelope> {
    let row: Option<EventRow> = events::table.find(id.to_string()).first(conn).optional()?;
    let row = row.ok_or(Error::NotFound("event"))?;
    Ok(EventEnvelope {
        id: parse(row.id)?,
        school_id: parse(row.school_id)?,
        actor_id: row.actor_id.load()?,
        at: row.at.load()?,
        event: serde_json::from_str(&row.body)
            .map_err(|_| Error::Corrupt { what: "event body", value: row.body })?,
    })
}
