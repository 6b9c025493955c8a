//! Sessions, bearer tokens and the count of failed sign-ins.

use crate::world::*;
use balado_domain::PersonId;
use balado_store::Error;
use balado_store::sessions::{self, ApiToken, SessionRow};

fn session(person: PersonId, name: &str) -> SessionRow {
    SessionRow {
        id: fresh!(SessionId),
        id_hash: format!("hash of {name}"),
        person_id: person,
        created_at: at(0),
        last_seen_at: at(0),
        expires_at: at(100),
    }
}

both_engines!(a_session_ends_at_its_expiry_or_when_it_is_deleted, |world| {
    let lou = world.person("lou");
    let (phone, desk) = (session(lou, "phone"), session(lou, "desk"));
    let other = session(world.person("max"), "other");
    for row in [&phone, &desk, &other] {
        world.write(|tx| sessions::insert(tx, row));
    }
    let find = |name: &str, now| {
        world.read(|conn| sessions::find_by_hash(conn, &format!("hash of {name}"), at(now)))
    };
    assert_eq!(find("phone", 99), Some(phone.clone()));
    assert_eq!(find("phone", 100), None, "its end is exclusive");
    assert_eq!(find("unknown", 0), None);
    world.write(|tx| sessions::touch(tx, phone.id, at(50)));
    assert_eq!(find("phone", 60).unwrap().last_seen_at, at(50));
    world.write(|tx| sessions::delete(tx, phone.id));
    assert_eq!(find("phone", 60), None);
    assert!(matches!(
        world.try_write(|tx| sessions::touch(tx, phone.id, at(51))),
        Err(Error::NotFound("session"))
    ));
    assert_eq!(world.write(|tx| sessions::delete_all_of(tx, lou)), 1);
    assert_eq!(find("desk", 0), None);
    assert_eq!(find("other", 0), Some(other), "nobody else is signed out");
    assert_eq!(world.write(|tx| sessions::delete_expired(tx, at(99))), 0);
    assert_eq!(world.write(|tx| sessions::delete_expired(tx, at(100))), 1);
});

both_engines!(a_revoked_bearer_token_is_not_found_but_still_listed, |world| {
    let (lou, max) = (world.person("lou"), world.person("max"));
    let token = ApiToken {
        id: fresh!(ApiTokenId),
        person_id: lou,
        token_hash: "digest".to_owned(),
        label: "script".to_owned(),
        created_at: at(0),
        revoked_at: None,
    };
    world.write(|tx| sessions::insert_api_token(tx, &token));
    assert_eq!(world.read(|conn| sessions::find_api_token(conn, "digest")), Some(token.clone()));
    let by_another = world.try_write(|tx| sessions::revoke_api_token(tx, max, token.id, at(5)));
    assert!(matches!(by_another, Err(Error::NotFound(_))), "a token is revoked by its owner");
    world.write(|tx| sessions::revoke_api_token(tx, lou, token.id, at(10)));
    world.write(|tx| sessions::revoke_api_token(tx, lou, token.id, at(20)));
    assert_eq!(world.read(|conn| sessions::find_api_token(conn, "digest")), None);
    let listed = world.read(|conn| sessions::list_api_tokens(conn, lou));
    assert_eq!(listed, [ApiToken { revoked_at: Some(at(10)), ..token }]);
});

both_engines!(failed_sign_ins_add_up_until_they_are_cleared, |world| {
    assert_eq!(world.read(|conn| sessions::get_failures(conn, "lou")), None);
    assert_eq!(world.write(|tx| sessions::record_failure(tx, "lou", None, at(1))), 1);
    assert_eq!(world.write(|tx| sessions::record_failure(tx, "lou", Some(at(60)), at(2))), 2);
    assert_eq!(world.write(|tx| sessions::record_failure(tx, "max", None, at(3))), 1);
    let counted = world.read(|conn| sessions::get_failures(conn, "lou")).unwrap();
    assert_eq!((counted.failures, counted.blocked_until, counted.updated_at), (2, Some(at(60)), at(2)));
    world.write(|tx| sessions::clear_failures(tx, "lou"));
    assert_eq!(world.read(|conn| sessions::get_failures(conn, "lou")), None);
    assert_eq!(world.write(|tx| sessions::delete_failures_before(tx, at(3))), 0);
    assert_eq!(world.write(|tx| sessions::delete_failures_before(tx, at(4))), 1);
});

both_engines!(failed_sign_ins_counted_at_once_are_all_counted, |world| {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    world.write(|tx| sessions::record_failure(tx, "lou", None, at(1)));
                }
            });
        }
    });
    assert_eq!(world.read(|conn| sessions::get_failures(conn, "lou")).unwrap().failures, 80);
});
