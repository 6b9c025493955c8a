//! Work on a small machine, with the real transcoder: short work beside long, and work that is called off.

use super::instance::{
    Engine, Instance, PATIENCE, TEACHER, on_both_engines, transcoders_of, wait_for_transcoder,
};
use std::time::Instant;

on_both_engines! {
    work_that_is_called_off_stops_and_can_be_started_again => called_off,
}

async fn called_off(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
    let deposit = teacher.deposit(&instance.long_film()).await;
    wait_for_transcoder(worker).await;
    let answer = teacher.request("POST", &format!("{deposit}/cancel")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 204);
    let shown = teacher.wait_for(&deposit, "failed").await;
    assert_eq!(shown["failure"]["code"], "cancelled");
    let started = Instant::now();
    while !transcoders_of(worker).is_empty() {
        assert!(started.elapsed() < PATIENCE, "its transcoder goes on: {}", instance.logs());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let original = deposit.replace("/api/", "/media/") + "/original";
    assert!(teacher.request("GET", &original).send().await.unwrap().status().is_success());
    teacher.json("POST", &format!("{deposit}/retry"), None).await;
    teacher.wait_for(&deposit, "ready").await;
}
