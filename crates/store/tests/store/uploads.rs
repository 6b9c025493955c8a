//! Uploads: one writer at a time, told apart by fences.

use crate::world::*;
use balado_domain::deposit::{DepositState, Upload, UploadSegment};
use balado_domain::{DepositId, PersonId, Viewer};
use balado_store::uploads::{self, Advance, WRITER_CONFLICT};
use balado_store::{Error, deposits};
use std::sync::Barrier;

fn open(world: &World, owner: PersonId, length: Option<i64>) -> Upload {
    let id = world.deposit(owner, DepositState::Receiving);
    let upload = Upload {
        deposit_id: id,
        owner_id: owner,
        length,
        offset: 0,
        metadata: "filename bGXDp29u".to_owned(),
        expires_at: at(600),
    };
    world.write(|tx| uploads::insert(tx, &upload));
    upload
}

fn offset(world: &World, id: DepositId) -> i64 {
    world.read(|conn| uploads::get_for(conn, &Viewer::System, id)).offset
}

fn advance(world: &World, id: DepositId, writer: &str, from: i64, to: i64) -> Result<(), Error> {
    world.try_write(|tx| uploads::advance(tx, id, writer, from, to, at(900)))
}

both_engines!(an_upload_is_for_its_owner, |world| {
    let (lou, max) = (world.person("lou"), world.person("max"));
    let upload = open(world, lou, Some(10));
    let get = |viewer: &Viewer| world.try_read(|conn| uploads::get_for(conn, viewer, upload.deposit_id));
    assert_eq!(get(&world.as_person(lou)).unwrap(), upload);
    assert_eq!(get(&Viewer::System).unwrap(), upload);
    for other in [world.as_person(max), Viewer::Anonymous, world.as_guardian(max, lou)] {
        assert!(matches!(get(&other), Err(Error::NotFound("upload"))));
    }
});

both_engines!(a_writer_that_was_replaced_changes_nothing, |world| {
    let upload = open(world, world.person("lou"), Some(100));
    let id = upload.deposit_id;
    assert!(advance(world, id, "first", 0, 10).unwrap_err().is_conflict_on(WRITER_CONFLICT));
    world.write(|tx| uploads::take_writer(tx, id, "first", 60));
    advance(world, id, "first", 0, 10).unwrap();
    let taken = world.write(|tx| uploads::take_writer(tx, id, "second", 60));
    assert_eq!(taken.offset, 10, "the one that takes over is told where to go on");
    assert!(advance(world, id, "first", 10, 20).unwrap_err().is_conflict_on(WRITER_CONFLICT));
    assert!(advance(world, id, "second", 0, 20).unwrap_err().is_conflict_on(WRITER_CONFLICT));
    assert_eq!(offset(world, id), 10);
    advance(world, id, "second", 10, 25).unwrap();
    world.write(|tx| uploads::release_writer(tx, id, "first"));
    advance(world, id, "second", 25, 30).unwrap();
    world.write(|tx| uploads::release_writer(tx, id, "second"));
    assert!(advance(world, id, "second", 30, 40).is_err(), "who has given up its place writes no more");
    let stored = world.read(|conn| uploads::get_for(conn, &Viewer::System, id));
    assert_eq!((stored.offset, stored.expires_at), (30, at(900)), "activity pushes the expiry");
    let deposit = world.read(|conn| deposits::get_for(conn, &Viewer::System, id));
    assert_eq!(deposit.size_bytes, 30, "the deposit shows what is durable");
});

both_engines!(a_polite_writer_waits_until_the_place_is_free_or_lapsed, |world| {
    let id = open(world, world.person("lou"), None).deposit_id;
    let try_take = |db: &balado_store::Db, writer: &str| {
        db.write_blocking::<_, Error>(|tx| uploads::try_take_writer(tx, id, writer, 60)).unwrap()
    };
    assert!(try_take(&world.db, "first").is_some());
    assert!(try_take(&world.db, "second").is_none());
    assert!(try_take(&world.later(30), "second").is_none());
    assert!(try_take(&world.later(90), "second").is_some(), "a writer that went away is replaced");
    world.write(|tx| uploads::release_writer(tx, id, "second"));
    assert!(try_take(&world.db, "third").is_some());
    let unknown = world.try_write(|tx| uploads::try_take_writer(tx, fresh!(DepositId), "w", 60));
    assert!(matches!(unknown, Err(Error::NotFound("upload"))));
    let unknown = world.try_write(|tx| uploads::take_writer(tx, fresh!(DepositId), "w", 60));
    assert!(matches!(unknown, Err(Error::NotFound("upload"))));
});

both_engines!(many_appends_share_a_commit_and_each_has_its_answer, |world| {
    let lou = world.person("lou");
    let ids: Vec<DepositId> = (0..5).map(|_| open(world, lou, None).deposit_id).collect();
    for id in &ids {
        world.write(|tx| uploads::take_writer(tx, *id, "w", 60));
    }
    world.write(|tx| uploads::take_writer(tx, ids[3], "another", 60));
    let steps: Vec<Advance> = ids
        .iter()
        .rev()
        .map(|&id| Advance { id, writer: "w".to_owned(), from_offset: 0, to_offset: 8, expires_at: at(900) })
        .collect();
    let answers = world.write(|tx| uploads::advance_many(tx, &steps));
    let kept: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(kept, [true, false, true, true, true], "answers are in the order of the questions");
    let offsets: Vec<i64> = ids.iter().map(|&id| offset(world, id)).collect();
    assert_eq!(offsets, [8, 8, 8, 0, 8]);
});

