//! What people do, in their words: `app.teacher("lou").await.deposits("memo.webm").await.publishes_to(&["5eB"]).await`.

use crate::app::TestApp;
use crate::must;
use balado_app::deposits::OpenDeposit;
use balado_app::homework::AssignmentWish;
use balado_app::publications::PublicationWish;
use balado_app::subscriptions::SubscriptionView;
use balado_domain::audience::Audience;
use balado_domain::deposit::Purpose;
use balado_domain::people::{Person, Role};
use balado_domain::{
    AssignmentId, DepositId, FeedId, PublicationId, SchoolId, SubmissionId, Timestamp, Viewer,
};
use bytes::Bytes;
use chrono::TimeDelta;
use std::path::PathBuf;

/// The bytes of a file of `fixtures/media`.
///
/// # Panics
/// When there is no such file.
#[must_use]
pub fn fixture(name: &str) -> Bytes {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/media").join(name);
    Bytes::from(must(std::fs::read(&path), &path.display().to_string()))
}

/// Somebody of a [`TestApp`].
#[derive(Clone)]
pub struct Actor<'k> {
    pub(crate) kit: &'k TestApp,
    /// Who.
    pub person: Person,
    /// With what rights.
    pub viewer: Viewer,
    /// A bearer token of theirs.
    pub token: String,
}

/// A deposit somebody made.
#[derive(Clone)]
pub struct Deposited<'k> {
    /// Whose.
    pub owner: Actor<'k>,
    /// Which.
    pub id: DepositId,
}

impl<'k> Actor<'k> {
    pub(crate) fn who_is(self, role: Role) -> Self {
        let has_role =
            self.viewer.person().is_some_and(|person| person.memberships.iter().any(|m| m.role == role));
        assert!(has_role, "{} is not a {role}", self.person.given_name);
        self
    }

    /// The school they belong to.
    ///
    /// # Panics
    /// When they belong to none.
    #[must_use]
    pub fn school(&self) -> SchoolId {
        let schools =
            self.viewer.person().map(balado_domain::viewer::PersonViewer::schools).unwrap_or_default();
        match schools.first() {
            Some(school) => *school,
            None => panic!("{} belongs to no school", self.person.given_name),
        }
    }

    /// Deposits a file of `fixtures/media`, to be published.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn deposits(&self, file_name: &str) -> Deposited<'k> {
        self.gives(file_name, fixture(file_name), Purpose::Resource).await
    }

    /// Deposits bytes under a name.
    ///
    /// # Panics
    /// When they are refused.
    pub async fn gives(&self, file_name: &str, bytes: Bytes, purpose: Purpose) -> Deposited<'k> {
        let app = self.kit.app();
        let wish = OpenDeposit {
            school: Some(self.school()),
            file_name: file_name.to_owned(),
            length: u64::try_from(bytes.len()).ok(),
            purpose,
            metadata: String::new(),
        };
        let (deposit, _) = must(app.open_deposit(&self.viewer, wish).await, "open a deposit");
        let body = futures::stream::iter([Ok::<_, String>(bytes)]);
        must(app.append_to_upload(&self.viewer, deposit.id, 0, None, body).await, "send a deposit");
        Deposited { owner: self.clone(), id: deposit.id }
    }

    /// An audience of classes they teach, by name.
    ///
    /// # Panics
    /// When they have nothing to do with a class of that name.
    pub async fn classes(&self, names: &[&str]) -> Audience {
        let groups = must(self.kit.app().groups(&self.viewer).await, "list the classes");
        Audience::groups(names.iter().map(|name| match groups.iter().find(|group| group.name == *name) {
            Some(group) => group.id,
            None => panic!("{} has no class {name}", self.person.given_name),
        }))
    }

    /// The feed of a class, by name.
    ///
    /// # Panics
    /// When they may not subscribe to one.
    pub async fn feed_of(&self, class: &str) -> FeedId {
        let feeds = must(self.kit.app().feeds(&self.viewer).await, "list the feeds");
        match feeds.into_iter().find(|view| view.group.as_ref().is_some_and(|group| group.name == class)) {
            Some(view) => view.feed.id,
            None => panic!("{} sees no feed of {class}", self.person.given_name),
        }
    }

    /// Subscribes to the feed of a class.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn subscribes_to(&self, class: &str) -> SubscriptionView {
        let feed = self.feed_of(class).await;
        must(self.kit.app().subscribe(&self.viewer, feed, "Téléphone").await, "subscribe")
    }

    /// Sets homework for a class, due in a week, open for two.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn sets_homework_for(&self, class: &str) -> AssignmentId {
        let now = self.kit.app().now();
        let wish = AssignmentWish {
            title: "Lire à voix haute".to_owned(),
            instructions: "Une minute.".to_owned(),
            model: None,
            audience: self.classes(&[class]).await,
            opens_at: None,
            due_at: now + TimeDelta::days(7),
            closes_at: Some(now + TimeDelta::days(14)),
            accepts: Vec::new(),
        };
        must(self.kit.app().set_assignment(&self.viewer, wish).await, "set homework").assignment.id
    }

    /// Records an answer and hands it in.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn hands_in(&self, assignment: AssignmentId) -> (SubmissionId, DepositId) {
        let deposit = self.gives("answer.wav", fixture("answer.wav"), Purpose::Submission).await.id;
        let handed = self.kit.app().hand_in(&self.viewer, assignment, deposit).await;
        (must(handed, "hand in").submission.id, deposit)
    }
}

impl Deposited<'_> {
    /// Publishes it now to classes its owner teaches.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn publishes_to(&self, classes: &[&str]) -> PublicationId {
        self.publishes_between(classes, None, None).await
    }

    /// Publishes it from one instant until another.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn publishes_between(
        &self,
        classes: &[&str],
        publish_at: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> PublicationId {
        let wish = PublicationWish {
            deposit: self.id,
            title: "Écoute du lundi".to_owned(),
            description: "À écouter avant jeudi.".to_owned(),
            language: String::new(),
            audience: self.owner.classes(classes).await,
            publish_at,
            until,
            tags: Vec::new(),
            links: Vec::new(),
            companions: Vec::new(),
        };
        must(self.owner.kit.app().publish(&self.owner.viewer, wish).await, "publish").publication.id
    }
}
