//! The command line.

#[cfg(test)]
mod examples;
pub(crate) mod git;

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::delivery::{Ci, ReportFile};
use crate::{exit, variables};

/// Deploys Microsoft Fabric workspaces from files: all of it or none of it, and the report says only what is true.
#[derive(Debug, Parser)]
#[command(name = "fabric-cli", version, max_term_width = 110, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  Try it without an account, on the embedded emulator:
    fabric-cli --emulator deploy --config examples/sales-analytics/product_config.yaml --environment dev
  See what would change in a workspace:
    fabric-cli plan --source workspace/ --workspace \"Sales [dev]\" --environment dev
  Deploy, with a result that a pipeline can read:
    fabric-cli --output json deploy --source workspace/ --workspace \"Sales [prod]\" --environment prod";

impl Arguments {
    /// The command line, whose help names every exit code, and every variable where there is room for them.
    pub(crate) fn with_variables() -> clap::Command {
        let help = format!("{EXAMPLES}\n\n{}", exit::help());
        Self::command().after_long_help(format!("{help}\n\n{}", variables::help())).after_help(help)
    }

    /// The command line of this process, as far as clap alone can check it, and one rule more: something must be
    /// deployed.
    pub(crate) fn of_process() -> Result<Self, clap::Error> {
        let arguments = Self::from_arg_matches(&Self::with_variables().try_get_matches()?)?;
        let input = match &arguments.command {
            Command::Validate(input) => Some(input),
            Command::Plan(plan) => Some(&plan.input),
            Command::Drift(drift) => Some(&drift.input),
            Command::Deploy(deploy) if deploy.plan.is_none() => Some(&deploy.input),
            _ => None,
        };
        if input.is_some_and(|input| input.config.is_none() && input.source.is_none()) {
            let message = "give --config FILE, or --source DIR with --workspace NAME\n";
            return Err(clap::Error::raw(clap::error::ErrorKind::MissingRequiredArgument, message));
        }
        if let Command::Secrets(SecretsCommand::Set(set)) = &arguments.command
            && !set.values.is_empty()
        {
            let message = "the value is read from standard input, never from the command line, where others can see it; \
                           if it was a secret, choose another\n";
            return Err(clap::Error::raw(clap::error::ErrorKind::TooManyValues, message));
        }
        Ok(arguments)
    }

    /// The environment that is deployed, where the command line names it.
    pub(crate) fn deployed_environment(&self) -> Option<&str> {
        let input = match &self.command {
            Command::Validate(input) => input,
            Command::Plan(plan) => &plan.input,
            Command::Drift(drift) => &drift.input,
            Command::Deploy(deploy) => &deploy.input,
            Command::Secrets(SecretsCommand::Check(input)) => input,
            Command::Health(health) => return health.environment.as_deref(),
            _ => return None,
        };
        input.environment.as_deref()
    }
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArguments {
    /// How the result is written to standard output.
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) output: OutputFormat,
    /// What is logged to standard error: off, error, warn, info, debug, trace, or a tracing filter.
    #[arg(long, global = true, value_name = "LEVEL", default_value = "warn")]
    pub(crate) log_level: String,
    /// When to colour what is written; NO_COLOR and FORCE_COLOR are respected.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Write the result into files as well: junit=FILE, sarif=FILE, md=FILE, json=FILE, several with commas.
    #[arg(long, global = true, value_name = "FORMAT=FILE", value_delimiter = ',', value_parser = ReportFile::parse)]
    pub(crate) report: Vec<ReportFile>,
    /// The pipeline to speak to: annotations on files, foldable groups, a summary, outputs, secrets to hide.
    #[arg(long, global = true, value_enum, default_value_t = Ci::Auto)]
    pub(crate) ci: Ci,
    /// A file of NAME=value lines for variables that the process does not set [default: .env where it exists].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
    /// Fabric's address [default: FABRIC_ENDPOINT, or https://api.fabric.microsoft.com].
    #[arg(long, global = true, value_name = "URL", conflicts_with = "emulator")]
    pub(crate) endpoint: Option<String>,
    /// Run against the embedded emulator, whose world is kept in DIR. Needs no account.
    #[arg(long, global = true, value_name = "DIR", num_args = 0..=1, require_equals = true,
          default_missing_value = ".fabric/emulator")]
    pub(crate) emulator: Option<PathBuf>,
    /// Turn a feature on or off for this run: FEATURE_USE_RETRY_LOGIC=on. Wins over variables, file and profile.
    #[arg(long, global = true, value_name = "NAME=on|off")]
    pub(crate) flag: Vec<String>,
    /// A flag file in Microsoft's Feature Management format [default: FABRIC_FLAG_FILE].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) flag_file: Option<PathBuf>,
    /// Where transactions are recorded, with FEATURE_USE_ROLLBACK: a folder, or az://, s3://, gs:// for pipelines whose
    /// machines vanish [default: FABRIC_STATE, or .fabric/state].
    #[arg(long, global = true, value_name = "DIR|URL")]
    pub(crate) state: Option<String>,
    /// How many requests may be under way at once [default: FABRIC_CONCURRENCY, or 64]. With
    /// FEATURE_USE_RETRY_LOGIC it is the most: throttling halves it, and it grows back.
    #[arg(long, global = true, value_name = "N")]
    pub(crate) concurrency: Option<NonZeroU16>,
    /// How often one call is sent at most, with FEATURE_USE_RETRY_LOGIC [default: FABRIC_MAX_ATTEMPTS, or 4].
    #[arg(long, global = true, value_name = "N")]
    pub(crate) max_attempts: Option<NonZeroU16>,
    /// How long a create that a lost answer or a crash left in doubt is looked for before it counts as not done: it may
    /// still be under way [default: FABRIC_SETTLE, or 20s].
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) settle: Option<Duration>,
    /// How long one call may take with all its attempts, with FEATURE_USE_RETRY_LOGIC [default: FABRIC_TIMEOUT, or
    /// 300s].
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
}

