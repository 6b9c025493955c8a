//! Deposits, their steps and their renditions.

use crate::world::*;
use balado_domain::deposit::{Deposit, DepositState, Family, Purpose, RenditionKind, Upload};
use balado_domain::{Audience, PersonId, Viewer};
use balado_store::deposits::{self, DepositFilter, Received};
use balado_store::{Error, renditions, uploads};

const NO_FILTER: DepositFilter = DepositFilter { owner: None, state: None, before: None, limit: 100 };

fn received(size_bytes: i64) -> Received<'static> {
    Received {
        size_bytes,
        sha256: "digest",
        family: Some(Family::Audio),
        media_type: Some("audio/mp4"),
        at: at(1),
    }
}

both_engines!(a_deposit_comes_back_as_it_was_stored, |world| {
    let lou = world.person("lou");
    let source = world.deposit(lou, DepositState::Ready);
    let deposit = Deposit {
        purpose: Purpose::Submission,
        family: Some(Family::Audio),
        media_type: Some("audio/mp4".to_owned()),
        state: DepositState::Failed,
        size_bytes: 1 << 40,
        sha256: Some("ab".repeat(32)),
        failure_code: Some("media-damaged".to_owned()),
        derived_from: Some(source),
        received_at: Some(at(2)),
        ready_at: Some(at(3)),
        ..a_deposit(world, lou, DepositState::Failed)
    };
    world.write(|tx| deposits::insert(tx, &deposit));
    let viewer = world.as_person(lou);
    assert_eq!(world.read(|conn| deposits::get_for(conn, &viewer, deposit.id)), deposit);
});

both_engines!(a_deposit_goes_through_its_states_and_never_back, |world| {
    let lou = world.person("lou");
    let id = world.deposit(lou, DepositState::Receiving);
    let viewer = world.as_person(lou);
    let now = || world.read(|conn| deposits::get_for(conn, &viewer, id));
    let stale = |result: Result<(), Error>| {
        assert!(result.unwrap_err().is_conflict_on(deposits::STATE_CONFLICT));
    };
    world.write(|tx| deposits::set_receiving_size(tx, id, 500));
    assert_eq!(now().size_bytes, 500);
    stale(world.try_write(|tx| deposits::set_ready(tx, id, at(1))));
    world.write(|tx| deposits::set_received(tx, id, &received(900)));
    assert_eq!((now().state, now().size_bytes), (DepositState::Received, 900));
    assert_eq!((now().sha256.as_deref(), now().received_at), (Some("digest"), Some(at(1))));
    stale(world.try_write(|tx| deposits::set_received(tx, id, &received(901))));
    stale(world.try_write(|tx| deposits::set_receiving_size(tx, id, 901)));
    stale(world.try_write(|tx| deposits::set_abandoned(tx, id)));
    world.write(|tx| deposits::set_failed(tx, id, "media-damaged"));
    assert_eq!(now().failure_code.as_deref(), Some("media-damaged"));
    stale(world.try_write(|tx| deposits::set_ready(tx, id, at(2))));
    world.write(|tx| deposits::reset_failed(tx, id));
    assert_eq!((now().state, now().failure_code), (DepositState::Received, None));
    world.write(|tx| deposits::set_ready(tx, id, at(3)));
    assert_eq!((now().state, now().ready_at), (DepositState::Ready, Some(at(3))));
    stale(world.try_write(|tx| deposits::set_failed(tx, id, "late")));
    stale(world.try_write(|tx| deposits::set_ready(tx, id, at(4))));
    stale(world.try_write(|tx| deposits::reset_failed(tx, id)));
});

both_engines!(what_the_transcoder_finds_replaces_what_the_first_bytes_suggested, |world| {
    let lou = world.person("lou");
    let id = world.deposit(lou, DepositState::Receiving);
    let unknown = Received { family: None, media_type: None, ..received(900) };
    world.write(|tx| deposits::set_received(tx, id, &unknown));
    let family = || world.read(|conn| deposits::get_for(conn, &Viewer::System, id)).family;
    assert_eq!(family(), None);
    world.write(|tx| deposits::set_family(tx, id, Family::Video));
    assert_eq!(family(), Some(Family::Video));
});

