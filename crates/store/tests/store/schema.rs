//! Migrations: up, down and up again; refused when they come from a later program; run by many at once.

use crate::world::*;
use balado_store::{Conn, Db, Engine, Error};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Everything the schema is made of, as the engine tells it.
fn dump(db: &Db) -> Vec<String> {
    const SQLITE: &str = "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') AS line FROM sqlite_master \
         WHERE name <> '__diesel_schema_migrations' AND tbl_name <> '__diesel_schema_migrations' ORDER BY 1";
    const POSTGRES: &str = "SELECT line FROM ( \
         SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || \
                ordinal_position || ' ' || COALESCE(column_default, '') AS line \
           FROM information_schema.columns WHERE table_schema = 'public' \
         UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
         UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) \
           FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
         ) AS schema WHERE line NOT LIKE '%__diesel_schema_migrations%' ORDER BY 1";
    let lines: Vec<Line> = db
        .read_blocking(|conn| match conn {
            Conn::Sqlite(conn) => Ok::<_, Error>(diesel::sql_query(SQLITE).load(conn)?),
            Conn::Pg(conn) => Ok(diesel::sql_query(POSTGRES).load(conn)?),
        })
        .unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

both_engines!(the_schema_goes_up_down_and_up_to_the_same_schema, |world| {
    let first = dump(&world.db);
    assert!(first.len() > 60, "{} lines", first.len());
    world.db.revert_all().unwrap();
    assert_eq!(dump(&world.db), Vec::<String>::new(), "going down leaves nothing");
    world.db.migrate().unwrap();
    assert_eq!(dump(&world.db), first);
});

both_engines!(migrating_twice_changes_nothing_and_keeps_the_data, |world| {
    let before = dump(&world.db);
    world.db.migrate().unwrap();
    assert_eq!(dump(&world.db), before);
    assert_eq!(world.read(balado_store::people::list_schools), std::slice::from_ref(&world.school));
});

both_engines!(a_schema_from_a_later_program_is_refused, |world| {
    world.write(|tx| {
        let statement = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
        match &mut **tx {
            Conn::Sqlite(conn) => conn.batch_execute(statement)?,
            Conn::Pg(conn) => conn.batch_execute(statement)?,
        }
        Ok(())
    });
    match world.db.migrate() {
        Err(Error::SchemaTooNew { version }) => assert_eq!(version, "99990101000000"),
        other => panic!("{other:?}"),
    }
});

both_engines!(programs_that_start_together_migrate_once, |world| {
    world.db.revert_all().unwrap();
    let programs: Vec<Db> = (0..4).map(|_| world.reopen()).collect();
    std::thread::scope(|scope| {
        let starts: Vec<_> = programs.iter().map(|db| scope.spawn(|| db.migrate())).collect();
        for start in starts {
            start.join().unwrap().unwrap();
        }
    });
    assert!(world.read(balado_store::people::list_schools).is_empty());
});

both_engines!(every_column_has_the_same_kind_of_type_on_both_engines, |world| {
    // The row structs read by position with fixed types; a column that no query of the suite touches would
    // otherwise only fail in production.
    let expected = match world.db.engine() {
        Engine::Sqlite => &["TEXT", "BIGINT", "INTEGER", "TIMESTAMP", "DATE", "BOOLEAN"][..],
        Engine::Postgres => {
            &["text", "bigint", "integer", "timestamp without time zone", "date", "boolean"][..]
        }
    };
    const SQLITE: &str = "SELECT DISTINCT c.type AS line FROM sqlite_master AS t \
         JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'";
    const POSTGRES: &str = "SELECT DISTINCT data_type::text AS line FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";
    let lines: Vec<Line> = world.read(|conn| match conn {
        Conn::Sqlite(conn) => Ok(diesel::sql_query(SQLITE).load(conn)?),
        Conn::Pg(conn) => Ok(diesel::sql_query(POSTGRES).load(conn)?),
    });
    let mut found: Vec<String> = lines.into_iter().map(|line| line.line).collect();
    let mut expected: Vec<String> = expected.iter().map(|&kind| kind.to_owned()).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
});
