//! Deposits and publications as templates read them.

use super::{Chip, When, chips};
use crate::pages::dates::Dates;
use crate::pages::figures;
use crate::words::Language;
use balado_app::deposits::{DepositView, JobView};
use balado_app::publications::PublicationView;
use balado_app::screens;
use balado_domain::deposit::{DepositState, Family, Rendition, RenditionKind};
use balado_domain::people::Group;

/// Failures that say nothing against the file itself: another attempt may end well.
const CHANCES: &[&str] = &[
    "cancelled",
    "machine-lacks",
    "outputs-missing",
    "quota-exceeded",
    "recipe-unknown",
    "scratch-unusable",
    "survey-missing",
    "transcoder-crashed",
    "transcoder-timeout",
    "worker-died",
];

/// What a deposit or publication looks and sounds like.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub(crate) family: String,
    pub(crate) src: Option<String>,
    pub(crate) sound: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) waveform: Option<String>,
    pub(crate) peaks: Option<String>,
    /// How to look ahead in a film.
    pub(crate) storyboard: Option<String>,
    pub(crate) light: Option<Lighter>,
    pub(crate) duration: Option<String>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) pages: Option<i64>,
    pub(crate) size: Option<String>,
}

/// The light version of a video.
#[derive(Debug, Clone)]
pub(crate) struct Lighter {
    pub(crate) src: String,
    pub(crate) size: String,
}

impl Media {
    /// Of a file whose outputs are served below `folder`; `query` goes behind every address.
    pub(crate) fn new(
        family: Option<Family>,
        made: &[Rendition],
        folder: &str,
        query: &str,
        language: Language,
    ) -> Self {
        let find = |kind: RenditionKind| made.iter().find(|one| one.kind == kind);
        let address = |kind: RenditionKind| find(kind).map(|_| format!("{folder}/{kind}{query}"));
        let main = family.map(Family::enclosure_kind);
        let shown = main.and_then(find);
        let picture = match family {
            Some(Family::Image) => address(RenditionKind::Jpeg),
            _ => address(RenditionKind::Poster),
        };
        let duration_ms = shown.and_then(|one| one.duration_ms);
        Self {
            family: family.unwrap_or(Family::Audio).to_string(),
            src: main.and_then(address),
            sound: address(RenditionKind::Mp3).filter(|_| family == Some(Family::Video)),
            picture,
            waveform: address(RenditionKind::Waveform),
            peaks: address(RenditionKind::Peaks),
            storyboard: find(RenditionKind::Sprite).map(|_| format!("{folder}/storyboard.vtt{query}")),
            light: address(RenditionKind::Light)
                .zip(find(RenditionKind::Light))
                .map(|(src, made)| Lighter { src, size: figures::size(made.size_bytes, language) }),
            duration: duration_ms.map(figures::duration),
            duration_ms,
            pages: shown.and_then(|one| one.pages).map(i64::from),
            size: shown.map(|one| figures::size(one.size_bytes, language)),
        }
    }
}

/// How far the work on a file is.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub(crate) permille: i64,
    /// « 62 % », once the work has begun.
    pub(crate) percent: Option<String>,
    pub(crate) remaining: Option<String>,
}

/// How many pupils a publication reached.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    pub(crate) reached: i64,
    pub(crate) expected: i64,
}

impl From<screens::Reach> for Reach {
    fn from(reach: screens::Reach) -> Self {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Self { reached: count(reach.reached), expected: count(reach.expected) }
    }
}

/// A deposit.
#[derive(Debug, Clone)]
pub(crate) struct Deposit {
    pub(crate) id: String,
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) when: When,
    pub(crate) state: String,
    pub(crate) hue: u8,
    pub(crate) media: Media,
    pub(crate) size: Option<String>,
    pub(crate) progress: Option<Progress>,
    pub(crate) failure_code: Option<String>,
    /// Whether the same file may become something at another attempt.
    pub(crate) may_help_again: bool,
    pub(crate) published_to: Vec<Chip>,
    pub(crate) may_publish: bool,
}

