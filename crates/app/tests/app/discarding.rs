//! Taking a deposit back: who may, what goes, and what others already have.

use crate::app::engines::Installation;
use balado_app::cuts::{CutWish, Precision, Span, Split};
use balado_app::deposits::OpenDeposit;
use balado_app::publications::PublicationWish;
use balado_domain::deposit::{DepositState, Purpose};
use balado_domain::job::Lane;
use balado_domain::{DepositId, Viewer};
use balado_store::uploads;
use balado_testkit::builders::{Actor, fixture};
use balado_testkit::transcoder::content_of;
use chrono::TimeDelta;
use std::fs::File;
use std::sync::Arc;

on_both_databases! {
    a_take_is_forgotten_with_all_that_was_made_of_it => forgotten,
    a_take_that_is_being_worked_on_is_forgotten_too => forgotten_at_work,
    a_take_that_is_still_arriving_is_given_up => given_up,
    files_that_could_not_be_removed_are_swept => swept_later,
    only_its_owner_takes_a_deposit_back => owner_alone,
    what_others_have_stays => used_by_others,
}

/// How many files there are of a deposit.
async fn files(installation: &Installation, owner: &Actor<'_>, id: DepositId) -> usize {
    installation.objects_below(&format!("{}/{id}", owner.school()))
        + installation.objects_below(&format!("uploads/{id}"))
}

async fn to_publish(owner: &Actor<'_>, deposit: DepositId, companions: Vec<DepositId>) -> PublicationWish {
    PublicationWish {
        deposit,
        title: "Une leçon".to_owned(),
        description: String::new(),
        language: String::new(),
        audience: owner.classes(&["5eB"]).await,
        publish_at: None,
        until: None,
        tags: Vec::new(),
        links: Vec::new(),
        companions,
    }
}

async fn forgotten(installation: &Installation) {
    let kit = &installation.kit;
    let lou = kit.teacher("lou").await;
    let before = kit.app().storage_used(&lou.viewer, lou.school()).await.unwrap();
    let id = lou.deposits("fiche.pdf").await.id;
    kit.works().await;
    assert!(files(installation, &lou, id).await > 2);
    for _ in 0..2 {
        kit.app().discard_deposit(&lou.viewer, id).await.unwrap();
    }
    assert_eq!(files(installation, &lou, id).await, 0);
    let view = kit.app().deposit(&lou.viewer, id).await.unwrap();
    assert_eq!((view.deposit.state, view.renditions.len()), (DepositState::Abandoned, 0));
    assert_eq!(kit.app().original(&lou.viewer, id).await.unwrap_err().code(), "not-found");
    assert_eq!(kit.app().upload_status(&lou.viewer, id).await.unwrap_err().code(), "upload-gone");
    assert_eq!(kit.app().storage_used(&lou.viewer, lou.school()).await.unwrap(), before);
    let wish = to_publish(&lou, id, Vec::new()).await;
    assert_eq!(kit.app().publish(&lou.viewer, wish).await.unwrap_err().code(), "not-found");
    assert!(kit.app().retry_deposit(&lou.viewer, id).await.is_err());
}

async fn forgotten_at_work(installation: &Installation) {
    let kit = &installation.kit;
    let lou = kit.teacher("lou").await;
    let id = lou.deposits("clip.mp4").await.id;
    kit.works_once(Lane::Media, content_of).await;
    assert!(files(installation, &lou, id).await > 2);
    let claim = kit.app().claim_job(Lane::Film).await.unwrap().unwrap();
    kit.app().discard_deposit(&lou.viewer, id).await.unwrap();
    assert!(!kit.app().holds_job(&claim).await.unwrap(), "its worker stops");
    // What it was storing at that moment.
    std::fs::write(kit.folder().join("late"), "late").unwrap();
    let late = Arc::new(File::open(kit.folder().join("late")).unwrap());
    kit.app().objects().put_file(lou.school(), id, &late).await.unwrap();
    assert_eq!(files(installation, &lou, id).await, 1);
    kit.app().sweep().await.unwrap();
    assert_eq!(files(installation, &lou, id).await, 0);
    let remembered =
        || installation.database().read_blocking(|c| uploads::get_for(c, &Viewer::System, id)).is_ok();
    assert!(remembered(), "more may come");
    kit.clock().advance(TimeDelta::hours(2));
    kit.app().sweep().await.unwrap();
    assert!(!remembered());
    assert!(kit.app().claim_job(Lane::Film).await.unwrap().is_none(), "nothing is left to do");
}

