//! Claims about cutting: who may, what it gives, and that nothing happens twice.

use balado_app::cuts::{CutFile, CutWish, Precision, Span, Split};
use balado_domain::cut::CutState;
use balado_domain::deposit::{DepositState, Family, Purpose};
use balado_domain::job::{Lane, Setback, Work};
use balado_domain::{DepositId, ErrorKind};
use balado_testkit::TestApp;
use balado_testkit::builders::Actor;
use chrono::TimeDelta;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Room for a deposit, but not for a part as large as this.
const QUOTA_BYTES: usize = 1 << 20;

fn wish(keep: &[(i64, i64)], split: Split) -> CutWish {
    let keep = keep.iter().map(|(from_ms, to_ms)| Span { from_ms: *from_ms, to_ms: Some(*to_ms) }).collect();
    CutWish { keep, split, precision: Precision::Exact }
}

/// A file of a cut with these bytes, and no name.
fn part(kit: &TestApp, bytes: &[u8]) -> CutFile {
    let path = kit.folder().join("part");
    std::fs::write(&path, bytes).unwrap();
    let file = Arc::new(File::open(&path).unwrap());
    std::fs::remove_file(path).unwrap();
    CutFile { file, title: None }
}

async fn prepared(kit: &TestApp, lou: &Actor<'_>, name: &str) -> DepositId {
    let id = lou.deposits(name).await.id;
    kit.works().await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_becomes_new_deposits_of_the_same_owner_and_leaves_the_source() {
    let kit = TestApp::start().await;
    let lou = kit.teacher("lou").await;
    let source = prepared(&kit, &lou, "answer.wav").await;
    let before = kit.app().deposit(&lou.viewer, source).await.unwrap();
    let asked = wish(&[(0, 2000), (5000, 7000)], Split::Spans);
    let cut = kit.app().request_cut(&lou.viewer, source, asked).await.unwrap();
    assert_eq!((cut.cut.state, cut.deposits.len()), (CutState::Waiting, 0));
    kit.works().await;
    let cuts = kit.app().cuts_of(&lou.viewer, source).await.unwrap();
    assert_eq!((cuts[0].cut.state, cuts[0].deposits.len()), (CutState::Done, 2));
    for (place, id) in cuts[0].deposits.iter().enumerate() {
        let made = kit.app().deposit(&lou.viewer, *id).await.unwrap().deposit;
        assert_eq!((made.derived_from, made.owner_id), (Some(source), before.deposit.owner_id));
        assert_eq!((made.state, made.family), (DepositState::Ready, Some(Family::Audio)));
        assert_eq!((made.purpose, made.school_year_id), (Purpose::Resource, before.deposit.school_year_id));
        assert_eq!(made.original_name, format!("answer – {}.mp3", place + 1));
    }
    assert_eq!(kit.app().deposit(&lou.viewer, source).await.unwrap().deposit, before.deposit);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_cuts_and_only_what_is_ready_and_plays() {
    let kit = TestApp::start().await;
    let (lou, ines) = (kit.teacher("lou").await, kit.pupil("ines").await);
    let source = prepared(&kit, &lou, "answer.wav").await;
    let refused = |wish| kit.app().request_cut(&lou.viewer, source, wish);
    let other = kit.app().request_cut(&ines.viewer, source, wish(&[(0, 1000)], Split::None)).await;
    assert_eq!(other.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(kit.app().cuts_of(&ines.viewer, source).await.unwrap_err().kind(), ErrorKind::NotFound);
    for (asked, code) in [
        (wish(&[], Split::None), "cut-nothing"),
        (wish(&[(5, 5)], Split::None), "cut-empty"),
        (wish(&[(0, 20), (10, 30)], Split::None), "cut-out-of-order"),
        (wish(&[(99_000_000, 99_000_001)], Split::None), "cut-beyond"),
        (wish(&[(0, 1); 201], Split::None), "cut-too-many"),
    ] {
        assert_eq!(refused(asked).await.unwrap_err().code(), code);
    }
    let document = prepared(&kit, &lou, "fiche.pdf").await;
    let error = kit.app().request_cut(&lou.viewer, document, wish(&[(0, 1)], Split::None)).await;
    assert_eq!(error.unwrap_err().code(), "cut-not-media");
    let fresh = lou.deposits("answer.wav").await.id;
    let error = kit.app().request_cut(&lou.viewer, fresh, wish(&[(0, 1)], Split::None)).await;
    assert_eq!(error.unwrap_err().code(), "cut-not-ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_cuts_do_not_pile_up() {
    let kit = TestApp::start().await;
    let lou = kit.teacher("lou").await;
    let source = prepared(&kit, &lou, "answer.wav").await;
    for _ in 0..20 {
        kit.app().request_cut(&lou.viewer, source, wish(&[(0, 1000)], Split::None)).await.unwrap();
    }
    let error = kit.app().request_cut(&lou.viewer, source, wish(&[(0, 1000)], Split::None)).await;
    assert_eq!(error.unwrap_err().code(), "cut-waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_a_cut_is_can_be_seen_until_it_is_made() {
    let kit = TestApp::start().await;
    let lou = kit.teacher("lou").await;
    let source = prepared(&kit, &lou, "answer.wav").await;
    kit.app().request_cut(&lou.viewer, source, wish(&[(0, 1000)], Split::None)).await.unwrap();
    let claim = kit.app().claim_job(Lane::Media).await.unwrap().unwrap();
    kit.app().report_progress(&claim, 500, Some(2000)).await.unwrap();
    let job = kit.app().cuts_of(&lou.viewer, source).await.unwrap().remove(0).job.unwrap();
    assert_eq!((job.progress_permille, job.remaining_ms), (500, Some(2000)));
    kit.app().fail_job(&claim, Setback::Permanent { code: "cut-beyond".to_owned() }).await.unwrap();
    assert_eq!(kit.app().cuts_of(&lou.viewer, source).await.unwrap()[0].job, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_runs_twice_makes_its_deposits_once() {
    let kit = TestApp::start().await;
    let lou = kit.teacher("lou").await;
    let source = prepared(&kit, &lou, "clip.mp4").await;
    let cut = kit.app().request_cut(&lou.viewer, source, wish(&[(0, 1000)], Split::None)).await.unwrap().cut;
    assert!(kit.app().claim_job(Lane::Media).await.unwrap().is_none(), "films have a lane of their own");
    let first = loop {
        let claim = kit.app().claim_job(Lane::Film).await.unwrap().unwrap();
        if matches!(claim.job.work, Some(Work::Cut { .. })) {
            break claim;
        }
        kit.app().complete_job(&claim).await.unwrap();
    };
    let file = part(&kit, b"twice");
    kit.app().release_job(&first).await.unwrap();
    let second = kit.app().claim_job(Lane::Film).await.unwrap().unwrap();
    let late = kit.app().finish_cut(&first, cut.id, vec![file.clone()], &CancellationToken::new()).await;
    assert!(!late.unwrap(), "a lost lease records nothing");
    assert!(kit.app().cuts_of(&lou.viewer, source).await.unwrap()[0].deposits.is_empty());
    let told = kit.app().fail_job(&second, Setback::Permanent { code: "cut-beyond".to_owned() }).await;
    told.unwrap();
    let view = &kit.app().cuts_of(&lou.viewer, source).await.unwrap()[0];
    assert_eq!((view.cut.state, view.cut.failure_code.as_deref()), (CutState::Failed, Some("cut-beyond")));
    assert!(kit.app().cut_task(cut.id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_do_not_fit_the_quota_are_not_kept() {
    let quota = QUOTA_BYTES.to_string();
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    let kit = TestApp::start_at(address, &[("BALADO_LIMITS_TEACHER_QUOTA_BYTES", &quota)]).await;
    let lou = kit.teacher("lou").await;
    let source = prepared(&kit, &lou, "answer.wav").await;
    let cut = kit.app().request_cut(&lou.viewer, source, wish(&[(0, 1000)], Split::None)).await.unwrap().cut;
    let claim = kit.app().claim_job(Lane::Media).await.unwrap().unwrap();
    let file = part(&kit, &[0; QUOTA_BYTES]);
    let error =
        kit.app().finish_cut(&claim, cut.id, vec![file], &CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.code(), "quota-exceeded");
    assert!(kit.app().cuts_of(&lou.viewer, source).await.unwrap()[0].deposits.is_empty());
}

/// How many files with these bytes lie anywhere below a folder.
fn count_files(folder: &Path, bytes: &[u8]) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| match path.is_dir() {
            true => count_files(&path, bytes),
            false => usize::from(std::fs::read(&path).unwrap() == bytes),
        })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_worker_stored_of_a_cut_that_was_called_off_is_swept() {
    let kit = TestApp::start().await;
    let lou = kit.teacher("lou").await;
    let source = prepared(&kit, &lou, "answer.wav").await;
    let asked = wish(&[(0, 1000), (2000, 3000), (4000, 5000)], Split::Spans);
    let cut = kit.app().request_cut(&lou.viewer, source, asked).await.unwrap().cut;
    let claim = kit.app().claim_job(Lane::Media).await.unwrap().unwrap();
    let bytes = b"stored, then died";
    let files = vec![part(&kit, bytes); 3];
    kit.app().release_job(&claim).await.unwrap();
    let stored = kit.app().finish_cut(&claim, cut.id, files, &CancellationToken::new()).await;
    assert!(!stored.unwrap(), "its lease is lost");
    assert_eq!(count_files(kit.folder(), bytes), 3, "another attempt may record them");
    kit.app().cancel_cut(&lou.viewer, source, cut.id).await.unwrap();
    kit.app().sweep().await.unwrap();
    assert_eq!(count_files(kit.folder(), bytes), 3, "a worker may still be at it");
    kit.clock().advance(TimeDelta::minutes(11));
    kit.app().sweep().await.unwrap();
    assert_eq!(count_files(kit.folder(), bytes), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_to_stop_stores_no_further_part_and_another_makes_the_cut() {
    let kit = TestApp::start().await;
    let lou = kit.teacher("lou").await;
    let source = prepared(&kit, &lou, "answer.wav").await;
    let asked = wish(&[(0, 1000), (2000, 3000)], Split::Spans);
    let cut = kit.app().request_cut(&lou.viewer, source, asked).await.unwrap().cut;
    let claim = kit.app().claim_job(Lane::Media).await.unwrap().unwrap();
    let (bytes, stopping) = (b"never stored", CancellationToken::new());
    stopping.cancel();
    let files = vec![part(&kit, bytes); 2];
    assert!(!kit.app().finish_cut(&claim, cut.id, files, &stopping).await.unwrap());
    assert_eq!(count_files(kit.folder(), bytes), 0);
    assert!(kit.app().release_job(&claim).await.unwrap(), "the lease is still held");
    kit.works().await;
    assert_eq!(kit.app().cuts_of(&lou.viewer, source).await.unwrap()[0].cut.state, CutState::Done);
}
