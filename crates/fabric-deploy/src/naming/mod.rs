//! Naming standards: what items may be called, checked before anything is created.
//!
//! The file is the `naming_standards.yaml` of earlier tools. A name is held against the global rules and then against
//! the pattern of its type, always from its first to its last character. Two things replace the type's pattern: a
//! name that begins with a ticket (`JIRA-12_…`) is held against the pattern for tickets, and where environment
//! suffixes are on, the type's pattern applies to what stands before the suffix.

mod keys;
mod pattern;
mod standards;
mod suggestion;
mod validation;

pub use standards::Standards;
pub use validation::validate;
