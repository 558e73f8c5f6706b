//! A workspace's connection to Git, from nothing to in step.
//!
//! ```text
//! NotConnected ─connect─▶ Connected ─initialize─▶ ConnectedAndInitialized ─▶ status ─▶ update · commit
//! ```
//!
//! Each function reads where things stand, takes one step, and reads again: run twice, the second time nothing happens,
//! and an answer that was lost is found again in what is there.

mod access;
mod connect;
mod desired;
mod error;
mod pace;
mod synchronise;

pub(crate) use access::find_made;
pub use access::{Access, Credentials, choose, create_connection};
pub use connect::{Connected, Wanted, connect, disconnect};
pub(crate) use desired::read;
pub use desired::{ActualGit, DesiredGit, ReplacedGit};
pub use error::GitError;
pub use synchronise::{Deletions, Moved, begin, commit, incoming, outgoing, status, update};
