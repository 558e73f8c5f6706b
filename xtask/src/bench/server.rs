//! An emulator with the one empty workspace that is measured.

use std::path::Path;

use super::options::Profile;
use crate::emulator::Emulator;

/// Where a measured tool deploys to.
pub(super) struct Server {
    pub(super) emulator: Emulator,
    pub(super) workspace_id: String,
}

impl Server {
    /// Starts the emulator and creates the workspace.
    ///
    /// # Errors
    /// It does not start, or refuses the workspace.
    pub(super) fn start(binary: &Path, profile: Profile, folder: &Path) -> anyhow::Result<Self> {
        let emulator = Emulator::start(binary, profile, folder)?;
        let workspace_id = emulator.create_workspace("benchmark")?;
        Ok(Self { emulator, workspace_id })
    }
}
