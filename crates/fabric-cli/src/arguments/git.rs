//! The command line of `git` and `workspace`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum GitCommand {
    /// Connect a workspace to a branch, initialise the connection, and bring both sides into step for the first time.
    #[command(
        after_help = "Examples:\n  fabric-cli git connect --workspace Sales --provider github --organization contoso --repository fabric\n  \
                      fabric-cli git connect --workspace Sales --provider azure-devops --organization contoso --project Sales --repository fabric --directory items --prefer workspace"
    )]
    Connect(ConnectArguments),
    /// Show what differs between a workspace and its branch.
    #[command(after_help = "Example:\n  fabric-cli git status --workspace Sales --detailed-exitcode")]
    Status(StatusArguments),
    /// Bring the branch's changes into the workspace.
    #[command(after_help = "Example:\n  fabric-cli git update --workspace Sales --prefer remote")]
    Update(UpdateArguments),
    /// Commit the workspace's changes to the branch.
    #[command(after_help = "Example:\n  fabric-cli git commit --workspace Sales --message \"Add the ingest notebook\"")]
    Commit(CommitArguments),
    /// Sign in as a person: a code is shown here and typed in a browser. Never needed in a pipeline.
    #[command(
        after_help = "Examples:\n  fabric-cli git login --provider github --client-id Iv1.0123456789abcdef --open\n  \
                      fabric-cli git login --provider entra --token-file ~/.fabric-token"
    )]
    Login(LoginArguments),
    /// Forget a sign-in.
    #[command(after_help = "Example:\n  fabric-cli git logout --provider github")]
    Logout(LogoutArguments),
    /// Let go of the branch. The workspace's items stay.
    #[command(after_help = "Example:\n  fabric-cli git disconnect --workspace Sales")]
    Disconnect(WorkspaceArgument),
}

/// The workspace that a command is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct WorkspaceArgument {
    /// The workspace: its exact name, or its id.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) workspace: String,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectArguments {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgument,
    /// Who keeps the repository.
    #[arg(long, value_enum)]
    pub(crate) provider: Provider,
    /// The organisation, or the owner of a GitHub repository.
    #[arg(long, value_name = "NAME")]
    pub(crate) organization: String,
    /// The project, of Azure DevOps [default: the repository's name].
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// The repository.
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: String,
    /// The branch.
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) branch: String,
    /// The folder of the repository that holds the workspace's items; it must exist.
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub(crate) directory: String,
    /// The connection that signs in there [default: FABRIC_GIT_CONNECTION_ID, or the one that leads to exactly this
    /// repository, or a new one made with GITHUB_TOKEN or the service principal].
    #[arg(long, value_name = "ID")]
    pub(crate) connection: Option<Uuid>,
    /// Sign in to GitHub first, where no token is at hand.
    #[arg(long)]
    pub(crate) login: bool,
    /// Which side wins where both hold items.
    #[arg(long, value_enum)]
    pub(crate) prefer: Option<Prefer>,
    /// What the first commit says, where the branch has to follow the workspace.
    #[arg(long, value_name = "TEXT", default_value = "Begin with what the workspace holds")]
    pub(crate) message: String,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgument,
    /// Exit with 2 where something differs.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct UpdateArguments {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgument,
    /// Which side wins where both changed an item.
    #[arg(long, value_enum)]
    pub(crate) prefer: Option<Prefer>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CommitArguments {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgument,
    /// What the commit says, at most 300 characters.
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) message: String,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct LoginArguments {
    /// Who to sign in to.
    #[arg(long, value_enum)]
    pub(crate) provider: LoginProvider,
    /// The application that the person signs in to [default: FABRIC_GITHUB_CLIENT_ID or FABRIC_LOGIN_CLIENT_ID].
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Entra's tenant [default: FABRIC_LOGIN_TENANT_ID, or any].
    #[arg(long, value_name = "ID")]
    pub(crate) tenant: Option<String>,
    /// Open the page in a browser.
    #[arg(long)]
    pub(crate) open: bool,
    /// Keep the sign-in in this file, which only you may read, and not in the system's keyring [default:
    /// FABRIC_TOKEN_FILE].
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct LogoutArguments {
    /// Who to sign out of.
    #[arg(long, value_enum)]
    pub(crate) provider: LoginProvider,
    /// The file that keeps the sign-in [default: FABRIC_TOKEN_FILE, or the system's keyring].
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

/// Who a person signs in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoginProvider {
    /// GitHub, for its repositories.
    #[value(name = "github")]
    GitHub,
    /// Microsoft Entra, for Fabric itself.
    Entra,
}

impl LoginProvider {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::Entra => "entra",
        }
    }
}

/// Who keeps a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Provider {
    /// GitHub.
    #[value(name = "github")]
    GitHub,
    /// Azure DevOps.
    AzureDevops,
}

/// Which side wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Prefer {
    /// The branch.
    Remote,
    /// The workspace.
    Workspace,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Make a workspace for a branch: on the capacity of another workspace, connected to its repository, and updated.
    #[command(
        after_help = "Example:\n  fabric-cli workspace create --base \"Sales [dev]\" --from-branch feature/returns --expires-in 14"
    )]
    Create(CreateWorkspaceArguments),
    /// Delete a workspace that `workspace create` made.
    #[command(after_help = "Example:\n  fabric-cli workspace delete --workspace \"Sales [dev] [feature/returns]\"")]
    Delete(DeleteWorkspaceArguments),
    /// List the workspaces that `workspace create` made.
    #[command(after_help = "Example:\n  fabric-cli workspace list --stale")]
    List(ListWorkspacesArguments),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CreateWorkspaceArguments {
    /// The workspace whose repository, directory and capacity are used: its exact name, or its id.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) base: String,
    /// The branch; it must exist.
    #[arg(long, value_name = "BRANCH")]
    pub(crate) from_branch: String,
    /// What the workspace is called [default: the base's name and the branch in brackets].
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// After how many days it counts as stale.
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    pub(crate) expires_in: u16,
    /// The connection that signs in to the repository [default: as for `git connect`].
    #[arg(long, value_name = "ID")]
    pub(crate) connection: Option<Uuid>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DeleteWorkspaceArguments {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgument,
    /// Delete it even where its changes were never committed.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ListWorkspacesArguments {
    /// Only those that have expired.
    #[arg(long)]
    pub(crate) stale: bool,
}
