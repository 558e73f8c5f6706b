//! What a workspace is connected to, and where this machine keeps it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::repository::Repository;

/// Who keeps a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ProviderType {
    GitHub,
    AzureDevOps,
}

/// A repository, a branch of it and a folder of that, as Fabric names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderDetails {
    /// Of GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner_name: Option<String>,
    /// Of Azure DevOps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) organization_name: Option<String>,
    /// Of Azure DevOps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) project_name: Option<String>,
    pub(crate) git_provider_type: ProviderType,
    pub(crate) repository_name: String,
    #[serde(default = "default_branch")]
    pub(crate) branch_name: String,
    #[serde(default)]
    pub(crate) directory_name: String,
}

fn default_branch() -> String {
    "main".to_owned()
}

impl ProviderDetails {
    /// Organisation, project and repository, or owner and repository; `None` where one is missing.
    fn segments(&self) -> Option<Vec<&str>> {
        let names = match self.git_provider_type {
            ProviderType::GitHub => vec![self.owner_name.as_deref()?, self.repository_name.as_str()],
            ProviderType::AzureDevOps => {
                vec![self.organization_name.as_deref()?, self.project_name.as_deref()?, self.repository_name.as_str()]
            }
        };
        let is_name = |name: &&str| !matches!(*name, "" | "." | "..") && !name.contains(['/', '\\', '\0']);
        names.iter().all(is_name).then_some(names)
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.segments().is_some() && !self.branch_name.is_empty()
    }

    /// The type of connections to the provider.
    pub(crate) fn connection_type(&self) -> &'static str {
        match self.git_provider_type {
            ProviderType::GitHub => "GitHubSourceControl",
            ProviderType::AzureDevOps => "AzureDevOpsSourceControl",
        }
    }

    /// Whether a connection's path leads to the repository.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let Some(segments) = self.segments() else { return false };
        let url = match self.git_provider_type {
            ProviderType::GitHub => format!("https://github.com/{}", segments.join("/")),
            ProviderType::AzureDevOps => {
                let (project, repository) = segments.split_at(segments.len() - 1);
                format!("https://dev.azure.com/{}/_git/{}", project.join("/"), repository.join("/"))
            }
        };
        let plain = |text: &str| text.trim_end_matches('/').trim_end_matches(".git").to_lowercase();
        plain(path) == plain(&url)
    }

    /// The folder of the branch that the workspace is connected to, without slashes at its ends.
    pub(crate) fn folder(&self) -> &str {
        self.directory_name.trim_matches('/')
    }

    /// Where the repository is kept below the folder of all repositories. Names of providers have no case.
    pub(crate) fn place(&self, root: &Path) -> Option<PathBuf> {
        let mut path = root.join(format!("{:?}", self.git_provider_type).to_lowercase());
        let mut segments = self.segments()?;
        let last = segments.pop()?;
        path.extend(segments.iter().map(|name| name.to_lowercase()));
        path.push(format!("{}.git", last.to_lowercase()));
        Some(path)
    }

    /// The repository, if it exists.
    pub(crate) fn open(&self, root: Option<&Path>) -> Option<Repository> {
        Repository::open(self.place(root?)?)
    }
}
