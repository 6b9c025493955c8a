//! What every handler is given: the application, and whether this process is about to stop.

use actix_web::HttpRequest;
use actix_web::web::Data;
use balado_app::App;
use tokio_util::sync::CancellationToken;

/// The service of this process. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) app: App,
    /// Cancelled when the process is asked to stop: uploads then end at once, with what they have made durable.
    pub(crate) stopping: CancellationToken,
}

impl Site {
    /// Whether readers reach us by https, so that cookies may be kept to it.
    pub(crate) fn is_secure(&self) -> bool {
        self.origin().starts_with("https://")
    }

    /// The public address, without a trailing slash.
    pub(crate) fn origin(&self) -> &str {
        &self.app.configuration().server.origin
    }
}

/// The site a request came to; absent only in a service that was configured without one.
pub(crate) fn site_of(request: &HttpRequest) -> Option<&Site> {
    request.app_data::<Data<Site>>().map(|data| data.get_ref())
}
