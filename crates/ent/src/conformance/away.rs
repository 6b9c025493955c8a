//! A host that fails at everything, as when the database is away.

use crate::entry::{DateRange, Scope};
use crate::error::ModuleError;
use crate::host::{
    AssignmentInfo, Host, HostRead, NoticeDraft, Notified, PersonInfo, PublicationInfo, SchoolInfo,
    SubmissionInfo,
};
use crate::manifest::Manifest;
use crate::module::ModuleId;
use balado_domain::people::Role;
use balado_domain::{
    AssignmentId, Audience, ErrorKind, Failure, PersonId, PublicationId, SchoolId, SubmissionId, Timestamp,
};

/// Knows the time, and fails at everything else.
pub(super) struct HostAway {
    now: Timestamp,
}

impl HostAway {
    pub(super) fn at(now: Timestamp) -> Self {
        Self { now }
    }
}

fn away<T>() -> Result<T, ModuleError> {
    Err(Failure::new(ErrorKind::Unavailable, "host-away", "the host of the conformance suite fails").into())
}

impl HostRead for HostAway {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn school(&self, _id: SchoolId) -> Result<Option<SchoolInfo>, ModuleError> {
        away()
    }

    fn module_enabled(
        &self,
        _school: SchoolId,
        _module: ModuleId,
        _manifest: &Manifest,
    ) -> Result<bool, ModuleError> {
        away()
    }

    fn settings(&self, _school: SchoolId, _module: ModuleId) -> Result<serde_json::Value, ModuleError> {
        away()
    }

    fn publication(&self, _id: PublicationId) -> Result<Option<PublicationInfo>, ModuleError> {
        away()
    }

    fn assignment(&self, _id: AssignmentId) -> Result<Option<AssignmentInfo>, ModuleError> {
        away()
    }

    fn submission(&self, _id: SubmissionId) -> Result<Option<SubmissionInfo>, ModuleError> {
        away()
    }

    fn person(&self, _id: PersonId) -> Result<Option<PersonInfo>, ModuleError> {
        away()
    }

    fn people_in(
        &self,
        _school: SchoolId,
        _audience: &Audience,
        _roles: &[Role],
    ) -> Result<Vec<PersonId>, ModuleError> {
        away()
    }

    fn publications_in(
        &self,
        _scope: &Scope,
        _range: DateRange,
    ) -> Result<Vec<PublicationInfo>, ModuleError> {
        away()
    }

    fn assignments_in(&self, _scope: &Scope, _range: DateRange) -> Result<Vec<AssignmentInfo>, ModuleError> {
        away()
    }

    fn relay_configured(&self) -> bool {
        true
    }
}

impl Host for HostAway {
    fn notify(&mut self, _notice: NoticeDraft) -> Result<Notified, ModuleError> {
        away()
    }
}
