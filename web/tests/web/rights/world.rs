//! Two schools, one of each thing, and everybody who might ask for it.

use super::rows::Row;
use crate::web::client::Ask;
use crate::web::served::Served;
use balado_app::publications::PublicationWish;
use balado_domain::PublicationId;
use balado_testkit::Actor;
use chrono::TimeDelta;
use std::collections::HashMap;

/// Everything a row of the table can name.
pub(crate) struct World {
    pub(crate) served: Served,
    /// The cookie of a session that ended.
    pub(crate) ended: String,
    /// Bearer tokens of a pupil of another class, a pupil of another school, another pupil, another parent.
    pub(crate) strangers: Vec<String>,
    tokens: HashMap<&'static str, String>,
    names: HashMap<&'static str, String>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let served = Served::start().await;
        let (ended, _) = served.signs_in("lou").await;
        served.kit.clock().advance(TimeDelta::hours(13));
        let mut tokens = HashMap::new();
        for login in ["lou", "max", "ines", "noe", "zoe", "kim", "paul", "rita", "ada"] {
            tokens.insert(login, served.kit.person(login).await.token);
        }
        let strangers = ["zoe", "kim", "noe", "rita"].map(|login| tokens[login].clone()).to_vec();
        let mut world = Self { served, ended, strangers, tokens, names: HashMap::new() };
        world.publishes().await;
        world.subscribes().await;
        world.hands_in().await;
        world.fills_the_inbox().await;
        world
    }

    fn name(&mut self, name: &'static str, value: impl ToString) {
        self.names.insert(name, value.to_string());
    }

    /// A video with a document beside it, in 5eB.
    async fn publishes(&mut self) {
        let lou = self.served.kit.teacher("lou").await;
        let video = lou.deposits("clip.mp4").await.id;
        let document = lou.deposits("fiche.pdf").await.id;
        let group = lou.classes(&["5eB"]).await;
        let group_id = group.group_ids().next().unwrap();
        let wish = PublicationWish {
            deposit: video,
            title: "Écoute du lundi".to_owned(),
            description: String::new(),
            language: String::new(),
            audience: group,
            publish_at: None,
            until: None,
            tags: Vec::new(),
            links: Vec::new(),
            companions: vec![document],
        };
        let publication = self.served.kit.app().publish(&lou.viewer, wish).await.unwrap().publication.id;
        let upload = format!("{}", unfinished(&lou, &self.served).await);
        self.served.kit.works().await;
        let school = lou.school();
        self.name("publication", publication);
        self.name("deposit", video);
        self.name("companion", document);
        self.name("group", group_id);
        self.name("upload", upload);
        self.name("school", school);
    }

    /// A subscription of `ines`, and a calendar address of hers.
    async fn subscribes(&mut self) {
        let ines = self.served.kit.pupil("ines").await;
        let view = ines.subscribes_to("5eB").await;
        let address = self.served.path_of(&view.address.clone().unwrap());
        let feed = self.served.ask(Ask::get(&address)).await.text();
        let calendar = self.served.kit.app().calendar_address(&ines.viewer).await.unwrap();
        let calendar = self.served.path_of(&calendar);
        let key = feed.split("/m/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let (child, feed, token) =
            (ines.person.id, view.feed.id, address.split('/').nth(2).unwrap().to_owned());
        let calendar = calendar.split('/').nth(2).unwrap().to_owned();
        self.name("subscription", view.subscription.id);
        self.name("feed", feed);
        self.name("token", token);
        self.name("key", key);
        self.name("calendar", calendar);
        self.name("child", child);
    }

    /// Homework of `lou`, answered by `ines`, with another recording ready to be handed in.
    async fn hands_in(&mut self) {
        let (lou, ines) = (self.served.kit.teacher("lou").await, self.served.kit.pupil("ines").await);
        let assignment = lou.sets_homework_for("5eB").await;
        let (submission, answer) = ines.hands_in(assignment).await;
        let purpose = balado_domain::deposit::Purpose::Submission;
        let sound = balado_testkit::builders::fixture("answer.wav");
        let spare = ines.gives("encore.wav", sound, purpose).await.id;
        self.served.kit.works().await;
        self.name("assignment", assignment);
        self.name("submission", submission);
        self.name("answer", answer);
        self.name("spare", spare);
    }

    /// A notice to `ines`.
    async fn fills_the_inbox(&mut self) {
        let ines = self.served.kit.pupil("ines").await;
        let inbox = self.served.kit.app().inbox(&ines.viewer, 10).await.unwrap();
        let notice = inbox.first().unwrap().notice.id;
        self.name("notice", notice);
    }

    /// Something published to another class.
    pub(crate) async fn elsewhere_published(&self) -> PublicationId {
        let max = self.served.kit.teacher("max").await;
        let id = max.deposits("clip.mp4").await.publishes_to(&["5eA"]).await;
        self.served.kit.works().await;
        id
    }

    /// Stops the subscription and changes the calendar address of `ines`.
    pub(crate) async fn revokes_everything(&self) {
        let ines = self.served.kit.pupil("ines").await;
        let subscription = format!("/api/subscriptions/{}", self.names["subscription"]);
        assert_eq!(self.served.ask_as(&ines, Ask::new("DELETE", subscription)).await.status, 200);
        assert_eq!(self.served.ask_as(&ines, Ask::post("/api/calendar/rotate")).await.status, 200);
    }

    pub(crate) fn token_of(&self, login: &str) -> &str {
        &self.tokens[login]
    }

    /// The path of a row: `{publication}` and the like replaced by what they name.
    pub(crate) fn path_of(&self, row: &Row) -> String {
        self.filled(row.path)
    }

    /// The request of a row, asked by nobody yet.
    pub(crate) fn ask_of(&self, row: &Row) -> Ask {
        let ask = Ask::new(row.method, self.path_of(row));
        let ask = match row.route.strip_prefix("/api/uploads") {
            Some(_) => ask
                .with("Tus-Resumable", "1.0.0")
                .with("Upload-Offset", "0")
                .with("X-HTTP-Method-Override", "PATCH"),
            None => ask,
        };
        match row.body {
            "" if row.route == "/api/uploads/{id}" => {
                ask.with("Content-Type", "application/offset+octet-stream")
            }
            "" if row.route == "/api/uploads" => ask.with("Upload-Length", "4"),
            "" => ask,
            body => ask.with("Content-Type", "application/json").bytes(self.filled(body)),
        }
    }

    pub(crate) fn filled(&self, text: &str) -> String {
        self.names
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    }
}

async fn unfinished(lou: &Actor<'_>, served: &Served) -> balado_domain::DepositId {
    let wish = balado_app::deposits::OpenDeposit {
        school: None,
        file_name: "x".to_owned(),
        length: Some(4),
        purpose: balado_domain::deposit::Purpose::Resource,
        metadata: String::new(),
    };
    served.kit.app().open_deposit(&lou.viewer, wish).await.unwrap().0.id
}
