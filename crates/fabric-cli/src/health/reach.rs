//! Whether Fabric answers, and how fast.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::timeout;

use super::{Cause, Finding, Status, Surroundings};

/// An answer that takes longer than this is too slow to deploy with, in milliseconds: calls follow each other.
const SLOW_MS: u64 = 1000;

/// How long is waited for what a call of somebody who is signed in gives: signing in is another check's matter.
const SIGNED_IN: Duration = Duration::from_millis(1000);

pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    let endpoint = &surroundings.place.endpoint;
    let answer = surroundings.answer().await.map_err(|reason| {
        Finding::unhealthy(
            format!("{endpoint} does not answer: {reason}"),
            "check the network, the proxy (HTTPS_PROXY) and --endpoint",
        )
    })?;
    let cluster = answer.cluster.as_deref().map(|cluster| format!(", cluster {cluster}")).unwrap_or_default();
    let detail = format!("{endpoint} answers {} in {} ms{cluster}", answer.status.as_u16(), answer.latency_ms);
    let found = judge(answer.status, answer.latency_ms, detail);
    if found.status != Status::Healthy {
        return Ok(found);
    }
    Ok(match ill(surroundings).await {
        Some(ill) => Finding { detail: format!("{}, and {}", found.detail, ill.detail), ..ill },
        None => found,
    })
}

fn judge(status: StatusCode, latency_ms: u64, detail: String) -> Finding {
    match status {
        // Nobody is signed in for this call: being refused is the right answer.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::OK if latency_ms > SLOW_MS => {
            Finding::degraded(detail, "expect a slow deployment; check the network and the service's own status page")
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::OK => Finding::healthy(detail),
        StatusCode::TOO_MANY_REQUESTS => Finding::degraded(detail, "the service throttles: try again later"),
        status if status.is_server_error() => Finding::unhealthy(
            detail,
            "see https://support.fabric.microsoft.com/support for known faults of the service",
        ),
        _ => Finding::unhealthy(detail, "this is not how Fabric answers: check --endpoint and the proxy"),
    }
}

/// A fault of the service that only a call of somebody who is signed in meets.
async fn ill(surroundings: &Surroundings<'_>) -> Option<Finding> {
    let listed = timeout(SIGNED_IN, surroundings.workspaces()).await.ok()?;
    listed.err().filter(|refused| refused.cause == Cause::Service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_what_they_mean() {
        let cases = [
            (401, SLOW_MS, Status::Healthy),
            (401, SLOW_MS + 1, Status::Degraded),
            (200, 20, Status::Healthy),
            (429, 20, Status::Degraded),
            (503, 20, Status::Unhealthy),
            (404, 20, Status::Unhealthy),
        ];
        for (code, latency_ms, expected) in cases {
            let found = judge(StatusCode::from_u16(code).unwrap(), latency_ms, "it answers".to_owned());
            assert_eq!(found.status, expected, "{code} after {latency_ms} ms");
            assert_eq!(found.advice.is_none(), expected == Status::Healthy);
        }
    }
}
