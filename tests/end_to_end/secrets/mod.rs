//! Secrets from a vault: what a deployment takes from it, what it does when the vault does not give, what is never told.

mod canary;
mod commands;
pub(crate) mod configuration;
mod document;
mod vault;

use std::process::Command;

use fabric_emulator::{
    ADMINISTRATOR, Emulator, IDENTITY_HEADER, SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION,
    SERVICE_PRINCIPAL_SECRET, Service, TENANT,
};
use serde_json::{Value, json};

use crate::binary::{self, ACTIVE_CAPACITY, Run, Stage};
use crate::sources;

/// What the vault holds for the notebook: not what JSON can hold as it is.
pub(crate) const PASSWORD: &str = "canary-of-the-vault-\"51\\9c";

/// A tenant with Fabric, Entra and a vault over https, and files that ask for secrets.
pub(crate) struct Tenant {
    pub(crate) stage: Stage,
    /// Where the certificate authority is.
    tls: tempfile::TempDir,
}

impl Tenant {
    /// The vault has the application's secret and the password; `permissions` is its access policy.
    pub(crate) fn new(permissions: Option<&[&str]>) -> Self {
        let mut principal = json!({
            "id": SERVICE_PRINCIPAL, "type": "ServicePrincipal", "displayName": "Deployer",
            "appId": SERVICE_PRINCIPAL_APPLICATION,
            "credentials": { "secrets": [SERVICE_PRINCIPAL_SECRET, NEWER_CLIENT_SECRET], "managedIdentity": true },
        });
        if let Some(permissions) = permissions {
            principal["vaultPermissions"] = json!(permissions);
        }
        let world = json!({
            "principals": [{ "id": ADMINISTRATOR, "type": "User", "displayName": "Administrator" }, principal],
            "secrets": [
                { "name": "fabric-client-secret", "value": SERVICE_PRINCIPAL_SECRET },
                { "name": "sales-db-password", "value": PASSWORD },
            ],
        });
        let tls = tempfile::tempdir().unwrap();
        let stage = Stage::of(Emulator::builder().all_services().tls(tls.path()).seed(world));
        let source = stage.directory.path().join("source");
        sources::notebook(&source, "One", 1, "connect('server', 'PLACEHOLDER')");
        sources::pipeline(&source, "Nightly", 2, 1);
        let parameters = "find_replace:\n- find_value: PLACEHOLDER\n  replace_value:\n    _ALL_: pw=${secret:SALES_DB_PASSWORD};\n\
                          key_value_replace:\n- find_key: $.properties.activities[0].name\n  replace_value:\n    _ALL_: Run ${secret:sales-db-password}\n";
        std::fs::write(source.join("parameter.yml"), parameters).unwrap();
        Self { stage, tls }
    }

    /// The binary, as a service principal whose secret is in the vault, which the machine's identity opens.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let of = |service| self.stage.emulator.endpoint_of(service).unwrap();
        let mut command = binary::fabric_cli(self.stage.directory.path());
        binary::forget_environment(command.args(arguments));
        command
            .env("SSL_CERT_FILE", self.tls.path().join("ca.pem"))
            .env("FABRIC_ENDPOINT", self.stage.emulator.endpoint())
            .env("AZURE_AUTHORITY_HOST", of(Service::Entra))
            .env("AZURE_TENANT_ID", TENANT.to_string())
            .env("AZURE_CLIENT_ID", SERVICE_PRINCIPAL_APPLICATION.to_string())
            .env("AZURE_CLIENT_SECRET", "${secret:fabric-client-secret}")
            .env("KEY_VAULT_URL", of(Service::KeyVault))
            .env("KEY_VAULT_AUTH", "managed-identity")
            .env("IDENTITY_ENDPOINT", format!("{}/msi/token", of(Service::Entra)))
            .env("IDENTITY_HEADER", IDENTITY_HEADER)
            .env("FEATURE_USE_KEY_VAULT", "on");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        binary::run(self.command(arguments).envs(variables.iter().copied()))
    }

    /// What a run of `deploy` on the folder gives.
    pub(crate) fn deploy(&self, variables: &[(&str, &str)]) -> Run {
        self.run(DEPLOY, variables)
    }

    /// The requests to a service that were carried out: operation and path.
    pub(crate) fn answered(&self, service: Service) -> Vec<String> {
        let requests = self.stage.emulator.requests();
        let done = requests.iter().filter(|request| request.service == service && request.status == Some(200));
        let path = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
        done.map(|request| format!("{} {}", request.operation.as_deref().unwrap_or(""), path(&request.path))).collect()
    }

    /// How many requests a service was sent at all.
    pub(crate) fn asked(&self, service: Service) -> usize {
        self.stage.emulator.requests().iter().filter(|request| request.service == service).count()
    }

    /// The definitions that Fabric has.
    pub(crate) fn definitions(&self) -> String {
        use base64::Engine;
        let world = self.stage.emulator.world();
        let parts = world["items"].as_array().into_iter().flatten();
        let parts = parts.flat_map(|item| item["definition"]["parts"].as_array().cloned().unwrap_or_default());
        let text = |part: Value| match (part["text"].as_str(), part["payload"].as_str()) {
            (Some(text), _) => text.to_owned(),
            (None, Some(payload)) => {
                String::from_utf8(base64::engine::general_purpose::STANDARD.decode(payload).unwrap()).unwrap()
            }
            (None, None) => String::new(),
        };
        parts.map(text).collect()
    }

    /// Writes a new version of a secret into the vault.
    pub(crate) fn rotate(&self, name: &str, value: &str) {
        let set = ["secrets", "set", name];
        let mut command = self.command(&set);
        let mut child = command
            .env("AZURE_CLIENT_SECRET", SERVICE_PRINCIPAL_SECRET)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), value.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A second secret that the application has.
pub(crate) const NEWER_CLIENT_SECRET: &str = "canary-of-the-newer-client-secret";

pub(crate) const DEPLOY: &[&str] = &[
    "--output",
    "json",
    "deploy",
    "--source",
    "source",
    "--workspace",
    "Sales",
    "--capacity",
    ACTIVE_CAPACITY,
    "--verify",
    "definitions",
];

/// The reference and the place of `${secret:…}` in the parameter file.
pub(crate) const PLACES: [&str; 2] = ["parameter.yml:4", "parameter.yml:8"];
