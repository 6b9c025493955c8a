//! The promises of resumable upload, checked from outside by `web/e2e/tus`.

use super::browser::{run, scripts};
use super::instance::{Engine, Instance, TEACHER, on_both_engines};
use std::process::Command;

/// Another teacher of the demonstration school, who has nothing to do in the first one's uploads.
const OTHER_TEACHER: &str = "hugo.petit";

on_both_engines! {
    tus_conformance => conforms,
}

async fn conforms(engine: Engine) {
    let folder = scripts("e2e/tus");
    let mut instance = Instance::new(engine);
    instance.serve().await;
    let mut node = Command::new("node");
    node.current_dir(folder)
        .arg("conformance.mjs")
        .env("BASE_URL", &instance.origin)
        .env("TOKEN", instance.client(TEACHER).token)
        .env("OTHER_TOKEN", instance.client(OTHER_TEACHER).token);
    run(&mut node, &instance);
}
