//! Compares a recorded answer with the emulator's: status, headers, shape, echoes.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::corpus::Exchange;
use crate::{echo, headers, shape};

/// What the emulator answered.
#[derive(Debug, Clone)]
pub(crate) struct Observed {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Status,
    ErrorCode,
    Header,
    /// The recording has a member that the emulator leaves out.
    Missing,
    /// The emulator has a member that the recording lacks.
    Extra,
    Type,
    /// A value of the request (or of the world that was set up) came back changed.
    Echo,
}

/// One way in which an answer departs from its recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) kind: Kind,
    /// The header's name, or where in the body: `value[].description`.
    pub(crate) at: String,
    recorded: String,
    emulated: String,
}

impl Difference {
    pub(crate) fn new(kind: Kind, at: &str) -> Self {
        Self::with(kind, at, "", "")
    }

    pub(crate) fn with(kind: Kind, at: &str, recorded: &str, emulated: &str) -> Self {
        Self { kind, at: at.to_owned(), recorded: recorded.to_owned(), emulated: emulated.to_owned() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, recorded, emulated, .. } = self;
        match self.kind {
            Kind::Missing => write!(out, "missing `{at}`"),
            Kind::Extra => write!(out, "extra `{at}`"),
            Kind::Type => write!(out, "type of `{at}`: recorded {recorded}, emulated {emulated}"),
            Kind::Status => write!(out, "status: recorded {recorded}, emulated {emulated}"),
            Kind::ErrorCode => write!(out, "error code: recorded {recorded}, emulated {emulated}"),
            Kind::Header => write!(out, "header {at}: recorded {recorded}, emulated {emulated}"),
            Kind::Echo => write!(out, "value of `{at}`: expected {recorded}, emulated {emulated}"),
        }
    }
}

/// Everything in which `observed` departs from `exchange`. `known` are the values that the request
/// and the seeded world contain: where the recording repeats one of them, the emulator must too.
pub(crate) fn differences(exchange: &Exchange, observed: &Observed, known: &BTreeSet<String>) -> Vec<Difference> {
    let code = |body: &Value| body.get("errorCode").and_then(Value::as_str).unwrap_or("none").to_owned();
    if exchange.status != observed.status {
        let told = |status: u16, body: &Value| match code(body).as_str() {
            "none" => status.to_string(),
            code => format!("{status} {code}"),
        };
        return vec![Difference::with(
            Kind::Status,
            "",
            &told(exchange.status, &exchange.body),
            &told(observed.status, &observed.body),
        )];
    }
    let mut found = headers::differences(&exchange.headers, &observed.headers);
    if exchange.status >= 400 && code(&exchange.body) != code(&observed.body) {
        found.push(Difference::with(Kind::ErrorCode, "errorCode", &code(&exchange.body), &code(&observed.body)));
    }
    found.extend(shape::differences(&exchange.body, &observed.body));
    found.extend(echo::differences(&exchange.body, &observed.body, known));
    found
}
