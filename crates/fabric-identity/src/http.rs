//! One request and its JSON answer, over the transport that the chain was given.

use azure_core::http::{HttpClient, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::FailureReason;

/// What an answer that refuses says, in the shape of OAuth 2.0 that Entra and the metadata services share.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
}

/// Sends the request once and reads the answer. Neither of them is ever part of an error, apart from the description
/// that a service gives of its refusal.
pub(crate) async fn send<T: DeserializeOwned>(
    transport: &dyn HttpClient,
    request: &Request,
) -> Result<T, FailureReason> {
    let unreachable = |error: azure_core::Error| FailureReason::Unreachable(described(&error));
    let answer = transport.execute_request(request).await.map_err(unreachable)?;
    let answer = answer.try_into_raw_response().await.map_err(unreachable)?;
    let status = u16::from(answer.status());
    let body: &[u8] = answer.body();
    if (200..300).contains(&status) {
        return serde_json::from_slice(body).map_err(|_| refused(status, Refusal::default()));
    }
    Err(refused(status, serde_json::from_slice(body).unwrap_or_default()))
}

fn refused(status: u16, refusal: Refusal) -> FailureReason {
    // The first line: the rest are ids of the trace.
    let description = refusal.error_description.or(refusal.error);
    let line = description.as_deref().and_then(|text| text.lines().next()).map(str::trim).unwrap_or_default();
    let code = line.split(':').next().filter(|code| code.starts_with("AADSTS")).map(str::to_owned);
    let message = if line.is_empty() { "the answer is not the one of a token service" } else { line }.to_owned();
    FailureReason::Refused { status, code, message }
}

/// The error with its causes, each once and in one line.
fn described(error: &azure_core::Error) -> String {
    let first: &dyn std::error::Error = error;
    let causes = std::iter::successors(Some(first), |&cause| cause.source());
    let mut described: Vec<String> = Vec::new();
    for cause in causes {
        let text = cause.to_string();
        let line = text.lines().next().unwrap_or_default().trim().to_owned();
        if !line.is_empty() && described.iter().all(|said| !said.contains(&line)) {
            described.push(line);
        }
    }
    described.join(": ")
}
