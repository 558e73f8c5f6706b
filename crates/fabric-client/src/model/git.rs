//! A workspace's connection to Git.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::open_enum;
use super::tolerant::{optional_id, or_default};
use crate::submission::result_is_body;

open_enum! {
    /// How far a workspace's connection to Git has come.
    pub enum GitConnectionState {
        /// There is none.
        NotConnected,
        /// It is there, and nobody has looked at both sides.
        Connected,
        /// It works.
        ConnectedAndInitialized,
    }
}

open_enum! {
    /// What has to follow the initialisation of a connection.
    pub enum RequiredAction {
        /// Nothing: both sides hold the same.
        None,
        /// The workspace follows the branch.
        UpdateFromGit,
        /// The branch follows the workspace.
        CommitToGit,
    }
}

open_enum! {
    /// What happened to an item on one side.
    pub enum GitChangeType {
        /// It came.
        Added,
        /// It went.
        Deleted,
        /// It changed.
        Modified,
    }
}

open_enum! {
    /// Whether both sides changed an item.
    pub enum GitConflictType {
        /// At most one did.
        None,
        /// Both did, differently.
        Conflict,
        /// Both did the same.
        SameChanges,
    }
}

/// A repository of a Git provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GitRepository {
    /// Of GitHub.
    GitHub {
        /// The user or organisation.
        owner: String,
        /// The repository.
        repository: String,
    },
    /// Of Azure DevOps.
    AzureDevOps {
        /// The organisation.
        organization: String,
        /// The project.
        project: String,
        /// The repository.
        repository: String,
    },
    /// Of a provider that this version does not know.
    Other {
        /// The provider, as the server wrote it.
        provider: String,
        /// The repository.
        repository: String,
    },
}

impl GitRepository {
    /// Where a browser finds it. This is what a connection to it says as its path.
    pub fn url(&self) -> String {
        match self {
            Self::GitHub { owner, repository } => format!("https://github.com/{owner}/{repository}"),
            Self::AzureDevOps { organization, project, repository } => {
                format!("https://dev.azure.com/{organization}/{project}/_git/{repository}")
            }
            Self::Other { provider, repository } => format!("{provider}/{repository}"),
        }
    }

    /// The provider, as Fabric calls it.
    pub fn provider(&self) -> &str {
        match self {
            Self::GitHub { .. } => "GitHub",
            Self::AzureDevOps { .. } => "AzureDevOps",
            Self::Other { provider, .. } => provider,
        }
    }

    /// The type of connections to the provider; `None` where the provider is not known.
    pub fn connection_type(&self) -> Option<&'static str> {
        match self {
            Self::GitHub { .. } => Some("GitHubSourceControl"),
            Self::AzureDevOps { .. } => Some("AzureDevOpsSourceControl"),
            Self::Other { .. } => None,
        }
    }

    /// Whether an address is this repository's: the whole of it counts, but for case, a slash at the end and `.git`.
    pub fn is_at(&self, address: &str) -> bool {
        let plain = |text: &str| {
            let text = text.trim().trim_end_matches('/');
            text.strip_suffix(".git").unwrap_or(text).to_lowercase().replace("%20", " ")
        };
        plain(address) == plain(&self.url())
    }

    /// Whether both are the same: providers' names have no case.
    pub fn is(&self, other: &Self) -> bool {
        self.provider() == other.provider() && self.is_at(&other.url())
    }
}

impl fmt::Display for GitRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

/// A branch of a repository, and the folder of it that holds the workspace's items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "ProviderWire", from = "ProviderWire")]
pub struct GitProviderDetails {
    /// The repository.
    pub repository: GitRepository,
    /// The branch.
    pub branch: String,
    /// The folder, relative to the root; `/` or empty: the root itself.
    pub directory: String,
}

impl GitProviderDetails {
    /// Whether both lead to the same folder of the same branch. Branches and folders have a case.
    pub fn is(&self, other: &Self) -> bool {
        let folder = |details: &Self| details.directory.trim_matches('/').to_owned();
        self.repository.is(&other.repository) && self.branch == other.branch && folder(self) == folder(other)
    }
}

impl fmt::Display for GitProviderDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, branch {}", self.repository, self.branch)?;
        match self.directory.trim_matches('/') {
            "" => Ok(()),
            folder => write!(f, ", folder {folder}"),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProviderWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    git_provider_type: String,
    #[serde(default, deserialize_with = "or_default")]
    repository_name: String,
    #[serde(default, deserialize_with = "or_default")]
    branch_name: String,
    #[serde(default, deserialize_with = "or_default")]
    directory_name: String,
}

