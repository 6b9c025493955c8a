//! What was typed into the form of an assignment, before anybody knows whether it makes sense.

use crate::extract::Fields;
use crate::pages::dates::Dates;
use crate::pages::pieces::FormError;
use balado_app::homework::AssignmentWish;
use balado_domain::Timestamp;
use balado_domain::audience::Audience;
use balado_domain::deposit::Family;
use balado_domain::people::Group;

/// When work is due unless the teacher says otherwise: in a week, at the end of the school day.
const DUE_IN_DAYS: i64 = 7;
const DUE_HOUR: u32 = 18;

/// The fields as they stand.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) title: String,
    pub(super) instructions: String,
    pub(super) groups: Vec<String>,
    pub(super) due_at: String,
    pub(super) accepts: Vec<String>,
    pub(super) model: String,
    pub(super) opens_at: String,
    pub(super) closes_at: String,
}

impl Typed {
    /// A form nobody has typed in yet.
    pub(super) fn fresh(taught: &[Group], dates: &Dates) -> Self {
        Self {
            title: String::new(),
            instructions: String::new(),
            groups: if let [only] = taught { vec![only.id.to_string()] } else { Vec::new() },
            due_at: dates.field(dates.days_from_now(DUE_IN_DAYS, DUE_HOUR)),
            accepts: vec![Family::Audio.to_string()],
            model: String::new(),
            opens_at: String::new(),
            closes_at: String::new(),
        }
    }

    /// What a browser sent.
    pub(super) fn read(fields: &Fields) -> Self {
        let one = |name| fields.one(name).to_owned();
        let all = |name| fields.all(name).map(str::to_owned).collect();
        Self {
            title: one("title"),
            instructions: one("instructions"),
            groups: all("groups"),
            due_at: one("due_at"),
            accepts: all("accepts"),
            model: one("model"),
            opens_at: one("opens_at"),
            closes_at: one("closes_at"),
        }
    }

    /// What is wanted, or what cannot be read.
    pub(super) fn wish(&self, dates: &Dates) -> Result<AssignmentWish, Vec<FormError>> {
        let mut errors = Vec::new();
        let mut say = |field: &str, code: &str| {
            errors.push(FormError { field: field.to_owned(), code: code.to_owned() });
        };
        let groups: Vec<_> = self.groups.iter().filter_map(|id| id.parse().ok()).collect();
        let accepts: Vec<Family> = self.accepts.iter().filter_map(|text| text.parse().ok()).collect();
        if self.title.is_empty() {
            say("title", "title-missing");
        }
        if groups.is_empty() {
            say("groups", "groups-missing");
        }
        if accepts.is_empty() {
            say("accepts", "accepts-missing");
        }
        let mut date = |field: &str, text: &str, needed: bool| -> Option<Timestamp> {
            let read = dates.read_field(text);
            if read.is_none() && (needed || !text.is_empty()) {
                say(field, "date-invalid");
            }
            read
        };
        let opens_at = date("opens_at", &self.opens_at, false);
        let due_at = date("due_at", &self.due_at, true);
        let closes_at = date("closes_at", &self.closes_at, false);
        let due = due_at.unwrap_or_else(|| dates.now());
        if due_at.is_some() && due <= opens_at.unwrap_or_else(|| dates.now()) {
            say("due_at", "due-before-open");
        }
        if due_at.is_some() && closes_at.is_some_and(|closes| closes < due) {
            say("closes_at", "closes-before-due");
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(AssignmentWish {
            title: self.title.clone(),
            instructions: self.instructions.clone(),
            model: self.model.parse().ok(),
            audience: Audience::groups(groups),
            opens_at,
            due_at: due,
            closes_at,
            accepts,
        })
    }

    /// Whether anything below « Plus » is filled.
    pub(super) fn has_further(&self) -> bool {
        [&self.model, &self.opens_at, &self.closes_at].iter().any(|text| !text.is_empty())
    }
}
