//! From the command line's inputs to a desired state, through one of the front doors.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use fabric_client::Client;
use fabric_deploy::actual;
use fabric_deploy::config_file::{self, ConfigRequest};
use fabric_deploy::content::Reference;
use fabric_deploy::desired::{DesiredState, DesiredWorkspace, FolderPath, WorkspaceSelector};
use fabric_deploy::diagnostic::{Diagnostic, Diagnostics, Place};
use fabric_deploy::parameter::LookedUp;
use fabric_deploy::plan::{PlanInputs, Strategy};
use fabric_deploy::principals::NamedRole;
use fabric_deploy::product::{self, ProductRequest, ProductSettings, SourceFolder};
use fabric_deploy::secret::Secrets;
use fabric_deploy::selection::{Scope, Selection, SelectionInputs};
use fabric_deploy::source::{self, ParameterFile, SourceRequest};

use crate::arguments::{InputArguments, PruneArguments};
use crate::changed;
use crate::commands::Context;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::{render, repository_access, secrets};

/// The kind of finding that tells of keys which inform people and change nothing: worth saying when files are checked,
/// not at every deployment.
const NO_EFFECT: &str = "no-effect";

/// What to read, as a saved plan keeps it.
pub(crate) fn plan_inputs(input: &InputArguments, prune: PruneArguments, strategy: Strategy) -> PlanInputs {
    PlanInputs {
        config: input.config.clone(),
        config_override: input.config_override.clone(),
        source: input.source.clone(),
        workspace: input.workspace.clone(),
        parameters: input.parameters.clone(),
        environment: input.environment.clone(),
        capacity: input.capacity,
        prune: prune.prune,
        prune_data: prune.prune_data,
        max_delete: prune.max_delete,
        strategy,
        selection: SelectionInputs {
            types: input.selection.types.clone(),
            items: input.selection.items.clone(),
            folders: input.selection.folders.clone(),
            exclude: input.selection.exclude.clone(),
            exclude_folder: input.selection.exclude_folder.clone(),
            changed_since: input.selection.changed_since.clone(),
        },
    }
}

/// What the files describe, and how the product wants to be deployed.
pub(crate) struct Loaded {
    /// The state to reach.
    pub(crate) desired: DesiredState,
    /// Roles for those whom the files call by name.
    pub(crate) named_roles: Vec<NamedRole>,
    /// The settings of a product configuration; `None` for a folder.
    pub(crate) settings: Option<ProductSettings>,
    /// What was found that does not stop a deployment.
    pub(crate) findings: Diagnostics,
    /// What parameters look for, and only the service knows.
    pub(crate) sought: BTreeSet<Reference>,
}

/// What `inputs` describe. Warnings are said; errors are the failure, all of them at once.
pub(crate) fn load(inputs: &PlanInputs, environment: &Environment) -> Result<Loaded, Failure> {
    let loaded = described_well(inputs, environment, None)?;
    render::say_warnings(&loaded.findings, "");
    Ok(loaded)
}

/// What `inputs` describe, and warnings that nobody was told of yet. Errors are the failure.
fn described_well(inputs: &PlanInputs, environment: &Environment, looked_up: LookedUp<'_>) -> Result<Loaded, Failure> {
    let (loaded, diagnostics) = check(inputs, environment, looked_up);
    match loaded {
        Some(loaded) if !diagnostics.has_errors() => Ok(Loaded { findings: diagnostics.without(NO_EFFECT), ..loaded }),
        _ => Err(Failure::Input(diagnostics)),
    }
}

/// The same with the values of the secrets that it refers to, and with what the repository is reached by. What does not
/// exist is said before anything is sent. Where parameters look for what only the service knows, warnings wait until
/// [`look_up`] knows it, too.
pub(crate) async fn load_with_secrets(inputs: &PlanInputs, context: &Context) -> Result<Loaded, Failure> {
    let loaded = described_well(inputs, &context.environment, None)?;
    if loaded.sought.is_empty() {
        render::say_warnings(&loaded.findings, "");
    }
    with_secrets(loaded, context).await
}

/// The same once the service was asked for what parameters look for; `loaded` itself where they look for nothing.
pub(crate) async fn look_up(
    loaded: Loaded,
    client: &Client,
    inputs: &PlanInputs,
    context: &Context,
) -> Result<Loaded, Failure> {
    if loaded.sought.is_empty() {
        return Ok(loaded);
    }
    let values = actual::look_up(client, &loaded.desired.workspace.selector, &loaded.sought).await?;
    let loaded = described_well(inputs, &context.environment, Some(&values))?;
    render::say_warnings(&loaded.findings, "");
    with_secrets(loaded, context).await
}

