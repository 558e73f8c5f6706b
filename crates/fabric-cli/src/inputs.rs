//! From the command line's inputs to a desired state, through one of the front doors.

use std::path::Path;

use fabric_deploy::desired::{DesiredState, DesiredWorkspace, WorkspaceSelector};
use fabric_deploy::diagnostic::{Diagnostic, Diagnostics};
use fabric_deploy::plan::PlanInputs;
use fabric_deploy::product::{self, ProductRequest, ProductSettings, SourceFolder};
use fabric_deploy::secret::Secrets;
use fabric_deploy::selection::{Scope, Selection, SelectionInputs};
use fabric_deploy::source::{self, SourceRequest};

use crate::arguments::{InputArguments, PruneArguments};
use crate::changed;
use crate::commands::Context;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::{render, secrets};

/// The kind of finding that tells of keys which inform people and change nothing: worth saying when files are checked,
/// not at every deployment.
const NO_EFFECT: &str = "no-effect";

/// What to read, as a saved plan keeps it.
pub(crate) fn plan_inputs(input: &InputArguments, prune: PruneArguments) -> PlanInputs {
    PlanInputs {
        config: input.config.clone(),
        source: input.source.clone(),
        workspace: input.workspace.clone(),
        parameters: input.parameters.clone(),
        environment: input.environment.clone(),
        capacity: input.capacity,
        prune: prune.prune,
        prune_data: prune.prune_data,
        max_delete: prune.max_delete,
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
    /// The settings of a product configuration; `None` for a folder.
    pub(crate) settings: Option<ProductSettings>,
    /// What was found that does not stop a deployment.
    pub(crate) findings: Diagnostics,
}

/// What `inputs` describe. Warnings are said; errors are the failure, all of them at once.
pub(crate) fn load(inputs: &PlanInputs, environment: &Environment) -> Result<Loaded, Failure> {
    let (loaded, diagnostics) = check(inputs, environment);
    match loaded {
        Some(loaded) if !diagnostics.has_errors() => {
            render::say_warnings(&diagnostics, NO_EFFECT);
            Ok(Loaded { findings: diagnostics.without(NO_EFFECT), ..loaded })
        }
        _ => Err(Failure::Input(diagnostics)),
    }
}

/// The same with the values of the secrets that it refers to. What does not exist is said before anything is sent.
pub(crate) async fn load_with_secrets(inputs: &PlanInputs, context: &Context) -> Result<Loaded, Failure> {
    let mut loaded = load(inputs, &context.environment)?;
    loaded.desired.secrets = context.secrets()?.values_for(&loaded.desired).await?;
    Ok(loaded)
}

/// What `inputs` describe, and everything that was found.
pub(crate) fn check(inputs: &PlanInputs, environment: &Environment) -> (Option<Loaded>, Diagnostics) {
    let (loaded, mut diagnostics) = described(inputs, environment);
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
fn described(inputs: &PlanInputs, environment: &Environment) -> (Option<Loaded>, Diagnostics) {
    match (&inputs.config, &inputs.source, &inputs.workspace) {
        (Some(config), None, None) => from_product(config, inputs, environment),
        (None, Some(source), Some(workspace)) => from_folder(source, workspace, inputs, environment),
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

fn from_product(config: &Path, inputs: &PlanInputs, environment: &Environment) -> (Option<Loaded>, Diagnostics) {
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let load_source = |folder: &SourceFolder| {
        let (loaded, diagnostics) = source::load(&SourceRequest {
            root: &folder.root,
            parameters: folder.parameters.as_deref(),
            environment: &folder.environment,
            workspace_name: folder.workspace_name.as_deref(),
            lookup_env: &lookup,
        });
        (loaded.map(|loaded| loaded.items), diagnostics)
    };
    let (product, diagnostics) = product::load(&ProductRequest {
        config: config.to_owned(),
        project_config: None,
        environment: inputs.environment.clone(),
        lookup_env: &lookup,
        load_source: &load_source,
    });
    let loaded = product.map(|product| Loaded {
        desired: product.desired,
        settings: Some(product.settings),
        findings: Diagnostics::new(),
    });
    (loaded, diagnostics)
}

fn from_folder(
    root: &Path,
    workspace: &str,
    inputs: &PlanInputs,
    environment: &Environment,
) -> (Option<Loaded>, Diagnostics) {
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let name = inputs.environment.clone().unwrap_or_else(|| "default".to_owned());
    let selector = selector(workspace);
    let (loaded, diagnostics) = source::load(&SourceRequest {
        root,
        parameters: inputs.parameters.as_deref(),
        environment: &name,
        workspace_name: match &selector {
            WorkspaceSelector::Name(name) => Some(name),
            WorkspaceSelector::Id(_) => None,
        },
        lookup_env: &lookup,
    });
    let loaded = loaded.map(|loaded| DesiredState {
        environment: name,
        workspace: DesiredWorkspace { selector, description: None, capacity_id: inputs.capacity },
        items: loaded.items,
        extra_folders: Vec::new(),
        roles: Vec::new(),
        scope: Scope::default(),
        secrets: Secrets::default(),
    });
    (loaded.map(|desired| Loaded { desired, settings: None, findings: Diagnostics::new() }), diagnostics)
}

/// A text that is a GUID is an id, everything else is a name.
pub(crate) fn selector(workspace: &str) -> WorkspaceSelector {
    workspace.parse().map_or_else(|_| WorkspaceSelector::Name(workspace.to_owned()), WorkspaceSelector::Id)
}
