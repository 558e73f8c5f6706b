//! The clouds.

use fabric_identity::Cloud;

use crate::double::{CLIENT, Double, TENANT, chain, lookup};

#[tokio::test]
async fn a_cloud_decides_where_to_sign_in_and_for_what() {
    for (name, cloud, authority, endpoint) in [
        ("public", Cloud::Public, "https://login.microsoftonline.com", "https://api.fabric.microsoft.com"),
        ("USGovernment", Cloud::UsGovernment, "https://login.microsoftonline.us", "https://api.fabric.microsoft.us"),
        ("china", Cloud::China, "https://login.chinacloudapi.cn", "https://api.fabric.microsoft.cn"),
    ] {
        let variables = [
            ("FABRIC_ENVIRONMENT", name),
            ("FABRIC_CLIENT_ID", CLIENT),
            ("FABRIC_TENANT_ID", TENANT),
            ("FABRIC_CLIENT_SECRET", "s"),
        ];
        assert_eq!(Cloud::of_variables(lookup(&variables)), Ok(cloud));
        assert_eq!((cloud.authority(), cloud.endpoint()), (authority, endpoint));
        let double = Double::entra().await;
        chain(&double, &variables).token(&[cloud.scope()]).await.unwrap();
        let asked = double.asked();
        assert_eq!(asked[0].host, authority);
        assert_eq!(asked[0].form()["scope"], format!("{endpoint}/.default"));
    }
}

#[tokio::test]
async fn an_authority_can_be_named() {
    let double = Double::entra().await;
    let variables = [
        ("AZURE_AUTHORITY_HOST", "https://login.example/"),
        ("FABRIC_CLIENT_ID", CLIENT),
        ("FABRIC_TENANT_ID", TENANT),
        ("FABRIC_CLIENT_SECRET", "s"),
    ];
    chain(&double, &variables).token(&["scope"]).await.unwrap();
    let asked = double.asked();
    assert_eq!(asked[0].host, "https://login.example");
    assert_eq!(asked[0].path, format!("/{TENANT}/oauth2/v2.0/token"));
}
