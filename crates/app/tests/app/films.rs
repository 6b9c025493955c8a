//! A film is made in three steps, each queued by the end of the one before: sound, pictures, light video.

use balado_domain::DepositId;
use balado_domain::deposit::{DepositState, RenditionKind};
use balado_domain::job::{JobState, Lane, Setback, Work};
use balado_testkit::TestApp;
use balado_testkit::builders::Actor;
use balado_testkit::transcoder::content_of;

async fn state_and_kinds(
    owner: &Actor<'_>,
    kit: &TestApp,
    id: DepositId,
) -> (DepositState, Vec<RenditionKind>) {
    let view = kit.app().deposit(&owner.viewer, id).await.unwrap();
    (view.deposit.state, view.renditions.iter().map(|one| one.kind).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_can_be_heard_before_its_pictures_are_made_and_is_ready_before_its_light_video() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let film = teacher.deposits("clip.mp4").await.id;

    let sound = kit.works_once(Lane::Media, content_of).await;
    assert!(matches!(sound, Some(Work::Transcode { .. })), "{sound:?}");
    let (state, kinds) = state_and_kinds(&teacher, &kit, film).await;
    assert_eq!(state, DepositState::Received);
    assert!(kinds.contains(&RenditionKind::Mp3) && !kinds.contains(&RenditionKind::Mp4), "{kinds:?}");
    assert!(
        kit.app().claim_job(Lane::Media).await.unwrap().is_none(),
        "its pictures are no work for this lane"
    );

    let pictures = kit.works_once(Lane::Film, content_of).await;
    assert!(matches!(pictures, Some(Work::Pictures { .. })), "{pictures:?}");
    let (state, kinds) = state_and_kinds(&teacher, &kit, film).await;
    assert_eq!(state, DepositState::Ready);
    assert!(kinds.contains(&RenditionKind::Poster) && !kinds.contains(&RenditionKind::Light), "{kinds:?}");

    let light = kit.works_once(Lane::Film, content_of).await;
    assert!(matches!(light, Some(Work::LightVideo { .. })), "{light:?}");
    let (state, kinds) = state_and_kinds(&teacher, &kit, film).await;
    assert_eq!(state, DepositState::Ready);
    assert!(kinds.contains(&RenditionKind::Light), "{kinds:?}");
    assert_eq!(kit.works_once(Lane::Film, content_of).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_of_a_film_is_kept_for_its_pictures_and_goes_with_them() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let film = teacher.deposits("clip.mp4").await.id;
    kit.works_once(Lane::Media, content_of).await;
    let claim = kit.app().claim_job(Lane::Film).await.unwrap().unwrap();
    let task = kit.app().transcode_task(claim.job.work.as_ref().unwrap()).await.unwrap().unwrap();
    let sound = task.sound.expect("the first job encoded it");
    assert!(kit.app().objects().size(&sound).await.is_ok());

    kit.transcodes(&claim, &content_of).await;
    let (state, kinds) = state_and_kinds(&teacher, &kit, film).await;
    assert_eq!((state, kinds.contains(&RenditionKind::Aac)), (DepositState::Ready, false), "{kinds:?}");
    assert!(kit.app().objects().size(&sound).await.is_err(), "its bytes are still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memo_is_one_job() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let memo = teacher.deposits("answer.wav").await.id;
    kit.works_once(Lane::Media, content_of).await;
    assert_eq!(state_and_kinds(&teacher, &kit, memo).await.0, DepositState::Ready);
    assert_eq!(kit.works_once(Lane::Film, content_of).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_tried_again_is_not_heard_twice() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let film = teacher.deposits("clip.mp4").await.id;
    kit.works_once(Lane::Media, content_of).await;
    let pictures = kit.app().claim_job(Lane::Film).await.unwrap().unwrap();
    let damaged = Setback::Permanent { code: "damaged".to_owned() };
    assert_eq!(kit.app().fail_job(&pictures, damaged).await.unwrap(), Some(JobState::Dead));
    assert_eq!(state_and_kinds(&teacher, &kit, film).await.0, DepositState::Failed);

    kit.app().retry_deposit(&teacher.viewer, film).await.unwrap();
    let claim = kit.app().claim_job(Lane::Media).await.unwrap().unwrap();
    let work = claim.job.work.clone().unwrap();
    let task = kit.app().transcode_task(&work).await.unwrap().unwrap();
    assert!(task.is_made(&work, &balado_media::Recipe::standard()), "its sound is there: {:?}", task.have);
    assert!(kit.app().finish_transcode(&claim).await.unwrap());
    kit.works_once(Lane::Film, content_of).await;
    assert_eq!(state_and_kinds(&teacher, &kit, film).await.0, DepositState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_without_its_light_video_stays_ready() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let film = teacher.deposits("clip.mp4").await.id;
    kit.works_once(Lane::Media, content_of).await;
    kit.works_once(Lane::Film, content_of).await;
    let light = kit.app().claim_job(Lane::Film).await.unwrap().unwrap();
    kit.app().fail_job(&light, Setback::Permanent { code: "damaged".to_owned() }).await.unwrap();
    let view = kit.app().deposit(&teacher.viewer, film).await.unwrap();
    assert_eq!((view.deposit.state, view.deposit.failure_code), (DepositState::Ready, None));
    assert_eq!(view.job.map(|job| job.state), Some(JobState::Done), "nobody is told of it");
}
