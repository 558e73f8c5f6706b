//! What an error of the vault's client means.

use std::error::Error as _;

use azure_core::error::ErrorKind;

use crate::error::{Error, Subject};
use crate::store::Source;

/// The code with which a vault says that it has no such secret.
const NO_SUCH_SECRET: &str = "SecretNotFound";

/// Sorts an error of the client. Texts that came from a server are left out, but for the error code.
pub(super) fn explain(error: &azure_core::Error, subject: Subject, store: Source) -> Error {
    match error.kind() {
        ErrorKind::HttpResponse { status, error_code, raw_response } => {
            let body = raw_response.as_ref().map(|response| response.body().as_ref());
            let code = error_code.as_deref().map(printable).unwrap_or_default();
            of_status(u16::from(*status), &code, body.and_then(inner_code).as_deref(), subject, store)
        }
        ErrorKind::Io | ErrorKind::Connection => Error::Unreachable { subject, store, reason: causes(error) },
        ErrorKind::Credential if has_no_connection(error) => {
            Error::Unreachable { subject, store, reason: causes(error) }
        }
        ErrorKind::Credential => Error::NotSignedIn { subject, store, reason: error.to_string() },
        // The text may repeat what could not be read.
        ErrorKind::DataConversion => {
            Error::Unusable { subject, store, reason: "the answer is not what a vault says".to_owned() }
        }
        _ => Error::Unusable { subject, store, reason: causes(error) },
    }
}

fn of_status(status: u16, code: &str, inner: Option<&str>, subject: Subject, store: Source) -> Error {
    let reason = match inner {
        Some(inner) => format!("{status} {code} ({inner})"),
        None => format!("{status} {code}").trim_end().to_owned(),
    };
    match (status, subject) {
        (401 | 403, subject) => Error::Denied { subject, store, reason },
        // Any other 404 is a gateway's, or a vault that does not exist: it says nothing about the secret.
        (404, Subject::Secret(name)) if code == NO_SUCH_SECRET => Error::NotFound { name, tried: vec![store] },
        (408 | 429 | 500..=599, subject) => Error::Unreachable { subject, store, reason },
        (_, subject) => Error::Unusable { subject, store, reason },
    }
}

/// Whether the credential failed because nobody answered it.
fn has_no_connection(error: &azure_core::Error) -> bool {
    let mut cause = error.source();
    while let Some(current) = cause {
        if let Some(own) = current.downcast_ref::<azure_core::Error>() {
            match own.kind() {
                ErrorKind::Io | ErrorKind::Connection => return true,
                ErrorKind::HttpResponse { status, .. } => return matches!(u16::from(*status), 408 | 429 | 500..=599),
                _ => {}
            }
        }
        cause = current.source();
    }
    false
}

/// The error with its causes, each once.
fn causes(error: &azure_core::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        let said = current.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = current.source();
    }
    text
}

/// The code of the inner error, which tells a disabled secret from a missing permission.
fn inner_code(body: &[u8]) -> Option<String> {
    let body: azure_core::Value = azure_core::json::from_json(body).ok()?;
    Some(printable(body.get("error")?.get("innererror")?.get("code")?.as_str()?))
}

/// A code is a word; whatever else is sent in its place is not repeated.
fn printable(code: &str) -> String {
    let is_word = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word { code.to_owned() } else { String::new() }
}