impl From<GitProviderDetails> for ProviderWire {
    fn from(details: GitProviderDetails) -> Self {
        let git_provider_type = details.repository.provider().to_owned();
        let (owner_name, organization_name, project_name, repository_name) = match details.repository {
            GitRepository::GitHub { owner, repository } => (Some(owner), None, None, repository),
            GitRepository::AzureDevOps { organization, project, repository } => {
                (None, Some(organization), Some(project), repository)
            }
            GitRepository::Other { repository, .. } => (None, None, None, repository),
        };
        Self {
            owner_name,
            organization_name,
            project_name,
            git_provider_type,
            repository_name,
            branch_name: details.branch,
            directory_name: details.directory,
        }
    }
}

impl From<ProviderWire> for GitProviderDetails {
    fn from(wire: ProviderWire) -> Self {
        let repository = wire.repository_name;
        let repository = match wire.git_provider_type.as_str() {
            "GitHub" => GitRepository::GitHub { owner: wire.owner_name.unwrap_or_default(), repository },
            "AzureDevOps" => GitRepository::AzureDevOps {
                organization: wire.organization_name.unwrap_or_default(),
                project: wire.project_name.unwrap_or_default(),
                repository,
            },
            _ => GitRepository::Other { provider: wire.git_provider_type, repository },
        };
        Self { repository, branch: wire.branch_name, directory: wire.directory_name }
    }
}

/// How the caller signs in to the Git provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source")]
#[non_exhaustive]
pub enum GitCredentials {
    /// With a connection's credentials: the only way to GitHub, and the only one for service principals.
    #[serde(rename_all = "camelCase")]
    ConfiguredConnection {
        /// The connection.
        connection_id: Uuid,
    },
    /// As itself: a user to Azure DevOps.
    Automatic,
    /// Not at all.
    None,
    /// In a way that this version does not know. Never sent.
    #[serde(other, skip_serializing)]
    Other,
}

/// The last commit that a workspace was in step with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitSyncDetails {
    /// Its hash.
    #[serde(default, deserialize_with = "or_default")]
    pub head: String,
    /// When that was.
    pub last_sync_time: Option<String>,
}

/// A workspace's connection to Git.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitConnection {
    /// How far it has come.
    #[serde(rename = "gitConnectionState")]
    pub state: GitConnectionState,
    /// What the workspace is connected to.
    #[serde(rename = "gitProviderDetails")]
    pub provider: Option<GitProviderDetails>,
    /// The last commit that it was in step with.
    #[serde(rename = "gitSyncDetails")]
    pub sync: Option<GitSyncDetails>,
}

/// A connection to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitConnectRequest {
    /// What to connect to.
    #[serde(rename = "gitProviderDetails")]
    pub provider: GitProviderDetails,
    /// How the caller signs in there; `None` leaves it to the service.
    #[serde(rename = "myGitCredentials", skip_serializing_if = "Option::is_none")]
    pub credentials: Option<GitCredentials>,
}

/// Which side wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GitPreference {
    /// The branch.
    PreferRemote,
    /// The workspace.
    PreferWorkspace,
}

/// What the first look at both sides found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitInitialization {
    /// What has to follow.
    pub required_action: RequiredAction,
    /// The commit that the workspace is in step with.
    #[serde(default, deserialize_with = "commit")]
    pub workspace_head: Option<String>,
    /// The commit that the branch is at.
    #[serde(default, deserialize_with = "commit")]
    pub remote_commit_hash: Option<String>,
}

/// Where both sides stand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitStatus {
    /// The commit that the workspace is in step with; `None` until it has been in step with one.
    #[serde(default, deserialize_with = "commit")]
    pub workspace_head: Option<String>,
    /// The commit that the branch is at.
    #[serde(default, deserialize_with = "commit")]
    pub remote_commit_hash: Option<String>,
    /// Items that are not on both sides what they were.
    #[serde(default, deserialize_with = "or_default")]
    pub changes: Vec<GitItemChange>,
}

/// An item that changed on one side or on both.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitItemChange {
    /// The item.
    #[serde(rename = "itemMetadata")]
    pub item: GitItem,
    /// What happened to it in the branch.
    pub remote_change: Option<GitChangeType>,
    /// What happened to it in the workspace.
    pub workspace_change: Option<GitChangeType>,
    /// Whether that is a conflict.
    pub conflict_type: GitConflictType,
}

/// An item as a comparison names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitItem {
    /// Its ids.
    #[serde(rename = "itemIdentifier", default, deserialize_with = "or_default")]
    pub identifier: GitItemIdentifier,
    /// Its type.
    #[serde(default, deserialize_with = "or_default")]
    pub item_type: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: String,
}

