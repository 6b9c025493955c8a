//! Calling off the work on a deposit: who may, what stays, and that it can be done again.

use balado_domain::deposit::{DepositState, RenditionKind};
use balado_domain::job::Lane;
use balado_testkit::TestApp;
use balado_testkit::transcoder::content_of;

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_called_off_loses_its_fence_and_keeps_what_it_made() {
    let kit = TestApp::start().await;
    let lou = kit.teacher("lou").await;
    let film = lou.deposits("clip.mp4").await.id;
    kit.works_once(Lane::Media, content_of).await;
    let running = kit.app().claim_job(Lane::Film).await.unwrap().unwrap();
    assert!(kit.app().holds_job(&running).await.unwrap());
    kit.app().report_progress(&running, 600, Some(180_000)).await.unwrap();
    let job = kit.app().deposit(&lou.viewer, film).await.unwrap().job.unwrap();
    assert_eq!((job.progress_permille, job.remaining_ms), (640, Some(180_000)), "a tenth was its sound");

    kit.app().cancel_deposit(&lou.viewer, film).await.unwrap();
    assert!(!kit.app().holds_job(&running).await.unwrap());
    assert!(!kit.app().finish_transcode(&running).await.unwrap(), "its worker must forget what it has");
    let view = kit.app().deposit(&lou.viewer, film).await.unwrap();
    assert_eq!(view.deposit.state, DepositState::Failed);
    assert_eq!(view.deposit.failure_code.as_deref(), Some("cancelled"));
    assert!(view.renditions.iter().any(|made| made.kind == RenditionKind::Mp3), "what was made stays");
    assert!(kit.app().original(&lou.viewer, film).await.is_ok(), "the original is kept");

    kit.app().retry_deposit(&lou.viewer, film).await.unwrap();
    kit.works().await;
    assert_eq!(kit.app().deposit(&lou.viewer, film).await.unwrap().deposit.state, DepositState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_and_the_schools_administrator_call_work_off() {
    let kit = TestApp::start().await;
    let lou = kit.teacher("lou").await;
    let memo = lou.deposits("memo.webm").await.id;
    for stranger in ["max", "ines", "paul", "ana", "bob", "sam"] {
        let stranger = kit.person(stranger).await;
        let refused = kit.app().cancel_deposit(&stranger.viewer, memo).await.unwrap_err();
        assert_eq!(refused.code(), "not-found", "{}", stranger.person.given_name);
    }
    let ada = kit.person("ada").await;
    kit.app().cancel_deposit(&ada.viewer, memo).await.unwrap();
    let again = kit.app().cancel_deposit(&ada.viewer, memo).await.unwrap_err();
    assert_eq!(again.code(), "deposit-not-working");
    assert!(kit.app().claim_job(Lane::Media).await.unwrap().is_none(), "what was queued is gone");
    assert_eq!(kit.app().deposit(&lou.viewer, memo).await.unwrap().deposit.state, DepositState::Failed);
}
