//! What Balado has to say to one person.

use super::frame::{Page, Reader};
use super::pieces::When;
use super::query::Query;
use crate::error::Result;
use crate::words::Words;
use actix_web::HttpResponse;
use askama::Template;

/// How many notices a page shows.
const PAGE_LENGTH: usize = 30;
/// How many are kept in reach at all.
const REACH: i64 = 200;

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox {
    l: Words,
    page: Page,
    notices: Vec<NoticeRow>,
    more: Option<String>,
}

/// One notice.
#[derive(Debug, Clone)]
struct NoticeRow {
    topic: String,
    subject: String,
    from: String,
    href: String,
    when: When,
    is_new: bool,
}

/// `GET /inbox`: what is shown has been seen, which is noted for its reader alone.
pub(crate) async fn show(reader: Reader, query: Query) -> Result<HttpResponse> {
    reader.must(reader.has().messaging)?;
    let app = &reader.site.app;
    let items = app.inbox(reader.viewer(), REACH).await?;
    let skipped = query.parsed::<usize>("page").unwrap_or(0);
    let shown: Vec<_> = items.iter().skip(skipped).take(PAGE_LENGTH).collect();
    let next = skipped.saturating_add(PAGE_LENGTH);
    let unseen = shown.iter().map(|item| &item.notice).filter(|notice| notice.read_at.is_none());
    app.see_notices(reader.viewer(), unseen.map(|notice| notice.id).collect()).await?;
    let notices = shown.iter().map(|item| NoticeRow {
        topic: item.notice.topic.to_string(),
        subject: item.subject.title.clone(),
        from: item.subject.by.clone(),
        href: item.subject.path.clone(),
        when: reader.dates.when(item.notice.due_at),
        is_new: item.notice.read_at.is_none(),
    });
    let words = reader.frame.words;
    reader.frame.show(&Inbox {
        l: words,
        page: reader.frame.page(words.t("inbox-title"), "inbox", "inbox"),
        notices: notices.collect(),
        more: query.next_page("/inbox", (items.len() > next).then_some(next)),
    })
}
