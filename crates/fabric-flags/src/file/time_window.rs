//! The time window filter: from a start, until an end.

use std::fmt;
use std::time::SystemTime;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// The parameters of `Microsoft.TimeWindow`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TimeWindow {
    #[serde(default)]
    start: Option<Moment>,
    #[serde(default)]
    end: Option<Moment>,
    #[serde(default)]
    recurrence: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Copy)]
struct Moment(SystemTime);

impl TimeWindow {
    pub(super) const fn recurs(&self) -> bool {
        self.recurrence.is_some()
    }

    pub(super) const fn is_bounded(&self) -> bool {
        self.start.is_some() || self.end.is_some()
    }

    /// The start belongs to the window, the end does not.
    pub(super) fn contains(&self, now: SystemTime) -> bool {
        self.start.is_none_or(|start| start.0 <= now) && self.end.is_none_or(|end| now < end.0)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MomentVisitor)
    }
}

/// Parses inside the visitor, so that an error points at the text and not behind it.
struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a date and time with a zone")
    }

    /// RFC 2822 (`Thu, 29 Jun 2023 07:00:00 GMT`), which App Configuration writes, or RFC 3339.
    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        OffsetDateTime::parse(text, &Rfc2822)
            .or_else(|_| OffsetDateTime::parse(text, &Rfc3339))
            .map(|moment| Moment(moment.into()))
            .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }
}
