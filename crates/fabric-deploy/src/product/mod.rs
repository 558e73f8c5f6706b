//! The front door for product configurations: `product_config.yaml` and the files around it.
//!
//! ```text
//! product_config.yaml ──────────────┐
//! project.config.json ──────────────┤
//! naming_standards.yaml ────────────┼─▶ DesiredState + ProductSettings
//! config/principals/…_principals.txt┤
//! source folder (by a closure) ─────┘
//! ```
//!
//! Every file is read to its end and all findings are given at once. The module `keys` has one table of keys for each
//! file: a key acts, or a warning says that it does not.

mod environment;
mod folders;
mod git;
mod items;
mod keys;
mod name;
mod principals;
mod project;
mod settings;
mod users;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use settings::ProductSettings;

use crate::desired::{DesiredItem, DesiredState, DesiredWorkspace, ItemKey, WorkspaceSelector};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::document::{Document, Lookup, MappingReader, Reader, check_keys};
use crate::naming::{self, Standards};
use crate::principals::NamedRole;
use crate::selection::Scope;
use crate::source::ParameterFile;

/// Which parameters the items of a [`SourceFolder`] are given.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceParameters {
    /// Those of `parameter.yml` in the folder, where there is one.
    Default,
    /// Those of this file.
    File(PathBuf),
    /// Those that the product configuration itself holds.
    Here(Document),
}

impl<'a> From<&'a SourceParameters> for ParameterFile<'a> {
    fn from(parameters: &'a SourceParameters) -> Self {
        match parameters {
            SourceParameters::Default => Self::Default,
            SourceParameters::File(file) => Self::At(file),
            SourceParameters::Here(section) => Self::Section(section),
        }
    }
}

/// The folder in Git format that a product's items get their definitions from.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceFolder {
    /// The folder.
    pub root: PathBuf,
    /// The parameters.
    pub parameters: SourceParameters,
    /// The environment that parameters are taken for.
    pub environment: String,
}

/// Reads the items of a [`SourceFolder`].
pub type LoadSource<'a> = dyn Fn(&SourceFolder) -> (Option<BTreeMap<ItemKey, DesiredItem>>, Diagnostics) + 'a;

/// What is to be loaded.
pub struct ProductRequest<'a> {
    /// The product configuration.
    pub config: PathBuf,
    /// The project configuration; `None` looks for `project.config.json` beside the product configuration and in the
    /// folders above it.
    pub project_config: Option<PathBuf>,
    /// The environment to deploy to; `None` takes the only one that is enabled.
    pub environment: Option<String>,
    /// The values of variables.
    pub lookup_env: Lookup<'a>,
    /// Reads the folder that `source` names.
    pub load_source: &'a LoadSource<'a>,
}

/// A product configuration, free of errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// What to deploy.
    pub desired: DesiredState,
    /// Roles for those whom `users` names without their object ids.
    pub named_roles: Vec<NamedRole>,
    /// How to go about it.
    pub settings: ProductSettings,
}

/// Loads a product configuration with every file that belongs to it.
///
/// There is no product where any file has an error; warnings leave one.
pub fn load(request: &ProductRequest<'_>) -> (Option<Product>, Diagnostics) {
    let (document, mut diagnostics) = Document::read(&request.config);
    let Some(document) = document else { return (None, diagnostics) };
    let reader = Reader::with_variables(&document, request.lookup_env);
    let mut around = Diagnostics::new();
    let product = reader.root().and_then(|root| assemble(request, &document, &reader, &root, &mut around));
    diagnostics.extend(reader.into_findings());
    diagnostics.extend(around);
    (product.filter(|_| !diagnostics.has_errors()), diagnostics.sorted())
}

/// How a product is deployed whose files may have errors, as far as they say: for the audit trail, which is told of them.
pub fn settings(request: &ProductRequest<'_>) -> Option<ProductSettings> {
    let (document, _) = Document::read(&request.config);
    let document = document?;
    let reader = Reader::with_variables(&document, request.lookup_env);
    let root = reader.root()?;
    let product = root.required_mapping("product")?.required_string("name")?;
    let project = project::load(request, None, &mut Diagnostics::new())?;
    Some(ProductSettings {
        product: product.value,
        environment: request.environment.clone().unwrap_or_default(),
        config: request.config.clone(),
        project_config: project.file,
        ..settings::read(&root)
    })
}

