//! The body of an ingestion request: compressed or not; one item a line, an array, or one item.

use std::io::Read;

use flate2::read::GzDecoder;
use http::StatusCode;
use http::header::CONTENT_ENCODING;
use serde_json::Value;

use crate::services::{Refused, ServiceCall};

/// More is refused, as the ingestion does: 64 MB.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The items, in order. What is no JSON is an item that is `null`.
pub(super) fn items(call: &ServiceCall<'_>) -> Result<Vec<Value>, Refused> {
    let bad = |message: String| Refused::new(StatusCode::BAD_REQUEST, "BadRequest", message);
    let bytes = match call.header(CONTENT_ENCODING.as_str()) {
        None | Some("identity") => call.request.body.to_vec(),
        Some("gzip") => {
            let mut bytes = Vec::new();
            let mut decoder = GzDecoder::new(call.request.body.as_ref()).take(LARGEST);
            decoder.read_to_end(&mut bytes).map_err(|error| bad(format!("The body is no gzip stream: {error}")))?;
            bytes
        }
        Some(other) => return Err(bad(format!("The content encoding {other} is not supported"))),
    };
    let text = String::from_utf8(bytes).map_err(|_| bad("The body is not UTF-8".to_owned()))?;
    let text = text.trim();
    if text.is_empty() {
        return Err(bad("The body is empty".to_owned()));
    }
    Ok(match serde_json::from_str(text) {
        Ok(Value::Array(items)) => items,
        Ok(item) => vec![item],
        Err(_) => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(|line| serde_json::from_str(line).unwrap_or_default()).collect()
        }
    })
}
