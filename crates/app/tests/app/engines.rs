//! An application on either database, with its objects in a bucket that can be made to fail.

use balado_store::Db;
use balado_testkit::TestApp;
use balado_testkit::postgres::{FreshDatabase, fresh_database};
use balado_testkit::s3::{self, S3Server};
use std::net::SocketAddr;

/// Runs a test on both databases: `on_both_databases! { what_is_claimed => function }`.
macro_rules! on_both_databases {
    ($($name:ident => $body:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$body(&$crate::app::engines::Installation::on_sqlite().await).await; })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$body(&$crate::app::engines::Installation::on_postgres().await).await; })+
        }
    };
}

/// The application, and what it stands on.
pub(crate) struct Installation {
    pub(crate) kit: TestApp,
    pub(crate) bucket: S3Server,
    _database: Option<FreshDatabase>,
}

impl Installation {
    pub(crate) async fn on_sqlite() -> Self {
        Self::on(None).await
    }

    pub(crate) async fn on_postgres() -> Self {
        Self::on(Some(fresh_database())).await
    }

    async fn on(database: Option<FreshDatabase>) -> Self {
        let bucket = s3::start().unwrap();
        let objects = format!("s3://{}", bucket.bucket);
        let mut settings = vec![
            ("BALADO_OBJECTS_URL", objects.as_str()),
            ("BALADO_OBJECTS_S3_ENDPOINT", bucket.endpoint.as_str()),
            ("BALADO_OBJECTS_S3_ACCESS_KEY", bucket.access_key.as_str()),
            ("BALADO_OBJECTS_S3_SECRET_KEY", bucket.secret_key.as_str()),
        ];
        let url = database.as_ref().map(FreshDatabase::url);
        settings.extend(url.as_deref().map(|url| ("BALADO_DATABASE_URL", url)));
        let kit = TestApp::start_at(SocketAddr::from(([127, 0, 0, 1], 1)), &settings).await;
        Self { kit, bucket, _database: database }
    }

    /// Its database, behind its back.
    pub(crate) fn database(&self) -> Db {
        Db::open(&self.kit.app().configuration().database_url, 2).unwrap()
    }

    /// How many objects there are below a key.
    pub(crate) fn objects_below(&self, key: &str) -> usize {
        let mut folders = vec![self.bucket.file_of(key)];
        let mut objects = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() { folders.push(entry.path()) } else { objects += 1 }
            }
        }
        objects
    }
}
