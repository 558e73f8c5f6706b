//! What the chain makes of combinations of variables.

use fabric_identity::{CredentialChain, Method, SettingsError};

use crate::double::lookup;

/// What is chosen, or what is wrong, in words.
fn choice(variables: &[(&str, &str)]) -> Result<Method, SettingsError> {
    CredentialChain::builder(&lookup(variables)).build().map(|chain| chain.method())
}

#[test]
fn every_spelling_counts() {
    for [client, tenant, secret] in [
        ["FABRIC_CLIENT_ID", "FABRIC_TENANT_ID", "FABRIC_CLIENT_SECRET"],
        ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"],
        ["ARM_CLIENT_ID", "ARM_TENANT_ID", "ARM_CLIENT_SECRET"],
        ["FAB_SPN_CLIENT_ID", "FAB_TENANT_ID", "FAB_SPN_CLIENT_SECRET"],
        ["FABRIC_CLIENT_ID", "AZURE_TENANT_ID", "ARM_CLIENT_SECRET"],
    ] {
        assert_eq!(choice(&[(client, "c"), (tenant, "t"), (secret, "s")]), Ok(Method::ClientSecret), "{client}");
    }
    assert_eq!(choice(&[("FAB_TOKEN", "x")]), Ok(Method::Token));
}

#[test]
fn without_variables_it_is_the_azure_cli() {
    assert_eq!(choice(&[]), Ok(Method::AzureCli));
    assert_eq!(choice(&[("FABRIC_TOKEN", " ")]), Ok(Method::AzureCli), "a blank variable is not set");
    assert_eq!(choice(&[("AZURE_CLIENT_ID", "c"), ("AZURE_TENANT_ID", "t")]), Ok(Method::AzureCli));
}

#[test]
fn two_ways_at_once_are_an_error() {
    let error = choice(&[("FABRIC_TOKEN", "x"), ("AZURE_CLIENT_SECRET", "y")]).unwrap_err();
    let first = (Method::Token, "FABRIC_TOKEN");
    let second = (Method::ClientSecret, "AZURE_CLIENT_SECRET");
    assert_eq!(error, SettingsError::Contradiction { first, second });
    assert_eq!(
        error.to_string(),
        "FABRIC_TOKEN says to sign in by token, and AZURE_CLIENT_SECRET says by client secret"
    );
    assert!(error.remedy().contains("FABRIC_AUTH"), "{}", error.remedy());

    let both = [("FABRIC_AUTH", "token"), ("FABRIC_USE_CLI", "true"), ("FABRIC_TOKEN", "x")];
    assert!(matches!(choice(&both), Err(SettingsError::Contradiction { .. })));
}

#[test]
fn any_two_of_the_ways_that_are_asked_for_contradict() {
    let ways = ["FABRIC_TOKEN", "ARM_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"];
    for (index, first) in ways.iter().enumerate() {
        for second in &ways[index + 1..] {
            let variables = [("AZURE_CLIENT_ID", "c"), ("AZURE_TENANT_ID", "t"), (first, "x"), (second, "y")];
            let error = choice(&variables).unwrap_err();
            assert!(error.to_string().contains(first) && error.to_string().contains(second), "{error}");
        }
    }
}

/// Variables that come together.
type Group = &'static [(&'static str, &'static str)];

