//! Signing in and out: passwords, sessions, bearer tokens, and the throttle that slows guessing down.

use crate::error::{Result, unauthenticated};
use crate::secrets::{Opens, fresh_secret, hash_of};
use crate::start::App;
use balado_domain::audit::AuditEntry;
use balado_domain::people::{Person, Role};
use balado_domain::viewer::PersonViewer;
use balado_domain::{ApiTokenId, AuditId, ErrorKind, Failure, PersonId, SessionId, Timestamp, Viewer};
use balado_sso::Throttle;
use balado_store::{Conn, Tx, audit, people, sessions};
use chrono::TimeDelta;

/// The provider name of local passwords.
pub const LOCAL: &str = "local";

/// A browser that has just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Value of the session cookie; never stored.
    pub cookie: String,
    /// Who.
    pub person: Person,
}

/// A browser that presented a live session cookie.
#[derive(Debug, Clone)]
pub struct Session {
    /// Which session.
    pub id: SessionId,
    /// Who.
    pub person: Person,
    /// With what rights.
    pub viewer: Viewer,
    /// The value every form must carry.
    pub form_token: String,
}

impl App {
    /// Proves a login and password, and opens a session. `address` is only counted, as a hash, never kept.
    ///
    /// # Errors
    /// `sign-in-refused` for a wrong login or password or a disabled account; `sign-in-too-often` when throttled.
    pub async fn sign_in(&self, login: &str, password: String, address: &str) -> Result<SignedIn> {
        let login = login.trim().to_lowercase();
        let keys = [hash_of(&format!("login:{login}")), hash_of(&format!("address:{address}"))];
        let now = self.now();
        let lookup = (keys.clone(), login);
        let found = self
            .database()
            .read(move |c| {
                refuse_when_throttled(c, &lookup.0, now)?;
                Ok(people::find_person_by_identity(c, LOCAL, &lookup.1)?)
            })
            .await?;
        let phc = found.as_ref().and_then(|(_, identity)| identity.secret_hash.clone());
        let hasher = self.hasher().clone();
        // Each proof takes 19 MiB and a core: a burst of them waits its turn.
        let _turn = self.proofs().acquire().await;
        let proven = tokio::task::spawn_blocking(move || hasher.verify(&password, phc.as_deref())).await;
        match found {
            Some((person, _)) if matches!(proven, Ok(true)) && person.disabled_at.is_none() => {
                self.open_session(person, keys).await
            }
            _ => self.count_failure(keys).await,
        }
    }

    async fn open_session(&self, person: Person, keys: [String; 2]) -> Result<SignedIn> {
        let cookie = fresh_secret();
        let now = self.now();
        let row = sessions::SessionRow {
            id: SessionId::generate(self.clock().as_ref()),
            id_hash: hash_of(&cookie),
            person_id: person.id,
            created_at: now,
            last_seen_at: now,
            expires_at: now + TimeDelta::hours(self.configuration().session.absolute_hours),
        };
        let entry = self.account_entry("session.open", person.id, now);
        self.database()
            .write(move |tx| {
                // Those of the address stay: one success must not buy a neighbour's guesses.
                sessions::clear_failures(tx, &keys[0])?;
                sessions::insert(tx, &row)?;
                Ok(audit::append(tx, &entry)?)
            })
            .await?;
        Ok(SignedIn { cookie, person })
    }

    async fn count_failure(&self, keys: [String; 2]) -> Result<SignedIn> {
        let now = self.now();
        self.database()
            .write(move |tx| {
                for (key, throttle) in keys.iter().zip([Throttle::LOGIN, Throttle::ADDRESS]) {
                    count_one(tx, key, &throttle, now)?;
                }
                Ok(())
            })
            .await?;
        Err(Failure::new(ErrorKind::Unauthenticated, "sign-in-refused", "wrong login or password").into())
    }

    /// The live session behind a cookie, if any; its idle time starts again.
    ///
    /// # Errors
    /// `signed-out` when there is no such session or it ended.
    pub async fn session(&self, cookie: &str) -> Result<Session> {
        let hash = hash_of(cookie);
        let now = self.now();
        let idle = TimeDelta::minutes(self.configuration().session.idle_minutes);
        let found = self
            .database()
            .read(move |c| {
                let Some(row) = sessions::find_by_hash(c, &hash, now)? else { return Ok(None) };
                if row.last_seen_at + idle <= now {
                    return Ok(None);
                }
                let person = people::get_person(c, row.person_id)?;
                let viewer = person_viewer(c, person.id, now)?;
                Ok(Some((row, person, viewer)))
            })
            .await?;
        let Some((row, person, viewer)) = found.filter(|(_, person, _)| person.disabled_at.is_none()) else {
            return Err(unauthenticated("signed-out"));
        };
        if row.last_seen_at + TimeDelta::minutes(1) <= now {
            self.database().write(move |tx| Ok(sessions::touch(tx, row.id, now)?)).await?;
        }
        let form_token = self.form_token(cookie);
        Ok(Session { id: row.id, person, viewer: Viewer::Person(viewer), form_token })
    }

    /// The value every form of that browser must carry; it proves the form came from a page of ours.
    #[must_use]
    pub fn form_token(&self, cookie: &str) -> String {
        self.key().token(Opens::Forms, cookie, 0)
    }

