//! Work on a small machine, with the real transcoder: short work beside long, and work that is called off.

use super::instance::{
    Engine, Instance, PATIENCE, TEACHER, films_of, fixture, on_both_engines, transcoders_of, wait_for_film,
};
use std::time::Instant;

on_both_engines! {
    a_memo_is_ready_while_a_film_is_converted_and_others_wait => memo_beside_films,
    work_that_is_called_off_stops_and_can_be_started_again => called_off,
}

/// The film's transcoder is frozen meanwhile, so that nothing depends on how fast this machine is.
async fn memo_beside_films(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
    let film = teacher.deposit(&instance.long_film()).await;
    let child = wait_for_film(worker).await;
    instance.signal(child, "STOP");
    let waiting =
        [teacher.deposit(&instance.long_film()).await, teacher.deposit(&instance.long_film()).await];
    let memo = teacher.deposit(&fixture("media/memo.webm")).await;
    teacher.wait_for(&memo, "ready").await;
    for one in waiting.iter().chain([&film]) {
        let shown = teacher.json("GET", one, None).await;
        assert_eq!(shown["state"], "received", "{shown}");
    }
    assert_eq!(films_of(worker), [child], "one film at a time");
    for one in &waiting {
        teacher.request("POST", &format!("{one}/cancel")).send().await.unwrap();
    }
    instance.signal(child, "CONT");
    teacher.wait_for(&film, "ready").await;
}

async fn called_off(engine: Engine) {
    let mut instance = Instance::new(engine);
    instance.serve().await;
    let worker = instance.work();
    let teacher = instance.client(TEACHER);
    let deposit = teacher.deposit(&instance.long_film()).await;
    wait_for_film(worker).await;
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
