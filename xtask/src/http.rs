//! Just enough HTTP/1.1 for the emulator's own control routes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context, bail};
use serde_json::Value;

/// Sends one request on a connection of its own and reads a JSON answer.
///
/// # Errors
/// The server cannot be reached, or answers with another status than 2xx or with something that is not JSON.
pub(crate) fn request(
    method: &str,
    base: &str,
    path: &str,
    token: &str,
    body: Option<&Value>,
) -> anyhow::Result<Value> {
    let authority = base.strip_prefix("http://").context("only plain http is spoken here")?.trim_end_matches('/');
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(authority).with_context(|| format!("cannot reach {base}"))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer).context("the answer is not UTF-8")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of headers")?;
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        bail!("{method} {path}: {status} {body}");
    }
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        bail!("{method} {path}: the answer is chunked");
    }
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(body).with_context(|| format!("{method} {path}: the answer is not JSON"))
}
