//! The reader's own account: who they are here, their language, and leaving.

use super::frame::{Page, Reader};
use crate::error::Result;
use crate::words::Words;
use actix_web::HttpResponse;
use askama::Template;
use balado_domain::people::{Group, Role};

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    l: Words,
    page: Page,
    name: String,
    login: String,
    email: String,
    roles: Vec<RoleLine>,
}

/// What somebody is, and where.
#[derive(Debug, Clone)]
struct RoleLine {
    role: String,
    scope: String,
}

/// `GET /account`.
pub(crate) async fn show(reader: Reader) -> Result<HttpResponse> {
    let login = reader.site.app.login_of(reader.viewer()).await?;
    let portrait = &reader.portrait;
    let names =
        |groups: &[Group]| groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join(", ");
    let line = |role: &Role| RoleLine {
        role: role.to_string(),
        scope: match role {
            Role::Teacher => names(&portrait.taught),
            Role::Pupil => names(&portrait.attended),
            Role::Guardian => {
                let children = portrait.children.iter().map(|child| child.given_name.as_str());
                children.collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        },
    };
    let words = reader.frame.words;
    let page = reader.frame.page(words.t("account-title"), "account", "account");
    reader.frame.show(&Account {
        l: words,
        page,
        name: portrait.person.full_name(),
        login: login.unwrap_or_default(),
        email: portrait.person.email.clone().unwrap_or_default(),
        roles: portrait.roles.iter().map(line).collect(),
    })
}