/// Reads everything. The product is whole only if nothing was found; findings of other files go to `around`.
fn assemble(
    request: &ProductRequest<'_>,
    document: &Document,
    reader: &Reader<'_>,
    root: &MappingReader<'_, '_>,
    around: &mut Diagnostics,
) -> Option<Product> {
    let environment = environment::choose(reader, root, request.environment.as_deref());
    let chosen = environment.as_ref().map(|environment| format!("environments.{}.", environment.name));
    let of_another = |path: &str| {
        path.starts_with("environments.") && !chosen.as_ref().is_some_and(|prefix| path.starts_with(prefix))
    };
    check_keys(reader, &document.root, keys::PRODUCT_KEYS, &of_another);

    let product = root.required_mapping("product").and_then(|product| product.required_string("name"));
    let product = product.filter(|name| name::check_product(reader, name));
    let project = project::load(request, chosen.as_deref(), around);
    let settings = settings::read(root);
    let declared = items::declared(reader, root);
    let standards = read_standards(reader, root, project.as_ref().map(|project| project.folder.as_path()), around);

    let environment = environment?;
    let product_name = product.as_ref().map(|product| product.value.as_str());
    let git = git::read(reader, root, product_name, environment.label.as_deref().unwrap_or(&environment.name));
    let workspace = match (&product, &project) {
        (Some(product), Some(project)) => {
            name::workspace(project, &product.value, &environment.name).map_err(|finding| around.push(*finding)).ok()
        }
        _ => None,
    };
    let source = items::from_source(request, reader, root, &environment.name, around);
    let items = items::merged(&declared, source);
    if let Some(standards) = &standards {
        let places = items.iter().map(|(key, item)| {
            let place = declared.get(key).map_or_else(|| Place::file(&item.source), |declared| declared.place.clone());
            (key, place)
        });
        around.extend(naming::validate(standards, &environment.name, places));
    }
    let (product, project) = (product?, project?);
    let roles = principals::load(reader, root, &project.folder, &product.value, &environment.name, around);
    Some(Product {
        desired: DesiredState {
            environment: environment.name.clone(),
            workspace: DesiredWorkspace {
                selector: WorkspaceSelector::Name(workspace?),
                description: environment.description,
                capacity_id: environment.capacity_id,
            },
            items,
            extra_folders: environment.folders,
            roles: roles.exact,
            scope: Scope::default(),
            secrets: Default::default(),
            git,
        },
        named_roles: roles.named,
        settings: ProductSettings {
            product: product.value,
            environment: environment.name,
            names_checked: standards.is_some(),
            config: request.config.clone(),
            project_config: project.file,
            ..settings
        },
    })
}

/// The naming standards beside the project configuration, unless the product turns them off.
fn read_standards(
    reader: &Reader<'_>,
    root: &MappingReader<'_, '_>,
    folder: Option<&Path>,
    around: &mut Diagnostics,
) -> Option<Standards> {
    let naming = root.optional_mapping("naming");
    let validate = naming.as_ref().and_then(|naming| naming.optional_bool("validate"));
    let strict = naming.as_ref().and_then(|naming| naming.optional_bool("strict_mode"));
    let wanted = root.optional_mapping("workspace").and_then(|workspace| workspace.optional_bool("validate_naming"));
    if [&validate, &wanted].into_iter().flatten().any(|flag| !flag.value) {
        return None;
    }
    let folder = folder?;
    let candidates = [folder.join("naming_standards.yaml"), folder.join("config").join("naming_standards.yaml")];
    let Some(file) = candidates.iter().find(|file| file.is_file()) else {
        let message = format!("the naming standards are missing: neither {} exists", shown(&candidates));
        let place = validate.map_or_else(|| Place::file(reader.file()), |validate| validate.place);
        around.push(
            Diagnostic::error("naming-standards-missing", message)
                .at(place)
                .remedy("add the file, or set `naming.validate: false`"),
        );
        return None;
    };
    let (standards, diagnostics) = Standards::read(file);
    around.extend(diagnostics);
    let standards = standards?;
    Some(match strict {
        Some(strict) => standards.strict(strict.value),
        None => standards,
    })
}

/// Files, for a message.
fn shown(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" nor ")
}
