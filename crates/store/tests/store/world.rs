//! A small town on a fresh database: schools, groups, people, and things they make.

use balado_domain::deposit::{Deposit, DepositState, Purpose, Rendition, RenditionKind};
use balado_domain::job::{NewJob, Work};
use balado_domain::people::{Group, GroupKind, Guardianship, Membership, Person, Role, School, SchoolYear};
use balado_domain::publication::{Publication, Stage};
use balado_domain::viewer::{PersonViewer, TokenGrant};
use balado_domain::*;
use balado_store::{Conn, Db, Error, Tx};
use balado_testkit::postgres::{FreshDatabase, fresh_database};
use chrono::{DateTime, NaiveDate, TimeDelta};
use tempfile::TempDir;

/// Writes a test once and runs it on both engines: `both_engines!(what_is_claimed, |world| { … });`
macro_rules! both_engines {
    ($name:ident, |$world:ident| $body:block) => {
        mod $name {
            use super::*;

            fn check($world: &World) $body

            #[test]
            fn on_sqlite() {
                check(&World::on_sqlite());
            }

            #[test]
            fn on_postgres() {
                check(&World::on_postgres());
            }
        }
    };
}

/// Where the database lives; it goes away with the world.
enum Home {
    Folder(TempDir),
    Server(FreshDatabase),
}

/// A fresh, migrated database with one school in it, and ways to fill it.
pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) school: School,
    pub(crate) year: SchoolYear,
    home: Home,
}

/// The instant at which most tests happen, plus some seconds.
pub(crate) fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_795_000_000 + seconds, 0).expect("in range")
}

/// Seven o'clock of the story.
pub(crate) const NOW: i64 = 0;

pub(crate) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        at(0)
    }
}

/// A fresh id of any type.
macro_rules! fresh {
    ($id:ident) => {
        balado_domain::$id::generate(&$crate::world::FixedClock)
    };
}

