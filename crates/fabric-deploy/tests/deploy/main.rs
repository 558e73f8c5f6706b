//! Files in, desired state and findings out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, clippy::print_stderr)]
#![allow(missing_docs)]

mod chaos;
mod config_file;
mod inputs;
mod item_types;
mod naming;
mod parameter;
mod product;
mod properties;
mod source;
