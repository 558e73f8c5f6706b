//! The original files work unchanged.

use fabric_deploy::desired::{DesiredBody, ItemKey, PrincipalType, WorkspaceRole, WorkspaceSelector};

use super::fixture::Project;

#[test]
fn the_original_files_give_the_workspace_with_its_items_and_roles() {
    let product = Project::original().loaded();
    let desired = &product.desired;
    assert_eq!(desired.environment, "dev");
    assert_eq!(desired.workspace.selector, WorkspaceSelector::Name("usf2-fabric-sales-analytics-dev".to_owned()));
    assert_eq!(desired.workspace.description.as_deref(), Some("Development environment for Sales Analytics"));
    assert_eq!(
        desired.workspace.capacity_id.map(|id| id.to_string()).as_deref(),
        Some("0749b635-c51b-46c6-948a-02f05d7fe177")
    );
    let names: Vec<_> = desired.items.keys().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "BRONZE_SalesData_Lakehouse.Lakehouse",
            "GOLD_SalesAnalytics_Lakehouse.Lakehouse",
            "SILVER_SalesData_Lakehouse.Lakehouse",
            "01_IngestSalesData_Notebook.Notebook",
            "02_TransformSales_Notebook.Notebook",
            "03_ValidateData_Notebook.Notebook",
        ]
    );
    let gold = &desired.items[&ItemKey::new("Lakehouse", "GOLD_SalesAnalytics_Lakehouse")];
    assert_eq!(gold.description.as_deref(), Some("Analytics-ready sales data"));
    assert_eq!(gold.body, DesiredBody::Shell { creation_payload: None });
    assert!(desired.folders().is_empty());

    let roles: Vec<_> =
        desired.roles.iter().map(|role| (role.label.as_str(), role.principal_type, role.role)).collect();
    assert_eq!(
        roles,
        [
            ("Workspace Administrator", PrincipalType::User, WorkspaceRole::Admin),
            ("Engineering Team", PrincipalType::Group, WorkspaceRole::Viewer),
            ("CI/CD Pipeline", PrincipalType::ServicePrincipal, WorkspaceRole::Member),
        ]
    );
    let named: Vec<_> = product.named_roles.iter().map(|named| (named.principal.name(), named.role)).collect();
    assert_eq!(
        named,
        [("owner@contoso.example", WorkspaceRole::Admin), ("lead@contoso.example", WorkspaceRole::Member)],
        "beside those of the file"
    );
    assert!(product.named_roles.iter().all(|named| named.file.is_there));
    let git = desired.git.as_ref().expect("the original asks for Git");
    assert_eq!(
        git.provider.to_string(),
        "https://github.com/contoso/fabric, branch main, folder data_products/sales_analytics"
    );
    assert_eq!(git.commit.as_deref(), Some("Automated deployment: Sales Analytics [dev]"));
    assert_eq!(product.settings.product, "Sales Analytics");
    assert_eq!(product.settings.rollback_on_error, Some(false));
    assert_eq!(product.settings.audit_enabled, Some(true));
    assert_eq!(product.settings.audit_reference.as_deref(), Some("AUTOMATED-SCENARIO"));
}

#[test]
fn every_key_of_the_original_files_that_changes_nothing_is_named() {
    let project = Project::original();
    let (_, diagnostics) = project.load();
    let all = diagnostics.to_string();
    for key in [
        "environments.dev.capacity_type",
        "environments.dev.auto_deploy",
        "product.owner_email",
        "product.technical_lead",
        "product.domain",
        "product.description",
        "items.notebooks[0].language",
        "azure",
        "github",
        "git_integration",
        "contacts",
        "purview",
        "metadata",
        "naming_patterns.lakehouse",
        "reporting.generate_compliance_reports",
    ] {
        assert!(all.contains(&format!("`{key}`")), "{key} is not named in\n{all}");
    }
    assert_eq!(
        project.findings(),
        [
            "warning no-effect naming_standards.yaml:6",
            "warning not-supported-yet naming_standards.yaml:206",
            "warning no-effect project.config.json:5",
            "warning no-effect project.config.json:56",
            "warning no-effect product_config.yaml:6",
            "warning no-effect product_config.yaml:14",
            "warning no-effect product_config.yaml:17",
        ]
    );
}

#[test]
fn any_environment_of_the_file_can_be_deployed() {
    let project = Project::original();
    project.change("  dev:\n", "  prod:\n    enabled: true\n    description: \"Live\"\n  dev:\n");
    assert_eq!(project.errors(), ["environment-not-chosen product_config.yaml:12"]);
    project
        .write("config/principals/sales_analytics_prod_principals.txt", "c3d4e5f6-0000-4000-8000-000000000002,Admin\n");
    let (product, diagnostics) = project.load_for(Some("prod"));
    let desired = product.unwrap_or_else(|| panic!("{diagnostics}")).desired;
    assert_eq!(desired.workspace.selector, WorkspaceSelector::Name("usf2-fabric-sales-analytics-prod".to_owned()));
    assert_eq!(desired.workspace.description.as_deref(), Some("Live"));
    assert_eq!(desired.workspace.capacity_id, None);
    assert_eq!(desired.roles.len(), 1);
    assert_eq!(desired.roles[0].label, "c3d4e5f6-0000-4000-8000-000000000002");
    assert!(diagnostics.to_string().contains("`environments.prod.requires_approval`"));
    assert!(!diagnostics.to_string().contains("`environments.dev.auto_deploy`"));
}

#[test]
fn the_pattern_of_the_project_makes_the_name() {
    for (pattern, expected) in [
        ("{prefix}-{name}-{environment}", "usf2-fabric-sales-analytics-dev"),
        ("{prefix_upper}_{environment_title}", "USF2_FABRIC_Dev"),
        ("[{organization}] {prefix_clean}{name}", "[LEIT-TekSystems] usf2fabricsales-analytics"),
    ] {
        let project = Project::original();
        project.replace("project.config.json", "{prefix}-{name}-{environment}", pattern);
        assert_eq!(project.loaded().desired.workspace.selector, WorkspaceSelector::Name(expected.to_owned()));
    }
}

#[test]
fn another_products_principals_are_never_used() {
    let project = Project::original();
    project.change("name: \"Sales Analytics\"", "name: \"HR Payroll\"");
    let product = project.loaded();
    assert!(product.desired.roles.is_empty());
    let named: Vec<_> =
        product.named_roles.iter().map(|named| (named.principal.name(), named.place.to_string())).collect();
    assert_eq!(named.len(), 2, "those of `users` are looked up: {named:?}");
    let files: Vec<_> = product.named_roles.iter().map(|named| &named.file).collect();
    assert!(
        files.iter().all(|file| !file.is_there && file.path.ends_with("hr_payroll_dev_principals.txt")),
        "{files:?}"
    );
}

#[test]
fn principals_without_users_are_left_alone_and_said_so() {
    let project = Project::original();
    let text = super::fixture::PRODUCT;
    let start = text.find("users:\n").unwrap();
    let end = text.find("naming:\n").unwrap();
    project.change(&text[start..end], "users:\n  # nobody\n");
    assert!(project.loaded().desired.roles.is_empty());
    assert!(project.findings().contains(&"warning principals-unused sales_analytics_dev_principals.txt".to_owned()));
}