const APPLICATION: [(&str, &str); 2] = [("AZURE_CLIENT_ID", "c"), ("AZURE_TENANT_ID", "t")];
const GITHUB: [(&str, &str); 2] =
    [("ACTIONS_ID_TOKEN_REQUEST_URL", "https://p.example"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x")];
const AZURE_DEVOPS: [(&str, &str); 3] = [
    ("SYSTEM_OIDCREQUESTURI", "https://p.example"),
    ("SYSTEM_ACCESSTOKEN", "x"),
    ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "s"),
];
const ANNOUNCED: [(&str, &str); 2] = [("IDENTITY_ENDPOINT", "http://localhost:1"), ("IDENTITY_HEADER", "x")];

#[test]
fn what_a_platform_provides_is_used_where_nothing_else_is_asked_for() {
    const SECRET: Group = &[("ARM_CLIENT_SECRET", "x")];
    let cases: [(&[Group], Method); 9] = [
        (&[&GITHUB], Method::AzureCli),
        (&[&GITHUB, &APPLICATION], Method::GitHubActions),
        (&[&GITHUB, &APPLICATION, SECRET], Method::ClientSecret),
        (&[&AZURE_DEVOPS, &APPLICATION], Method::AzureDevOps),
        (&[&AZURE_DEVOPS], Method::AzureCli),
        (&[&ANNOUNCED], Method::ManagedIdentity),
        (&[&ANNOUNCED, &APPLICATION, SECRET], Method::ClientSecret),
        (&[&[("FAB_MANAGED_IDENTITY", "1")]], Method::ManagedIdentity),
        (&[&APPLICATION, &GITHUB, SECRET, &[("FABRIC_USE_OIDC", "true")]], Method::GitHubActions),
    ];
    for (groups, expected) in cases {
        let variables = groups.concat();
        assert_eq!(choice(&variables), Ok(expected), "{variables:?}");
    }
}

#[test]
fn federation_that_lacks_something_says_what() {
    let error = choice(&[APPLICATION[0], APPLICATION[1], GITHUB[0], ("FABRIC_USE_OIDC", "true")]).unwrap_err();
    let lacks = vec!["FABRIC_OIDC_REQUEST_TOKEN"];
    assert_eq!(error, SettingsError::Incomplete { method: Method::GitHubActions, lacks });
    assert!(error.remedy().contains("id-token: write"), "{}", error.remedy());
}

#[test]
fn a_switch_decides() {
    let both = [("FABRIC_TOKEN", "x"), ("AZURE_CLIENT_SECRET", "y")];
    assert_eq!(choice(&[both[0], both[1], ("FABRIC_AUTH", "token")]), Ok(Method::Token));
    assert_eq!(choice(&[both[0], both[1], ("FABRIC_AUTH", "Azure-CLI")]), Ok(Method::AzureCli));
    assert_eq!(choice(&[both[0], both[1], ("ARM_USE_CLI", "1")]), Ok(Method::AzureCli));
    assert_eq!(choice(&[both[0], ("ARM_USE_CLI", "false")]), Ok(Method::Token));
}

#[test]
fn what_is_chosen_and_incomplete_is_not_replaced_by_another() {
    let error = choice(&[("FABRIC_CLIENT_SECRET", "y"), ("FABRIC_CLIENT_ID", "c")]).unwrap_err();
    assert_eq!(error, SettingsError::Incomplete { method: Method::ClientSecret, lacks: vec!["FABRIC_TENANT_ID"] });
    assert_eq!(error.to_string(), "client secret: FABRIC_TENANT_ID is not set");
    let half = [("FABRIC_USE_MSI", "true"), ANNOUNCED[0]];
    let lacks = vec!["IDENTITY_HEADER"];
    assert_eq!(choice(&half), Err(SettingsError::Incomplete { method: Method::ManagedIdentity, lacks }));
}

#[test]
fn a_value_that_cannot_be_is_an_error_that_does_not_repeat_it() {
    for (variable, value) in [
        ("FABRIC_AUTH", "hunter2"),
        ("FABRIC_USE_CLI", "hunter2"),
        ("FABRIC_ENVIRONMENT", "hunter2"),
        ("AZURE_AUTHORITY_HOST", "http://hunter2.example"),
        ("FABRIC_TENANT_ID", "../hunter2"),
    ] {
        let secret = [("FABRIC_CLIENT_ID", "c"), ("FABRIC_TENANT_ID", "t"), ("FABRIC_CLIENT_SECRET", "s")];
        let variables: Vec<_> = [(variable, value)].into_iter().chain(secret).collect();
        let error = choice(&variables).unwrap_err();
        assert!(matches!(error, SettingsError::Value { variable: named, .. } if named == variable), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        assert!(error.remedy().contains(variable));
    }
}
