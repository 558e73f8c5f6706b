//! Contents of definition parts, each kept once under its digest.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a content, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Digest(pub(crate) String);

impl Digest {
    pub(crate) fn of(content: &[u8]) -> Self {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(content) {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}

/// The contents themselves; those not yet written to the log are remembered.
#[derive(Debug, Default)]
pub(crate) struct Blobs {
    contents: HashMap<Digest, Arc<[u8]>>,
    unwritten: Vec<Digest>,
}

impl Blobs {
    pub(crate) fn put(&mut self, content: &[u8]) -> Digest {
        let digest = Digest::of(content);
        if !self.contents.contains_key(&digest) {
            self.contents.insert(digest.clone(), Arc::from(content));
            self.unwritten.push(digest.clone());
        }
        digest
    }

    pub(crate) fn get(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        self.contents.get(digest).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.contents.len()
    }

    pub(crate) fn take_unwritten(&mut self) -> Vec<(Digest, Arc<[u8]>)> {
        let unwritten = std::mem::take(&mut self.unwritten);
        unwritten.into_iter().filter_map(|digest| self.get(&digest).map(|content| (digest, content))).collect()
    }

    /// Restores one content from the log.
    pub(crate) fn restore(&mut self, digest: Digest, content: &[u8]) {
        self.contents.insert(digest, Arc::from(content));
    }

    /// Forgets what nothing refers to.
    pub(crate) fn keep_only(&mut self, live: &HashSet<Digest>) {
        self.contents.retain(|digest, _| live.contains(digest));
    }
}
