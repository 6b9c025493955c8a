//! Cuts: they end once, and their owner alone sees them.

use crate::world::*;
use balado_domain::Viewer;
use balado_domain::cut::{Cut, CutState};
use balado_domain::deposit::DepositState;
use balado_store::cuts;

both_engines!(a_cut_ends_once_and_keeps_its_parts_in_order, |world| {
    let (lou, max) = (world.person("lou"), world.person("max"));
    let source = world.deposit(lou, DepositState::Ready);
    let parts = [world.deposit(lou, DepositState::Received), world.deposit(lou, DepositState::Received)];
    let parts = [parts[1], parts[0]];
    let cut = |n: i64| Cut {
        id: fresh!(CutId),
        deposit_id: source,
        school_id: world.school.id,
        requested_by: lou,
        wish: "{}".to_owned(),
        state: CutState::Waiting,
        failure_code: None,
        created_at: at(n),
        finished_at: None,
    };
    let (first, second) = (cut(1), cut(2));
    world.write(|tx| cuts::insert(tx, &first));
    world.write(|tx| cuts::insert(tx, &second));
    assert_eq!(world.read(|conn| cuts::get_for(conn, &Viewer::System, first.id)), first);
    assert_eq!(world.read(|conn| cuts::count_waiting(conn, lou)), 2);
    assert!(world.write(|tx| cuts::set_done(tx, first.id, &parts, at(5))));
    assert!(!world.write(|tx| cuts::set_done(tx, first.id, &parts, at(6))), "its parts are there already");
    assert!(!world.write(|tx| cuts::set_failed(tx, first.id, "late", at(6))));
    assert!(world.write(|tx| cuts::set_failed(tx, second.id, "cut-beyond", at(7))));
    assert!(!world.write(|tx| cuts::set_done(tx, second.id, &[], at(8))));
    assert_eq!(world.read(|conn| cuts::list_parts(conn, first.id)), parts);
    assert_eq!(world.read(|conn| cuts::count_waiting(conn, lou)), 0);
    let seen = world.read(|conn| cuts::list_of_deposit(conn, &world.as_person(lou), source, 10));
    let states: Vec<_> = seen.iter().map(|cut| (cut.id, cut.state, cut.finished_at)).collect();
    assert_eq!(states, [(second.id, CutState::Failed, Some(at(7))), (first.id, CutState::Done, Some(at(5)))]);
    assert_eq!(seen[0].failure_code.as_deref(), Some("cut-beyond"));
    for viewer in [world.as_person(max), Viewer::Anonymous] {
        assert_eq!(world.read(|conn| cuts::list_of_deposit(conn, &viewer, source, 10)), []);
        assert!(world.db.read_blocking(|conn| cuts::get_for(conn, &viewer, first.id)).is_err());
    }
});
