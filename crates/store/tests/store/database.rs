//! Transactions: all or nothing, one view per read, writers in turn, collisions told alike.

use crate::world::*;
use balado_domain::people::Role;
use balado_store::{Conn, Error, people, portal};
use diesel::connection::SimpleConnection;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn names(world: &World) -> Vec<String> {
    world.read(people::list_schools).into_iter().map(|school| school.name).collect()
}

both_engines!(a_write_that_fails_leaves_nothing, |world| {
    let before = names(world);
    let failed = world.try_write(|tx| {
        people::insert_school(tx, &a_school("Éphémère", None))?;
        Err::<(), _>(Error::NotFound("anything"))
    });
    assert!(matches!(failed, Err(Error::NotFound("anything"))));
    assert_eq!(names(world), before);
});

both_engines!(a_write_that_panics_leaves_nothing_and_blocks_nobody, |world| {
    let before = names(world);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        world.write::<()>(|tx| {
            people::insert_school(tx, &a_school("Éphémère", None))?;
            panic!("in the middle")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(names(world), before);
    world.write(|tx| people::insert_school(tx, &a_school("Après", None)));
    assert_eq!(names(world).len(), before.len() + 1);
});

both_engines!(a_read_sees_one_instant, |world| {
    let (first, second) = world.read(|conn| {
        let first = people::list_schools(conn)?.len();
        world.write(|tx| people::insert_school(tx, &a_school("Pendant", None)));
        Ok((first, people::list_schools(conn)?.len()))
    });
    assert_eq!(first, second, "a write in between does not show");
    assert_eq!(names(world).len(), first + 1);
});

both_engines!(a_read_cannot_write, |world| {
    let refused = world.try_read(|conn| {
        let statement = "DELETE FROM school_years";
        match conn {
            Conn::Sqlite(conn) => conn.batch_execute(statement)?,
            Conn::Pg(conn) => conn.batch_execute(statement)?,
        }
        Ok(())
    });
    assert!(refused.is_err());
    assert_eq!(world.read(|conn| people::list_school_years(conn, world.school.id)).len(), 1);
});

both_engines!(writers_that_read_first_never_fail_for_being_many, |world| {
    const WRITERS: usize = 8;
    const ROUNDS: usize = 40;
    let handles = [world.db.clone(), world.reopen()];
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let db = handles[writer % handles.len()].clone();
            let group = world.group(&format!("groupe {writer}"));
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    db.write_blocking(|tx| {
                        let person = a_person("lou");
                        people::get_group(tx, group)?;
                        people::insert_person(tx, &person)?;
                        people::insert_membership(
                            tx,
                            &a_membership(person.id, world.school.id, Role::Pupil, Some(group)),
                        )
                    })
                    .unwrap();
                }
            });
        }
    });
    let pupils = world.read(|conn| people::list_school_members(conn, world.school.id, Role::Pupil, at(NOW)));
    assert_eq!(pupils.len(), WRITERS * ROUNDS);
});

both_engines!(a_collision_is_told_alike_on_both_engines, |world| {
    let same_uai = a_school("Autre", world.school.uai.as_deref());
    let collision = world.try_write(|tx| people::insert_school(tx, &same_uai)).unwrap_err();
    assert!(collision.is_conflict_on("schools(uai)"), "{collision:?}");
    let same_label = a_year(&world.school);
    let collision = world.try_write(|tx| people::insert_school_year(tx, &same_label)).unwrap_err();
    assert!(collision.is_conflict_on("school_years(school_id,label)"), "{collision:?}");
    assert_eq!(collision.kind(), balado_domain::ErrorKind::Conflict);
    let nowhere = a_year(&a_school("Inconnue", None));
    let dangling = world.try_write(|tx| people::insert_school_year(tx, &nowhere)).unwrap_err();
    assert!(dangling.is_conflict_on("reference"), "{dangling:?}");
});

both_engines!(a_write_that_ignored_a_failure_is_kept_whole_or_refused, |world| {
    // SQLite undoes the failed statement alone; PostgreSQL has ended the transaction and would drop it silently.
    let twin = a_school("Jumeau", world.school.uai.as_deref());
    let ignored = world.try_write(|tx| {
        people::insert_school(tx, &a_school("Avant", None))?;
        assert!(people::insert_school(tx, &twin).is_err());
        Ok(())
    });
    let kept = names(world).contains(&"Avant".to_owned());
    assert_eq!(ignored.is_ok(), kept, "what is acknowledged is there, what is refused is not");
    world.write(|tx| people::insert_school(tx, &a_school("Après", None)));
});

