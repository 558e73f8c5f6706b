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
        Known {
            kind: Kind::Extra,
            at: "*allowUsageInUserControlledCode",
            path: "/v1/connections",
            until: "2026-01",
            reason: "`allowUsageInUserControlledCode` of a connection came in January 2026",
        },
        Known {
            kind: Kind::Missing,
            at: "moreDetails",
            path: "/connections/",
            until: "",
            reason: "an empty `moreDetails` is left out",
        },
        Known {
            kind: Kind::Missing,
            at: "attributes",
            path: "/v1/operations/",
            until: "",
            reason: "`attributes` of an item is not published, and most recordings lack it",
        },
        Known {
            kind: Kind::Missing,
            at: "properties.$type",
            path: "/variablelibraries/",
            until: "",
            reason: "`$type` of a variable library is not published; it slips out of the service's own code",
        },
        Known {
            kind: Kind::Extra,
            at: "endTimeUtc",
            path: "/jobs/instances/",
            until: "",
            reason: "a job just cancelled may have no `endTimeUtc` yet; the emulator knows it at once",
        },
        Known {
            kind: Kind::Extra,
            at: "properties.sqlEndpointProperties",
            path: "/mirroredDatabases/",
            until: "2026-01",
            reason: "a new mirrored database said nothing of its SQL endpoint in 2025; now it says `InProgress`",
        },
    ]
}
