//! Repositories made at the emulated provider: by tests, and by whoever tries the tool out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::provider::ProviderDetails;
use super::repository::{NewCommit, Repository};
use crate::clock::Moment;
use crate::refusal::Refusal;

/// A repository, or a branch of one, that shall be there.
#[derive(Deserialize)]
struct Wanted {
    #[serde(flatten)]
    provider: ProviderDetails,
    /// Files of the first commit by path, beside a `README.md` in the root and in `directoryName`.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

/// Makes the repository and the branch that `wanted` describes, with the members of Fabric's `gitProviderDetails` and
/// `files`, unless they are there. A new branch starts where `main` is. Says where the repository is kept.
pub(crate) fn host(root: Option<&Path>, wanted: &Value, now: Moment) -> Result<Value, Refusal> {
    let wanted: Wanted = serde_json::from_value(wanted.clone()).map_err(|error| Refusal::body(error.to_string()))?;
    let place = root.and_then(|root| wanted.provider.place(root));
    let place = place.ok_or_else(|| Refusal::body("the repository is not named completely"))?;
    let failed = |error: super::command::GitError| Refusal::body(error.to_string());
    let repository = match Repository::open(place.clone()) {
        Some(repository) => repository,
        None => Repository::create(place).map_err(failed)?,
    };
    let branch = wanted.provider.branch_name.as_str();
    let head = match repository.head(branch) {
        Some(head) => head,
        None => {
            let parent = repository.head("main");
            let mut files = wanted.files;
            for folder in ["", wanted.provider.folder()] {
                let path = format!("{folder}/README.md");
                files.entry(path.trim_start_matches('/').to_owned()).or_insert_with(|| format!("# {branch}\n"));
            }
            let commit = NewCommit {
                branch,
                parent: parent.as_deref(),
                author: "Emulator",
                address: "emulator@emulator.example",
                time: now.div_euclid(1_000_000),
                message: "Begin",
                removed: Vec::new(),
                written: files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect(),
            };
            repository.commit(&commit).map_err(failed)?
        }
    };
    Ok(json!({"path": repository.path(), "head": head}))
}
