//! Small things about the person looking.

use crate::error::{Result, forbidden};
use crate::secrets::Opens;
use crate::sign_in::LOCAL;
use crate::start::App;
use balado_domain::{NoticeId, Viewer};
use balado_store::{calendars, notices, people};

impl App {
    /// The name the viewer signs in with, when Balado itself keeps their password.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn login_of(&self, viewer: &Viewer) -> Result<Option<String>> {
        let person = viewer.person().ok_or_else(|| forbidden("nobody is signed in"))?.id;
        self.database()
            .read(move |c| {
                let known = people::list_identities(c, person)?;
                Ok(known.into_iter().find(|identity| identity.provider == LOCAL).map(|found| found.subject))
            })
            .await
    }

    /// The viewer's private calendar address, if they ever asked for one. Makes none.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn known_calendar_address(&self, viewer: &Viewer) -> Result<Option<String>> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person has a calendar"))?.id;
        let found = self.database().read(move |c| Ok(calendars::find_for(c, person)?)).await?;
        let origin = &self.configuration().server.origin;
        Ok(found.map(|address| {
            let token = self.key().token(Opens::Calendar, &address.id.to_string(), address.generation);
            format!("{origin}/c/{token}/agenda.ics")
        }))
    }

    /// Notes that the viewer has seen those notices of theirs; others are left alone.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn see_notices(&self, viewer: &Viewer, seen: Vec<NoticeId>) -> Result<()> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person has an inbox"))?.id;
        let now = self.now();
        if seen.is_empty() {
            return Ok(());
        }
        self.database()
            .write(move |tx| {
                notices::mark_read(tx, person, &seen, now)?;
                Ok(())
            })
            .await
    }
}
