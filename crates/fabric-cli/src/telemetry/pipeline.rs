//! What the pipeline around this process says of itself: GitHub Actions and Azure DevOps, by their variables.

use uuid::Uuid;

use crate::environment::Environment;

/// The run that this command belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) url: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) change: Option<String>,
}

impl Run {
    pub(super) fn of(environment: &Environment) -> Self {
        Self::from(&|name| environment.get(name).map(str::to_owned))
    }

    fn from(get: &dyn Fn(&str) -> Option<String>) -> Self {
        if let Some(id) = get("GITHUB_RUN_ID") {
            let repository = get("GITHUB_SERVER_URL").zip(get("GITHUB_REPOSITORY"));
            let repository = repository.map(|(server, name)| format!("{server}/{name}"));
            let reference = get("GITHUB_REF").unwrap_or_default();
            let change = reference.strip_prefix("refs/pull/").and_then(|rest| rest.split('/').next());
            return Self {
                url: repository.as_ref().map(|repository| format!("{repository}/actions/runs/{id}")),
                change: change.map(str::to_owned),
                branch: get("GITHUB_HEAD_REF").or_else(|| get("GITHUB_REF_NAME")),
                commit: get("GITHUB_SHA"),
                repository,
                id,
            };
        }
        if let Some(id) = get("BUILD_BUILDID") {
            let project = get("SYSTEM_COLLECTIONURI").zip(get("SYSTEM_TEAMPROJECT"));
            let build = |(collection, project): (String, String)| {
                format!("{}/{project}/_build/results?buildId={id}", collection.trim_end_matches('/'))
            };
            return Self {
                url: project.map(build),
                change: get("SYSTEM_PULLREQUEST_PULLREQUESTID"),
                branch: get("BUILD_SOURCEBRANCHNAME"),
                commit: get("BUILD_SOURCEVERSION"),
                repository: get("BUILD_REPOSITORY_URI"),
                id,
            };
        }
        let id = Uuid::new_v4().to_string();
        Self { id, url: None, repository: None, branch: None, commit: None, change: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(variables: &[(&str, &str)]) -> Run {
        Run::from(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn github_actions() {
        let run = run(&[
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_REF", "refs/pull/12/merge"),
            ("GITHUB_REF_NAME", "12/merge"),
            ("GITHUB_HEAD_REF", "topic"),
            ("GITHUB_SHA", "abc"),
        ]);
        assert_eq!(run.url.as_deref(), Some("https://github.com/o/r/actions/runs/7"));
        assert_eq!((run.change.as_deref(), run.branch.as_deref()), (Some("12"), Some("topic")));
        assert_eq!((run.commit.as_deref(), run.id.as_str()), (Some("abc"), "7"));
    }

    #[test]
    fn azure_devops() {
        let run = run(&[
            ("BUILD_BUILDID", "9"),
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/o/"),
            ("SYSTEM_TEAMPROJECT", "p"),
            ("BUILD_SOURCEBRANCHNAME", "main"),
        ]);
        assert_eq!(run.url.as_deref(), Some("https://dev.azure.com/o/p/_build/results?buildId=9"));
        assert_eq!((run.branch.as_deref(), run.change), (Some("main"), None));
    }

    #[test]
    fn nobody_says_anything() {
        let run = run(&[]);
        assert!(run.id.parse::<Uuid>().is_ok() && run.url.is_none());
    }
}
