//! Documents are found by what they say, by those who may see them.

use balado_app::screens::Wanted;
use balado_domain::deposit::{DepositState, RenditionKind};
use balado_domain::publication::PublicationState;
use balado_domain::{DepositId, PublicationId};
use balado_testkit::transcoder::content_of;
use balado_testkit::{Actor, TestApp};
use bytes::Bytes;

/// What a sheet about plants says; everything else is as ever.
fn about_plants(kind: RenditionKind) -> Bytes {
    match kind {
        RenditionKind::Text => Bytes::from_static("La Photosynthèse des ÉPINARDS".as_bytes()),
        other => content_of(other),
    }
}

fn saying<State, Id>(text: &str) -> Wanted<State, Id> {
    Wanted { text: text.to_owned(), state: None, group: None, after: None, limit: 20 }
}

async fn deposits_found(kit: &TestApp, who: &Actor<'_>, text: &str) -> Vec<DepositId> {
    let found = kit.app().find_deposits(&who.viewer, saying::<DepositState, DepositId>(text)).await.unwrap();
    found.items.iter().map(|view| view.deposit.id).collect()
}

async fn publications_found(kit: &TestApp, who: &Actor<'_>, text: &str) -> Vec<PublicationId> {
    let wanted = saying::<PublicationState, PublicationId>(text);
    let found = kit.app().find_publications(&who.viewer, wanted).await.unwrap();
    found.items.iter().map(|view| view.publication.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_found_by_its_words_without_accents_and_by_nobody_else() {
    let kit = TestApp::start().await;
    let (lou, max, ines) = (kit.teacher("lou").await, kit.teacher("max").await, kit.pupil("ines").await);
    let sheet = lou.deposits("fiche.pdf").await;
    kit.works_making(about_plants).await;
    let published = sheet.publishes_to(&["5eB"]).await;
    for text in ["photosynthese", "Épinards", "des épin"] {
        assert_eq!(deposits_found(&kit, &lou, text).await, [sheet.id], "{text}");
        assert_eq!(publications_found(&kit, &lou, text).await, [published], "{text}");
    }
    assert!(deposits_found(&kit, &lou, "volcan").await.is_empty());
    for stranger in [&max, &ines] {
        assert!(deposits_found(&kit, stranger, "photosynthese").await.is_empty());
        assert!(publications_found(&kit, stranger, "photosynthese").await.is_empty());
    }
}
