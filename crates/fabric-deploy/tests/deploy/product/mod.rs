//! Product configurations.

mod broken;
mod document;
mod fixture;
mod git;
mod keys;
mod original;
mod source;
mod users;
mod variables;
