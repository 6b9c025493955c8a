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
