//! The workspace as cargo sees it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use cargo_metadata::{Metadata, MetadataCommand};

/// Root, target directory and member packages.
pub(crate) struct Workspace {
    pub(crate) metadata: Metadata,
}

impl Workspace {
    /// Asks cargo about the workspace that this chore was built from.
    ///
    /// # Errors
    /// A manifest that cargo cannot read.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let metadata = MetadataCommand::new()
            .manifest_path(manifest)
            .no_deps()
            .exec()
            .context("cannot read the workspace's manifests")?;
        Ok(Self { metadata })
    }

    /// The folder that holds the root `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Where tools that a chore needs are installed: inside the target directory, so that `cargo clean` removes them.
    pub(crate) fn tools(&self) -> PathBuf {
        self.metadata.target_directory.as_std_path().join("tools")
    }
}
