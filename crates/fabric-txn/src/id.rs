//! What a transaction and a scope are called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{NoContext, Timestamp, Uuid};

use crate::digest::Digest;

/// Names a transaction. Ids sort by the time at which the transaction began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransactionId(Uuid);

impl TransactionId {
    /// A new one for a transaction that begins at `now_ms` (milliseconds since 1970).
    pub fn new(now_ms: u64) -> Self {
        let nanos = u32::try_from(now_ms % 1000).unwrap_or_default() * 1_000_000;
        Self(Uuid::new_v7(Timestamp::from_unix(NoContext, now_ms / 1000, nanos)))
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TransactionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// The folder of a scope: readable where the name allows it, and different for different names on every file system.
pub(crate) fn scope_folder(scope: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !scope.is_empty() && scope.len() <= 64 && scope.chars().all(plain) {
        return format!("scopes/{scope}");
    }
    let readable: String =
        scope.chars().map(|c| c.to_ascii_lowercase()).map(|c| if plain(c) { c } else { '-' }).take(40).collect();
    let digest = Digest::of(scope.as_bytes());
    format!("scopes/{readable}.{}", digest.as_str().get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_read_back() {
        let (early, late) = (TransactionId::new(1_000), TransactionId::new(1_002));
        assert!(early < late);
        assert_eq!(early.to_string().parse(), Ok(early));
    }

    #[test]
    fn scopes_get_folders_of_their_own() {
        assert_eq!(scope_folder("3f2a-dev"), "scopes/3f2a-dev");
        let folders: std::collections::BTreeSet<_> =
            ["Sales", "sales", "SALES", "sal/es", "sal.es", "../sales", "", "."]
                .map(scope_folder)
                .into_iter()
                .collect();
        assert_eq!(folders.len(), 8);
        assert!(folders.iter().all(|folder| !folder.contains("..") && folder.matches('/').count() == 1));
    }
}