both_engines!(a_deposit_is_seen_by_its_owner_and_nobody_else, |world| {
    let group = world.group("5eB");
    let lou = world.pupil("lou", group);
    let teacher = world.teacher("max", group);
    let principal = world.member_named("ann", balado_domain::people::Role::Principal, None);
    let ines = world.guardian_of("ines", lou);
    let id = world.deposit(lou, DepositState::Ready);
    let sees = |viewer: &Viewer| {
        let one = world.try_read(|conn| deposits::get_for(conn, viewer, id)).is_ok();
        let listed = world.read(|conn| deposits::list_for(conn, viewer, &NO_FILTER)).len();
        let many = world.read(|conn| deposits::get_many_for(conn, viewer, &[id])).len();
        assert_eq!((usize::from(one), usize::from(one)), (listed, many), "one, many and list agree");
        one
    };
    assert!(sees(&world.as_person(lou)));
    assert!(sees(&Viewer::System));
    let token = fresh!(ApiTokenId);
    assert!(sees(&Viewer::ApiToken { token, person: world.with_memberships(lou) }));
    for other in [teacher, principal, ines] {
        assert!(!sees(&world.as_person(other)));
    }
    assert!(!sees(&world.as_guardian(ines, lou)));
    assert!(!sees(&Viewer::Anonymous));
    assert!(!sees(&Viewer::FeedToken(world.grant(fresh!(FeedId), lou))));
    assert!(!sees(&Viewer::MediaKey(world.grant(fresh!(FeedId), lou))));
});

both_engines!(deposits_are_listed_newest_first_page_by_page, |world| {
    let lou = world.person("lou");
    let max = world.person("max");
    for minute in [3, 1, 2, 2, 2] {
        let deposit = Deposit { created_at: at(60 * minute), ..a_deposit(world, lou, DepositState::Ready) };
        world.write(|tx| deposits::insert(tx, &deposit));
    }
    world.deposit(lou, DepositState::Failed);
    world.deposit(max, DepositState::Ready);
    let given_up = world.deposit(lou, DepositState::Abandoned);
    let viewer = world.as_person(lou);
    let mut filter =
        DepositFilter { owner: Some(lou), state: Some(DepositState::Ready), before: None, limit: 2 };
    let mut seen = Vec::new();
    loop {
        let page = world.read(|conn| deposits::list_for(conn, &viewer, &filter));
        let Some(last) = page.last() else { break };
        filter.before = Some((last.created_at, last.id));
        seen.extend(page.iter().map(|deposit| (deposit.created_at, deposit.id)));
    }
    let mut expected = seen.clone();
    expected.sort();
    expected.reverse();
    expected.dedup();
    assert_eq!(seen.len(), 5);
    assert_eq!(seen, expected);
    let all = DepositFilter { limit: 100, ..NO_FILTER };
    assert_eq!(world.read(|conn| deposits::list_for(conn, &Viewer::System, &all)).len(), 7);
    let abandoned = DepositFilter { state: Some(DepositState::Abandoned), ..all };
    let found = world.read(|conn| deposits::list_for(conn, &Viewer::System, &abandoned));
    assert_eq!(found.iter().map(|deposit| deposit.id).collect::<Vec<_>>(), [given_up]);
});

fn upload(world: &World, owner: PersonId, length: Option<i64>, offset: i64) -> Upload {
    let id = world.deposit(owner, DepositState::Receiving);
    let upload = Upload {
        deposit_id: id,
        owner_id: owner,
        length,
        offset,
        metadata: String::new(),
        expires_at: at(600),
    };
    world.write(|tx| uploads::insert(tx, &upload));
    upload
}

