//! Who is looking, and what each may do. Every read that is shown to someone takes a [`Viewer`].

use crate::people::{Membership, Role};
use crate::{ApiTokenId, FeedId, GroupId, PersonId, SchoolId, SubscriptionId, Timestamp};

/// Who is looking. Built once per request, from proofs, by `app`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// A signed-in person.
    Person(PersonViewer),
    /// A script holding a person's bearer token: the same rights as that person.
    ApiToken {
        /// Which token.
        token: ApiTokenId,
        /// Whose rights it carries.
        person: PersonViewer,
    },
    /// A guardian looking at what one pupil of theirs may see.
    Guardian {
        /// The adult.
        guardian: PersonId,
        /// The child, with the child's memberships.
        pupil: PersonViewer,
    },
    /// A podcast app holding the address of one feed.
    FeedToken(TokenGrant),
    /// A podcast app holding a media address that came out of one feed.
    MediaKey(TokenGrant),
    /// Nobody in particular.
    Anonymous,
    /// Balado itself: workers, sweeps, the administrator's command line.
    System,
}

/// What a feed token or media key proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrant {
    /// The subscription it belongs to.
    pub subscription: SubscriptionId,
    /// The one feed it opens.
    pub feed: FeedId,
    /// Whose subscription it is: the person whose rights bound what is shown.
    pub beneficiary: PersonViewer,
}

/// A person with the memberships that hold now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonViewer {
    /// Who.
    pub id: PersonId,
    /// What they are, where. Only memberships that hold at the time of the request.
    pub memberships: Vec<Membership>,
}

/// Roles that read everything published in their school.
pub const SCHOOL_READERS: &[Role] = &[Role::Assistant, Role::Librarian, Role::Principal, Role::Inspector];

impl PersonViewer {
    /// Keeps the memberships that hold at `now`.
    #[must_use]
    pub fn new(id: PersonId, memberships: Vec<Membership>, now: Timestamp) -> Self {
        let memberships = memberships.into_iter().filter(|m| m.holds_at(now)).collect();
        Self { id, memberships }
    }

    /// Whether the person has that role anywhere in the school.
    #[must_use]
    pub fn has_role(&self, school: SchoolId, role: Role) -> bool {
        self.memberships.iter().any(|m| m.school_id == school && m.role == role)
    }

    /// Schools where the person has that role, each once.
    #[must_use]
    pub fn schools_as(&self, role: Role) -> Vec<SchoolId> {
        distinct(self.memberships.iter().filter(|m| m.role == role).map(|m| m.school_id))
    }

    /// Every school the person belongs to, each once.
    #[must_use]
    pub fn schools(&self) -> Vec<SchoolId> {
        distinct(self.memberships.iter().map(|m| m.school_id))
    }

    /// Groups the person is in with that role, each once.
    #[must_use]
    pub fn groups_as(&self, role: Role) -> Vec<GroupId> {
        distinct(self.memberships.iter().filter(|m| m.role == role).filter_map(|m| m.group_id))
    }

    /// Whether the person teaches that group.
    #[must_use]
    pub fn teaches(&self, group: GroupId) -> bool {
        self.memberships.iter().any(|m| m.role == Role::Teacher && m.group_id == Some(group))
    }

    /// Groups whose publications are addressed to this person: attended as a pupil or taught (R04, R07).
    #[must_use]
    pub fn reading_groups(&self) -> Vec<GroupId> {
        distinct(
            self.memberships
                .iter()
                .filter(|m| matches!(m.role, Role::Pupil | Role::Teacher))
                .filter_map(|m| m.group_id),
        )
    }

    /// Schools whose every published item this person may read (R09, R10, R12).
    #[must_use]
    pub fn reading_schools(&self) -> Vec<SchoolId> {
        distinct(
            self.memberships
                .iter()
                .filter(|m| m.group_id.is_none() && SCHOOL_READERS.contains(&m.role))
                .map(|m| m.school_id),
        )
    }
}

impl Viewer {
    /// The person acting, when there is one. For a guardian, the guardian.
    #[must_use]
    pub fn actor(&self) -> Option<PersonId> {
        match self {
            Self::Person(person) | Self::ApiToken { person, .. } => Some(person.id),
            Self::Guardian { guardian, .. } => Some(*guardian),
            Self::FeedToken(grant) | Self::MediaKey(grant) => Some(grant.beneficiary.id),
            Self::Anonymous | Self::System => None,
        }
    }

    /// The signed-in person (by session or bearer token) in their own name.
    #[must_use]
    pub fn person(&self) -> Option<&PersonViewer> {
        match self {
            Self::Person(person) | Self::ApiToken { person, .. } => Some(person),
            _ => None,
        }
    }

    /// The person whose audience memberships decide what is visible: the pupil for a guardian, the beneficiary for tokens.
    #[must_use]
    pub fn reader(&self) -> Option<&PersonViewer> {
        match self {
            Self::Person(person) | Self::ApiToken { person, .. } => Some(person),
            Self::Guardian { pupil, .. } => Some(pupil),
            Self::FeedToken(grant) | Self::MediaKey(grant) => Some(&grant.beneficiary),
            Self::Anonymous | Self::System => None,
        }
    }
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}
