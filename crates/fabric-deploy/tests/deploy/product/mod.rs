//! Product configurations.

mod broken;
mod document;
mod fixture;
mod keys;
mod original;
mod source;
mod users;
mod variables;
