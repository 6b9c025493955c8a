//! The rows. `<publication>` and the like stand for what [`super::world::World`] has made: a video of `lou` for 5eB with a
//! document beside it, a subscription and calendar of `ines`, homework of `lou` answered by `ines`.

/// One route, and what everybody gets from it.
pub(crate) struct Row {
    pub(crate) method: &'static str,
    /// The route as it stands in the table of routes.
    pub(crate) route: &'static str,
    /// What is asked for.
    pub(crate) path: &'static str,
    /// JSON to send, if any.
    pub(crate) body: &'static str,
    /// One whom it is for, and the status they get.
    pub(crate) by: &'static str,
    pub(crate) owner: u16,
    /// Nobody, a pupil of another class, a pupil of another school, another pupil, another parent, an ended session.
    pub(crate) strangers: [u16; 6],
}

const fn row(
    method: &'static str,
    route: &'static str,
    path: &'static str,
    (by, owner): (&'static str, u16),
    strangers: [u16; 6],
) -> Row {
    Row { method, route, path, body: "", by, owner, strangers }
}

impl Row {
    const fn sending(self, body: &'static str) -> Self {
        Self { body, ..self }
    }
}

/// Anybody.
const OPEN: [u16; 6] = [200; 6];
/// Whoever is signed in sees their own.
const OWN: [u16; 6] = [401, 200, 200, 200, 200, 401];
/// Only whom it belongs to.
const PRIVATE: [u16; 6] = [401, 404, 404, 404, 404, 401];
/// The class.
const CLASS: [u16; 6] = [401, 404, 404, 200, 404, 401];
/// Administrators.
const ADMINISTRATORS: [u16; 6] = [401, 403, 403, 403, 403, 401];
/// A live upload of somebody else: its client must never be told to forget it.
const UPLOAD: [u16; 6] = [423, 404, 404, 404, 404, 423];

/// A cut that is none of that deposit.
const NO_CUT: &str = "/api/deposits/<deposit>/cuts/01890a5d-ac96-774b-bcce-b302099a8057/cancel";

const NEW_PUBLICATION: &str = r#"{"deposit":"<deposit>","title":"x","groups":["<group>"]}"#;
const NEW_ASSIGNMENT: &str = r#"{"title":"x","groups":["<group>"],"due_at":"2027-01-01T00:00:00Z"}"#;
const NEW_SUBSCRIPTION: &str = r#"{"feed":"<feed>"}"#;

pub(crate) const ROWS: &[Row] = &[
    row("GET", "/healthz", "/healthz", ("lou", 200), OPEN),
    row("GET", "/assets/{version}/{name}", "/assets/x/app.css", ("lou", 200), OPEN),
    row("GET", "/look/{name}", "/look/1d4e89.css", ("lou", 200), OPEN),
    row("GET", "/api/openapi.json", "/api/openapi.json", ("lou", 200), OPEN),
    // Addresses that are their own proof: whoever has one is let in, whoever they are.
    row("GET", "/f/{token}/feed.xml", "/f/<token>/feed.xml", ("ines", 200), OPEN),
    row("GET", "/c/{token}/agenda.ics", "/c/<calendar>/agenda.ics", ("ines", 200), OPEN),
    row("GET", "/m/{key}/{name}", "/m/<key>/cover.png", ("ines", 200), OPEN),
    row("GET", "/m/{key}/{item}/{name}", "/m/<key>/<publication>/poster.jpg", ("ines", 200), OPEN),
    row(
        "GET",
        "/m/{key}/{item}/{deposit}/{name}",
        "/m/<key>/<publication>/<companion>/document.pdf",
        ("ines", 200),
        OPEN,
    ),
    row(
        "GET",
        "/media/publications/{id}/storyboard.vtt",
        "/media/publications/<publication>/storyboard.vtt",
        ("ines", 200),
        CLASS,
    ),
    row(
        "GET",
        "/media/publications/{id}/{kind}",
        "/media/publications/<publication>/poster",
        ("ines", 200),
        CLASS,
    ),
    row(
        "GET",
        "/media/publications/{id}/companions/{deposit}",
        "/media/publications/<publication>/companions/<companion>",
        ("ines", 200),
        CLASS,
    ),
    row("GET", "/media/deposits/{id}/original", "/media/deposits/<deposit>/original", ("lou", 200), PRIVATE),
    row(
        "GET",
        "/media/deposits/{id}/storyboard.vtt",
        "/media/deposits/<deposit>/storyboard.vtt",
        ("lou", 200),
        PRIVATE,
    ),
    row("GET", "/media/deposits/{id}/{kind}", "/media/deposits/<answer>/waveform", ("lou", 200), PRIVATE),
    // The sixth guess at one login has to wait.
    row("POST", "/api/session", "/api/session", ("lou", 401), [401, 401, 401, 401, 401, 429])
        .sending(r#"{"login":"x","password":"x"}"#),
    row("DELETE", "/api/session", "/api/session", ("lou", 400), [401, 400, 400, 400, 400, 401]),
    row("GET", "/api/me", "/api/me", ("lou", 200), OWN),
    row("GET", "/api/groups", "/api/groups", ("lou", 200), OWN),
    row("OPTIONS", "/api/uploads", "/api/uploads", ("lou", 204), [204; 6]),
    row("POST", "/api/uploads", "/api/uploads", ("lou", 201), [401, 201, 201, 201, 403, 401]),
    row("OPTIONS", "/api/uploads/{id}", "/api/uploads/<upload>", ("lou", 204), [204; 6]),
    row("HEAD", "/api/uploads/{id}", "/api/uploads/<upload>", ("lou", 200), UPLOAD),
    row("PATCH", "/api/uploads/{id}", "/api/uploads/<upload>", ("lou", 204), UPLOAD),
    row("POST", "/api/uploads/{id}", "/api/uploads/<upload>", ("lou", 204), UPLOAD),
    row("DELETE", "/api/uploads/{id}", "/api/uploads/<upload>", ("lou", 204), PRIVATE),
    row("GET", "/api/deposits", "/api/deposits", ("lou", 200), OWN),
    row("GET", "/api/deposits/{id}", "/api/deposits/<deposit>", ("lou", 200), PRIVATE),
    row("DELETE", "/api/deposits/{id}", "/api/deposits/<deposit>", ("lou", 409), PRIVATE),
    row("POST", "/api/deposits/{id}/retry", "/api/deposits/<deposit>/retry", ("lou", 409), PRIVATE),
    row("GET", "/api/deposits/{id}/cuts", "/api/deposits/<deposit>/cuts", ("lou", 200), PRIVATE),
    row("POST", "/api/deposits/{id}/cuts", "/api/deposits/<deposit>/cuts", ("lou", 202), PRIVATE)
        .sending(r#"{"keep":[{"from_ms":0,"to_ms":1000}]}"#),
    row("POST", "/api/deposits/{id}/cuts/{cut}/cancel", NO_CUT, ("lou", 404), PRIVATE),
    row("POST", "/api/deposits/{id}/cancel", "/api/deposits/<deposit>/cancel", ("lou", 409), PRIVATE),
    row("GET", "/api/publications", "/api/publications", ("lou", 200), OWN),
    row("POST", "/api/publications", "/api/publications", ("lou", 201), PRIVATE).sending(NEW_PUBLICATION),
    row("GET", "/api/publications/{id}", "/api/publications/<publication>", ("ines", 200), CLASS),
    row(
        "PATCH",
        "/api/publications/{id}",
        "/api/publications/<publication>",
        ("lou", 200),
        [401, 404, 404, 404, 404, 401],
    )
    .sending(r#"{"title":"y"}"#),
    row("GET", "/api/feeds", "/api/feeds", ("lou", 200), OWN),
    row("GET", "/api/subscriptions", "/api/subscriptions", ("ines", 200), OWN),
    row("POST", "/api/subscriptions", "/api/subscriptions", ("ines", 201), [401, 404, 404, 201, 404, 401])
        .sending(NEW_SUBSCRIPTION),
    row("GET", "/api/subscriptions/{id}", "/api/subscriptions/<subscription>", ("paul", 200), PRIVATE),
    row(
        "POST",
        "/api/subscriptions/{id}/rotate",
        "/api/subscriptions/<subscription>/rotate",
        ("paul", 200),
        PRIVATE,
    ),
    row("DELETE", "/api/subscriptions/{id}", "/api/subscriptions/<subscription>", ("paul", 200), PRIVATE),
    row("GET", "/api/children", "/api/children", ("paul", 200), OWN),
    row(
        "GET",
        "/api/children/{id}/subscriptions",
        "/api/children/<child>/subscriptions",
        ("paul", 200),
        PRIVATE,
    ),
    row(
        "POST",
        "/api/children/{id}/subscriptions",
        "/api/children/<child>/subscriptions",
        ("paul", 201),
        PRIVATE,
    )
    .sending(NEW_SUBSCRIPTION),
    row("GET", "/api/children/{id}/fetches", "/api/children/<child>/fetches", ("paul", 200), PRIVATE),
    row("GET", "/api/assignments", "/api/assignments", ("lou", 200), OWN),
    row("POST", "/api/assignments", "/api/assignments", ("lou", 201), ADMINISTRATORS).sending(NEW_ASSIGNMENT),
    row("GET", "/api/assignments/{id}", "/api/assignments/<assignment>", ("ines", 200), CLASS),
    // Before the row that hands in again: a replaced answer is nobody's to hear.
    row("POST", "/api/submissions/{id}/heard", "/api/submissions/<submission>/heard", ("lou", 204), PRIVATE),
    row(
        "GET",
        "/api/assignments/{id}/submissions",
        "/api/assignments/<assignment>/submissions",
        ("lou", 200),
        PRIVATE,
    ),
    row(
        "POST",
        "/api/assignments/{id}/submissions",
        "/api/assignments/<assignment>/submissions",
        ("ines", 201),
        PRIVATE,
    )
    .sending(r#"{"deposit":"<spare>"}"#),
    row("GET", "/api/inbox", "/api/inbox", ("ines", 200), OWN),
    row("POST", "/api/inbox/{id}/read", "/api/inbox/<notice>/read", ("ines", 204), PRIVATE),
    row("GET", "/api/calendar", "/api/calendar", ("ines", 200), OWN),
    row("POST", "/api/calendar/rotate", "/api/calendar/rotate", ("ines", 200), OWN),
    row("GET", "/api/modules/{school}", "/api/modules/<school>", ("ada", 200), ADMINISTRATORS),
    row("GET", "/api/modules/{school}/{name}", "/api/modules/<school>/agenda", ("ada", 200), ADMINISTRATORS),
    row("PUT", "/api/modules/{school}/{name}", "/api/modules/<school>/agenda", ("ada", 200), ADMINISTRATORS)
        .sending(r#"{"enabled":true}"#),
    row(
        "POST",
        "/api/publications/{id}/withdraw",
        "/api/publications/<publication>/withdraw",
        ("lou", 200),
        PRIVATE,
    ),
];