both_engines!(instants_are_cut_to_the_millisecond_and_compared_as_instants, |world| {
    use balado_store::sessions::{self, SessionRow};
    let person_id = world.person("lou");
    let nanos = |nanos| at(0) + chrono::TimeDelta::nanoseconds(nanos);
    let session = SessionRow {
        id: fresh!(SessionId),
        id_hash: "cookie".to_owned(),
        person_id,
        created_at: at(0),
        last_seen_at: nanos(999_999),
        expires_at: nanos(500_999_999),
    };
    world.write(|tx| sessions::insert(tx, &session));
    let find = |now| world.read(|conn| sessions::find_by_hash(conn, "cookie", now));
    let read = find(at(0)).unwrap();
    assert_eq!((read.last_seen_at, read.expires_at), (at(0), nanos(500_000_000)));
    for (now, found) in
        [(-1, true), (0, true), (499_000_000, true), (500_000_000, false), (1_000_000_000, false)]
    {
        assert_eq!(find(nanos(now)).is_some(), found, "{now} ns after");
    }
});

#[test]
fn a_connection_the_server_cut_is_replaced() {
    let world = World::on_postgres();
    world.db.ping().unwrap();
    world.reopen().write_blocking::<_, Error>(cut_everybody_else).unwrap();
    assert_eq!(names(&world).len(), 1);
    world.write(|tx| people::insert_school(tx, &a_school("Après", None)));
}

#[test]
fn a_server_that_goes_away_in_the_middle_of_a_write_is_unavailable() {
    let world = World::on_postgres();
    let other = world.reopen();
    let lost = world.try_write(|tx| {
        people::insert_school(tx, &a_school("Perdue", None))?;
        other.write_blocking::<_, Error>(cut_everybody_else)?;
        people::insert_school(tx, &a_school("Jamais", None))
    });
    assert_eq!(lost.unwrap_err().kind(), balado_domain::ErrorKind::Unavailable);
    assert_eq!(names(&world).len(), 1);
}

fn cut_everybody_else(tx: &mut balado_store::Tx<'_>) -> Result<(), Error> {
    let statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    tx.batch_execute(statement)?;
    Ok(())
}

both_engines!(a_text_that_no_longer_parses_is_reported_and_not_guessed, |world| {
    let person = world.person("lou");
    world.member(person, world.school.id, Role::Pupil, None);
    world.write(|tx| {
        let statement = "UPDATE memberships SET role = 'étudiant'";
        match &mut **tx {
            Conn::Sqlite(conn) => conn.batch_execute(statement)?,
            Conn::Pg(conn) => conn.batch_execute(statement)?,
        }
        Ok(())
    });
    match world.try_read(|conn| people::list_memberships(conn, person)) {
        Err(Error::Corrupt { what: "Role", value }) => assert_eq!(value, "étudiant"),
        other => panic!("{other:?}"),
    }
});

both_engines!(a_database_that_answers_is_well, |world| {
    world.db.ping().unwrap();
    assert_eq!(world.read(|conn| portal::module_enabled(conn, world.school.id, "agenda")), None);
});

#[test]
fn a_server_that_is_not_there_is_unavailable_and_not_a_defect() {
    // Port 1 of loopback: nothing listens there, so the answer comes at once.
    let refused = balado_store::Db::open("postgres://nobody@127.0.0.1:1/nothing", 2).unwrap_err();
    assert_eq!(refused.kind(), balado_domain::ErrorKind::Unavailable);
    assert_eq!(refused.code(), "database-unavailable");
    let nowhere = balado_store::Db::open("sqlite:/nowhere/at/all/balado.db", 2).unwrap_err();
    assert_eq!(nowhere.kind(), balado_domain::ErrorKind::Unavailable);
    let unknown = balado_store::Db::open("mysql://me:secret@host/db", 2).unwrap_err();
    assert_eq!(unknown.kind(), balado_domain::ErrorKind::Invalid);
    assert!(!unknown.to_string().contains("secret"));
}

#[test]
fn sqlite_keeps_what_it_acknowledged_through_a_power_cut() {
    // The settings that make it so: a write-ahead log, flushed at every commit, and references that are enforced.
    let world = World::on_sqlite();
    let settings = world.write(|tx| {
        use diesel::prelude::*;
        let Conn::Sqlite(conn) = &mut **tx else { panic!("SQLite") };
        let mode: String =
            diesel::dsl::sql::<diesel::sql_types::Text>("PRAGMA journal_mode").get_result(conn)?;
        let sync: i32 =
            diesel::dsl::sql::<diesel::sql_types::Integer>("PRAGMA synchronous").get_result(conn)?;
        let keys: i32 =
            diesel::dsl::sql::<diesel::sql_types::Integer>("PRAGMA foreign_keys").get_result(conn)?;
        Ok((mode, sync, keys))
    });
    assert_eq!(settings, ("wal".to_owned(), 2, 1));
}