/// How the result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    Text,
    /// One document at the end.
    Json,
    /// One JSON object a line: each step as it ends, the document last.
    Ndjson,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the files: every check that needs no network, all findings at once.
    #[command(after_help = "Example:\n  fabric-cli validate --config product_config.yaml --environment prod")]
    Validate(InputArguments),
    /// Show what a deployment would change.
    #[command(
        after_help = "Examples:\n  fabric-cli plan --config product_config.yaml --environment dev --out dev.plan\n  \
                            fabric-cli plan --source workspace/ --workspace Sales --environment dev --detailed-exitcode"
    )]
    Plan(PlanArguments),
    /// Plan and apply, then re-read what was touched.
    #[command(after_help = "Examples:\n  fabric-cli deploy --config product_config.yaml --environment dev\n  \
                            fabric-cli deploy --plan dev.plan\n  \
                            fabric-cli deploy --source workspace/ --workspace Sales --environment prod --prune --max-delete 3")]
    Deploy(DeployArguments),
    /// Write a workspace as a folder in Git format.
    #[command(after_help = "Example:\n  fabric-cli export --workspace Sales --out workspace/")]
    Export(ExportArguments),
    /// Undo a deployment that failed, was interrupted, or was committed, from its journal.
    #[command(
        after_help = "Examples:\n  fabric-cli rollback\n  fabric-cli rollback 019a3c1e-7d52-7a0e-8f3b-2f6c1d9e4b10 --force"
    )]
    Rollback(RollbackArguments),
    /// Finish an interrupted deployment in the direction in which it was going.
    #[command(after_help = "Example:\n  fabric-cli resume 019a3c1e-7d52-7a0e-8f3b-2f6c1d9e4b10")]
    Resume(TransactionArguments),
    /// Give an unfinished deployment up, on the record: what it did stays.
    #[command(
        after_help = "Example:\n  fabric-cli abandon 019a3c1e-7d52-7a0e-8f3b-2f6c1d9e4b10 --reason \"cleaned up by hand\""
    )]
    Abandon(AbandonArguments),
    /// Show what differs from the last committed deployment. The files must be those that it was made from.
    #[command(
        after_help = "Example:\n  fabric-cli drift --config product_config.yaml --environment prod --detailed-exitcode"
    )]
    Drift(DriftArguments),
    /// List the deployments on record, newest first.
    #[command(after_help = "Example:\n  fabric-cli history")]
    History,
    /// Show one deployment in full.
    #[command(after_help = "Example:\n  fabric-cli show 019a3c1e-7d52-7a0e-8f3b-2f6c1d9e4b10")]
    Show(TransactionArguments),
    /// A workspace and its branch: connect, compare, update, commit, let go.
    #[command(subcommand)]
    Git(git::GitCommand),
    /// Workspaces for branches: make, delete, list.
    #[command(subcommand)]
    Workspace(git::WorkspaceCommand),
    /// Write one deployment as a page: what changed, what was undone, when, and what had to wait for what.
    #[command(after_help = "Example:\n  fabric-cli report 019a3c1e-7d52-7a0e-8f3b-2f6c1d9e4b10 --html deployment.html")]
    Report(ReportArguments),
    /// Show the command line that does what another tool's configuration describes, and what is different. Nothing is sent.
    #[command(after_help = "Examples:\n  fabric-cli migrate --from config.yml\n  \
                            fabric-cli migrate --from product_config.yaml --environment prod --output json")]
    Migrate(MigrateArguments),
    /// Show every feature flag: its value, why it has it, what it changes.
    #[command(after_help = "Example:\n  FABRIC_PROFILE=production fabric-cli flags --flag FEATURE_USE_TELEMETRY=off")]
    Flags,
    /// People, groups and applications by name.
    #[command(subcommand)]
    Principals(PrincipalsCommand),
    /// Check whether a deployment would work now: Fabric, identity, role, capacity, Key Vault, state, Git, clock, side by side.
    #[command(after_help = "Examples:\n  fabric-cli health --config product_config.yaml --environment prod\n  \
                            fabric-cli health --workspace Sales --only fabric,identity,permissions --output json\n  \
                            fabric-cli health --workspace Sales --serve 127.0.0.1:8080")]
    Health(HealthArguments),
    /// The audit trail of a product.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Show where secrets come from, check those that files refer to, write one. Their values are never shown.
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// The emulator of Fabric.
    #[command(subcommand)]
    Emulator(EmulatorCommand),
    /// Write the completions of a shell.
    #[command(after_help = "Example:\n  fabric-cli completions bash > /etc/bash_completion.d/fabric-cli")]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual page.
    #[command(after_help = "Example:\n  fabric-cli man | man -l -")]
    Man,
}