both_engines!(a_quota_counts_originals_that_are_kept_and_what_uploads_reserve, |world| {
    let (lou, max) = (world.person("lou"), world.person("max"));
    let used = |person| world.read(|conn| deposits::bytes_used(conn, person));
    assert_eq!(used(lou), 0);
    for state in [DepositState::Received, DepositState::Ready, DepositState::Failed] {
        world.deposit(lou, state);
    }
    world.deposit(lou, DepositState::Abandoned);
    assert_eq!(used(lou), 3000);
    let declared = upload(world, lou, Some(50_000), 10);
    assert_eq!(used(lou), 53_000, "a declared length is reserved at once");
    let growing = upload(world, lou, None, 0);
    assert_eq!(used(lou), 53_000);
    world.write(|tx| uploads::take_writer(tx, growing.deposit_id, "w", 60));
    world.write(|tx| uploads::advance(tx, growing.deposit_id, "w", 0, 700, at(600)));
    assert_eq!(used(lou), 53_700, "an undeclared one as it arrives");
    world.write(|tx| uploads::set_length(tx, growing.deposit_id, 2000));
    assert_eq!(used(lou), 55_000);
    world.write(|tx| deposits::set_abandoned(tx, declared.deposit_id));
    assert_eq!(used(lou), 5_000, "what is abandoned is free, even before its upload is swept");
    world.write(|tx| {
        deposits::set_received(tx, growing.deposit_id, &received(2000))?;
        uploads::delete(tx, growing.deposit_id)
    });
    assert_eq!(used(lou), 5_000, "finishing counts the file once");
    world.rendition(growing.deposit_id, RenditionKind::Mp3);
    assert_eq!(used(lou), 5_000, "outputs count for nobody");
    let id = world.deposit(max, DepositState::Receiving);
    world.write(|tx| deposits::set_receiving_size(tx, id, 1 << 50));
    world.write(|tx| {
        let received = Received { size_bytes: 1 << 50, ..received(0) };
        deposits::set_received(tx, id, &received)
    });
    assert_eq!(used(max), 1 << 50, "sums do not overflow 32 bits");
});

both_engines!(an_output_is_recorded_once_per_recipe_and_kind, |world| {
    let lou = world.person("lou");
    let deposit = world.deposit(lou, DepositState::Received);
    let first = world.rendition(deposit, RenditionKind::Mp3);
    let again = a_rendition(world.school.id, deposit, RenditionKind::Mp3);
    assert!(!world.write(|tx| renditions::insert(tx, &again)), "a job that ran twice records once");
    let mut light = a_rendition(world.school.id, deposit, RenditionKind::Mp4);
    light.recipe = "light-1".to_owned();
    light.width = Some(640);
    light.height = Some(360);
    light.pages = Some(1);
    light.created_at = at(5);
    assert!(world.write(|tx| renditions::insert(tx, &light)));
    let viewer = world.as_person(lou);
    let listed = world.read(|conn| renditions::list_of_deposit(conn, &viewer, deposit, at(NOW)));
    assert_eq!(listed, [first.clone(), light.clone()]);
    let get = |kind| world.try_read(|conn| renditions::get_for(conn, &viewer, deposit, kind, at(NOW)));
    assert_eq!(get(RenditionKind::Mp3).unwrap(), first);
    assert!(matches!(get(RenditionKind::Pdf), Err(Error::NotFound("rendition"))));
    let all = world.read(|conn| renditions::list_of_deposits(conn, &Viewer::System, &[deposit]));
    assert_eq!(all, [first, light]);
    assert!(world.try_read(|conn| renditions::list_of_deposits(conn, &viewer, &[deposit])).is_err());
    assert_eq!(world.write(|tx| renditions::delete_of_deposit(tx, deposit)).len(), 2);
    assert!(world.read(|conn| renditions::list_of_deposit(conn, &viewer, deposit, at(NOW))).is_empty());
});

both_engines!(an_output_a_feed_points_at_cannot_be_forgotten, |world| {
    let lou = world.person("lou");
    let shown = world.publication(lou, Audience::default(), |_| {});
    let refused = world.try_write(|tx| renditions::delete_of_deposit(tx, shown.deposit_id));
    assert!(refused.unwrap_err().is_conflict_on("reference"));
});
