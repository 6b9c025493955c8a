//! People and schools as screens need them: who am I, which classes do I teach, who are my children.

use crate::error::{Result, forbidden};
use crate::start::App;
use balado_domain::people::{Group, Person, Role, School};
use balado_domain::{PersonId, SchoolId, Viewer};
use balado_store::{Conn, people};

/// Everything a page header needs about the person looking.
#[derive(Debug, Clone)]
pub struct Portrait {
    /// Who.
    pub person: Person,
    /// Their schools, the one with most memberships first.
    pub schools: Vec<School>,
    /// What they are, over all schools, each role once.
    pub roles: Vec<Role>,
    /// Classes and groups they teach.
    pub taught: Vec<Group>,
    /// Classes and groups they attend.
    pub attended: Vec<Group>,
    /// Pupils they are a guardian of.
    pub children: Vec<Person>,
}

impl App {
    /// Everything a page header needs about the viewer.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn portrait(&self, viewer: &Viewer) -> Result<Portrait> {
        let viewer = viewer.person().ok_or_else(|| forbidden("nobody is signed in"))?.clone();
        self.database()
            .read(move |c| {
                let mut roles: Vec<Role> = viewer.memberships.iter().map(|m| m.role).collect();
                roles.sort_unstable();
                roles.dedup();
                let children = people::list_children(c, viewer.id)?;
                if !children.is_empty() && !roles.contains(&Role::Guardian) {
                    roles.push(Role::Guardian);
                }
                Ok(Portrait {
                    person: people::get_person(c, viewer.id)?,
                    schools: schools_of(c, &viewer)?,
                    roles,
                    taught: people::list_groups(c, &viewer.groups_as(Role::Teacher))?,
                    attended: people::list_groups(c, &viewer.groups_as(Role::Pupil))?,
                    children,
                })
            })
            .await
    }

    /// The classes and groups the viewer teaches or attends, or of the schools they read.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn groups(&self, viewer: &Viewer) -> Result<Vec<Group>> {
        let viewer = viewer.person().ok_or_else(|| forbidden("nobody is signed in"))?.clone();
        let today = self.now().date_naive();
        self.database()
            .read(move |c| {
                let mut groups = people::list_groups(c, &viewer.reading_groups())?;
                for school in viewer.reading_schools() {
                    if let Some(year) = people::find_current_school_year(c, school, today)? {
                        groups.extend(people::list_groups_of_school(c, year.id)?);
                    }
                }
                groups.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
                groups.dedup_by_key(|group| group.id);
                Ok(groups)
            })
            .await
    }

    /// One school, by its id.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn school(&self, id: SchoolId) -> Result<School> {
        self.database().read(move |c| Ok(people::get_school(c, id)?)).await
    }

    /// The schools of the instance, for a sign-in page that shows one name when there is one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schools(&self) -> Result<Vec<School>> {
        self.database().read(|c| Ok(people::list_schools(c)?)).await
    }

    /// Keeps the viewer's language.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn choose_language(&self, viewer: &Viewer, locale: &'static str) -> Result<()> {
        let id: PersonId = viewer.person().ok_or_else(|| forbidden("nobody is signed in"))?.id;
        self.database()
            .write(move |tx| {
                let person = people::get_person(tx, id)?;
                Ok(people::update_person(tx, &Person { locale: Some(locale.to_owned()), ..person })?)
            })
            .await
    }
}

fn schools_of(c: &mut Conn, viewer: &balado_domain::viewer::PersonViewer) -> Result<Vec<School>> {
    let mut ids = viewer.schools();
    let weight = |id: &SchoolId| viewer.memberships.iter().filter(|m| m.school_id == *id).count();
    ids.sort_by_key(|id| std::cmp::Reverse(weight(id)));
    ids.into_iter().map(|id| Ok(people::get_school(c, id)?)).collect()
}
