//! Live metrics: an exporter asks whether somebody watches; nobody does.

use http::header::HeaderName;
use serde_json::json;

use crate::services::{Refused, ServiceCall, ServiceReply};

/// `POST /QuickPulseService.svc/ping` and `/post`
#[expect(clippy::unnecessary_wraps, reason = "every handler may refuse")]
pub(super) fn nobody_watches(_: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    Ok(ServiceReply::ok(&json!(null)).header(HeaderName::from_static("x-ms-qps-subscribed"), "false"))
}
