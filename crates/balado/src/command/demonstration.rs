//! The demonstration school: real people of a fictional collège, and four deposits that go through the real pipeline.

use anyhow::{Context, Result, anyhow, bail};
use balado_app::App;
use balado_app::deposits::OpenDeposit;
use balado_app::homework::AssignmentWish;
use balado_app::publications::{PublicationFilter, PublicationWish};
use balado_domain::audience::Audience;
use balado_domain::deposit::{Family, Purpose};
use balado_domain::{DepositId, GroupId, Viewer};
use chrono::TimeDelta;
use std::path::Path;
use std::time::Duration;
use tokio_util::io::ReaderStream;

/// Logins of the demonstration school, as `school.csv` gives them.
const TEACHER: &str = "lou.martin";
const PUPIL: &str = "ines.benali";
const GUARDIAN: &str = "karim.benali";
const ADMINISTRATOR: &str = "admin";
/// Their common password, as `school.csv` gives it.
const PASSWORD: &str = "balado-demo-2026";

/// File, title, description of each publication.
const PUBLICATIONS: &[(&str, &str, &str)] = &[
    ("media/memo.webm", "Lecture : le corbeau et le renard", "Écoutez deux fois, puis répétez à voix haute."),
    ("media/clip.mp4", "La marée en dix secondes", "Observez le mouvement, puis décrivez-le."),
    ("media/photo.jpg", "Le tableau de la leçon 4", "La photo du tableau, pour les absents."),
    ("media/lecon.docx", "Fiche de vocabulaire", "À apprendre pour jeudi."),
];

/// Longest wait for the four publications, in seconds.
const PATIENCE_SECONDS: u64 = 180;

/// Makes the school on the first start; prints how to sign in on every start.
pub(crate) async fn set_up(app: &App, folder: &Path) -> Result<()> {
    let roster = folder.join("school.csv");
    let input = std::fs::File::open(&roster).with_context(|| roster.display().to_string())?;
    let roster = balado_app::roster::read_csv(input).map_err(|error| anyhow!("{error}"))?;
    app.import_roster(roster).await?;
    let teacher = viewer(app, TEACHER).await?;
    if app.own_publications(&teacher, 1).await?.is_empty() {
        eprintln!("balado: preparing the demonstration school…");
        publish_everything(app, &teacher, folder).await?;
    }
    wait_until_visible(app).await?;
    print_directions(app).await
}

async fn viewer(app: &App, login: &str) -> Result<Viewer> {
    let signed_in = app.sign_in(login, PASSWORD.to_owned(), "demonstration").await?;
    let session = app.session(&signed_in.cookie).await?;
    app.sign_out(&session).await?;
    Ok(session.viewer)
}

async fn publish_everything(app: &App, teacher: &Viewer, folder: &Path) -> Result<()> {
    let groups: Vec<GroupId> = app.portrait(teacher).await?.taught.iter().map(|group| group.id).collect();
    for (file, title, description) in PUBLICATIONS {
        let deposit = deposit_file(app, teacher, &folder.join(file)).await?;
        let wish = PublicationWish {
            deposit,
            title: (*title).to_owned(),
            description: (*description).to_owned(),
            language: "fr".to_owned(),
            audience: Audience::groups(groups.iter().copied()),
            publish_at: None,
            until: None,
            tags: vec!["démonstration".to_owned()],
            links: Vec::new(),
            companions: Vec::new(),
        };
        app.publish(teacher, wish).await?;
    }
    let assignment = AssignmentWish {
        title: "Lire la fable à voix haute".to_owned(),
        instructions: "Écoutez la lecture, puis enregistrez la vôtre : une minute suffit.".to_owned(),
        model: None,
        audience: Audience::groups(groups.iter().copied()),
        opens_at: None,
        due_at: app.now() + TimeDelta::days(7),
        closes_at: None,
        accepts: vec![Family::Audio],
    };
    app.set_assignment(teacher, assignment).await?;
    Ok(())
}

async fn deposit_file(app: &App, teacher: &Viewer, path: &Path) -> Result<DepositId> {
    let file = tokio::fs::File::open(path).await.with_context(|| path.display().to_string())?;
    let length = file.metadata().await?.len();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let wish = OpenDeposit {
        school: None,
        file_name: name,
        length: Some(length),
        purpose: Purpose::Resource,
        metadata: String::new(),
    };
    let (deposit, _) = app.open_deposit(teacher, wish).await?;
    app.append_to_upload(teacher, deposit.id, 0, None, ReaderStream::new(file)).await?;
    Ok(deposit.id)
}

async fn wait_until_visible(app: &App) -> Result<()> {
    let pupil = viewer(app, PUPIL).await?;
    for _ in 0..PATIENCE_SECONDS * 2 {
        let filter = PublicationFilter { limit: 50, ..PublicationFilter::default() };
        if app.visible_publications(&pupil, filter).await?.len() >= PUBLICATIONS.len() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    bail!("the publications are not ready after {PATIENCE_SECONDS} s; `balado doctor` says what is missing")
}

async fn print_directions(app: &App) -> Result<()> {
    let pupil = viewer(app, PUPIL).await?;
    let person = app.portrait(&pupil).await?.person.id;
    let mut subscriptions = app.subscriptions(&pupil, person).await?;
    subscriptions.retain(|subscription| subscription.address.is_some());
    let subscription = match subscriptions.pop() {
        Some(known) => known,
        None => {
            let feeds = app.feeds(&pupil).await?;
            let feed = feeds.first().context("the pupil has no class")?;
            app.subscribe(&pupil, feed.feed.id, "Démonstration").await?
        }
    };
    println!("Balado     {}", app.configuration().server.origin);
    for (role, login) in
        [("Teacher", TEACHER), ("Pupil", PUPIL), ("Parent", GUARDIAN), ("Admin", ADMINISTRATOR)]
    {
        println!("{role:<10} {login:<16} {PASSWORD}");
    }
    println!("Feed       {}", subscription.address.unwrap_or_default());
    Ok(())
}