/// What to come from.
#[derive(Debug, Clone, Args)]
pub(crate) struct MigrateArguments {
    /// A config.yml of fabric-cicd, or a product_config.yaml of the Python scripts.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// Only for this environment [default: each that the file has values for].
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
}

/// What is done with principals.
#[derive(Debug, Subcommand)]
pub(crate) enum PrincipalsCommand {
    /// Look object ids up in Microsoft Graph. A name that several have is refused with the list of them.
    #[command(
        after_help = "Example:\n  fabric-cli principals resolve --user dana@contoso.com --group \"Data Engineers\" \\\n      \
                            --service-principal \"Sales pipeline\""
    )]
    Resolve(ResolveArguments),
}

/// Whom to look up.
#[derive(Debug, Args)]
pub(crate) struct ResolveArguments {
    /// A user, by user principal name or mail address.
    #[arg(long = "user", value_name = "ADDRESS", required_unless_present_any = ["groups", "service_principals"])]
    pub(crate) users: Vec<String>,
    /// A group, by display name or mail address.
    #[arg(long = "group", value_name = "NAME")]
    pub(crate) groups: Vec<String>,
    /// A service principal, by display name or application id.
    #[arg(long = "service-principal", value_name = "NAME|ID")]
    pub(crate) service_principals: Vec<String>,
}

/// Where the desired state is described.
#[derive(Debug, Clone, Args)]
pub(crate) struct InputArguments {
    /// A product configuration (product_config.yaml), or fabric-cicd's config.yml: its keys tell which.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "workspace"])]
    pub(crate) config: Option<PathBuf>,
    /// Values that replace those of a config.yml: {"core": {"workspace": {"dev": "Sales"}}}.
    #[arg(long, value_name = "JSON", requires = "config")]
    pub(crate) config_override: Option<String>,
    /// A folder in Fabric's Git format.
    #[arg(long, value_name = "DIR", requires = "workspace")]
    pub(crate) source: Option<PathBuf>,
    /// The workspace that the folder is deployed to: its exact name, or its id.
    #[arg(long, value_name = "NAME|ID", requires = "source")]
    pub(crate) workspace: Option<String>,
    /// The environment whose values are used.
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// A parameter file [default: parameter.yml in the folder, where it exists].
    #[arg(long, value_name = "FILE", requires = "source")]
    pub(crate) parameters: Option<PathBuf>,
    /// The capacity that a workspace is assigned to when it is deployed from a folder or by a config.yml.
    #[arg(long, value_name = "ID")]
    pub(crate) capacity: Option<uuid::Uuid>,
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
}