/// The ids of an item: in the workspace, and in the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitItemIdentifier {
    /// In the workspace.
    #[serde(default, deserialize_with = "optional_id", skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Uuid>,
    /// In the repository.
    #[serde(default, deserialize_with = "optional_id", skip_serializing_if = "Option::is_none")]
    pub logical_id: Option<Uuid>,
}

/// A commit to make from a workspace's changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitCommit {
    /// The commit that the workspace is in step with, as the status says. If it no longer is, nothing is committed.
    pub workspace_head: Option<String>,
    /// What the commit says, at most 300 characters.
    pub comment: String,
    /// The items to commit; `None`: all that changed.
    pub items: Option<Vec<GitItemIdentifier>>,
}

impl Serialize for GitCommit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire<'a> {
            mode: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            workspace_head: Option<&'a str>,
            comment: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            items: Option<&'a [GitItemIdentifier]>,
        }
        let mode = if self.items.is_some() { "Selective" } else { "All" };
        let (workspace_head, items) = (self.workspace_head.as_deref(), self.items.as_deref());
        Wire { mode, workspace_head, comment: &self.comment, items }.serialize(serializer)
    }
}

/// An update of a workspace from its branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitUpdate {
    /// The commit to bring the workspace to.
    pub remote_commit_hash: String,
    /// The commit that the workspace is in step with, as the status says. If it no longer is, nothing is updated.
    pub workspace_head: Option<String>,
    /// Which side wins where both changed an item; `None`: such an item stops the update.
    pub conflicts: Option<GitPreference>,
    /// Whether items of the workspace may be replaced and deleted.
    pub allow_override_items: bool,
}

impl Serialize for GitUpdate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire<'a> {
            remote_commit_hash: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            workspace_head: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            conflict_resolution: Option<Resolution>,
            options: Options,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Resolution {
            conflict_resolution_type: &'static str,
            conflict_resolution_policy: GitPreference,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Options {
            allow_override_items: bool,
        }
        Wire {
            remote_commit_hash: &self.remote_commit_hash,
            workspace_head: self.workspace_head.as_deref(),
            conflict_resolution: self
                .conflicts
                .map(|policy| Resolution { conflict_resolution_type: "Workspace", conflict_resolution_policy: policy }),
            options: Options { allow_override_items: self.allow_override_items },
        }
        .serialize(serializer)
    }
}

/// A hash that may be null or empty.
fn commit<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|hash| !hash.is_empty()))
}

