//! Who sees which publication: the one place that says so (DESIGN §3, invariants 7 and 8).
//!
//! It says of rows what `Publication::state_at` says of one publication; a test compares the two.

use crate::column::{instant, texts};
use crate::conn::{Condition, constant};
use crate::schema::{feeds, publication_audiences, publications};
use balado_domain::audience::AudienceKind;
use balado_domain::feed::FeedKind;
use balado_domain::publication::Stage;
use balado_domain::viewer::{PersonViewer, TokenGrant};
use balado_domain::{GroupId, Timestamp, Viewer};
use diesel::prelude::*;

/// What the viewer may see at `now`. Authors see their own publications at every stage, in their own name only;
/// everybody else sees what is published now and addressed to them.
pub(super) fn visible(viewer: &Viewer, now: Timestamp) -> Condition<publications::table> {
    match viewer {
        Viewer::System => constant(true),
        Viewer::Anonymous => Box::new(published(now).and(public())),
        Viewer::Person(person) | Viewer::ApiToken { person, .. } => Box::new(
            publications::author_id.eq(person.id.to_string()).or(published(now).and(reaches(person))),
        ),
        Viewer::Guardian { pupil, .. } => Box::new(published(now).and(reaches(pupil))),
        Viewer::FeedToken(grant) | Viewer::MediaKey(grant) => {
            Box::new(published(now).and(reaches(&grant.beneficiary)).and(in_feed(grant)))
        }
    }
}

/// Offered, and `now` is between its dates.
pub(super) fn published(now: Timestamp) -> Condition<publications::table> {
    let now = instant(now);
    Box::new(
        publications::stage
            .eq(Stage::Offered.as_str())
            .and(publications::publish_at.le(now))
            .and(publications::until_at.is_null().or(publications::until_at.assume_not_null().gt(now))),
    )
}

/// Addressed to that class or group.
pub(super) fn addressed_to(group: GroupId) -> Condition<publications::table> {
    Box::new(
        publications::id.eq_any(
            publication_audiences::table
                .filter(publication_audiences::kind.eq(AudienceKind::Group.as_str()))
                .filter(publication_audiences::target_id.eq(group.to_string()))
                .select(publication_audiences::publication_id),
        ),
    )
}

fn public() -> Condition<publications::table> {
    Box::new(
        publications::id.eq_any(
            publication_audiences::table
                .filter(publication_audiences::kind.eq(AudienceKind::Public.as_str()))
                .select(publication_audiences::publication_id),
        ),
    )
}

/// Addressed to everyone, to the person by name, to a class or group of theirs or to a school of theirs; or
/// published in a school whose every publication they read.
fn reaches(reader: &PersonViewer) -> Condition<publications::table> {
    let kind = publication_audiences::kind;
    let target = publication_audiences::target_id;
    let addressed = publication_audiences::table
        .filter(
            kind.eq(AudienceKind::Public.as_str())
                .or(kind.eq(AudienceKind::Person.as_str()).and(target.eq(reader.id.to_string())))
                .or(kind.eq(AudienceKind::Group.as_str()).and(target.eq_any(texts(reader.reading_groups()))))
                .or(kind.eq(AudienceKind::School.as_str()).and(target.eq_any(texts(reader.schools())))),
        )
        .select(publication_audiences::publication_id);
    let schools = reader.reading_schools();
    if schools.is_empty() {
        // Left out rather than compared with nothing: SQLite gives up its indexes for an alternative it cannot use.
        return Box::new(publications::id.eq_any(addressed));
    }
    Box::new(publications::id.eq_any(addressed).or(publications::school_id.eq_any(texts(schools))))
}

/// Addressed to the class or group whose feed the token opens.
fn in_feed(grant: &TokenGrant) -> Condition<publications::table> {
    let groups = feeds::table
        .filter(feeds::id.eq(grant.feed.to_string()))
        .filter(feeds::kind.eq(FeedKind::Group.as_str()))
        .select(feeds::scope_id);
    Box::new(
        publications::id.eq_any(
            publication_audiences::table
                .filter(publication_audiences::kind.eq(AudienceKind::Group.as_str()))
                .filter(publication_audiences::target_id.eq_any(groups))
                .select(publication_audiences::publication_id),
        ),
    )
}
