//! A line of the list `fixtures/formats` writes.

use std::collections::BTreeMap;
use std::path::Path;

/// One file and what is expected of it.
pub struct Row {
    /// `audio`, `video`, `image`, `document` or `refused`.
    pub family: String,
    /// What the file is, for people.
    pub label: String,
    /// Its name in the folder.
    pub file: String,
    /// What a document must still say; why a row is unproven.
    pub words: String,
    facts: BTreeMap<String, String>,
}

impl Row {
    pub fn read_all(list: &Path) -> Vec<Self> {
        let text = std::fs::read_to_string(list).unwrap();
        text.lines().map(Self::parse).collect()
    }

    fn parse(line: &str) -> Self {
        let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let [family, label, file, facts, words] = columns.try_into().unwrap();
        let facts = facts
            .split_whitespace()
            .map(|fact| fact.split_once('=').unwrap_or((fact, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { family, label, file, words, facts }
    }

    pub fn is_unproven(&self) -> bool {
        self.has("unproven")
    }

    pub fn has(&self, fact: &str) -> bool {
        self.facts.contains_key(fact)
    }

    pub fn text(&self, fact: &str) -> Option<&str> {
        self.facts.get(fact).map(String::as_str)
    }

    pub fn number(&self, fact: &str) -> Option<i64> {
        self.text(fact).map(|value| value.parse().unwrap())
    }

    /// `size=160x90`.
    pub fn size(&self) -> Option<(i64, i64)> {
        let (width, height) = self.text("size")?.split_once('x').unwrap();
        Some((width.parse().unwrap(), height.parse().unwrap()))
    }
}