/// Which of the described items; what is not selected is left alone.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArguments {
    /// Only items of these types.
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Only this item; may be given several times.
    #[arg(long = "item", value_name = "NAME.TYPE")]
    pub(crate) items: Vec<String>,
    /// Only items in this folder and below it; may be given several times.
    #[arg(long = "folder", value_name = "/PATH")]
    pub(crate) folders: Vec<String>,
    /// No items whose name matches.
    #[arg(long, value_name = "REGEX")]
    pub(crate) exclude: Option<String>,
    /// No items in folders whose path matches.
    #[arg(long, value_name = "REGEX")]
    pub(crate) exclude_folder: Option<String>,
    /// Only what Git says has changed since this commit; with --prune also what is gone since then.
    #[arg(long, value_name = "COMMIT")]
    pub(crate) changed_since: Option<String>,
}

/// What may be deleted.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct PruneArguments {
    /// Delete items and empty folders that the files do not have.
    #[arg(long)]
    pub(crate) prune: bool,
    /// Delete also items that hold data, such as lakehouses. Their data is lost.
    #[arg(long, requires = "prune")]
    pub(crate) prune_data: bool,
    /// Refuse a plan that deletes more items than this.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) max_delete: usize,
}

/// How items are written.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct StrategyArguments {
    /// How items are written: one by one, in bulk imports where the service takes them, or in bulk where that is faster
    /// [default: FABRIC_STRATEGY, or auto].
    #[arg(long, value_enum)]
    pub(crate) strategy: Option<StrategyName>,
}

/// How items are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StrategyName {
    /// In bulk where that is faster.
    Auto,
    /// One by one.
    Items,
    /// In bulk wherever the service takes it.
    Bulk,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) prune: PruneArguments,
    #[command(flatten)]
    pub(crate) strategy: StrategyArguments,
    /// Save the plan for `deploy --plan`.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Exit with 2 where there are changes.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DeployArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) prune: PruneArguments,
    #[command(flatten)]
    pub(crate) strategy: StrategyArguments,
    /// Apply this saved plan; refused if the files or the workspace changed since.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["config", "source", "workspace", "environment", "parameters", "capacity", "config_override", "prune", "prune_data", "max_delete", "strategy", "types", "items", "folders", "exclude", "exclude_folder", "changed_since"])]
    pub(crate) plan: Option<PathBuf>,
    /// Show what would change and send nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What is done with what a failed deployment did, with FEATURE_USE_ROLLBACK [default: rollback, unless the product
    /// configuration says `rollback_on_error: false`].
    #[arg(long, value_enum)]
    pub(crate) on_failure: Option<AfterFailure>,
    /// How much is re-read before success is reported.
    #[arg(long, value_enum, default_value_t = Verify::Listing)]
    pub(crate) verify: Verify,
}

/// What is done with what a failed deployment did, with FEATURE_USE_ROLLBACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AfterFailure {
    /// It is undone.
    Rollback,
    /// It stays, and `resume` or `rollback` goes on with it.
    Keep,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RollbackArguments {
    /// The transaction [default: the newest that can be rolled back].
    #[arg(value_name = "TXN")]
    pub(crate) transaction: Option<String>,
    /// Undo a committed deployment even where the workspace has changed since; what somebody else changed stays.
    #[arg(long)]
    pub(crate) force: bool,
}

