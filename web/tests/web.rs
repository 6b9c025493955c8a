//! The service as clients meet it: a real server on a free port, a real SQLite file, a client that shows every header.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod web {
    mod api;
    mod client;
    mod converting;
    mod engines;
    mod feeds;
    mod leaks;
    mod media;
    mod pages;
    mod rights;
    mod served;
    mod stopping;
    mod tls;
    mod tus;
}
