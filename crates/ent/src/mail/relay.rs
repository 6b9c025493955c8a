//! The SMTP relay (RFC 5321, submission RFC 6409). One connection per mail; blocks, so callers use a thread that may.

use crate::mail::compose::Mail;
use crate::mail::error::Error;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport};
use std::fmt;
use std::time::{Duration, SystemTime};

/// Longest wait for the relay to accept a connection or answer a command.
const DEADLINE: Duration = Duration::from_secs(30);

/// Statuses that speak of how we sign in, not of the mail: once the settings are mended, the same mail leaves (RFC 4954
/// §6).
const SIGN_IN_STATUSES: [u16; 4] = [530, 534, 535, 538];

/// How the connection to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayTls {
    /// Not at all: for a relay on this machine.
    None,
    /// Started in clear, then encrypted, or nothing is sent.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
}

/// How to reach the relay.
#[derive(Clone, PartialEq, Eq)]
pub struct RelaySettings {
    /// Name or address of the relay.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: RelayTls,
    /// User name and password, when the relay wants them.
    pub credentials: Option<(String, String)>,
    /// Sender of every mail: `balado@college.example` or `Balado <balado@college.example>`.
    pub from: String,
}

impl fmt::Debug for RelaySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelaySettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("user", &self.credentials.as_ref().map(|(user, _)| user))
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// A relay ready to send. Cloning is cheap; nothing is connected until a mail is sent.
#[derive(Clone)]
pub struct Relay {
    transport: SmtpTransport,
    from: Mailbox,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Relay {
    /// Prepares a relay whose certificate comes from a public authority.
    ///
    /// # Errors
    /// [`Error::Settings`] for a sender that is no address, or credentials over a connection in clear to another machine.
    pub fn open(settings: &RelaySettings) -> Result<Self, Error> {
        Self::build(settings, None)
    }

    /// As [`Relay::open`], also trusting the certificate authority of a PEM text, as academies run their own.
    ///
    /// # Errors
    /// As [`Relay::open`], and [`Error::Settings`] for a PEM text that is none.
    pub fn open_trusting(settings: &RelaySettings, authority_pem: &str) -> Result<Self, Error> {
        let not_pem = || Error::Settings("the certificate authority is not PEM".to_owned());
        // A text without any certificate would otherwise be read as trusting nobody more.
        if !authority_pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(not_pem());
        }
        let certificate = Certificate::from_pem(authority_pem.as_bytes()).map_err(|_| not_pem())?;
        Self::build(settings, Some(certificate))
    }

    fn build(settings: &RelaySettings, authority: Option<Certificate>) -> Result<Self, Error> {
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|_| Error::Settings("the sender is not a mail address".to_owned()))?;
        if settings.host.is_empty() {
            return Err(Error::Settings("the host is empty".to_owned()));
        }
        let mut builder = SmtpTransport::builder_dangerous(&settings.host)
            .port(settings.port)
            .timeout(Some(DEADLINE))
            .tls(tls(settings, authority)?);
        if let Some((user, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Hands one mail to the relay. When this returns `Ok` the relay has taken it over.
    ///
    /// Sent twice, as after a crash between the relay's answer and ours, a mail carries the same Message-ID, so that
    /// mailboxes can drop the second.
    ///
    /// # Errors
    /// [`Error::Address`] and [`Error::Refused`] for good; [`Error::Unavailable`] when trying again can help.
    pub fn send(&self, mail: &Mail) -> Result<(), Error> {
        let message = self.message(mail)?;
        self.transport.send(&message).map(drop).map_err(|cause| sort(&cause))
    }

    fn message(&self, mail: &Mail) -> Result<Message, Error> {
        let to: Address = mail.to.parse().map_err(|_| Error::Address)?;
        let id = format!("<{}@{}>", mail.notice, self.from.email.domain());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.clone())
            .date(SystemTime::from(mail.written_at))
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|_| Error::Address)?;
        // RFC 3834 §5: keeps holiday replies from answering a machine.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
        Ok(message)
    }
}

fn tls(settings: &RelaySettings, authority: Option<Certificate>) -> Result<Tls, Error> {
    if settings.tls == RelayTls::None {
        return match &settings.credentials {
            Some(_) if !is_loopback(&settings.host) => {
                Err(Error::Settings("a password is never sent in clear to another machine".to_owned()))
            }
            _ => Ok(Tls::None),
        };
    }
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(authority) = authority {
        parameters = parameters.add_root_certificate(authority);
    }
    let parameters = parameters.build().map_err(|cause| Error::Settings(cause.to_string()))?;
    Ok(match settings.tls {
        RelayTls::Tls => Tls::Wrapper(parameters),
        _ => Tls::Required(parameters),
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// The relay's own words may quote the recipient, so only the status is kept of an answer.
fn sort(cause: &lettre::transport::smtp::Error) -> Error {
    match cause.status().map(u16::from) {
        Some(status) if cause.is_permanent() && !SIGN_IN_STATUSES.contains(&status) => {
            Error::Refused { status }
        }
        Some(status) => Error::Unavailable(format!("status {status}")),
        None => Error::Unavailable(cause.to_string()),
    }
}
