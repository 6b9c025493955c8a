//! A recording is converted while it arrives; at the end exactly one of its two jobs makes its outputs.

use balado_app::deposits::OpenDeposit;
use balado_domain::DepositId;
use balado_domain::deposit::{DepositState, Purpose};
use balado_domain::job::{ClaimedJob, JobState, Lane, Work};
use balado_testkit::TestApp;
use balado_testkit::builders::{Actor, fixture};
use balado_testkit::transcoder::content_of;
use bytes::Bytes;
use futures::stream;
use std::convert::Infallible;

/// A file on its way, of a length that was declared or not.
struct Upload<'a> {
    kit: &'a TestApp,
    owner: &'a Actor<'a>,
    id: DepositId,
    bytes: Bytes,
    at: usize,
}

impl<'a> Upload<'a> {
    async fn open(kit: &'a TestApp, owner: &'a Actor<'a>, bytes: Bytes, length: Option<u64>) -> Self {
        let wish = OpenDeposit {
            school: None,
            file_name: "memo".to_owned(),
            length,
            purpose: Purpose::Resource,
            metadata: String::new(),
        };
        let (deposit, _) = kit.app().open_deposit(&owner.viewer, wish).await.unwrap();
        Self { kit, owner, id: deposit.id, bytes, at: 0 }
    }

    async fn send_until(&mut self, to: usize) {
        let (from, whole) = (self.at as u64, self.bytes.len());
        let body = stream::iter([Ok::<_, Infallible>(self.bytes.slice(self.at..to))]);
        let length = (to == whole).then_some(whole as u64);
        self.kit.app().append_to_upload(&self.owner.viewer, self.id, from, length, body).await.unwrap();
        self.at = to;
    }

    async fn finish(&mut self) {
        self.send_until(self.bytes.len()).await;
    }

    async fn state(&self) -> DepositState {
        self.kit.app().deposit(&self.owner.viewer, self.id).await.unwrap().deposit.state
    }
}

async fn count(kit: &TestApp, lane: Lane, state: JobState) -> i64 {
    let counts = kit.app().count_jobs().await.unwrap();
    counts.iter().filter(|(l, s, _)| (*l, *s) == (lane, state)).map(|(_, _, jobs)| jobs).sum()
}

async fn claim(kit: &TestApp, lane: Lane) -> Option<ClaimedJob> {
    kit.app().claim_job(lane).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_followed_from_the_bytes_that_show_what_it_is_and_once() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let mut memo = Upload::open(&kit, &teacher, fixture("memo.webm"), None).await;
    memo.send_until(2000).await;
    assert_eq!(count(&kit, Lane::Follow, JobState::Queued).await, 0);
    for to in [5000, 9000, 20_000] {
        memo.send_until(to).await;
        assert_eq!(count(&kit, Lane::Follow, JobState::Queued).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_whole_and_what_cannot_be_followed_has_no_follower() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let memo = fixture("memo.webm");
    let mut whole = Upload::open(&kit, &teacher, memo.clone(), Some(memo.len() as u64)).await;
    whole.finish().await;
    let mut photo = Upload::open(&kit, &teacher, fixture("photo.jpg"), None).await;
    photo.send_until(50_000).await;
    // Nearly all of it is here: the queue is as fast.
    let mut nearly = Upload::open(&kit, &teacher, memo.clone(), Some(memo.len() as u64)).await;
    nearly.send_until(50_000).await;
    for state in JobState::ALL {
        assert_eq!(count(&kit, Lane::Follow, *state).await, 0, "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_has_not_begun_at_the_end_is_called_off() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let mut memo = Upload::open(&kit, &teacher, fixture("memo.webm"), None).await;
    memo.send_until(20_000).await;
    memo.finish().await;
    assert!(claim(&kit, Lane::Follow).await.is_none());
    kit.works().await;
    assert_eq!(memo.state().await, DepositState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_ends_the_job_whose_work_it_has_done() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let mut memo = Upload::open(&kit, &teacher, fixture("memo.webm"), None).await;
    memo.send_until(20_000).await;
    let follower = claim(&kit, Lane::Follow).await.unwrap();
    memo.finish().await;
    assert!(claim(&kit, Lane::Media).await.is_none(), "it is left to the follower");
    kit.transcodes(&follower, &content_of).await;
    assert_eq!(memo.state().await, DepositState::Ready);
    assert_eq!(count(&kit, Lane::Media, JobState::Done).await, 1);
    assert!(claim(&kit, Lane::Media).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_a_follower_made_of_a_film_queues_its_pictures() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let mut film = Upload::open(&kit, &teacher, fixture("clip.mp4"), None).await;
    film.send_until(20_000).await;
    let follower = claim(&kit, Lane::Follow).await.unwrap();
    film.finish().await;
    kit.transcodes(&follower, &content_of).await;
    assert_eq!(film.state().await, DepositState::Received);
    let pictures = kit.works_once(Lane::Film, content_of).await;
    assert!(matches!(pictures, Some(Work::Pictures { .. })), "{pictures:?}");
    assert_eq!(film.state().await, DepositState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_leaves_frees_the_job_at_once() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let mut memo = Upload::open(&kit, &teacher, fixture("memo.webm"), None).await;
    memo.send_until(20_000).await;
    let follower = claim(&kit, Lane::Follow).await.unwrap();
    memo.finish().await;
    assert!(kit.app().leave_to_queue(&follower).await.unwrap());
    kit.works().await;
    assert_eq!(memo.state().await, DepositState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_follower_and_the_queue_the_faster_ends_the_work_and_the_other_ends_nothing() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    for follower_wins in [true, false] {
        let mut memo = Upload::open(&kit, &teacher, fixture("memo.webm"), None).await;
        memo.send_until(20_000).await;
        let lost = claim(&kit, Lane::Follow).await.unwrap();
        memo.finish().await;
        // It gave no sign of life, and somebody else took its work; then both are there.
        kit.app().release_job(&lost).await.unwrap();
        let worker = claim(&kit, Lane::Media).await.unwrap();
        let follower = claim(&kit, Lane::Follow).await.unwrap();
        let (first, second) = if follower_wins { (&follower, &worker) } else { (&worker, &follower) };
        kit.transcodes(first, &content_of).await;
        assert_eq!(memo.state().await, DepositState::Ready);
        let ended = kit.app().finish_transcode(second).await.unwrap();
        assert_eq!(ended, !follower_wins, "a worker whose job is settled has lost its fence");
        assert_eq!(memo.state().await, DepositState::Ready);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_an_upload_up_calls_its_follower_off() {
    let kit = TestApp::start().await;
    let teacher = kit.teacher("lou").await;
    let mut memo = Upload::open(&kit, &teacher, fixture("memo.webm"), None).await;
    memo.send_until(20_000).await;
    let follower = claim(&kit, Lane::Follow).await.unwrap();
    kit.app().abandon_upload(&teacher.viewer, memo.id).await.unwrap();
    assert!(!kit.app().renew_job(&follower).await.unwrap());
    assert!(claim(&kit, Lane::Follow).await.is_none());
}
