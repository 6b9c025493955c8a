//! To whom something is shown.

use crate::{GroupId, PersonId, SchoolId, text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// The kinds of audience target, as stored.
    pub enum AudienceKind {
        /// A class or group.
        Group = "group",
        /// One named person.
        Person = "person",
        /// Everybody of a school.
        School = "school",
        /// Anyone (diffusion libre, R06).
        Public = "public",
    }
}

/// One target of an audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
pub enum AudienceTarget {
    /// A class or group.
    Group(GroupId),
    /// One named person.
    Person(PersonId),
    /// Everybody of a school.
    School(SchoolId),
    /// Anyone.
    Public,
}

/// The public visé: a set of targets; a person in any of them sees the item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Audience {
    /// The targets, each once.
    pub targets: Vec<AudienceTarget>,
}

impl Audience {
    /// An audience of classes and groups.
    #[must_use]
    pub fn groups(groups: impl IntoIterator<Item = GroupId>) -> Self {
        let mut audience = Self::default();
        for group in groups {
            audience.add(AudienceTarget::Group(group));
        }
        audience
    }

    /// Adds a target unless it is there already.
    pub fn add(&mut self, target: AudienceTarget) {
        if !self.targets.contains(&target) {
            self.targets.push(target);
        }
    }

    /// The classes and groups among the targets.
    pub fn group_ids(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.targets.iter().filter_map(|t| match t {
            AudienceTarget::Group(id) => Some(*id),
            _ => None,
        })
    }
}