impl World {
    pub(crate) fn on_sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        Self::new(Home::Folder(folder))
    }

    pub(crate) fn on_postgres() -> Self {
        Self::new(Home::Server(fresh_database()))
    }

    fn new(home: Home) -> Self {
        let db = Db::open(&address(&home), 8).expect("the database opens");
        db.migrate().expect("the schema is made");
        let school = a_school("Collège Jean-Moulin", Some("0693331W"));
        let year = a_year(&school);
        let world = Self { db, school, year, home };
        world.write(|tx| {
            balado_store::people::insert_school(tx, &world.school)?;
            balado_store::people::insert_school_year(tx, &world.year)
        });
        world
    }

    /// A second handle on the same database, as another process would open it.
    pub(crate) fn reopen(&self) -> Db {
        Db::open(&address(&self.home), 8).expect("the database opens")
    }

    pub(crate) fn write<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> T {
        self.db.write_blocking(f).expect("the write succeeds")
    }

    pub(crate) fn try_write<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.db.write_blocking(f)
    }

    pub(crate) fn read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T, Error>) -> T {
        self.db.read_blocking(f).expect("the read succeeds")
    }

    pub(crate) fn try_read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
        self.db.read_blocking(f)
    }

    /// The same database some seconds of the database's clock later.
    pub(crate) fn later(&self, seconds: i64) -> Db {
        self.db.with_clock_offset(TimeDelta::seconds(seconds))
    }

    pub(crate) fn another_school(&self) -> (School, SchoolYear) {
        let school = a_school("Collège Louise-Michel", None);
        let year = a_year(&school);
        self.write(|tx| {
            balado_store::people::insert_school(tx, &school)?;
            balado_store::people::insert_school_year(tx, &year)
        });
        (school, year)
    }

    pub(crate) fn group(&self, name: &str) -> GroupId {
        self.group_of(&self.year, name)
    }

    pub(crate) fn group_of(&self, year: &SchoolYear, name: &str) -> GroupId {
        let group = Group {
            id: fresh!(GroupId),
            school_id: year.school_id,
            school_year_id: year.id,
            name: name.to_owned(),
            kind: GroupKind::Class,
            year_level: Some("5e".to_owned()),
        };
        self.write(|tx| balado_store::people::insert_group(tx, &group));
        group.id
    }

    pub(crate) fn person(&self, name: &str) -> PersonId {
        let person = a_person(name);
        self.write(|tx| balado_store::people::insert_person(tx, &person));
        person.id
    }

    pub(crate) fn member(&self, person: PersonId, school: SchoolId, role: Role, group: Option<GroupId>) {
        let membership = a_membership(person, school, role, group);
        self.write(|tx| balado_store::people::insert_membership(tx, &membership));
    }

    pub(crate) fn pupil(&self, name: &str, group: GroupId) -> PersonId {
        self.member_named(name, Role::Pupil, Some(group))
    }

    pub(crate) fn teacher(&self, name: &str, group: GroupId) -> PersonId {
        self.member_named(name, Role::Teacher, Some(group))
    }

    pub(crate) fn member_named(&self, name: &str, role: Role, group: Option<GroupId>) -> PersonId {
        let person = self.person(name);
        self.member(person, self.school.id, role, group);
        person
    }

    pub(crate) fn guardian_of(&self, name: &str, pupil: PersonId) -> PersonId {
        let guardian_id = self.person(name);
        let link = Guardianship { guardian_id, pupil_id: pupil, school_id: self.school.id };
        self.write(|tx| balado_store::people::insert_guardianship(tx, &link));
        guardian_id
    }

    pub(crate) fn with_memberships(&self, person: PersonId) -> PersonViewer {
        let memberships = self.read(|conn| balado_store::people::list_memberships(conn, person));
        PersonViewer::new(person, memberships, at(NOW))
    }

    pub(crate) fn as_person(&self, person: PersonId) -> Viewer {
        Viewer::Person(self.with_memberships(person))
    }

    pub(crate) fn as_guardian(&self, guardian: PersonId, pupil: PersonId) -> Viewer {
        Viewer::Guardian { guardian, pupil: self.with_memberships(pupil) }
    }

    pub(crate) fn grant(&self, feed: FeedId, beneficiary: PersonId) -> TokenGrant {
        TokenGrant {
            subscription: fresh!(SubscriptionId),
            feed,
            beneficiary: self.with_memberships(beneficiary),
        }
    }

    pub(crate) fn deposit(&self, owner: PersonId, state: DepositState) -> DepositId {
        let deposit = a_deposit(self, owner, state);
        self.write(|tx| balado_store::deposits::insert(tx, &deposit));
        deposit.id
    }

    pub(crate) fn rendition(&self, deposit: DepositId, kind: RenditionKind) -> Rendition {
        let rendition = a_rendition(self.school.id, deposit, kind);
        assert!(self.write(|tx| balado_store::renditions::insert(tx, &rendition)));
        rendition
    }

    /// An offered publication with its enclosure, on a deposit of its own.
    pub(crate) fn publication(
        &self,
        author: PersonId,
        audience: Audience,
        edit: impl FnOnce(&mut Publication),
    ) -> Publication {
        let deposit = self.deposit(author, DepositState::Ready);
        let rendition = self.rendition(deposit, RenditionKind::Mp3);
        let mut publication = a_publication(self, deposit, author, audience);
        publication.enclosure = Some(enclosure(&rendition));
        edit(&mut publication);
        self.write(|tx| balado_store::publications::insert(tx, &publication));
        publication
    }

    pub(crate) fn job(&self, recipe: &str) -> NewJob {
        a_job(Some(self.school.id), recipe)
    }
}

fn address(home: &Home) -> String {
    match home {
        Home::Folder(folder) => format!("sqlite:{}", folder.path().join("balado.db").display()),
        Home::Server(database) => database.url(),
    }
}

pub(crate) fn a_school(name: &str, uai: Option<&str>) -> School {
    School {
        id: fresh!(SchoolId),
        uai: uai.map(str::to_owned),
        name: name.to_owned(),
        locale: "fr".to_owned(),
        timezone: "Europe/Paris".to_owned(),
        accent: Some("#2f6f4f".to_owned()),
        teacher_quota_bytes: 5_000_000_000,
        pupil_quota_bytes: 500_000_000,
        recipe: None,
    }
}

