//! The pieces pages are made of: what templates read of deposits, publications, homework and podcasts.

mod homework;
mod media;
mod shows;

pub(crate) use homework::{Answer, Due, Given, Receipt};
pub(crate) use media::{Deposit, Media, Progress, Publication};
pub(crate) use shows::Show;

use super::figures;
use balado_domain::people::Group;

/// An instant, as said, in full, and for machines.
#[derive(Debug, Clone)]
pub(crate) struct When {
    pub(crate) iso: String,
    pub(crate) said: String,
    pub(crate) exact: String,
}

/// A class or group.
#[derive(Debug, Clone)]
pub(crate) struct Chip {
    pub(crate) name: String,
    pub(crate) hue: u8,
    pub(crate) href: Option<String>,
}

impl Chip {
    /// A class by its name.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), hue: figures::hue(name), href: None }
    }
}

/// Classes and groups, in order.
pub(crate) fn chips(groups: &[Group]) -> Vec<Chip> {
    groups.iter().map(|group| Chip::named(&group.name)).collect()
}

/// One `<option>`.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// What is wrong with a field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormError {
    pub(crate) field: String,
    pub(crate) code: String,
}

/// A class to tick.
#[derive(Debug, Clone)]
pub(crate) struct GroupChoice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) hue: u8,
    pub(crate) checked: bool,
}

/// The classes taught, ticked as they were.
pub(crate) fn group_choices(groups: &[Group], ticked: impl Fn(&str) -> bool) -> Vec<GroupChoice> {
    let choice = |group: &Group| {
        let id = group.id.to_string();
        GroupChoice { name: group.name.clone(), hue: figures::hue(&group.name), checked: ticked(&id), id }
    };
    groups.iter().map(choice).collect()
}

/// A link with its text.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) label: String,
}

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) q: String,
    pub(crate) states: Vec<Choice>,
    pub(crate) groups: Vec<Choice>,
    pub(crate) active: bool,
}

/// Storage of the reader.
#[derive(Debug, Clone)]
pub(crate) struct Quota {
    pub(crate) permille: i64,
    pub(crate) used: String,
    pub(crate) total: String,
    pub(crate) left: String,
}

/// A text cut into paragraphs at its blank lines.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim) {
        match found.last_mut() {
            _ if line.is_empty() => open = false,
            Some(last) if open => {
                last.push('\n');
                last.push_str(line);
            }
            _ => {
                found.push(line.to_owned());
                open = true;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn blank_lines_separate_paragraphs() {
        assert_eq!(paragraphs("a\r\nb\r\n\r\n\r\nc\n"), ["a\nb", "c"]);
        assert!(paragraphs(" \n").is_empty());
    }
}
