//! The `git` section: which branch the workspace is connected to, and whether what is deployed is committed there.

use fabric_client::{GitProviderDetails, GitRepository};

use crate::diagnostic::Diagnostic;
use crate::document::{MappingReader, Reader};
use crate::git::{Access, DesiredGit};

/// The connection that the section asks for; `None` where it asks for none.
///
/// `product` and `environment` are what the commit's message names.
pub(super) fn read(
    reader: &Reader<'_>,
    root: &MappingReader<'_, '_>,
    product: Option<&str>,
    environment: &str,
) -> Option<DesiredGit> {
    let section = root.optional_mapping("git")?;
    let is_on = |key: &'static str, otherwise: bool| section.optional_bool(key).map_or(otherwise, |flag| flag.value);
    if !is_on("enabled", false) {
        return None;
    }
    let commits = is_on("auto_commit", false);
    if !is_on("auto_connect", true) {
        if commits {
            let message = "`git.auto_commit` has no effect where `git.auto_connect` is false: nothing is committed to a \
                           branch that this file does not connect the workspace to";
            reader.report(Diagnostic::warning("no-effect", message).at(section.place()));
        }
        return None;
    }
    let organization = section.required_string("organization").map(|text| text.value);
    let repository = section.required_string("repository").map(|text| text.value);
    let text = |key: &'static str| section.optional_string(key).map(|text| text.value);
    let provider = section.optional_string("provider");
    let named = provider.as_ref().map_or("GitHub", |provider| provider.value.as_str());
    let named = named.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let project = text("project");
    let (branch, directory) = (text("branch"), text("directory"));
    let (organization, repository) = (organization?, repository?);
    let repository = match named.as_str() {
        "github" => GitRepository::GitHub { owner: organization, repository },
        "azuredevops" => {
            let project = project.unwrap_or_else(|| repository.clone());
            GitRepository::AzureDevOps { organization, project, repository }
        }
        _ => {
            let place = provider.map_or_else(|| section.place(), |provider| provider.place);
            reader.report(
                Diagnostic::error("unknown-git-provider", "the Git provider is not known")
                    .at(place)
                    .remedy("use `GitHub` or `AzureDevOps`"),
            );
            return None;
        }
    };
    let provider = GitProviderDetails {
        repository,
        branch: branch.unwrap_or_else(|| "main".to_owned()),
        directory: directory.unwrap_or_else(|| "/".to_owned()),
    };
    let comment = format!("Automated deployment: {} [{environment}]", product.unwrap_or_default());
    Some(DesiredGit { provider, access: Access::default(), commit: commits.then_some(comment) })
}
