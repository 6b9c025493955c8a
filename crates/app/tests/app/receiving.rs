//! An upload whose finishing died half-way is neither lost nor in anybody's way.

use balado_app::deposits::OpenDeposit;
use balado_domain::deposit::{DepositState, Purpose};
use balado_domain::{DepositId, Viewer};
use balado_testkit::TestApp;
use bytes::Bytes;
use chrono::TimeDelta;
use futures::stream;
use std::convert::Infallible;

fn body(bytes: Bytes) -> impl futures::Stream<Item = Result<Bytes, Infallible>> + Unpin + Send {
    stream::iter([Ok(bytes)])
}

/// Opens an upload and sends its bytes; the length is declared or not.
async fn sent(kit: &TestApp, viewer: &Viewer, bytes: &Bytes, length: Option<u64>) -> DepositId {
    let wish = OpenDeposit {
        school: None,
        file_name: "memo.webm".to_owned(),
        length,
        purpose: Purpose::Resource,
        metadata: String::new(),
    };
    let (deposit, _) = kit.app().open_deposit(viewer, wish).await.unwrap();
    kit.app().append_to_upload(viewer, deposit.id, 0, None, body(bytes.clone())).await.unwrap();
    deposit.id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_sealed_and_not_recorded_is_finished_by_the_next_request() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let bytes = balado_testkit::builders::fixture("memo.webm");
    let size = bytes.len() as u64;
    let id = sent(&kit, &teacher.viewer, &bytes, None).await;
    // What a process did that died before its transaction.
    kit.app().objects().seal(id, &[], size, teacher.school()).await.unwrap();

    let empty = stream::empty::<Result<Bytes, Infallible>>();
    let status = kit.app().append_to_upload(&teacher.viewer, id, size, Some(size), empty).await.unwrap();
    assert_eq!((status.deposit.state, status.offset), (DepositState::Received, size));
    let original = kit.app().original(&teacher.viewer, id).await.unwrap();
    assert_eq!(original.size_bytes, size);
    assert_eq!(kit.app().objects().verify(&original.blob).await.unwrap(), size);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_refused_by_name() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let id = sent(&kit, &teacher.viewer, &Bytes::new(), Some(0)).await;
    let view = kit.app().deposit(&teacher.viewer, id).await.unwrap();
    assert_eq!(
        (view.deposit.state, view.deposit.failure_code.as_deref()),
        (DepositState::Failed, Some("empty"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_gives_up_what_nobody_continued_and_goes_past_what_it_cannot_sweep() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let lost = sent(&kit, &teacher.viewer, &Bytes::from_static(b"abc"), Some(10)).await;
    kit.app().objects().discard_upload(lost).await.unwrap();
    let stale = sent(&kit, &teacher.viewer, &Bytes::from_static(b"abc"), Some(10)).await;
    kit.clock().advance(TimeDelta::days(3));
    let fresh = sent(&kit, &teacher.viewer, &Bytes::from_static(b"abc"), Some(10)).await;
    kit.app().sweep().await.unwrap();
    for (id, state) in
        [(lost, DepositState::Abandoned), (stale, DepositState::Abandoned), (fresh, DepositState::Receiving)]
    {
        assert_eq!(kit.app().deposit(&teacher.viewer, id).await.unwrap().deposit.state, state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_replaced_is_no_longer_the_teachers_to_hear() {
    let kit = TestApp::start().await;
    let (teacher, pupil) = (kit.teacher("lou").await, kit.pupil("ines").await);
    let assignment = teacher.sets_homework_for("5eB").await;
    let (_, first) = pupil.hands_in(assignment).await;
    let (_, second) = pupil.hands_in(assignment).await;
    assert!(kit.app().deposit(&teacher.viewer, first).await.is_err());
    assert!(kit.app().deposit(&teacher.viewer, second).await.is_ok());
    assert!(kit.app().deposit(&pupil.viewer, first).await.is_ok());
}
