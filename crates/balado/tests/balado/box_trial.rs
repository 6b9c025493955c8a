//! What workers do with a box that does not hold, and with a converter that does not end. A shell plays the transcoder.

use super::instance::{Engine, Instance, PATIENCE, TEACHER, fixture};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Instant;

const BOXED: &str = r#"{"event":"boxed","report":{"closed":true,"landlock":"fully","seccomp":true,"namespaces":[],"privileges_dropped":true,"faults":[]}}"#;

/// A transcoder of which one attempt to break out ends so, and that does this with a file, in its scratch folder.
fn played(instance: &mut Instance, held: bool, with_a_file: &str) -> PathBuf {
    let program = instance.path("transcoder");
    let (tries, attempt) = (instance.path("tries"), format!(r#"{{"what":"play","held":{held}}}"#));
    let script = format!(
        "#!/bin/sh\necho '{BOXED}'\nread line\nif [ \"$1\" = --prove-box ]; then echo '{attempt}'; exit 0; fi\n\
         echo try >> {}\n{with_a_file}\n",
        tries.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    instance.set("BALADO_WORKER_TRANSCODER", program.display());
    tries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_box_does_not_hold_takes_no_file() {
    let mut instance = Instance::new(Engine::Embedded);
    let tries = played(&mut instance, false, "exit 1");
    instance.serve().await;
    let teacher = instance.client(TEACHER);
    let deposit = teacher.deposit(&fixture("media/memo.webm")).await;
    let worker = instance.work();
    let started = Instant::now();
    while !instance.logs().contains("the sandbox does not hold") {
        assert!(started.elapsed() < PATIENCE, "{}", instance.logs());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    instance.terminate(worker);
    assert!(!tries.exists(), "a file was given away");
    assert_eq!(teacher.json("GET", &deposit, None).await["state"], "received");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_may_work_in_a_box_with_gaps_and_is_told_so_loudly() {
    let mut instance = Instance::new(Engine::Embedded);
    let tries = played(&mut instance, false, "exit 4");
    instance.set("BALADO_WORKER_SANDBOX", "tolerate-gaps");
    instance.serve().await;
    instance.work();
    let teacher = instance.client(TEACHER);
    let deposit = teacher.deposit(&fixture("media/memo.webm")).await;
    teacher.wait_for(&deposit, "failed").await;
    assert!(tries.exists());
    assert!(instance.logs().contains("FILES ARE CONVERTED IN A BOX WITH GAPS"), "{}", instance.logs());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_converter_that_does_not_end_is_tried_once_more_and_leaves_nothing() {
    let mut instance = Instance::new(Engine::Embedded);
    let tries = played(&mut instance, true, "mkdir office-profile\nexit 4");
    instance.serve().await;
    instance.work();
    let teacher = instance.client(TEACHER);
    let deposit = teacher.deposit(&fixture("media/lecon.docx")).await;
    let shown = teacher.wait_for(&deposit, "failed").await;
    assert_eq!(shown["failure"]["code"], "transcoder-timeout");
    assert_eq!(std::fs::read_to_string(tries).unwrap().lines().count(), 2);
    assert_eq!(instance.rooms(), 0, "a profile was left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_on_which_the_decoder_breaks_twice_is_given_up_with_a_clear_word() {
    let mut instance = Instance::new(Engine::Embedded);
    let tries = played(&mut instance, true, "kill -SEGV $$");
    instance.serve().await;
    instance.work();
    let teacher = instance.client(TEACHER);
    let deposit = teacher.deposit(&fixture("media/memo.webm")).await;
    let shown = teacher.wait_for(&deposit, "failed").await;
    assert_eq!(shown["failure"]["code"], "transcoder-crashed");
    assert_eq!(std::fs::read_to_string(tries).unwrap().lines().count(), 2);
}
