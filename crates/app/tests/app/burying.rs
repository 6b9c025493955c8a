//! Jobs whose workers died every time are buried by whoever claims next, and hold up nobody.

use crate::app::engines::Installation;
use balado_domain::LeaseId;
use balado_domain::deposit::DepositState;
use balado_domain::job::{JobState, Lane};
use balado_store::{Error, deposits, jobs};
use uuid::Uuid;

on_both_databases! {
    a_dead_job_of_a_deposit_that_is_ready_holds_up_nobody => ready_already,
}

async fn ready_already(installation: &Installation) {
    let kit = &installation.kit;
    let lou = kit.teacher("lou").await;
    let id = lou.deposits("memo.webm").await.id;
    let (database, now) = (installation.database(), kit.app().now());
    let claims = std::iter::repeat_with(|| {
        let lease = LeaseId::from_uuid(Uuid::new_v4());
        database.write_blocking::<_, Error>(|tx| jobs::claim(tx, Lane::Media, None, lease, 0, now)).unwrap()
    });
    let last = claims.flatten().find(|claim| claim.job.attempts == claim.job.max_attempts).unwrap();
    database.write_blocking(|tx| deposits::set_ready(tx, id, now)).unwrap();

    let next = lou.deposits("memo.webm").await.id;
    let claimed = kit.app().claim_job(Lane::Media).await.unwrap().unwrap();
    assert_eq!(claimed.job.deposit_id, Some(next));
    let buried = database.read_blocking(|c| jobs::get(c, last.job.id)).unwrap();
    assert_eq!(buried.state, JobState::Dead);
    assert_eq!(kit.app().deposit(&lou.viewer, id).await.unwrap().deposit.state, DepositState::Ready);
}
