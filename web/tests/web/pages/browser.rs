//! A browser without script: it keeps cookies, follows nothing by itself, and sends forms with the token of the last page.

use crate::web::client::{Ask, Reply};
use crate::web::served::Served;

/// One browser of one person.
pub(crate) struct Browser<'s> {
    served: &'s Served,
    cookies: Vec<(String, String)>,
    token: String,
}

impl<'s> Browser<'s> {
    pub(crate) fn new(served: &'s Served) -> Self {
        Self { served, cookies: Vec::new(), token: String::new() }
    }

    /// A browser somebody has signed in with.
    pub(crate) async fn signed_in(served: &'s Served, login: &str) -> Self {
        let mut browser = Self::new(served);
        browser.get("/sign-in").await;
        let password = balado_testkit::app::PASSWORD;
        let reply = browser.post("/sign-in", &[("login", login), ("password", password)]).await;
        assert_eq!(reply.status, 303, "{login}: {}", reply.text());
        browser.get("/account").await;
        browser
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.ask(Ask::get(path)).await
    }

    /// Sends a form with the token of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let token = self.token.clone();
        let guarded: Vec<_> = [("csrf", token.as_str())].iter().chain(fields).copied().collect();
        self.post_as_is(path, &guarded).await
    }

    pub(crate) async fn post_as_is(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let ask = Ask::post(path).with("Content-Type", "application/x-www-form-urlencoded").bytes(body);
        self.ask(ask.with("Origin", format!("http://{}", self.served.address))).await
    }

    async fn ask(&mut self, ask: Ask) -> Reply {
        let jar: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut reply = self.served.ask(ask.with("Cookie", jar.join("; "))).await;
        let sets = reply.comparable().into_iter().filter(|(name, _)| name == "set-cookie");
        for (_, set) in sets {
            let pair = set.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !set.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        if reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            // A space that must not break reads as a space.
            reply.body = reply.text().replace('\u{a0}', " ").into_bytes();
        }
        if let Some(token) = between(&reply.text(), "<meta name=\"csrf\" content=\"", "\"") {
            self.token = token;
        }
        reply
    }
}

/// The words of the first heading.
pub(crate) fn heading_of(reply: &Reply) -> String {
    between(&reply.text(), "<h1>", "</h1>").unwrap_or_else(|| format!("no heading: {}", reply.text()))
}

/// The first text between two marks.
pub(crate) fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let (_, after) = text.split_once(start)?;
    after.split_once(end).map(|(found, _)| found.to_owned())
}