    /// Ends one session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_out(&self, session: &Session) -> Result<()> {
        let id = session.id;
        let entry = self.account_entry("session.close", session.person.id, self.now());
        self.database()
            .write(move |tx| {
                sessions::delete(tx, id)?;
                Ok(audit::append(tx, &entry)?)
            })
            .await
    }

    /// Ends every session of a person.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_out_everywhere(&self, person: PersonId) -> Result<()> {
        let entry = self.account_entry("session.close-all", person, self.now());
        self.database()
            .write(move |tx| {
                sessions::delete_all_of(tx, person)?;
                Ok(audit::append(tx, &entry)?)
            })
            .await
    }

    /// Makes a bearer token for scripts; its text is shown once and never stored.
    ///
    /// # Errors
    /// `not-found` when nobody has that login.
    pub async fn issue_api_token(&self, login: &str, label: &str) -> Result<String> {
        let secret = fresh_secret();
        let row = (login.trim().to_lowercase(), label.to_owned(), hash_of(&secret));
        let (id, now) = (ApiTokenId::generate(self.clock().as_ref()), self.now());
        let clock = self.clock();
        self.database()
            .write(move |tx| {
                let found = people::find_person_by_identity(tx, LOCAL, &row.0)?;
                let (person, _) = found.ok_or_else(|| crate::error::not_found("person"))?;
                let token = sessions::ApiToken {
                    id,
                    person_id: person.id,
                    token_hash: row.2,
                    label: row.1,
                    created_at: now,
                    revoked_at: None,
                };
                sessions::insert_api_token(tx, &token)?;
                Ok(audit::append(
                    tx,
                    &AuditEntry {
                        id: AuditId::generate(clock.as_ref()),
                        at: now,
                        actor_id: None,
                        on_behalf_of: Some(person.id),
                        verb: "api-token.issue".to_owned(),
                        object_kind: "api-token".to_owned(),
                        object_id: id.to_string(),
                        school_id: None,
                    },
                )?)
            })
            .await?;
        Ok(secret)
    }

    /// The viewer behind a bearer token.
    ///
    /// # Errors
    /// `token-unknown` when it is not one, was revoked, or its person is disabled.
    pub async fn viewer_of_api_token(&self, secret: &str) -> Result<(Person, Viewer)> {
        let hash = hash_of(secret);
        let now = self.now();
        let found = self
            .database()
            .read(move |c| {
                let Some(token) = sessions::find_api_token(c, &hash)? else { return Ok(None) };
                let person = people::get_person(c, token.person_id)?;
                let viewer = person_viewer(c, person.id, now)?;
                Ok(Some((token, person, viewer)))
            })
            .await?;
        match found {
            Some((token, person, viewer)) if token.revoked_at.is_none() && person.disabled_at.is_none() => {
                Ok((person, Viewer::ApiToken { token: token.id, person: viewer }))
            }
            _ => Err(unauthenticated("token-unknown")),
        }
    }

    /// The viewer a guardian becomes when looking at what a child of theirs sees.
    ///
    /// # Errors
    /// `not-found` unless the person is a guardian of that pupil.
    pub async fn guardian_viewer(&self, viewer: &Viewer, pupil: PersonId) -> Result<Viewer> {
        let guardian = viewer.person().ok_or_else(|| crate::error::not_found("pupil"))?.id;
        let now = self.now();
        self.database()
            .read(move |c| {
                let disabled = people::get_person(c, pupil)?.disabled_at.is_some();
                if disabled || !people::is_guardian(c, guardian, pupil)? {
                    return Err(crate::error::not_found("pupil"));
                }
                Ok(Viewer::Guardian { guardian, pupil: person_viewer(c, pupil, now)? })
            })
            .await
    }

    fn account_entry(&self, verb: &str, person: PersonId, at: Timestamp) -> AuditEntry {
        AuditEntry {
            id: AuditId::generate(self.clock().as_ref()),
            at,
            actor_id: Some(person),
            on_behalf_of: None,
            verb: verb.to_owned(),
            object_kind: "person".to_owned(),
            object_id: person.to_string(),
            school_id: None,
        }
    }
}

/// The person with the memberships that hold now; guardians also belong to their children's schools.
pub(crate) fn person_viewer(c: &mut Conn, person: PersonId, now: Timestamp) -> Result<PersonViewer> {
    Ok(PersonViewer::new(person, people::list_memberships(c, person)?, now))
}

/// Whether somebody may make deposits in a school: everybody who publishes or hands in there.
pub(crate) fn may_deposit(person: &PersonViewer, school: balado_domain::SchoolId) -> bool {
    [Role::Teacher, Role::Pupil, Role::Assistant, Role::Librarian]
        .iter()
        .any(|role| person.has_role(school, *role))
}

fn refuse_when_throttled(c: &mut Conn, keys: &[String; 2], now: Timestamp) -> Result<()> {
    for key in keys {
        if let Some(record) = sessions::get_failures(c, key)?
            && record.blocked_until.is_some_and(|until| now < until)
        {
            return Err(Failure::new(ErrorKind::TooMany, "sign-in-too-often", "throttled").into());
        }
    }
    Ok(())
}

fn count_one(tx: &mut Tx<'_>, key: &str, throttle: &Throttle, now: Timestamp) -> Result<()> {
    let memory = TimeDelta::from_std(throttle.memory()).unwrap_or(TimeDelta::MAX);
    let recent = sessions::get_failures(tx, key)?.filter(|record| now < record.updated_at + memory);
    let before = recent.map_or(0, |record| record.failures);
    let failures = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
    let pause = throttle.after(failures).and_then(|pause| TimeDelta::from_std(pause).ok());
    sessions::record_failure(tx, key, pause.map(|pause| now + pause), now)?;
    Ok(())
}