pub(crate) fn a_year(school: &School) -> SchoolYear {
    SchoolYear {
        id: fresh!(SchoolYearId),
        school_id: school.id,
        label: "2026-2027".to_owned(),
        starts_on: NaiveDate::from_ymd_opt(2026, 9, 1).expect("a day"),
        ends_on: NaiveDate::from_ymd_opt(2027, 8, 31).expect("a day"),
    }
}

pub(crate) fn a_person(name: &str) -> Person {
    Person {
        id: fresh!(PersonId),
        given_name: name.to_owned(),
        family_name: "Martin".to_owned(),
        email: Some(format!("{name}@example.org")),
        locale: Some("fr".to_owned()),
        quota_bytes: None,
        disabled_at: None,
        created_at: at(-1000),
    }
}

pub(crate) fn a_membership(
    person: PersonId,
    school: SchoolId,
    role: Role,
    group: Option<GroupId>,
) -> Membership {
    Membership {
        id: fresh!(MembershipId),
        person_id: person,
        school_id: school,
        school_year_id: None,
        role,
        group_id: group,
        subject: None,
        valid_from: at(-500),
        valid_until: None,
        delegated_by: None,
    }
}

pub(crate) fn a_deposit(world: &World, owner: PersonId, state: DepositState) -> Deposit {
    Deposit {
        id: fresh!(DepositId),
        school_id: world.school.id,
        school_year_id: world.year.id,
        owner_id: owner,
        purpose: Purpose::Resource,
        original_name: "leçon n°3.m4a".to_owned(),
        family: None,
        media_type: None,
        state,
        size_bytes: 1000,
        sha256: None,
        failure_code: None,
        derived_from: None,
        created_at: at(-100),
        received_at: None,
        ready_at: None,
    }
}

pub(crate) fn a_rendition(school: SchoolId, deposit: DepositId, kind: RenditionKind) -> Rendition {
    Rendition {
        id: fresh!(RenditionId),
        deposit_id: deposit,
        school_id: school,
        kind,
        recipe: "standard-1".to_owned(),
        size_bytes: 4321,
        sha256: "ab".repeat(32),
        duration_ms: Some(61_500),
        width: None,
        height: None,
        pages: None,
        created_at: at(-50),
    }
}

pub(crate) fn enclosure(rendition: &Rendition) -> balado_domain::publication::Enclosure {
    balado_domain::publication::Enclosure {
        rendition_id: rendition.id,
        kind: rendition.kind,
        size_bytes: rendition.size_bytes,
        duration_ms: rendition.duration_ms,
        sha256: rendition.sha256.clone(),
    }
}

pub(crate) fn a_publication(
    world: &World,
    deposit: DepositId,
    author: PersonId,
    audience: Audience,
) -> Publication {
    let id = fresh!(PublicationId);
    Publication {
        id,
        school_id: world.school.id,
        school_year_id: world.year.id,
        deposit_id: deposit,
        author_id: author,
        title: "Les volcans".to_owned(),
        description: "Chapitre 3".to_owned(),
        language: "fr".to_owned(),
        stage: Stage::Offered,
        hold_reason: None,
        publish_at: at(-40),
        until: None,
        pub_date: Some(at(-40)),
        withdrawn_at: None,
        enclosure: None,
        file_name: Some(format!("{id}.mp3")),
        revision: 1,
        audience,
        tags: Vec::new(),
        links: Vec::new(),
        companions: Vec::new(),
        created_at: at(-45),
        updated_at: at(-45),
    }
}

pub(crate) fn a_job(school: Option<SchoolId>, recipe: &str) -> NewJob {
    NewJob {
        id: fresh!(JobId),
        school_id: school,
        deposit_id: None,
        work: Work::Transcode { deposit: fresh!(DepositId), recipe: recipe.to_owned() },
        priority: 0,
        run_at: at(NOW),
    }
}
