//! A teacher: publishing, changing, taking back, setting homework and hearing it.

use super::browser::{Browser, between, heading_of};
use crate::web::client::Ask;
use crate::web::served::Served;
use balado_domain::Clock;
use balado_domain::deposit::Purpose;
use balado_testkit::Actor;
use bytes::Bytes;

async fn class_of(actor: &Actor<'_>, name: &str) -> String {
    actor.classes(&[name]).await.group_ids().next().unwrap().to_string()
}

#[tokio::test]
async fn the_name_of_a_file_is_text_on_every_page_that_shows_it() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let mut browser = Browser::signed_in(&served, "lou").await;
    for (name, shown) in [
        ("<img src=x onerror=alert(1)>.wav", "&#60;img src=x onerror=alert(1)&#62;.wav"),
        ("=cmd()|\"x\".wav", "=cmd()|&#34;x&#34;.wav"),
    ] {
        let deposit = lou.gives(name, Bytes::from_static(b"Bonjour."), Purpose::Resource).await.id;
        for page in
            ["/deposits".to_owned(), format!("/deposits/{deposit}"), format!("/publish?deposit={deposit}")]
        {
            let text = browser.get(&page).await.text();
            let title = shown.trim_end_matches(".wav");
            assert!(text.contains(title) && !text.contains(name), "{page}: {text}");
        }
    }
}

#[tokio::test]
async fn a_form_that_cannot_be_used_keeps_what_was_typed() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let (deposit, class) = (lou.deposits("answer.wav").await.id.to_string(), class_of(&lou, "5eB").await);
    let mut browser = Browser::signed_in(&served, "lou").await;
    let form = browser.get(&format!("/publish?deposit={deposit}")).await;
    assert_eq!((form.status, heading_of(&form).as_str()), (200, "Publier pour…"));
    assert!(form.text().contains("name=\"title\" value=\"answer\""));
    assert!(
        form.text().contains(&format!("value=\"{class}\" data-name=\"5eB\" checked")),
        "the only class is ticked"
    );
    let typed = [
        ("deposit", deposit.as_str()),
        ("title", "Écoute <b>"),
        ("when", "at"),
        ("publish_at", "demain"),
        ("tags", "conte, forêt"),
        ("link_url", "javascript:alert(1)"),
        ("link_label", "Ici"),
    ];
    let again = browser.post("/publications", &typed).await;
    let text = again.text();
    assert_eq!(again.status, 422);
    for said in ["Choisissez au moins une classe", "Cette date n’est pas lisible", "href=\"#field-groups\""]
    {
        assert!(text.contains(said), "{said}");
    }
    assert!(
        text.contains("value=\"Écoute &#60;b&#62;\"") && !text.contains("<b>\""),
        "typed text is only text"
    );
    for kept in [
        "value=\"conte, forêt\"",
        "value=\"javascript:alert(1)\"",
        "value=\"demain\"",
        "<details class=\"further\" open",
    ] {
        assert!(text.contains(kept), "{kept}");
    }
    let mut mended: Vec<_> = typed.into_iter().filter(|(name, _)| *name != "when").collect();
    mended.extend([("when", "now"), ("groups", class.as_str())]);
    let link = browser.post("/publications", &mended).await;
    assert_eq!(link.status, 422);
    assert!(link.text().contains("Un lien doit commencer par"));
}

