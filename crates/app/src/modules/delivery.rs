//! Sending one notice by mail: the only network caller of the portal modules.

use crate::error::{Result, not_found};
use crate::inbox::subject_of;
use crate::modules::StoreHost;
use crate::start::App;
use balado_domain::NoticeId;
use balado_ent::HostRead;
use balado_ent::mail::{Mail, MailData, compose};
use balado_store::{Conn, notices, people};

impl App {
    /// Sends one notice. What was sent already, or has nobody or nothing left to tell of, is done.
    ///
    /// # Errors
    /// When the relay is away (worth another attempt) or refuses the mail for good.
    pub async fn deliver_notice(&self, id: NoticeId) -> Result<()> {
        let Some(relay) = self.relay().cloned() else { return Ok(()) };
        let app = self.clone();
        let mail = self.database().read(move |c| mail_of(c, &app, id)).await?;
        let Some(mail) = mail else { return Ok(()) };
        let sent = tokio::task::spawn_blocking(move || relay.send(&mail)).await;
        match sent {
            Ok(answer) => answer?,
            Err(error) => {
                let failure = balado_domain::Failure::new(
                    balado_domain::ErrorKind::Internal,
                    "internal",
                    format!("the mail task ended: {error}"),
                );
                return Err(failure.into());
            }
        }
        let now = self.now();
        self.database().write(move |tx| Ok(notices::set_sent(tx, id, now).map(drop)?)).await
    }
}

fn mail_of(c: &mut Conn, app: &App, id: NoticeId) -> Result<Option<Mail>> {
    let notice = notices::get(c, id)?;
    let person = people::get_person(c, notice.recipient_id)?;
    let Some(to) = person.email.filter(|_| notice.sent_at.is_none() && person.disabled_at.is_none()) else {
        return Ok(None);
    };
    let now = app.now();
    let Some(subject) = subject_of(c, &notice, now)? else { return Ok(None) };
    let host = StoreHost::reading(c, now, true);
    let school = host.school(notice.school_id)?.ok_or_else(|| not_found("school"))?;
    let locale = host.person(notice.recipient_id)?.map_or(school.locale, |info| info.locale);
    let data = MailData {
        notice: id,
        to,
        written_at: now,
        school,
        title: subject.title,
        by: subject.by,
        link: format!("{}{}", app.configuration().server.origin, subject.path),
        due_at: subject.due_at,
    };
    Ok(Some(compose(notice.topic, &data, locale)))
}
