//! Which features are on, and why.
//!
//! A closed, typed set of five switches, decided once per run and frozen. A misspelt value stops the start; every
//! decision says who made it and for what reason. The crate reads nothing by itself and knows no network.
//!
//! ```
//! use fabric_flags::{Feature, FlagSet, Source, Sources};
//!
//! let sources = Sources::new()
//!     .command_line(["FEATURE_USE_TELEMETRY=off"])
//!     .environment([("FABRIC_PROFILE", "production"), ("FEATURE_USE_CIRCUIT_BREAKER", " No ")]);
//! let snapshot = FlagSet::resolve(&sources)?;
//!
//! assert!(snapshot.is_on(Feature::Rollback));
//! assert!(!snapshot.is_on(Feature::Telemetry));
//! assert_eq!(snapshot.why(Feature::Rollback).source, Source::Profile);
//! let why = snapshot.why(Feature::CircuitBreaker);
//! assert_eq!(why.to_string(), "FEATURE_USE_CIRCUIT_BREAKER=off (environment, STATIC)");
//!
//! let errors = FlagSet::resolve(&Sources::new().environment([("FEATURE_USE_ROLLBACK", "flase")])).unwrap_err();
//! assert_eq!(
//!     errors.to_string(),
//!     "FEATURE_USE_ROLLBACK is \"flase\" (environment); accepted are true, 1, yes, on or false, 0, no, off"
//! );
//! # Ok::<(), fabric_flags::Errors>(())
//! ```
//!
//! # Who wins
//!
//! Command line over environment variable over flag file over profile over default. The file stands above the
//! profile because it speaks of single flags; it stands below the environment because it is shared, while a variable
//! is set for one run.
//!
//! # The flag file
//!
//! Microsoft's Feature Management v2 JSON, evaluated by Microsoft's rules ([`FlagFile`]): filters `Targeting`,
//! `TimeWindow` and `Percentage`, variants and their allocation. Three differences, all towards saying what is wrong:
//! damage in the declaration of a feature of the set stops the start, with its line; `Percentage` gives one user
//! always the same answer, where Microsoft's filter rolls the dice at every call; a `Recurrence` is an error, as an
//! unknown filter is: the flag is off, its reason is [`Reason::Error`] and there is a [`Warning`].

mod context;
mod documents;
mod error;
mod evaluation;
mod feature;
mod file;
mod nearest;
#[cfg(feature = "open-feature")]
mod open_feature;
mod profile;
mod resolve;
mod snapshot;
mod sources;
mod switch;

pub use context::Context;
pub use documents::{env_section, flag_file_schema, help_text, json_schema, markdown_table};
pub use error::{Error, Errors, Warning};
pub use evaluation::{ErrorCode, Evaluation, EvaluationError, Reason, Source};
pub use feature::Feature;
pub use file::{Assignment, Decision, FlagFile, FlagFileError, Variant};
#[cfg(feature = "open-feature")]
pub use open_feature::SnapshotProvider;
pub use profile::Profile;
pub use resolve::FlagSet;
pub use snapshot::Snapshot;
pub use sources::Sources;

/// The examples of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