both_engines!(appends_grouped_by_many_threads_never_block_each_other, |world| {
    let lou = world.person("lou");
    let ids: Vec<DepositId> = (0..12).map(|_| open(world, lou, None).deposit_id).collect();
    for id in &ids {
        world.write(|tx| uploads::take_writer(tx, *id, "w", 60));
    }
    const THREADS: usize = 6;
    const ROUNDS: i64 = 15;
    let together = Barrier::new(THREADS);
    let failures: Vec<Error> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let mut ids = ids.clone();
                ids.rotate_left(thread * 2);
                let together = &together;
                scope.spawn(move || {
                    let mut failures = Vec::new();
                    for from_offset in 0..ROUNDS {
                        let step = |&id| Advance {
                            id,
                            writer: "w".to_owned(),
                            from_offset,
                            to_offset: from_offset + 1,
                            expires_at: at(900),
                        };
                        let steps: Vec<Advance> = ids.iter().map(step).collect();
                        together.wait();
                        failures.extend(world.try_write(|tx| uploads::advance_many(tx, &steps)).err());
                    }
                    failures
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{failures:?}");
    let moved = ids.iter().all(|&id| offset(world, id) == ROUNDS);
    assert!(moved, "each offset was moved by exactly one of them each time");
});

both_engines!(a_length_is_declared_once, |world| {
    let upload = open(world, world.person("lou"), None);
    let id = upload.deposit_id;
    world.write(|tx| uploads::take_writer(tx, id, "w", 60));
    advance(world, id, "w", 0, 50).unwrap();
    let set = |length| world.try_write(|tx| uploads::set_length(tx, id, length));
    assert!(set(49).unwrap_err().is_conflict_on("uploads(length)"), "more is here already");
    set(80).unwrap();
    set(80).unwrap();
    assert!(set(81).unwrap_err().is_conflict_on("uploads(length)"));
    assert_eq!(world.read(|conn| uploads::get_for(conn, &Viewer::System, id)).length, Some(80));
    let unknown = world.try_write(|tx| uploads::set_length(tx, fresh!(DepositId), 1));
    assert!(matches!(unknown, Err(Error::NotFound("upload"))));
});

both_engines!(pieces_are_kept_in_order_and_taken_once, |world| {
    let id = open(world, world.person("lou"), None).deposit_id;
    let piece = |start| UploadSegment { start, size: 5, key: format!("piece {start}") };
    for start in [10, 0, 5] {
        world.write(|tx| uploads::add_segment(tx, id, &piece(start)));
    }
    let again = world.try_write(|tx| uploads::add_segment(tx, id, &piece(5))).unwrap_err();
    assert!(again.is_conflict_on("upload_segments(deposit_id,start_byte)"));
    let expected = [piece(0), piece(5), piece(10)];
    assert_eq!(world.read(|conn| uploads::list_segments(conn, id)), expected);
    assert_eq!(world.write(|tx| uploads::take_segments(tx, id)), expected);
    assert_eq!(world.write(|tx| uploads::take_segments(tx, id)), []);
    world.write(|tx| uploads::add_segment(tx, id, &piece(15)));
    world.write(|tx| uploads::delete(tx, id));
    world.write(|tx| uploads::delete(tx, id));
    assert!(world.try_read(|conn| uploads::get_for(conn, &Viewer::System, id)).is_err());
});

both_engines!(uploads_nobody_continued_are_listed_for_the_sweep, |world| {
    let lou = world.person("lou");
    let mut ids = Vec::new();
    for expires in [30, 10, 20] {
        let upload = open(world, lou, None);
        world.write(|tx| {
            uploads::take_writer(tx, upload.deposit_id, "w", 60)?;
            uploads::advance(tx, upload.deposit_id, "w", 0, 1, at(expires))
        });
        ids.push(upload.deposit_id);
    }
    let expired = |now, limit| {
        let listed = world.read(|conn| uploads::list_expired(conn, at(now), limit));
        listed.into_iter().map(|upload| upload.deposit_id).collect::<Vec<_>>()
    };
    assert_eq!(expired(9, 10), []);
    assert_eq!(expired(10, 10), [ids[1]]);
    assert_eq!(expired(99, 2), [ids[1], ids[2]], "oldest first, as many as were asked for");
});

both_engines!(an_upload_that_has_ended_is_nobodys_to_continue_and_listed_until_it_is_dropped, |world| {
    let lou = world.person("lou");
    let (running, ended) = (open(world, lou, None).deposit_id, open(world, lou, None).deposit_id);
    world.write(|tx| deposits::set_failed(tx, ended, "damaged"));
    let listed = || world.read(|conn| uploads::list_ended(conn, 10));
    assert_eq!(listed(), [ended]);
    assert!(world.try_write(|tx| uploads::take_writer(tx, ended, "w", 60)).is_err());
    assert!(world.write(|tx| uploads::try_take_writer(tx, ended, "w", 60)).is_none());
    assert!(world.write(|tx| uploads::try_take_writer(tx, running, "w", 60)).is_some());
    let expired = world.read(|conn| uploads::list_expired(conn, at(99_999), 10));
    assert_eq!(expired.iter().map(|upload| upload.deposit_id).collect::<Vec<_>>(), [running]);
    world.write(|tx| uploads::delete(tx, ended));
    assert_eq!(listed(), []);
});