impl Deposit {
    /// A deposit as its owner sees it; `groups` are those it is published to.
    pub(crate) fn new(view: &DepositView, groups: &[Group], dates: &Dates, language: Language) -> Self {
        let deposit = &view.deposit;
        let id = deposit.id.to_string();
        let folder = format!("/media/deposits/{id}");
        let mut media = Media::new(deposit.family, &view.renditions, &folder, "", language);
        let failure_code = deposit.failure_code.clone().filter(|_| deposit.state == DepositState::Failed);
        if deposit.family.is_none() && failure_code.is_some() {
            media.family = "unknown".to_owned();
        }
        Self {
            href: format!("/deposits/{id}"),
            name: deposit.original_name.clone(),
            when: dates.when(deposit.created_at),
            state: deposit.state.to_string(),
            hue: groups.first().map_or_else(|| figures::hue(&id), |group| figures::hue(&group.name)),
            media,
            size: (deposit.size_bytes > 0).then(|| figures::size(deposit.size_bytes, language)),
            progress: progress(view, language),
            may_help_again: failure_code.as_deref().is_some_and(|code| CHANCES.contains(&code)),
            failure_code,
            published_to: chips(groups),
            may_publish: !matches!(deposit.state, DepositState::Failed | DepositState::Abandoned),
            id,
        }
    }
}

/// How far the preparation of a deposit is. While it arrives only its sender knows how much is still to come.
pub(crate) fn progress(view: &DepositView, language: Language) -> Option<Progress> {
    match view.deposit.state {
        DepositState::Received => Some(Progress::of(view.job.as_ref(), language)),
        _ => None,
    }
}

impl Progress {
    /// Of a job that may not have begun.
    pub(crate) fn of(job: Option<&JobView>, language: Language) -> Self {
        match job {
            Some(job) => Self {
                permille: i64::from(job.progress_permille),
                percent: (job.progress_permille > 0)
                    .then(|| figures::percent(job.progress_permille, language)),
                remaining: job.remaining_ms.map(figures::remaining),
            },
            None => Self { permille: 0, percent: None, remaining: None },
        }
    }
}

/// A publication.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    pub(crate) id: String,
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) when: When,
    pub(crate) state: String,
    pub(crate) chips: Vec<Chip>,
    pub(crate) hue: u8,
    pub(crate) media: Media,
    pub(crate) is_new: bool,
    pub(crate) reach: Option<Reach>,
}

impl Publication {
    /// A publication as somebody who may see it sees it; `query` goes behind its addresses.
    pub(crate) fn new(view: &PublicationView, query: &str, dates: &Dates, language: Language) -> Self {
        let publication = &view.publication;
        let id = publication.id.to_string();
        let folder = format!("/media/publications/{id}");
        let first = view.groups.first().map_or(publication.title.as_str(), |group| group.name.as_str());
        Self {
            href: format!("/publications/{id}{query}"),
            title: publication.title.clone(),
            author: view.author_name.clone(),
            when: dates.when(publication.pub_date.unwrap_or(publication.publish_at)),
            state: view.state.to_string(),
            chips: chips(&view.groups),
            hue: figures::hue(first),
            media: Media::new(view.family, &view.renditions, &folder, query, language),
            is_new: false,
            reach: None,
            id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;
    use balado_media::Refusal;

    #[test]
    fn another_attempt_is_proposed_where_the_file_is_not_to_blame_and_only_there() {
        for code in ["worker-died", "scratch-unusable", "outputs-missing", "survey-missing"] {
            assert!(CHANCES.contains(&code), "{code}");
        }
        for refusal in Refusal::ALL {
            assert!(!CHANCES.contains(&refusal.as_str()), "{refusal}");
        }
    }

    #[test]
    fn each_of_these_failures_has_a_sentence_of_its_own() {
        for words in [Language::French, Language::English].map(Words::new) {
            for code in CHANCES {
                assert_ne!(words.k("failure", code), words.t("failure-other"), "{code}");
            }
        }
    }
}
