//! What the layers need to know of Fabric's calls and answers.

use std::time::SystemTime;

use fabric_client::CallMetadata;
use fabric_resilience::{ByStatus, Call, Classify, Outcome, Safety, Verdict};
use http::{Extensions, StatusCode};
use reqwest::Request;
use serde::Deserialize;

/// Fabric's calls carry their metadata; its errors say whether a retry may help.
pub(super) struct FabricCalls;

impl Classify for FabricCalls {
    fn call(&self, request: &Request, extensions: &Extensions) -> Call {
        match extensions.get::<CallMetadata>() {
            Some(metadata) => Call::new(safety(metadata.safety)).in_class(metadata.api_class),
            None => ByStatus.call(request, extensions),
        }
    }

    fn verdict(&self, call: &Call, outcome: &Outcome<'_>, now: SystemTime) -> Verdict {
        let verdict = ByStatus.verdict(call, outcome, now);
        let Outcome::Answer { status, body: Some(body), .. } = outcome else { return verdict };
        let Ok(error) = serde_json::from_slice::<ErrorBody>(body) else { return verdict };
        match (error.error_code.as_deref(), error.is_retriable, verdict) {
            // A name that is still held is a wait of minutes, with a budget of its own in the deployment.
            (Some("ItemDisplayNameNotAvailableYet"), _, _) => Verdict::Permanent,
            (_, Some(false), Verdict::Transient { .. }) => Verdict::Permanent,
            (_, Some(true), Verdict::Permanent) if is_refusal(*status) => Verdict::Transient { retry_after: None },
            _ => verdict,
        }
    }
}

/// An answer that says that nothing was done, and that is not about who calls.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() && !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

fn safety(safety: fabric_client::Safety) -> Safety {
    match safety {
        fabric_client::Safety::Read => Safety::Read,
        fabric_client::Safety::Idempotent => Safety::Idempotent,
        fabric_client::Safety::Ambiguous => Safety::Ambiguous,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody {
    error_code: Option<String>,
    is_retriable: Option<bool>,
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn verdict(safety: Safety, status: u16, body: &str) -> Verdict {
        let headers = HeaderMap::new();
        let status = StatusCode::from_u16(status).unwrap();
        let outcome = Outcome::Answer { status, headers: &headers, body: Some(body.as_bytes()) };
        FabricCalls.verdict(&Call::new(safety), &outcome, SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn the_body_decides_where_it_says_something() {
        let transient = Verdict::Transient { retry_after: None };
        let cases = [
            (Safety::Read, 500, "{}", transient),
            (Safety::Read, 500, r#"{"isRetriable":false}"#, Verdict::Permanent),
            (Safety::Ambiguous, 500, r#"{"isRetriable":true}"#, Verdict::UnknownOutcome),
            (Safety::Ambiguous, 400, r#"{"errorCode":"UnknownError","isRetriable":true}"#, transient),
            (
                Safety::Ambiguous,
                409,
                r#"{"errorCode":"ItemDisplayNameNotAvailableYet","isRetriable":true}"#,
                Verdict::Permanent,
            ),
            (Safety::Read, 403, r#"{"isRetriable":true}"#, Verdict::Permanent),
            (Safety::Read, 404, "not json", Verdict::Permanent),
            (Safety::Read, 429, r#"{"isRetriable":true}"#, Verdict::Throttled { retry_after: None }),
        ];
        for (safety, status, body, expected) in cases {
            assert_eq!(verdict(safety, status, body), expected, "{safety:?} {status} {body}");
        }
    }
}
