//! `users`: by object id, by name, and what the principals file says where Graph cannot.

use fabric_deploy::desired::{DesiredRole, PrincipalType, WorkspaceRole};
use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::principals::{self, Directory, PrincipalsError};

use super::fixture::{PRINCIPALS_FILE, PRODUCT, Project};

/// The original with these lines in its list of users.
fn with_users(users: &str) -> Project {
    let project = Project::original();
    let from = PRODUCT.find("  - email: \"${DATA_OWNER_EMAIL}\"").unwrap();
    let to = PRODUCT.find("  # Examples of other principal types").unwrap();
    project.change(&PRODUCT[from..to], users);
    project
}

const NOBODY: Directory<'_> = Directory::Nobody { reason: "there is no token", remedy: "get one" };

async fn resolved(project: &Project) -> Result<(Vec<DesiredRole>, Diagnostics), PrincipalsError> {
    let product = project.loaded();
    principals::resolve(NOBODY, &product.named_roles, product.desired.roles).await
}

fn codes(findings: &Diagnostics) -> Vec<(&str, usize)> {
    findings.iter().map(|found| (found.code, found.place.as_ref().unwrap().line.unwrap())).collect()
}

#[test]
fn an_object_id_asks_nobody() {
    let users = "  - object_id: d4e5f6a7-0000-4000-8000-000000000003\n    role: Viewer\n    principal_type: Group\n    name: Auditors\n\
                 \x20 - object_id: D4E5F6A7-0000-4000-8000-000000000004\n    role: Admin\n";
    let project = with_users(users);
    project.remove(PRINCIPALS_FILE);
    let product = project.loaded();
    assert!(product.named_roles.is_empty());
    let roles: Vec<_> =
        product.desired.roles.iter().map(|role| (role.label.as_str(), role.principal_type, role.role)).collect();
    assert_eq!(
        roles,
        [
            ("Auditors", PrincipalType::Group, WorkspaceRole::Viewer),
            ("d4e5f6a7-0000-4000-8000-000000000004", PrincipalType::User, WorkspaceRole::Admin)
        ]
    );
}

#[test]
fn the_file_and_the_list_are_one_set_of_roles() {
    let same = "  - object_id: a1b2c3d4-e5f6-7890-abcd-ef1234567890\n    role: Admin\n";
    let project = with_users(same);
    assert_eq!(project.loaded().desired.roles.len(), 3);
    project.change("ef1234567890\n    role: Admin", "ef1234567890\n    role: Member");
    let product = project.loaded();
    assert_eq!(product.desired.roles[0].role, WorkspaceRole::Admin, "the file is about this environment");
    assert!(project.findings().contains(&"warning principal-role product_config.yaml:64".to_owned()));
}

#[test]
fn each_mistake_in_an_entry_has_its_code_and_line() {
    let twice = "  - object_id: d4e5f6a7-0000-4000-8000-000000000003\n    role: Viewer\n\
                 \x20 - object_id: d4e5f6a7-0000-4000-8000-000000000003\n    role: Admin\n";
    for (users, expected) in [
        ("  - object_id: nobody\n    role: Admin\n", "invalid-guid product_config.yaml:64"),
        ("  - email: \" \"\n    role: Admin\n", "principal-unnamed product_config.yaml:64"),
        ("  - name: Somebody\n    role: Admin\n", "principal-unnamed product_config.yaml:64"),
        ("  - email: a@contoso.example\n    role: Owner\n", "invalid-role product_config.yaml:65"),
        ("  - email: a@contoso.example\n", "missing-key product_config.yaml:64"),
        ("  - name: A\n    role: Admin\n    principal_type: Robot\n", "invalid-principal-type product_config.yaml:66"),
        ("  - email: ${secret:mail}\n    role: Admin\n", "secret-not-here product_config.yaml:64"),
        (twice, "duplicate-principal product_config.yaml:66"),
    ] {
        assert!(with_users(users).errors().contains(&expected.to_owned()), "{users}: {:?}", with_users(users).errors());
    }
}

#[tokio::test]
async fn the_file_says_who_is_meant_where_graph_is_not_asked() {
    let users = "  - name: ci/cd pipeline\n    role: Member\n    principal_type: ServicePrincipal\n\
                 \x20 - email: owner@contoso.example\n    role: Admin\n";
    let (roles, findings) = resolved(&with_users(users)).await.unwrap();
    assert_eq!(roles.len(), 3, "those of the file");
    assert_eq!(codes(&findings), [("principal-from-file", 64), ("principal-from-file", 67)]);
    let said = findings.to_string();
    assert!(said.contains("there is no token") && said.contains("c3d4e5f6-0000-4000-8000-000000000002"), "{said}");
    assert!(said.contains("has no line about that name"), "{said}");
}

#[tokio::test]
async fn two_lines_about_one_name_are_refused() {
    let project = with_users("  - name: Twins\n    role: Viewer\n    principal_type: Group\n");
    let line = |last: u8| format!("d4e5f6a7-0000-4000-8000-00000000000{last},Viewer,Twins,Group\n");
    project.write(PRINCIPALS_FILE, &(line(1) + &line(2)));
    let Err(PrincipalsError::Denied(findings)) = resolved(&project).await else { panic!("it was guessed") };
    assert_eq!(codes(&findings), [("principal-ambiguous", 64)]);
}

#[tokio::test]
async fn without_a_file_the_error_names_it_and_every_entry() {
    let project = Project::original();
    project.remove(PRINCIPALS_FILE);
    let Err(error @ PrincipalsError::Denied(_)) = resolved(&project).await else { panic!("nobody was asked") };
    let said = error.to_string();
    for told in
        ["product_config.yaml:64", "product_config.yaml:68", "owner@contoso.example", PRINCIPALS_FILE, "get one"]
    {
        assert!(said.contains(told), "{told}: {said}");
    }
}
