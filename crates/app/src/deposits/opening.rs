//! Opening a deposit: the right, the size and the quota are checked before the first byte.

use crate::error::{Result, forbidden, invalid};
use crate::sign_in::may_deposit;
use crate::start::App;
use balado_domain::deposit::{Deposit, DepositState, Purpose, Upload};
use balado_domain::people::Role;
use balado_domain::viewer::PersonViewer;
use balado_domain::{DepositId, ErrorKind, Failure, PersonId, SchoolId, SchoolYearId, Timestamp, Viewer};
use balado_store::{Conn, deposits, people, uploads};
use chrono::{NaiveDate, TimeDelta};

/// What the sender says about the file.
#[derive(Debug, Clone)]
pub struct OpenDeposit {
    /// The school it counts for; may be left out by somebody who belongs to one school.
    pub school: Option<SchoolId>,
    /// The name of the file on the sender's machine. Shown, never used as a path.
    pub file_name: String,
    /// Total bytes, when known beforehand.
    pub length: Option<u64>,
    /// Why.
    pub purpose: Purpose,
    /// The raw `Upload-Metadata` value.
    pub metadata: String,
}

impl App {
    /// Opens a deposit and its upload.
    ///
    /// # Errors
    /// `forbidden`, `school-missing`, `upload-too-large`, `quota-exceeded`, `school-year-missing`.
    pub async fn open_deposit(&self, viewer: &Viewer, wish: OpenDeposit) -> Result<(Deposit, Upload)> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person makes deposits"))?.clone();
        let school = choose_school(&person, wish.school)?;
        if !may_deposit(&person, school) {
            return Err(forbidden("no role that makes deposits in this school"));
        }
        let limit = self.configuration().limits.upload_bytes;
        if wish.length.is_some_and(|length| length > limit) {
            return Err(Failure::new(
                ErrorKind::TooLarge,
                "upload-too-large",
                format!("limit {limit} bytes"),
            )
            .into());
        }
        let (now, clock) = (self.now(), self.clock());
        let expires_at = now + TimeDelta::hours(self.configuration().limits.upload_hours);
        let scribe = self.scribe(viewer, school);
        self.database()
            .write(move |tx| {
                people::lock_person(tx, person.id)?;
                let reserved = wish.length.map_or(0, |length| i64::try_from(length).unwrap_or(i64::MAX));
                refuse_over_quota(tx, person.id, school, reserved)?;
                let deposit = Deposit {
                    id: DepositId::generate(clock.as_ref()),
                    school_id: school,
                    school_year_id: current_year(tx, school, now)?,
                    owner_id: person.id,
                    purpose: wish.purpose,
                    original_name: presentable(&wish.file_name),
                    family: None,
                    media_type: None,
                    state: DepositState::Receiving,
                    size_bytes: 0,
                    sha256: None,
                    failure_code: None,
                    derived_from: None,
                    created_at: now,
                    received_at: None,
                    ready_at: None,
                };
                let upload = Upload {
                    deposit_id: deposit.id,
                    owner_id: person.id,
                    length: wish.length.map(|length| i64::try_from(length).unwrap_or(i64::MAX)),
                    offset: 0,
                    metadata: wish.metadata,
                    expires_at,
                };
                deposits::insert(tx, &deposit)?;
                uploads::insert(tx, &upload)?;
                scribe.journal(tx, "deposit.open", "deposit", deposit.id.to_string())?;
                Ok((deposit, upload))
            })
            .await
    }
}

/// The school meant, or the only one the person can deposit in.
fn choose_school(person: &PersonViewer, wanted: Option<SchoolId>) -> Result<SchoolId> {
    if let Some(school) = wanted {
        return Ok(school);
    }
    let mut schools = person.schools().into_iter().filter(|school| may_deposit(person, *school));
    match (schools.next(), schools.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(forbidden("no role that makes deposits")),
        _ => Err(invalid("school-missing", "several schools are possible")),
    }
}

/// The school year of today; of the nearest term when today lies in the holidays between two.
pub(crate) fn current_year(c: &mut Conn, school: SchoolId, now: Timestamp) -> Result<SchoolYearId> {
    let today: NaiveDate = now.date_naive();
    if let Some(year) = people::find_current_school_year(c, school, today)? {
        return Ok(year.id);
    }
    let years = people::list_school_years(c, school)?;
    let nearest = years.into_iter().min_by_key(|year| {
        let distance = |day: NaiveDate| (day - today).num_days().abs();
        distance(year.starts_on).min(distance(year.ends_on))
    });
    nearest.map(|year| year.id).ok_or_else(|| invalid("school-year-missing", "the school has no school year"))
}

/// What the owner may store in all, in bytes.
pub(crate) fn quota_of(c: &mut Conn, owner: PersonId, school: SchoolId) -> Result<i64> {
    if let Some(own) = people::get_person(c, owner)?.quota_bytes {
        return Ok(own);
    }
    let school_row = people::get_school(c, school)?;
    let is_pupil_only = people::list_memberships(c, owner)?
        .iter()
        .filter(|m| m.school_id == school)
        .all(|m| matches!(m.role, Role::Pupil | Role::Guardian));
    Ok(if is_pupil_only { school_row.pupil_quota_bytes } else { school_row.teacher_quota_bytes })
}

/// Refuses `more` bytes when what is stored and reserved already leaves no room for them.
pub(crate) fn refuse_over_quota(c: &mut Conn, owner: PersonId, school: SchoolId, more: i64) -> Result<()> {
    let quota = quota_of(c, owner, school)?;
    let used = deposits::bytes_used(c, owner)?;
    if used.saturating_add(more.max(1)) > quota {
        let detail = format!("{used} of {quota} bytes used, {more} more wanted");
        return Err(Failure::new(ErrorKind::Full, "quota-exceeded", detail).into());
    }
    Ok(())
}

/// The last path component without control characters, at most 200 characters: fit to be shown.
fn presentable(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !is_invisible(*c)).take(200).collect();
    let trimmed = clean.trim();
    if trimmed.is_empty() { "sans-nom".to_owned() } else { trimmed.to_owned() }
}

/// Controls, and the marks that reorder text so that `gpj.exe` looks like `exe.jpg`.
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_is_only_ever_shown() {
        assert_eq!(presentable("../../etc/passwd"), "passwd");
        assert_eq!(presentable("a\r\nSet-Cookie: x"), "aSet-Cookie: x");
        assert_eq!(presentable("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(presentable("\0"), "sans-nom");
        assert_eq!(presentable(&"x".repeat(900)).len(), 200);
    }
}
