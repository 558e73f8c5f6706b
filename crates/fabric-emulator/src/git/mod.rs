//! The Git provider that workspaces are connected to: bare repositories on this machine, read and written by `git`.

pub(crate) mod changes;
pub(crate) mod command;
pub(crate) mod hosting;
pub(crate) mod provider;
pub(crate) mod remote;
pub(crate) mod repositories;
pub(crate) mod repository;
