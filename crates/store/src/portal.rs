//! Which portal modules a school switched on, and how it set them up.

use crate::column::{insert_unless_present, parse};
use crate::schema::school_modules;
use crate::{Conn, Error, Result, Tx};
use balado_domain::SchoolId;
use diesel::prelude::*;

/// What a school chose for one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleChoice {
    /// The school.
    pub school_id: SchoolId,
    /// Permanent kebab-case name of the module.
    pub module: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Its settings, as the module's manifest describes them.
    pub settings: serde_json::Value,
}

/// Whether a school switched a module on or off; `None` when it never chose, and the module's default holds.
///
/// # Errors
/// When the database fails.
pub fn module_enabled(conn: &mut Conn, school: SchoolId, module: &str) -> Result<Option<bool>> {
    Ok(school_modules::table
        .find((school.to_string(), module))
        .select(school_modules::enabled)
        .first(conn)
        .optional()?)
}

/// Notes what a school chose for a module, in place of what it chose before.
///
/// # Errors
/// When the database fails.
pub fn set_module(tx: &mut Tx<'_>, choice: &ModuleChoice) -> Result<()> {
    let school = choice.school_id.to_string();
    let first = (
        school_modules::school_id.eq(&school),
        school_modules::module.eq(&choice.module),
        school_modules::enabled.eq(choice.enabled),
        school_modules::settings.eq("{}"),
    );
    insert_unless_present!(tx, school_modules::table, first)?;
    diesel::update(school_modules::table.find((&school, &choice.module)))
        .set((
            school_modules::enabled.eq(choice.enabled),
            school_modules::settings.eq(choice.settings.to_string()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// What a school chose for a module, if it ever did.
///
/// # Errors
/// [`Error::Corrupt`] when the settings are no longer JSON.
pub fn get_settings(conn: &mut Conn, school: SchoolId, module: &str) -> Result<Option<ModuleChoice>> {
    let row: Option<(String, String, bool, String)> =
        school_modules::table.find((school.to_string(), module)).first(conn).optional()?;
    row.map(|(school, module, enabled, settings)| {
        Ok(ModuleChoice {
            school_id: parse(school)?,
            module,
            enabled,
            settings: serde_json::from_str(&settings)
                .map_err(|_| Error::Corrupt { what: "module settings", value: settings })?,
        })
    })
    .transpose()
}
