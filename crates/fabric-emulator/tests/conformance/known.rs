//! Differences between recordings and emulator that are meant, each with its reason.

use crate::comparison::{Difference, Kind};
use crate::corpus::Exchange;

/// A difference that is accepted where it appears as described, and that must appear somewhere.
pub(crate) struct Known {
    kind: Kind,
    /// The header's name or the member's place; a leading `*` stands for any beginning.
    pub(crate) at: &'static str,
    /// What the exchange's path must contain.
    path: &'static str,
    /// The first month (`YYYY-MM`) in which the recordings agree with the emulator; empty: none does.
    until: &'static str,
    pub(crate) reason: &'static str,
}

impl Known {
    pub(crate) fn explains(&self, exchange: &Exchange, difference: &Difference) -> bool {
        let place = match self.at.strip_prefix('*') {
            Some(end) => difference.at.ends_with(end),
            None => difference.at == self.at,
        };
        place
            && difference.kind == self.kind
            && exchange.path.contains(self.path)
            && (self.until.is_empty() || exchange.month.as_str() < self.until)
    }
}

const EMPTY_DESCRIPTION: &str = "`description` was left out where it was empty, until the spring of 2026";

/// Every known difference.
pub(crate) fn all() -> &'static [Known] {
    &[
        Known { kind: Kind::Extra, at: "description", path: "", until: "2026-05", reason: EMPTY_DESCRIPTION },
        Known { kind: Kind::Extra, at: "*[].description", path: "", until: "2026-05", reason: EMPTY_DESCRIPTION },
        Known {
            kind: Kind::Extra,
            at: "capacityRegion",
            path: "/v1/workspaces",
            until: "2026-07",
            reason: "`capacityRegion` of a new, changed or listed workspace came in 2026",
        },
        Known {
            kind: Kind::Extra,
            at: "isRetriable",
            path: "",
            until: "",
            reason: "`isRetriable` came in February 2026, and some errors still lack it",
        },
    ]
}