async fn given_up(installation: &Installation) {
    let kit = &installation.kit;
    let lou = kit.teacher("lou").await;
    let wish = OpenDeposit {
        school: None,
        file_name: "memo.webm".to_owned(),
        length: None,
        purpose: Purpose::Resource,
        metadata: String::new(),
    };
    let id = kit.app().open_deposit(&lou.viewer, wish).await.unwrap().0.id;
    let body = futures::stream::iter([Ok::<_, String>(fixture("memo.webm"))]);
    kit.app().append_to_upload(&lou.viewer, id, 0, None, body).await.unwrap();
    assert!(files(installation, &lou, id).await > 0);
    kit.app().discard_deposit(&lou.viewer, id).await.unwrap();
    assert_eq!(files(installation, &lou, id).await, 0);
    assert_eq!(kit.app().deposit(&lou.viewer, id).await.unwrap().deposit.state, DepositState::Abandoned);
}

async fn swept_later(installation: &Installation) {
    let kit = &installation.kit;
    let lou = kit.teacher("lou").await;
    let id = lou.deposits("memo.webm").await.id;
    installation.bucket.refuse_deletes();
    kit.app().discard_deposit(&lou.viewer, id).await.unwrap();
    assert!(files(installation, &lou, id).await > 0);
    installation.bucket.allow_deletes();
    kit.app().sweep().await.unwrap();
    assert_eq!(files(installation, &lou, id).await, 0);
}

async fn owner_alone(installation: &Installation) {
    let kit = &installation.kit;
    let lou = kit.teacher("lou").await;
    let memo = lou.deposits("memo.webm").await.id;
    for stranger in ["max", "ines", "paul", "ana", "ada", "bob", "sam"] {
        let stranger = kit.person(stranger).await;
        let refused = kit.app().discard_deposit(&stranger.viewer, memo).await.unwrap_err();
        assert_eq!(refused.code(), "not-found", "{}", stranger.person.given_name);
    }
    assert_eq!(kit.app().discard_deposit(&Viewer::Anonymous, memo).await.unwrap_err().code(), "not-found");
    assert!(kit.app().original(&lou.viewer, memo).await.is_ok());
    let ines = kit.pupil("ines").await;
    let take = ines.gives("memo.webm", fixture("memo.webm"), Purpose::Submission).await.id;
    kit.app().discard_deposit(&ines.viewer, take).await.unwrap();
}

async fn used_by_others(installation: &Installation) {
    let kit = &installation.kit;
    let (lou, ines) = (kit.teacher("lou").await, kit.pupil("ines").await);
    let refusal = async |who: &Actor<'_>, id| {
        let state = kit.app().deposit(&who.viewer, id).await.unwrap().deposit.state;
        let refused = kit.app().discard_deposit(&who.viewer, id).await.unwrap_err();
        assert_eq!(kit.app().deposit(&who.viewer, id).await.unwrap().deposit.state, state);
        assert!(kit.app().original(&who.viewer, id).await.is_ok());
        refused.code()
    };
    let (shown, beside) = (lou.deposits("answer.wav").await.id, lou.deposits("fiche.pdf").await.id);
    let wish = to_publish(&lou, shown, vec![beside]).await;
    let published = kit.app().publish(&lou.viewer, wish).await.unwrap().publication.id;
    assert_eq!(refusal(&lou, shown).await, "deposit-published");
    assert_eq!(refusal(&lou, beside).await, "deposit-published");
    kit.works().await;
    kit.app().withdraw_publication(&lou.viewer, published).await.unwrap();
    assert_eq!(refusal(&lou, shown).await, "deposit-published");

    let assignment = lou.sets_homework_for("5eB").await;
    let (_, first) = ines.hands_in(assignment).await;
    let (_, second) = ines.hands_in(assignment).await;
    for answer in [first, second] {
        assert_eq!(refusal(&ines, answer).await, "deposit-handed-in");
        let theirs = kit.app().discard_deposit(&lou.viewer, answer).await.unwrap_err();
        assert_eq!(theirs.code(), "not-found");
    }

    let source = lou.deposits("answer.wav").await.id;
    kit.works().await;
    let keep = vec![Span { from_ms: 0, to_ms: Some(1000) }];
    let wish = || CutWish { keep: keep.clone(), split: Split::None, precision: Precision::Exact };
    let called_off = kit.app().request_cut(&lou.viewer, source, wish()).await.unwrap().cut.id;
    assert_eq!(refusal(&lou, source).await, "deposit-cut-from");
    kit.app().cancel_cut(&lou.viewer, source, called_off).await.unwrap();
    kit.app().request_cut(&lou.viewer, source, wish()).await.unwrap();
    kit.works().await;
    assert_eq!(refusal(&lou, source).await, "deposit-cut-from");
    let cuts = kit.app().cuts_of(&lou.viewer, source).await.unwrap();
    let part = *cuts.iter().find_map(|view| view.deposits.first()).unwrap();
    kit.app().discard_deposit(&lou.viewer, part).await.unwrap();
}
