//! The folder of the provider's repositories, and who takes it away.

use std::fs;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::settings::Settings;

/// Removes the folder when it is dropped, if it belongs to the emulator alone.
#[derive(Debug)]
pub(crate) struct Repositories {
    temporary: Option<PathBuf>,
}

impl Repositories {
    /// Chooses the folder: what the settings say, a place beside the kept world, or one that lasts as long as the
    /// emulator does. It is made with the first repository.
    pub(crate) fn choose(settings: &mut Settings, state_directory: Option<&Path>) -> Self {
        let kept = settings.repositories.take().or_else(|| state_directory.map(|folder| folder.join("repositories")));
        if kept.is_some() {
            settings.repositories = kept;
            return Self { temporary: None };
        }
        let folder = std::env::temp_dir().join(format!("fabric-emulator-{}", Uuid::new_v4()));
        settings.repositories = Some(folder.clone());
        Self { temporary: Some(folder) }
    }
}

impl Drop for Repositories {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary
            && let Err(error) = fs::remove_dir_all(folder)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, folder = %folder.display(), "the temporary repositories cannot be removed");
        }
    }
}
