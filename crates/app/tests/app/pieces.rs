//! The pieces of a finished upload are a second copy of somebody's voice: they go, whatever dies on the way.

use crate::app::engines::Installation;
use balado_domain::deposit::DepositState;
use balado_domain::{DepositId, Viewer};
use balado_store::uploads;
use chrono::TimeDelta;
use futures::stream;
use std::convert::Infallible;

on_both_databases! {
    pieces_go_with_the_last_byte => gone_at_once,
    pieces_that_could_not_be_removed_are_swept => swept_later,
    an_upload_that_has_ended_takes_nothing_more => ended,
}

fn pieces(installation: &Installation, id: DepositId) -> usize {
    installation.objects_below(&format!("uploads/{id}"))
}

fn is_remembered(installation: &Installation, id: DepositId) -> bool {
    installation.database().read_blocking(|c| uploads::get_for(c, &Viewer::System, id)).is_ok()
}

async fn gone_at_once(installation: &Installation) {
    let lou = installation.kit.teacher("lou").await;
    let id = lou.deposits("memo.webm").await.id;
    assert_eq!((pieces(installation, id), is_remembered(installation, id)), (0, false));
}

async fn swept_later(installation: &Installation) {
    let kit = &installation.kit;
    let lou = kit.teacher("lou").await;
    let before = kit.app().storage_used(&lou.viewer, lou.school()).await.unwrap();
    installation.bucket.refuse_deletes();
    let id = lou.deposits("memo.webm").await.id;
    kit.app().sweep().await.unwrap();
    assert!(pieces(installation, id) > 0 && is_remembered(installation, id));
    let used = kit.app().storage_used(&lou.viewer, lou.school()).await.unwrap();
    let size = kit.app().deposit(&lou.viewer, id).await.unwrap().deposit.size_bytes;
    assert_eq!(used.0 - before.0, size, "it counts once");

    installation.bucket.allow_deletes();
    kit.app().sweep().await.unwrap();
    assert_eq!((pieces(installation, id), is_remembered(installation, id)), (0, false));
    let original = kit.app().original(&lou.viewer, id).await.unwrap();
    assert!(kit.app().objects().verify(&original.blob).await.is_ok());
}

async fn ended(installation: &Installation) {
    let kit = &installation.kit;
    let lou = kit.teacher("lou").await;
    installation.bucket.refuse_deletes();
    let id = lou.deposits("memo.webm").await.id;
    let status = kit.app().upload_status(&lou.viewer, id).await.unwrap();
    assert_eq!((status.length, status.expires_at), (Some(status.offset), None));
    let nothing = || stream::empty::<Result<bytes::Bytes, Infallible>>();
    kit.app().append_to_upload(&lou.viewer, id, status.offset, None, nothing()).await.unwrap();
    let database = installation.database();
    let taken = database.write_blocking(|tx| uploads::take_writer(tx, id, "late", 30));
    assert!(taken.is_err(), "there is nothing left to write");
    let taken = database.write_blocking(|tx| uploads::try_take_writer(tx, id, "late", 30));
    assert!(taken.unwrap().is_none());
    kit.clock().advance(TimeDelta::days(3));
    kit.app().sweep().await.unwrap();
    let state = kit.app().deposit(&lou.viewer, id).await.unwrap().deposit.state;
    assert_eq!(state, DepositState::Received, "no time is over for it");
}
