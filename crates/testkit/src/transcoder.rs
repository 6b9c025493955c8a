//! A transcoder that follows a script: it takes waiting jobs through the real queue and records small outputs through the
//! real use cases, so that tests of what comes after need no encoder.

use crate::app::TestApp;
use crate::builders::fixture;
use crate::must;
use balado_app::cuts::CutFile;
use balado_domain::CutId;
use balado_domain::deposit::{Deposit, Family, RenditionKind};
use balado_domain::job::{ClaimedJob, Lane, Work};
use balado_media::cut::Survey;
use balado_media::wire::Output;
use balado_media::{Peaks, Recipe};
use bytes::Bytes;
use std::fs::File;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Frames of the sound every recording becomes: 26 ms each.
const FRAMES: usize = 400;
/// Playing time of every sound and video it makes, in milliseconds.
pub const DURATION_MS: i64 = 10_449;
/// Pixels across every video it makes.
const WIDTH: i32 = 1280;
/// Pixels down every video it makes.
const HEIGHT: i32 = 720;

impl TestApp {
    /// Does all the work that waits: outputs of deposits first, then what portal modules have to be told.
    ///
    /// # Panics
    /// When work fails.
    pub async fn works(&self) {
        self.works_making(content_of).await;
    }

    /// As [`TestApp::works`], making outputs of `content`.
    ///
    /// # Panics
    /// When work fails.
    pub async fn works_making(&self, content: impl Fn(RenditionKind) -> Bytes) {
        // A film's sound queues its pictures, those its light video, and a cut of it new deposits.
        let mut idle = false;
        while !idle {
            idle = true;
            for lane in [Lane::Media, Lane::Film] {
                while self.works_once(lane, &content).await.is_some() {
                    idle = false;
                }
            }
        }
        while let Some(claim) = must(self.app().claim_job(Lane::Light).await, "claim a job") {
            match &claim.job.work {
                Some(Work::DispatchEvent { event, module }) => {
                    must(self.app().dispatch_event(*event, module.clone()).await, "dispatch an event");
                }
                Some(Work::Deliver { notice }) => must(self.app().deliver_notice(*notice).await, "deliver"),
                Some(Work::Sweep) => must(self.app().sweep().await, "sweep"),
                other => panic!("not light work: {other:?}"),
            }
            must(self.app().complete_job(&claim).await, "end a job");
        }
    }

    /// Does the next job of a lane that makes outputs, and tells which it was.
    ///
    /// # Panics
    /// When it fails.
    pub async fn works_once(&self, lane: Lane, content: impl Fn(RenditionKind) -> Bytes) -> Option<Work> {
        let claim = must(self.app().claim_job(lane).await, "claim a job")?;
        match &claim.job.work {
            Some(Work::Cut { cut, family }) => self.cuts(&claim, *cut, *family, &content).await,
            _ => self.transcodes(&claim, &content).await,
        }
        claim.job.work
    }

    /// Makes the files of a cut: the same small sound or film for each part.
    async fn cuts(
        &self,
        claim: &ClaimedJob,
        cut: CutId,
        family: Family,
        content: &impl Fn(RenditionKind) -> Bytes,
    ) {
        let Some(task) = must(self.app().cut_task(cut).await, "look at a cut") else {
            panic!("nothing waits for the cut {cut}")
        };
        let plan = must(task.wish.plan(task.duration_ms, &Survey::default()), "plan a cut");
        let bytes = content(family.enclosure_kind());
        let path = self.folder().join(format!("{cut}-part"));
        must(std::fs::write(&path, &bytes), "write a part");
        let file = CutFile { file: Arc::new(must(File::open(&path), "open a part")), title: None };
        let files = vec![file; plan.parts.len()];
        let never = CancellationToken::new();
        assert!(
            must(self.app().finish_cut(claim, cut, files, &never).await, "end a cut"),
            "the lease was lost"
        );
    }

