//! The pipelines that are known, and what each of them wants to be told.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::finding::Finding;
use super::{azure_devops, github};
use crate::{environment, variables};

/// Which pipeline to speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ci {
    /// The one whose variables this process was given.
    Auto,
    /// GitHub Actions.
    Github,
    /// Azure DevOps.
    Azdo,
    /// None.
    None,
}

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Platform {
    /// GitHub Actions.
    GitHub {
        /// The repository's folder.
        root: Option<PathBuf>,
        /// The file that takes the step's summary.
        summary: Option<PathBuf>,
        /// The file that takes the step's outputs.
        outputs: Option<PathBuf>,
    },
    /// Azure DevOps.
    AzureDevOps {
        /// The repository's folder.
        root: Option<PathBuf>,
        /// A folder that is emptied after the job, for the summary.
        temporary: Option<PathBuf>,
    },
}

impl Platform {
    /// The pipeline that the variables of this process tell of, unless `choice` names one.
    pub(crate) fn of_process(choice: Ci) -> Option<Self> {
        let folder = |variable| environment::of_process(variable).map(PathBuf::from);
        let github = || Self::GitHub {
            root: folder(&variables::GITHUB_WORKSPACE),
            summary: folder(&variables::GITHUB_STEP_SUMMARY),
            outputs: folder(&variables::GITHUB_OUTPUT),
        };
        let azure_devops = || Self::AzureDevOps {
            root: folder(&variables::BUILD_SOURCESDIRECTORY),
            temporary: folder(&variables::AGENT_TEMPDIRECTORY),
        };
        match choice {
            Ci::None => None,
            Ci::Github => Some(github()),
            Ci::Azdo => Some(azure_devops()),
            Ci::Auto if environment::is_set(&variables::GITHUB_ACTIONS) => Some(github()),
            Ci::Auto if environment::is_set(&variables::TF_BUILD) => Some(azure_devops()),
            Ci::Auto => None,
        }
    }

    /// The line that marks a finding in the files of the change.
    pub(super) fn annotation(&self, finding: &Finding<'_>) -> String {
        match self {
            Self::GitHub { root, .. } => github::annotation(finding, root.as_deref()),
            Self::AzureDevOps { root, .. } => azure_devops::annotation(finding, root.as_deref()),
        }
    }

    /// The line that has a line of text taken out of the log from now on.
    pub(super) fn mask(&self, line: &str) -> String {
        match self {
            Self::GitHub { .. } => github::mask(line),
            Self::AzureDevOps { .. } => azure_devops::mask(line),
        }
    }

    /// The line that begins a part of the log that can be folded.
    pub(crate) fn group(&self, title: &str) -> String {
        match self {
            Self::GitHub { .. } => format!("::group::{title}"),
            Self::AzureDevOps { .. } => format!("##[group]{title}"),
        }
    }

    /// The line that ends it.
    pub(crate) fn end_of_group(&self) -> &'static str {
        match self {
            Self::GitHub { .. } => "::endgroup::",
            Self::AzureDevOps { .. } => "##[endgroup]",
        }
    }

    /// Adds a page to the summary of the run.
    pub(super) fn add_summary(&self, page: &str) -> io::Result<()> {
        match self {
            Self::GitHub { summary: Some(file), .. } => append(file, page),
            Self::AzureDevOps { temporary: Some(folder), .. } => azure_devops::upload_summary(folder, page),
            _ => Ok(()),
        }
    }

    /// Sets what later steps may read.
    pub(super) fn set_outputs(&self, outputs: &[(&str, String)]) -> io::Result<()> {
        match self {
            Self::GitHub { outputs: Some(file), .. } => append(file, &github::outputs(outputs)),
            Self::GitHub { outputs: None, .. } => Ok(()),
            Self::AzureDevOps { .. } => {
                azure_devops::set_variables(outputs);
                Ok(())
            }
        }
    }
}

/// Where a file is, as seen from the repository's root.
pub(super) fn below(root: Option<&Path>, file: &Path) -> String {
    let inside = root.and_then(|root| Some(std::path::absolute(file).ok()?.strip_prefix(root).ok()?.to_owned()));
    inside.unwrap_or_else(|| file.to_owned()).display().to_string().replace('\\', "/")
}

fn append(file: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_as_the_repository_names_it() {
        let root = std::env::current_dir().unwrap();
        assert_eq!(below(Some(&root), &root.join("a/b.yml")), "a/b.yml");
        assert_eq!(below(Some(&root), Path::new("a/b.yml")), "a/b.yml");
        assert_eq!(below(Some(Path::new("/elsewhere")), Path::new("a/b.yml")), "a/b.yml");
    }
}
