//! The closed set of features: the one table from which code, documents and schema are made.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! features {
    ($($name:ident = $variable:literal, $summary:literal, $effect:literal;)+) => {
        /// A hardening feature that can be switched on. The set is closed: there is no flag by string.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Feature {
            $(#[doc = concat!($summary, " (`", $variable, "`).")] $name,)+
        }

        impl Feature {
            /// Every feature, in the order in which documents and reports list them.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            /// The name that the command line, the environment and the flag file use.
            pub const fn variable(self) -> &'static str {
                match self { $(Self::$name => $variable,)+ }
            }

            /// What the feature does, in one line without a full stop.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)+ }
            }

            /// What differs between on and off.
            pub const fn effect(self) -> &'static str {
                match self { $(Self::$name => $effect,)+ }
            }
        }
    };
}

features! {
    KeyVault = "FEATURE_USE_KEY_VAULT",
        "Read secrets from Azure Key Vault",
        "Secrets come from the vault at `KEY_VAULT_URL`, through a cache, before the environment and `.env`; off, only from those two.";
    RetryLogic = "FEATURE_USE_RETRY_LOGIC",
        "Send calls again that fail in passing",
        "A safe call that meets throttling, a server fault or a lost connection is sent again after a growing wait, never sooner than `Retry-After`; off, the first failure is final.";
    Rollback = "FEATURE_USE_ROLLBACK",
        "Undo a deployment that fails",
        "What a failed deployment applied is undone in reverse order, and re-read; off, it stays and the report lists it.";
    Telemetry = "FEATURE_USE_TELEMETRY",
        "Report what happens to Application Insights",
        "Events, metrics, exceptions and operations are sent to Application Insights; off, none are.";
    CircuitBreaker = "FEATURE_USE_CIRCUIT_BREAKER",
        "Stop calling a service that is down",
        "After repeated transport or server faults calls fail at once, until trial calls succeed; off, every call is sent.";
}

impl Feature {
    /// The value when no source says anything: off, for every feature.
    pub const DEFAULT: bool = false;

    /// The feature whose [`variable`](Self::variable) is exactly `name`.
    pub fn from_variable(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.variable() == name)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.variable())
    }
}

impl Serialize for Feature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.variable())
    }
}
