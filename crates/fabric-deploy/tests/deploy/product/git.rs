//! The `git` section: every key takes effect, for both providers.

use fabric_client::GitRepository;
use fabric_deploy::git::DesiredGit;

use super::fixture::Project;

const SECTION: &str = "git:\n  enabled: true\n  organization: \"${GITHUB_ORG}\"\n  repository: \"${GITHUB_REPO}\"\n  \
                       branch: \"main\"\n  directory: \"data_products/sales_analytics\"\n  auto_connect: true\n  \
                       auto_commit: true\n";

/// The project with this in the place of its `git` section.
fn with(section: &str) -> Project {
    let project = Project::original();
    project.change(SECTION, section);
    project
}

fn git(section: &str) -> Option<DesiredGit> {
    with(section).loaded().desired.git
}

#[test]
fn what_is_not_said_is_the_root_of_main_at_github_and_nothing_is_committed() {
    let git = git("git:\n  enabled: true\n  organization: o\n  repository: r\n").unwrap();
    assert_eq!(git.provider.repository, GitRepository::GitHub { owner: "o".to_owned(), repository: "r".to_owned() });
    assert_eq!((git.provider.branch.as_str(), git.provider.directory.as_str()), ("main", "/"));
    assert_eq!(git.commit, None);
}

#[test]
fn azure_devops_has_a_project_which_is_called_like_the_repository_unless_it_is_named() {
    for (project, named) in [("r", ""), ("Sales", "  project: Sales\n")] {
        for provider in ["AzureDevOps", "azure-devops", "Azure DevOps", "azure_devops"] {
            let section = format!(
                "git:\n  enabled: true\n  provider: \"{provider}\"\n  organization: o\n{named}  repository: r\n  \
                 branch: release/1\n  directory: items\n  auto_commit: true\n"
            );
            let git = git(&section).unwrap();
            let url = format!("https://dev.azure.com/o/{project}/_git/r, branch release/1, folder items");
            assert_eq!(git.provider.to_string(), url, "{provider}");
            assert!(git.commit.is_some());
        }
    }
}

#[test]
fn a_workspace_is_connected_only_where_that_is_on() {
    assert_eq!(git("git:\n  organization: o\n  repository: r\n"), None);
    assert_eq!(git("git:\n  enabled: false\n"), None);
    assert_eq!(git("git:\n  enabled: true\n  organization: o\n  repository: r\n  auto_connect: false\n"), None);
    let section =
        "git:\n  enabled: true\n  organization: o\n  repository: r\n  auto_connect: false\n  auto_commit: true\n";
    let findings = with(section).findings();
    assert!(findings.contains(&"warning no-effect product_config.yaml:20".to_owned()), "{findings:?}");
}

#[test]
fn a_repository_that_is_not_named_completely_is_refused_with_its_place() {
    let missing = with("git:\n  enabled: true\n  repository: r\n").errors();
    assert_eq!(missing, ["missing-key product_config.yaml:20"]);
    let missing = with("git:\n  enabled: true\n  organization: o\n").errors();
    assert_eq!(missing, ["missing-key product_config.yaml:20"]);
    let unknown = with("git:\n  enabled: true\n  provider: Bitbucket\n  organization: o\n  repository: r\n").errors();
    assert_eq!(unknown, ["unknown-git-provider product_config.yaml:21"]);
}
