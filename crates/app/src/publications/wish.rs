//! What a teacher wants to publish, and the checks that need no database.

use crate::error::{Result, invalid};
use balado_domain::audience::Audience;
use balado_domain::publication::Link;
use balado_domain::{DepositId, Timestamp};

/// Longest title, in characters.
const TITLE_LENGTH: usize = 200;
/// Longest description, in bytes: Apple's limit for feeds.
const DESCRIPTION_BYTES: usize = 4_000;
/// Most tags, links or companions of one publication.
const LIST_LENGTH: usize = 20;

/// What a teacher wants to publish.
#[derive(Debug, Clone)]
pub struct PublicationWish {
    /// What to show.
    pub deposit: DepositId,
    /// Title.
    pub title: String,
    /// Plain text, may be empty.
    pub description: String,
    /// ISO 639 language of the content; `fr` when empty.
    pub language: String,
    /// To whom.
    pub audience: Audience,
    /// From when; now when absent.
    pub publish_at: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Keywords.
    pub tags: Vec<String>,
    /// Links.
    pub links: Vec<Link>,
    /// Companion deposits.
    pub companions: Vec<DepositId>,
}

impl PublicationWish {
    /// Trims, normalises and checks.
    ///
    /// # Errors
    /// `title-missing`, `title-too-long`, `description-too-long`, `language-unknown`, `dates-reversed`, `link-invalid`,
    /// `list-too-long`.
    pub(crate) fn checked(mut self, now: Timestamp) -> Result<Self> {
        self.title = self.title.trim().to_owned();
        self.description = self.description.trim().to_owned();
        if self.title.is_empty() {
            return Err(invalid("title-missing", "a publication needs a title"));
        }
        if self.title.chars().count() > TITLE_LENGTH {
            return Err(invalid("title-too-long", format!("more than {TITLE_LENGTH} characters")));
        }
        if self.description.len() > DESCRIPTION_BYTES {
            return Err(invalid("description-too-long", format!("more than {DESCRIPTION_BYTES} bytes")));
        }
        if self.until.is_some_and(|until| until <= self.publish_at.unwrap_or(now)) {
            return Err(invalid("dates-reversed", "it would end before it begins"));
        }
        self.language = checked_language(&self.language)?;
        self.tags = distinct_tags(&self.tags);
        if self.tags.len().max(self.links.len()).max(self.companions.len()) > LIST_LENGTH {
            return Err(invalid(
                "list-too-long",
                format!("more than {LIST_LENGTH} tags, links or documents"),
            ));
        }
        self.links.retain(|link| !link.url.trim().is_empty());
        for link in &mut self.links {
            *link = checked_link(link)?;
        }
        Ok(self)
    }
}

fn checked_language(text: &str) -> Result<String> {
    let text = text.trim().to_ascii_lowercase();
    match text.len() {
        0 => Ok("fr".to_owned()),
        2 | 3 if text.bytes().all(|b| b.is_ascii_lowercase()) => Ok(text),
        _ => Err(invalid("language-unknown", "expected a code such as fr, en, es")),
    }
}

fn distinct_tags(tags: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for tag in tags {
        let tag: String = tag.trim().trim_start_matches('#').to_lowercase().chars().take(60).collect();
        if !tag.is_empty() && !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}

fn checked_link(link: &Link) -> Result<Link> {
    let url = link.url.trim();
    let web = url.starts_with("https://") || url.starts_with("http://");
    if !web || url.len() > 2_000 || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(invalid("link-invalid", "expected an address beginning with http:// or https://"));
    }
    Ok(Link { url: url.to_owned(), label: link.label.trim().chars().take(200).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn wish() -> PublicationWish {
        PublicationWish {
            deposit: DepositId::from_uuid(Uuid::nil()),
            title: " Lecture ".to_owned(),
            description: String::new(),
            language: String::new(),
            audience: Audience::default(),
            publish_at: None,
            until: None,
            tags: vec!["#Conte".to_owned(), "conte".to_owned(), " ".to_owned()],
            links: Vec::new(),
            companions: Vec::new(),
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[test]
    fn a_wish_is_trimmed_and_its_tags_are_distinct() {
        let checked = wish().checked(now()).unwrap();
        assert_eq!((checked.title.as_str(), checked.language.as_str()), ("Lecture", "fr"));
        assert_eq!(checked.tags, ["conte"]);
    }

    #[test]
    fn a_publication_that_ends_before_it_begins_is_refused() {
        let error = PublicationWish { until: Some(now()), ..wish() }.checked(now()).unwrap_err();
        assert_eq!(error.code(), "dates-reversed");
    }

    #[test]
    fn only_web_links_are_taken() {
        for url in ["javascript:alert(1)", "file:///etc/passwd", "https://a b"] {
            let links = vec![Link { url: url.to_owned(), label: String::new() }];
            assert_eq!(
                PublicationWish { links, ..wish() }.checked(now()).unwrap_err().code(),
                "link-invalid"
            );
        }
    }
}