#[tokio::test]
async fn what_is_published_is_announced_listed_changed_and_taken_back() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let (deposit, class) = (lou.deposits("answer.wav").await.id.to_string(), class_of(&lou, "5eB").await);
    let mut browser = Browser::signed_in(&served, "lou").await;
    assert!(browser.get("/").await.text().contains("En préparation"));
    let fields =
        [("deposit", deposit.as_str()), ("title", "Le corbeau"), ("groups", &class), ("when", "now")];
    let done = browser.post("/publications", &fields).await;
    let page = done.header("location").unwrap().to_owned();
    assert!(done.status == 303 && page.ends_with("?done"), "{page}");
    let announced = browser.get(&page).await;
    assert_eq!(heading_of(&announced), "C’est noté : publié dès que prêt");
    let join = between(&announced.text(), "<code>", "</code>").unwrap();
    assert!(join.starts_with(&format!("http://{}/podcasts#feed-", served.address)), "{join}");
    assert!(
        announced.text().contains("<svg xmlns=") && !announced.text().contains("/f/"),
        "nobody's own address"
    );
    served.kit.works().await;
    assert_eq!(heading_of(&browser.get(&page).await), "C’est publié");
    let home = browser.get("/").await.text();
    assert!(
        home.contains("Le corbeau")
            && home.contains("aucun élève sur 2")
            && !home.contains("En préparation</h2>")
    );
    let listed = browser.get("/publications?q=CORBEAU&state=published").await.text();
    assert!(listed.contains("Le corbeau"));
    assert!(!browser.get("/publications?q=renard").await.text().contains("Le corbeau"));
    let own = page.trim_end_matches("?done").to_owned();
    let shown = browser.get(&own).await.text();
    assert!(
        shown.contains("<audio controls") && shown.contains("action=\"") && shown.contains("/withdraw\"")
    );
    let as_pupil = browser.get(&format!("{own}?as=pupil")).await.text();
    assert!(as_pupil.contains("Voici ce que voit un élève") && !as_pupil.contains("/withdraw\""));
    let editing = browser.get(&format!("{own}/edit")).await.text();
    assert!(editing.contains("value=\"Le corbeau\"") && editing.contains(" checked"));
    let changed =
        [("title", "Le renard"), ("groups", class.as_str()), ("when", "now"), ("description", "Une\n\ndeux")];
    let saved = browser.post(&format!("{own}/edit"), &changed).await;
    assert_eq!((saved.status, saved.header("location")), (303, Some(own.as_str())));
    let after = browser.get(&own).await;
    assert_eq!(heading_of(&after), "Le renard");
    assert!(
        after.text().contains("C’est enregistré.") && after.text().contains("<p class=\"prose\">deux</p>")
    );
    assert!(!browser.get(&own).await.text().contains("C’est enregistré."), "said once");
    let withdrawn = browser.post(&format!("{own}/withdraw"), &[]).await;
    assert_eq!(withdrawn.status, 303);
    assert!(browser.get(&own).await.text().contains("retiré"));
    assert!(!browser.get("/").await.text().contains("Le renard"));
}

#[tokio::test]
async fn a_date_is_local_time_of_the_school() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let (deposit, class) = (lou.deposits("answer.wav").await.id.to_string(), class_of(&lou, "5eB").await);
    served.kit.works().await;
    let year = 1 + served.kit.clock().now().format("%Y").to_string().parse::<i32>().unwrap();
    let mut browser = Browser::signed_in(&served, "lou").await;
    browser.get(&format!("/publish?deposit={deposit}")).await;
    let at = format!("{year}-07-01T14:00");
    let fields = [
        ("deposit", deposit.as_str()),
        ("title", "Été"),
        ("groups", &class),
        ("when", "at"),
        ("publish_at", &at),
    ];
    let page = browser.post("/publications", &fields).await.header("location").unwrap().to_owned();
    let announced = browser.get(&page).await;
    assert_eq!(heading_of(&announced), "C’est programmé");
    assert!(
        announced.text().contains(&format!("datetime=\"{year}-07-01T12:00:00Z\"")),
        "{}",
        announced.text()
    );
    let editing = browser.get(&format!("{}/edit", page.trim_end_matches("?done"))).await.text();
    assert!(editing.contains(&format!("value=\"{at}\"")));
}

