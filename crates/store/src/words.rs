//! The words of documents, folded (lower case, no accents) by the caller, to look for deposits by what they say.

use crate::column::{parse, texts};
use crate::schema::{deposit_words, deposits};
use crate::{Conn, Result, Tx};
use balado_domain::{DepositId, Viewer};
use diesel::prelude::*;

/// Stores the words of a deposit in place of those it had.
///
/// # Errors
/// When the database fails.
pub fn set(tx: &mut Tx<'_>, deposit: DepositId, words: &str) -> Result<()> {
    delete_of_deposit(tx, deposit)?;
    let row = (deposit_words::deposit_id.eq(deposit.to_string()), deposit_words::words.eq(words));
    diesel::insert_into(deposit_words::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Forgets the words of a deposit.
///
/// # Errors
/// When the database fails.
pub fn delete_of_deposit(tx: &mut Tx<'_>, deposit: DepositId) -> Result<()> {
    diesel::delete(deposit_words::table.find(deposit.to_string())).execute(&mut **tx)?;
    Ok(())
}

/// Those of these deposits that the viewer may see and whose words contain `part`, folded the same way.
///
/// # Errors
/// When the database fails.
pub fn list_containing(
    conn: &mut Conn,
    viewer: &Viewer,
    ids: &[DepositId],
    part: &str,
) -> Result<Vec<DepositId>> {
    let saying = deposit_words::table
        .filter(deposit_words::words.like(pattern(part)).escape('\\'))
        .select(deposit_words::deposit_id);
    let found: Vec<String> = deposits::table
        .filter(deposits::id.eq_any(texts(ids)))
        .filter(deposits::id.eq_any(saying))
        .filter(crate::deposits::visible(viewer))
        .select(deposits::id)
        .load(conn)?;
    found.into_iter().map(parse).collect()
}

/// `part` anywhere, its own wildcards taken literally.
fn pattern(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_looked_for_as_they_are() {
        assert_eq!(pattern(r"100 %_\"), r"%100 \%\_\\%");
    }
}