async fn with_secrets(mut loaded: Loaded, context: &Context) -> Result<Loaded, Failure> {
    if let Some(git) = &mut loaded.desired.git {
        git.access = repository_access::of(&git.provider.repository, None, context).await?;
    }
    loaded.desired.secrets = context.secrets()?.values_for(&loaded.desired).await?;
    Ok(loaded)
}

/// What `inputs` describe, and everything that was found.
pub(crate) fn check(
    inputs: &PlanInputs,
    environment: &Environment,
    looked_up: LookedUp<'_>,
) -> (Option<Loaded>, Diagnostics) {
    let (loaded, mut diagnostics) = described(inputs, environment, looked_up);
    let loaded = loaded.map(|mut loaded| {
        diagnostics.extend(select(&mut loaded.desired, inputs));
        diagnostics.extend(secrets::check_names(&loaded.desired));
        loaded
    });
    (loaded, diagnostics)
}

/// Leaves out what the caller did not select.
fn select(desired: &mut DesiredState, inputs: &PlanInputs) -> Diagnostics {
    let (selection, mut diagnostics) = inputs.selection.read();
    if diagnostics.has_errors() {
        return diagnostics;
    }
    diagnostics.extend(desired.select(&selection, &selection));
    if let Some(reference) = &inputs.selection.changed_since {
        let folder = match (&inputs.source, &inputs.config) {
            (Some(source), _) => source.as_path(),
            (None, config) => config.as_deref().and_then(Path::parent).unwrap_or(Path::new("")),
        };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let changes = changed::commit(folder, reference).and_then(|commit| changed::since(folder, &commit, desired));
        match changes {
            Ok(changed::Changes { touched, deleted }) => {
                let only = |items| Selection { items: Some(items), ..Selection::default() };
                diagnostics.extend(desired.select(&only(touched), &only(deleted)));
            }
            Err(error) => {
                let finding = Diagnostic::error("changed-since", format!("--changed-since: {error}"));
                diagnostics.push(finding.remedy(error.remedy()));
            }
        }
    }
    diagnostics
}

/// Everything that `inputs` describe, selected or not.
fn described(inputs: &PlanInputs, environment: &Environment, looked_up: LookedUp<'_>) -> (Option<Loaded>, Diagnostics) {
    match (&inputs.config, &inputs.source, &inputs.workspace) {
        (Some(config), None, None) if config_file::is_config_file(config) => {
            from_config_file(config, inputs, environment, looked_up)
        }
        (Some(config), None, None) => from_product(config, inputs, environment, looked_up),
        (None, Some(source), Some(workspace)) => from_folder(source, workspace, inputs, environment, looked_up),
        _ => {
            let mut diagnostics = Diagnostics::new();
            diagnostics.push(
                Diagnostic::error("no-input", "there is nothing to deploy")
                    .remedy("give --config FILE, or --source DIR with --workspace NAME"),
            );
            (None, diagnostics)
        }
    }
}

fn from_product(
    config: &Path,
    inputs: &PlanInputs,
    environment: &Environment,
    looked_up: LookedUp<'_>,
) -> (Option<Loaded>, Diagnostics) {
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let sought = RefCell::new(BTreeSet::new());
    let load_source = |folder: &SourceFolder| {
        let (loaded, diagnostics) = source::load(&SourceRequest {
            root: &folder.root,
            parameters: (&folder.parameters).into(),
            environment: &folder.environment,
            lookup_env: &lookup,
            looked_up,
            named_by: Some(config),
        });
        let items = loaded.map(|loaded| {
            sought.borrow_mut().extend(loaded.sought);
            loaded.items
        });
        (items, diagnostics)
    };
    let (product, diagnostics) = product::load(&ProductRequest {
        config: config.to_owned(),
        project_config: None,
        environment: inputs.environment.clone(),
        lookup_env: &lookup,
        load_source: &load_source,
    });
    let mut diagnostics = diagnostics;
    for (given, option) in
        [(inputs.capacity.is_some(), "--capacity"), (inputs.config_override.is_some(), "--config-override")]
    {
        if given {
            let finding =
                Diagnostic::error("option-without-use", format!("{option} is not for product configurations"));
            diagnostics.push(finding.at(Place::file(config)).remedy("write the value into the product configuration"));
        }
    }
    let loaded = product.map(|product| Loaded {
        desired: product.desired,
        named_roles: product.named_roles,
        settings: Some(product.settings),
        findings: Diagnostics::new(),
        sought: sought.take(),
    });
    (loaded, diagnostics)
}