#[tokio::test]
async fn deposits_are_listed_followed_and_belong_to_their_owner() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let sound = lou.deposits("answer.wav").await;
    let page = format!("/deposits/{}", sound.id);
    let mut browser = Browser::signed_in(&served, "lou").await;
    let waiting = browser.get(&page).await;
    assert_eq!((waiting.status, heading_of(&waiting).as_str()), (200, "answer.wav"));
    assert!(waiting.text().contains("data-live=\"/api/deposits/") && waiting.text().contains("<progress"));
    served.kit.works().await;
    sound.publishes_to(&["5eB"]).await;
    let ready = browser.get(&page).await.text();
    assert!(
        ready.contains("<audio controls") && ready.contains("/original\"") && ready.contains("Son (MP3)")
    );
    let class = class_of(&lou, "5eB").await;
    let listed = browser.get(&format!("/deposits?q=Answer&state=ready&group={class}")).await.text();
    assert!(listed.contains("answer.wav") && listed.contains(">5eB</span>"));
    assert!(browser.get("/deposits?state=failed").await.text().contains("Rien ne correspond"));
    let nothing_to_retry = browser.post(&format!("{page}/retry"), &[]).await;
    assert_eq!(
        (nothing_to_retry.status, heading_of(&nothing_to_retry).as_str()),
        (409, "Cela vient de changer")
    );
    let mut max = Browser::signed_in(&served, "max").await;
    for path in [page.clone(), format!("/publish?deposit={}", sound.id)] {
        assert_eq!(max.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn homework_is_set_followed_and_heard() {
    let served = Served::start().await;
    let (lou, ines) = (served.kit.teacher("lou").await, served.kit.pupil("ines").await);
    let class = class_of(&lou, "5eB").await;
    let mut browser = Browser::signed_in(&served, "lou").await;
    let form = browser.get("/assignments/new").await.text();
    let due = between(&form, "name=\"due_at\" value=\"", "\"").unwrap();
    assert!(due.ends_with("T18:00"), "{due}");
    let refused = browser
        .post("/assignments", &[("title", "Lire"), ("instructions", "Fort"), ("due_at", "2001-01-01T10:00")])
        .await;
    assert_eq!(refused.status, 422);
    for said in [
        "Choisissez au moins une classe",
        "au moins une sorte de réponse",
        "après l’ouverture",
        ">Fort</textarea>",
    ] {
        assert!(refused.text().contains(said), "{said}");
    }
    let fields = [
        ("title", "Lire"),
        ("groups", class.as_str()),
        ("due_at", &due),
        ("accepts", "audio"),
        ("accepts", "video"),
    ];
    let page = browser.post("/assignments", &fields).await.header("location").unwrap().to_owned();
    let grid = browser.get(&page).await;
    assert_eq!(heading_of(&grid), "Lire");
    assert!(grid.text().contains("Le travail est donné.") && grid.text().contains("pas rendu"));
    let assignment = page.trim_start_matches("/assignments/").parse().unwrap();
    let (_, deposit) = ines.hands_in(assignment).await;
    served.kit.works().await;
    assert!(browser.get("/").await.text().contains("#listen"));
    let grid = browser.get(&page).await.text();
    let sound = format!("/media/deposits/{deposit}/mp3");
    assert!(grid.contains("Inès Benali") && grid.contains("à écouter") && grid.contains(&sound));
    assert_eq!(browser.get(&sound).await.status, 200);
    assert!(browser.get(&page).await.text().contains("status-heard"));
    let feed = between(&grid, "action=\"/podcasts/", "/subscribe\"").unwrap();
    let subscribed = browser.post(&format!("/podcasts/{feed}/subscribe"), &[]).await;
    assert_eq!(heading_of(&browser.get(subscribed.header("location").unwrap()).await), "Lire");
    let mut max = Browser::signed_in(&served, "max").await;
    assert_eq!(max.get(&page).await.status, 404);
}

#[tokio::test]
async fn only_classes_taught_can_be_published_to() {
    let served = Served::start().await;
    let (lou, max) = (served.kit.teacher("lou").await, served.kit.teacher("max").await);
    let (deposit, foreign) = (lou.deposits("answer.wav").await.id.to_string(), class_of(&max, "5eA").await);
    let mut browser = Browser::signed_in(&served, "lou").await;
    let fields =
        [("deposit", deposit.as_str()), ("title", "Le corbeau"), ("groups", &foreign), ("when", "now")];
    let refused = browser.post("/publications", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Cette classe ne vous est pas confiée"));
    let ask = Ask::get(format!("/publish?deposit={deposit}"));
    assert!(!served.ask_as(&lou, ask).await.text().contains("5eA"));
}