result_is_body!(GitInitialization, GitStatus);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn repository(owner: &str, repository: &str) -> GitRepository {
        GitRepository::GitHub { owner: owner.to_owned(), repository: repository.to_owned() }
    }

    #[test]
    fn an_address_is_a_repository_s_only_as_a_whole() {
        let fabric = repository("contoso", "fabric");
        for address in [
            "https://github.com/contoso/fabric",
            "https://github.com/Contoso/Fabric.git/",
            " https://github.com/contoso/fabric/ ",
        ] {
            assert!(fabric.is_at(address), "{address}");
        }
        for address in [
            "https://github.com/contoso/fabric2",
            "https://github.com/contoso",
            "https://github.com/contoso/fabric/tree",
            "https://example.com/?https://github.com/contoso/fabric",
            "",
        ] {
            assert!(!fabric.is_at(address), "{address}");
        }
        assert!(fabric.is(&repository("CONTOSO", "fabric")) && !fabric.is(&repository("other", "fabric")));
    }

    #[test]
    fn details_are_the_same_only_with_branch_and_folder() {
        let at = |branch: &str, directory: &str| GitProviderDetails {
            repository: repository("o", "r"),
            branch: branch.to_owned(),
            directory: directory.to_owned(),
        };
        assert!(at("main", "/").is(&at("main", "")) && at("main", "/a/").is(&at("main", "a")));
        assert!(!at("main", "").is(&at("Main", "")) && !at("main", "a").is(&at("main", "A")));
        assert_eq!(at("main", "a/b").to_string(), "https://github.com/o/r, branch main, folder a/b");
    }

    #[test]
    fn an_unknown_provider_is_shown_and_matches_nothing_else() {
        let details: GitProviderDetails =
            serde_json::from_str(r#"{"gitProviderType": "Bitbucket", "repositoryName": "r", "branchName": null}"#)
                .unwrap();
        assert_eq!(details.repository.to_string(), "Bitbucket/r");
        assert_eq!(details.repository.connection_type(), None);
        assert!(!details.repository.is(&repository("Bitbucket", "r")));
        let credentials: GitCredentials = serde_json::from_str(r#"{"source": "Telepathy"}"#).unwrap();
        assert_eq!(credentials, GitCredentials::Other);
    }

    #[test]
    fn details_are_written_and_read_as_each_provider_names_them() {
        let details =
            |repository| GitProviderDetails { repository, branch: "main".to_owned(), directory: "/".to_owned() };
        let common = |provider: &str| json!({"gitProviderType": provider, "repositoryName": "fabric", "branchName": "main", "directoryName": "/"});
        let mut github = common("GitHub");
        github["ownerName"] = json!("contoso");
        let mut azure_devops = common("AzureDevOps");
        azure_devops["organizationName"] = json!("contoso");
        azure_devops["projectName"] = json!("Big Sales");
        let of_azure_devops = GitRepository::AzureDevOps {
            organization: "contoso".to_owned(),
            project: "Big Sales".to_owned(),
            repository: "fabric".to_owned(),
        };
        let of_tomorrow = GitRepository::Other { provider: "Bitbucket".to_owned(), repository: "fabric".to_owned() };
        let cases = [
            (repository("contoso", "fabric"), github, Some("GitHubSourceControl")),
            (of_azure_devops.clone(), azure_devops, Some("AzureDevOpsSourceControl")),
            (of_tomorrow, common("Bitbucket"), None),
        ];
        for (repository, wire, connection_type) in cases {
            let details = details(repository.clone());
            assert_eq!(serde_json::to_value(&details).unwrap(), wire);
            assert_eq!(serde_json::from_value::<GitProviderDetails>(wire.clone()).unwrap(), details);
            assert_eq!(repository.provider(), wire["gitProviderType"]);
            assert_eq!(repository.connection_type(), connection_type);
            assert_eq!(details.to_string(), format!("{}, branch main", repository.url()));
        }
        assert_eq!(of_azure_devops.url(), "https://dev.azure.com/contoso/Big Sales/_git/fabric");
        assert!(of_azure_devops.is_at("https://dev.azure.com/Contoso/Big%20Sales/_git/Fabric"));
        assert!(!of_azure_devops.is(&repository("contoso", "fabric")));
    }

    #[test]
    fn a_commit_says_what_it_takes() {
        let all = GitCommit { workspace_head: None, comment: "why".to_owned(), items: None };
        assert_eq!(serde_json::to_value(all).unwrap(), json!({"mode": "All", "comment": "why"}));
        let item = GitItemIdentifier { object_id: None, logical_id: Some(Uuid::nil()) };
        let some =
            GitCommit { workspace_head: Some("abc".to_owned()), comment: "why".to_owned(), items: Some(vec![item]) };
        let wire = json!({"mode": "Selective", "workspaceHead": "abc", "comment": "why",
            "items": [{"logicalId": Uuid::nil()}]});
        assert_eq!(serde_json::to_value(some).unwrap(), wire);
    }

    #[test]
    fn an_update_names_a_policy_only_where_one_is_preferred() {
        let update = GitUpdate {
            remote_commit_hash: "def".to_owned(),
            workspace_head: None,
            conflicts: None,
            allow_override_items: false,
        };
        let plain = json!({"remoteCommitHash": "def", "options": {"allowOverrideItems": false}});
        assert_eq!(serde_json::to_value(&update).unwrap(), plain);
        let resolved = GitUpdate {
            workspace_head: Some("abc".to_owned()),
            conflicts: Some(GitPreference::PreferRemote),
            allow_override_items: true,
            ..update
        };
        let wire = json!({"remoteCommitHash": "def", "workspaceHead": "abc", "options": {"allowOverrideItems": true},
            "conflictResolution": {"conflictResolutionType": "Workspace",
                "conflictResolutionPolicy": "PreferRemote"}});
        assert_eq!(serde_json::to_value(resolved).unwrap(), wire);
    }

    #[test]
    fn heads_that_are_null_or_empty_are_none() {
        for head in [json!(null), json!("")] {
            let status = json!({"workspaceHead": head, "remoteCommitHash": "def", "changes": null});
            let status: GitStatus = serde_json::from_value(status).unwrap();
            assert_eq!((status.workspace_head, status.remote_commit_hash.as_deref()), (None, Some("def")));
            let found = json!({"requiredAction": "CommitToGit", "workspaceHead": head});
            let found: GitInitialization = serde_json::from_value(found).unwrap();
            assert_eq!((found.required_action, found.workspace_head), (RequiredAction::CommitToGit, None));
        }
    }
}