    /// Makes the outputs of a claimed job and ends it.
    ///
    /// # Panics
    /// When it fails.
    pub async fn transcodes(&self, claim: &ClaimedJob, content: &impl Fn(RenditionKind) -> Bytes) {
        let Some(work) = &claim.job.work else { panic!("an unreadable payload: {}", claim.job.id) };
        let task = must(self.app().transcode_task(work).await, "look at a job");
        let Some(task) = task else { panic!("nothing waits for {work:?}") };
        let Some(family) = task.deposit.family else { panic!("nobody knows what {work:?} is about") };
        for kind in outputs_of(work, family) {
            self.records(claim, &task.deposit, work.recipe().unwrap_or_default(), (kind, content(kind)))
                .await;
        }
        assert!(must(self.app().finish_transcode(claim).await, "end a job"), "the lease was lost");
    }

    async fn records(
        &self,
        claim: &ClaimedJob,
        deposit: &Deposit,
        recipe: &str,
        (kind, bytes): (RenditionKind, Bytes),
    ) {
        let plays = matches!(kind, RenditionKind::Mp3 | RenditionKind::Mp4 | RenditionKind::Light);
        let shows = matches!(kind, RenditionKind::Mp4);
        let name = format!("{}-{kind}", deposit.id);
        let output = Output {
            kind,
            path: name.clone(),
            media_type: kind.media_type().to_owned(),
            size_bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            duration_ms: plays.then_some(DURATION_MS),
            width: shows.then_some(WIDTH),
            height: shows.then_some(HEIGHT),
            pages: (kind == RenditionKind::Pdf).then_some(1),
            part: None,
        };
        let path = self.folder().join(name);
        must(std::fs::write(&path, &bytes), "write an output");
        let file = Arc::new(must(File::open(&path), "open an output"));
        let recorded = self.app().record_output(claim, deposit, recipe, &output, &file).await;
        assert!(must(recorded, "record an output"), "the lease was lost");
    }
}

/// The outputs a job makes (DESIGN §6), sound first.
fn outputs_of(work: &Work, family: Family) -> Vec<RenditionKind> {
    let recipe = Recipe::standard();
    let all = recipe.outputs_for(family).iter().map(|(kind, _)| *kind);
    match work {
        Work::LightVideo { .. } => vec![RenditionKind::Light],
        Work::Pictures { .. } => all.filter(|kind| !kind.is_of_sound()).collect(),
        _ if family == Family::Video => {
            all.filter(|kind| kind.is_of_sound()).chain([RenditionKind::Aac]).collect()
        }
        _ => all.collect(),
    }
}

/// What it makes of anything: the same small file of each kind.
#[must_use]
pub fn content_of(kind: RenditionKind) -> Bytes {
    match kind {
        RenditionKind::Mp3 => sound(),
        RenditionKind::Mp4 | RenditionKind::Light => fixture("clip.mp4"),
        RenditionKind::Jpeg | RenditionKind::Poster | RenditionKind::Sprite => fixture("photo.jpg"),
        RenditionKind::Aac => fixture("memo.m4a"),
        RenditionKind::Pdf => fixture("fiche.pdf"),
        RenditionKind::Peaks => peaks(),
        RenditionKind::Text => Bytes::from_static(b"un texte"),
        RenditionKind::Waveform => Bytes::from_static(b"{\"version\":1,\"peaks\":[0,128,255,128,0]}"),
    }
}

/// Fine peaks of five slices.
fn peaks() -> Bytes {
    let pairs = [0, 64, 127, 64, 0].map(|high| (-high, high)).to_vec();
    Bytes::from(Peaks { sample_rate_hz: 44_100, samples_per_peak: 441, pairs }.to_bytes())
}

/// Silent MPEG-1 layer III frames: 128 kbit/s, 44.1 kHz, stereo, 417 bytes each.
fn sound() -> Bytes {
    let mut frame = vec![0_u8; 417];
    frame.splice(..4, [0xff, 0xfb, 0x90, 0x00]);
    Bytes::from(frame.repeat(FRAMES))
}
