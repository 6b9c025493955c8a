//! One connection to either engine.
//!
//! The derive also generates a backend, a row and a field type that speak for both engines; they stay inside
//! this package.

use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// A connection to SQLite or PostgreSQL.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// A file on this machine.
    Sqlite(SqliteConnection),
    /// A server.
    Pg(PgConnection),
}

/// A condition on the rows of a table, built at run time: how a right becomes part of a statement.
pub(crate) type Condition<Table> =
    Box<dyn diesel::BoxableExpression<Table, MultiBackend, SqlType = diesel::sql_types::Bool>>;

/// A condition that holds for every row, or for none.
pub(crate) fn constant<Table: 'static>(holds: bool) -> Condition<Table>
where
    diesel::dsl::AsExprOf<bool, diesel::sql_types::Bool>:
        diesel::BoxableExpression<Table, MultiBackend, SqlType = diesel::sql_types::Bool>,
{
    use diesel::IntoSql;
    Box::new(holds.into_sql::<diesel::sql_types::Bool>())
}
