//! What was typed into the form of a publication, before anybody knows whether it makes sense.

use crate::extract::Fields;
use crate::pages::dates::Dates;
use crate::pages::pieces::{FormError, Link};
use balado_app::publications::PublicationWish;
use balado_domain::audience::Audience;
use balado_domain::people::Group;
use balado_domain::publication::{self, Publication};
use balado_domain::{DepositId, Timestamp};

/// How many pairs of link fields the form has at least.
const LINK_FIELDS: usize = 3;

/// The fields as they stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub(super) title: String,
    pub(super) groups: Vec<String>,
    pub(super) when: String,
    pub(super) publish_at: String,
    pub(super) until: String,
    pub(super) description: String,
    pub(super) tags: String,
    pub(super) links: Vec<Link>,
    pub(super) companions: Vec<String>,
}

impl Typed {
    /// A form nobody has typed in yet: a title guessed from the file, and the class when there is only one.
    pub(super) fn fresh(file_name: &str, taught: &[Group]) -> Self {
        let groups = if let [only] = taught { vec![only.id.to_string()] } else { Vec::new() };
        Self { title: guessed(file_name), groups, when: "now".to_owned(), ..Self::default() }
    }

    /// The form of what is published.
    pub(super) fn of(publication: &Publication, dates: &Dates) -> Self {
        let link = |link: &publication::Link| Link { url: link.url.clone(), label: link.label.clone() };
        let waits = dates.now() < publication.publish_at;
        Self {
            title: publication.title.clone(),
            groups: publication.audience.group_ids().map(|id| id.to_string()).collect(),
            when: if waits { "at" } else { "now" }.to_owned(),
            publish_at: if waits { dates.field(publication.publish_at) } else { String::new() },
            until: publication.until.map(|until| dates.field(until)).unwrap_or_default(),
            description: publication.description.clone(),
            tags: publication.tags.join(", "),
            links: publication.links.iter().map(link).collect(),
            companions: publication.companions.iter().map(ToString::to_string).collect(),
        }
    }

    /// What a browser sent.
    pub(super) fn read(fields: &Fields) -> Self {
        let all = |name| fields.all(name).map(str::to_owned).collect::<Vec<_>>();
        let pairs = fields.all("link_url").zip(fields.all("link_label").chain(std::iter::repeat("")));
        let links = pairs
            .filter(|(url, label)| !url.is_empty() || !label.is_empty())
            .map(|(url, label)| Link { url: url.to_owned(), label: label.to_owned() });
        Self {
            title: fields.one("title").to_owned(),
            groups: all("groups"),
            when: if fields.one("when") == "at" { "at" } else { "now" }.to_owned(),
            publish_at: fields.one("publish_at").to_owned(),
            until: fields.one("until").to_owned(),
            description: fields.one("description").to_owned(),
            tags: fields.one("tags").to_owned(),
            links: links.collect(),
            companions: all("companions"),
        }
    }

    /// What is wanted, or what cannot be read. `before` is the publication being changed.
    pub(super) fn wish(
        &self,
        deposit: DepositId,
        before: Option<&Publication>,
        dates: &Dates,
    ) -> Result<PublicationWish, Vec<FormError>> {
        let mut errors = Vec::new();
        let mut say = |field: &str, code: &str| {
            errors.push(FormError { field: field.to_owned(), code: code.to_owned() });
        };
        let groups: Vec<_> = self.groups.iter().filter_map(|id| id.parse().ok()).collect();
        if self.title.is_empty() {
            say("title", "title-missing");
        }
        if groups.is_empty() {
            say("groups", "groups-missing");
        }
        let publish_at = match (self.when.as_str(), dates.read_field(&self.publish_at)) {
            ("at", None) => {
                say("publish_at", "date-invalid");
                None
            }
            ("at", at) => at,
            // What waited appears now; what has appeared keeps its date.
            _ => before.filter(|before| dates.now() < before.publish_at).map(|_| dates.now()),
        };
        let until = dates.read_field(&self.until);
        if until.is_none() && !self.until.is_empty() {
            say("until", "date-invalid");
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(self.checked(deposit, before, Audience::groups(groups), (publish_at, until)))
    }

    fn checked(
        &self,
        deposit: DepositId,
        before: Option<&Publication>,
        audience: Audience,
        (publish_at, until): (Option<Timestamp>, Option<Timestamp>),
    ) -> PublicationWish {
        let link = |link: &Link| publication::Link { url: link.url.clone(), label: link.label.clone() };
        PublicationWish {
            deposit,
            title: self.title.clone(),
            description: self.description.clone(),
            language: before.map(|before| before.language.clone()).unwrap_or_default(),
            audience,
            publish_at,
            until,
            tags: self.tags.split(',').map(str::to_owned).collect(),
            links: self.links.iter().filter(|one| !one.url.is_empty()).map(link).collect(),
            companions: self.companions.iter().filter_map(|id| id.parse().ok()).collect(),
        }
    }

    /// Whether anything below « Plus » is filled.
    pub(super) fn has_further(&self) -> bool {
        let filled = [&self.description, &self.tags].iter().any(|text| !text.is_empty());
        filled || !self.links.is_empty() || !self.companions.is_empty()
    }

    /// The links, and empty fields for more.
    pub(super) fn padded_links(&self) -> Vec<Link> {
        let mut links = self.links.clone();
        let empty = || Link { url: String::new(), label: String::new() };
        links.push(empty());
        links.resize_with(links.len().max(LINK_FIELDS), empty);
        links
    }
}

/// `le_petit_prince.mp3` as `le petit prince`.
fn guessed(file_name: &str) -> String {
    let stem = match file_name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 5 && !extension.contains(' ') => {
            stem
        }
        _ => file_name,
    };
    stem.replace('_', " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::guessed;

    #[test]
    fn a_title_is_guessed_from_the_file() {
        assert_eq!(guessed("le_petit_prince.mp3"), "le petit prince");
        assert_eq!(guessed("Enregistrement du 26 nov."), "Enregistrement du 26 nov");
        assert_eq!(guessed("Acte 1. La forêt"), "Acte 1. La forêt");
        assert_eq!(guessed(".mp3"), ".mp3");
    }
}