/// How the product of `inputs` is deployed, though its files have errors; `None` where `inputs` name no product.
pub(crate) fn product_settings(inputs: &PlanInputs, environment: &Environment) -> Option<ProductSettings> {
    let config = inputs.config.as_deref().filter(|config| !config_file::is_config_file(config))?;
    product::settings(&ProductRequest {
        config: config.to_owned(),
        project_config: None,
        environment: inputs.environment.clone(),
        lookup_env: &|name| environment.get(name).map(str::to_owned),
        load_source: &|_| (None, Diagnostics::new()),
    })
}

/// fabric-cicd deletes by default what its `unpublish` describes; here that is asked for by `--prune`.
fn from_config_file(
    config: &Path,
    inputs: &PlanInputs,
    environment: &Environment,
    looked_up: LookedUp<'_>,
) -> (Option<Loaded>, Diagnostics) {
    let (read, mut diagnostics) = config_file::load(&ConfigRequest {
        file: config,
        environment: inputs.environment.as_deref(),
        overrides: inputs.config_override.as_deref(),
    });
    let Some(read) = read else { return (None, diagnostics) };
    let parameters = read.parameters.as_deref().map_or(ParameterFile::None, ParameterFile::At);
    let (loaded, findings) =
        desired_of(&read.source, read.workspace.clone(), parameters, inputs, environment, looked_up);
    diagnostics.extend(findings);
    let loaded = loaded.map(|mut loaded| {
        let desired = &mut loaded.desired;
        diagnostics.extend(read.unmatched(&desired.items));
        if read.features.no_folders {
            desired.items.values_mut().for_each(|item| item.folder = Some(FolderPath::root()));
        }
        if !read.features.shortcuts {
            desired.items.values_mut().for_each(|item| item.shortcuts = None);
        }
        if let Some(excluded) = read.excluded_shortcuts.clone() {
            desired.exclude_shortcuts(excluded);
        }
        diagnostics.extend(desired.select(&read.publish, &read.unpublish));
        loaded
    });
    if read.unpublishes && !inputs.prune {
        let finding = Diagnostic::warning(
            "not-pruned",
            "items that the folder does not have stay, though fabric-cicd would delete them",
        );
        diagnostics
            .push(finding.at(Place::file(config)).remedy("pass --prune to delete them, or set `unpublish.skip: true`"));
    }
    if inputs.prune && !inputs.prune_data && !read.features.deletable_data.is_empty() {
        let message = format!(
            "items that hold data stay, though `features` allows to delete {}",
            read.features.deletable_data.join(", ")
        );
        let finding = Diagnostic::warning("not-pruned", message);
        diagnostics.push(finding.at(Place::file(config)).remedy("pass --prune-data to delete them with their data"));
    }
    (loaded, diagnostics)
}

fn from_folder(
    root: &Path,
    workspace: &str,
    inputs: &PlanInputs,
    environment: &Environment,
    looked_up: LookedUp<'_>,
) -> (Option<Loaded>, Diagnostics) {
    let parameters = inputs.parameters.as_deref().into();
    desired_of(root, selector(workspace), parameters, inputs, environment, looked_up)
}

/// What a folder in Git format describes.
fn desired_of(
    root: &Path,
    selector: WorkspaceSelector,
    parameters: ParameterFile<'_>,
    inputs: &PlanInputs,
    environment: &Environment,
    looked_up: LookedUp<'_>,
) -> (Option<Loaded>, Diagnostics) {
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let name = inputs.environment.clone().unwrap_or_else(|| "default".to_owned());
    let (loaded, diagnostics) = source::load(&SourceRequest {
        root,
        parameters,
        environment: &name,
        lookup_env: &lookup,
        looked_up,
        named_by: inputs.config.as_deref(),
    });
    let loaded = loaded.map(|loaded| Loaded {
        desired: DesiredState {
            environment: name,
            workspace: DesiredWorkspace { selector, description: None, capacity_id: inputs.capacity },
            items: loaded.items,
            extra_folders: Vec::new(),
            roles: Vec::new(),
            scope: Scope::default(),
            secrets: Secrets::default(),
            git: None,
        },
        named_roles: Vec::new(),
        settings: None,
        findings: Diagnostics::new(),
        sought: loaded.sought,
    });
    (loaded, diagnostics)
}

/// A text that is a GUID is an id, everything else is a name.
pub(crate) fn selector(workspace: &str) -> WorkspaceSelector {
    workspace.parse().map_or_else(|_| WorkspaceSelector::Name(workspace.to_owned()), WorkspaceSelector::Id)
}