/// One deployment on record.
#[derive(Debug, Clone, Args)]
pub(crate) struct TransactionArguments {
    /// The transaction.
    #[arg(value_name = "TXN")]
    pub(crate) transaction: String,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct AbandonArguments {
    /// The transaction.
    #[arg(value_name = "TXN")]
    pub(crate) transaction: String,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// What the transaction locks, as `history` or an error names it: needed only if its journal cannot be read.
    #[arg(long, value_name = "SERVICE/WORKSPACE")]
    pub(crate) scope: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DriftArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) prune: PruneArguments,
    /// Exit with 2 where something differs.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

/// How much is re-read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verify {
    /// Everything but the content of definitions.
    Listing,
    /// The content as well, at the price of one more long-running operation.
    Definitions,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ExportArguments {
    /// The workspace: its exact name, or its id.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) workspace: String,
    /// The folder to write, empty or not there yet.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ReportArguments {
    /// The transaction.
    #[arg(value_name = "TXN")]
    pub(crate) transaction: String,
    /// The page. It needs nothing else: no network, no script.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct HealthArguments {
    /// The product configuration that would be deployed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["workspace", "capacity"])]
    pub(crate) config: Option<PathBuf>,
    /// The environment whose values are used.
    #[arg(long, value_name = "NAME", requires = "config")]
    pub(crate) environment: Option<String>,
    /// The workspace that would be deployed to: its exact name, or its id.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) workspace: Option<String>,
    /// The capacity that a deployment would assign it to.
    #[arg(long, value_name = "ID", requires = "workspace")]
    pub(crate) capacity: Option<uuid::Uuid>,
    /// Only these checks.
    #[arg(long, value_name = "CHECK", value_enum, value_delimiter = ',')]
    pub(crate) only: Vec<crate::health::CheckId>,
    /// Answer /health and /ready at this address until interrupted, 127.0.0.1:8080 unless one is given; port 0 takes a
    /// free one.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8080")]
    pub(crate) serve: Option<std::net::SocketAddr>,
}

impl HealthArguments {
    /// What would be deployed, where a configuration is named.
    pub(crate) fn input(&self) -> InputArguments {
        InputArguments {
            config: self.config.clone(),
            source: None,
            workspace: None,
            environment: self.environment.clone(),
            parameters: None,
            capacity: None,
            selection: SelectionArguments::default(),
            config_override: None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that the trail is as it was written: 0 if it is, 1 with the line where it is not.
    #[command(after_help = "Example:\n  fabric-cli audit verify --file audit/audit_trail.jsonl")]
    Verify(AuditVerifyArguments),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct AuditVerifyArguments {
    /// The trail: below the folder of a product's project configuration.
    #[arg(long, value_name = "FILE", default_value = crate::audit::TRAIL)]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// List the secrets of the vault: names, ages, whether they are enabled.
    #[command(after_help = "Example:\n  fabric-cli secrets list")]
    List,
    /// Ask for every secret that the files and the credential variables refer to, and say where each comes from.
    #[command(after_help = "Examples:\n  fabric-cli secrets check\n  \
                            fabric-cli secrets check --config product_config.yaml --environment prod")]
    Check(Box<InputArguments>),
    /// Write a secret to the vault. The value is read from standard input, never from the command line.
    #[command(after_help = "Examples:\n  fabric-cli secrets set sales-db-password < password.txt\n  \
                            fabric-cli secrets set sales-db-password")]
    Set(SecretNameArguments),
}

impl SecretsCommand {
    /// What the result document calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List => "secrets list",
            Self::Check(_) => "secrets check",
            Self::Set(_) => "secrets set",
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SecretNameArguments {
    /// Its name: letters, digits, - and _.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Taken only to be refused without being repeated.
    #[arg(hide = true)]
    values: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EmulatorCommand {
    /// Serve until interrupted; prints one JSON line with the addresses when ready.
    #[command(
        after_help = "Example:\n  fabric-cli emulator serve --listen 127.0.0.1:8443 --state .fabric/emulator --latency 100ms --lro 2s"
    )]
    Serve(ServeArguments),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArguments {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: std::net::SocketAddr,
    /// Keep the world in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<String>,
    /// How long each answer takes.
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = parse_duration)]
    pub(crate) latency: Duration,
    /// How long each long-running operation takes.
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = parse_duration)]
    pub(crate) lro: Duration,
    /// How many elements a page of a list has.
    #[arg(long, value_name = "N")]
    pub(crate) page_size: Option<usize>,
    /// The world to start with, as `GET /_emulator/world` gives it.
    #[arg(long, value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,
    /// Serve https, with certificates of an authority kept in this folder: trust its ca.pem.
    #[arg(long, value_name = "DIR")]
    pub(crate) tls: Option<PathBuf>,
}

/// `250ms`, `2s`, `5m`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| format!("{text:?} does not start with a whole number"))?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        unit => Err(format!("{unit:?} is not a unit: use ms, s or m, as in 250ms")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration("250ms").unwrap().as_millis(), 250);
        assert_eq!(parse_duration("5m").unwrap().as_secs(), 300);
        assert!(parse_duration("5").is_err());
        assert!(parse_duration("s").is_err());
    }
}
