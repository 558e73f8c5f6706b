//! Names of people, groups and applications: resolved, refused where they are not clear, and given roles.

use std::process::Command;

use fabric_emulator::{
    Emulator, IDENTITY_HEADER, SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION, SERVICE_PRINCIPAL_SECRET, Service,
};
use serde_json::{Value, json};

use crate::binary::{self, ACTIVE_CAPACITY, Run};

const DANA: &str = "d0000000-0000-4000-8000-000000000001";
const GUEST: &str = "d0000000-0000-4000-8000-000000000002";
const ENGINEERS: &str = "d0000000-0000-4000-8000-000000000003";

/// Fabric, Entra and Graph, and the binary as a managed identity of theirs.
struct Directory {
    emulator: Emulator,
    folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Directory {
    fn new(permissions: &[&str]) -> Self {
        let user = |id: &str, name: &str, address: &str, mail: &str| json!({"id": id, "type": "User", "displayName": name, "userPrincipalName": address, "mail": mail});
        let group = |id: Option<&str>, name: &str| {
            let mut group = json!({"type": "Group", "displayName": name});
            if let Some(id) = id {
                group["id"] = json!(id);
            }
            group
        };
        let world = json!({"principals": [
            user(DANA, "Dana O'Hara", "dana.o'hara@contoso.example", "dana@contoso.example"),
            user(GUEST, "Guest", "guest_partner.example#EXT#@contoso.example", "guest@partner.example"),
            group(Some(ENGINEERS), "R&D + Engineers"),
            group(None, "Twins"),
            group(None, "Twins"),
            {
                "id": SERVICE_PRINCIPAL, "type": "ServicePrincipal", "displayName": "Pipeline",
                "appId": SERVICE_PRINCIPAL_APPLICATION, "graphPermissions": permissions,
                "credentials": {"secrets": [SERVICE_PRINCIPAL_SECRET], "managedIdentity": true},
            },
        ]});
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let builder = Emulator::builder().service(Service::Entra).service(Service::Graph).seed(world);
        let emulator = runtime.block_on(builder.start()).unwrap();
        Self { emulator, folder: tempfile::tempdir().unwrap(), _runtime: runtime }
    }

    fn all() -> Self {
        Self::new(&["User.Read.All", "Group.Read.All", "Application.Read.All"])
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary::fabric_cli(self.folder.path());
        command
            .args(["--output", "json"])
            .args(arguments)
            .env("FABRIC_ENDPOINT", self.emulator.endpoint())
            .env("FABRIC_GRAPH_ENDPOINT", self.emulator.endpoint_of(Service::Graph).unwrap())
            .env("FABRIC_USE_MSI", "true")
            .env("IDENTITY_ENDPOINT", format!("{}/msi/token", self.emulator.endpoint_of(Service::Entra).unwrap()))
            .env("IDENTITY_HEADER", IDENTITY_HEADER);
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        binary::run(&mut self.command(arguments))
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.folder.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// A product whose `users` are these lines.
    fn product(&self, users: &str) {
        self.write(
            "project.config.json",
            r#"{"project": {"name": "p", "prefix": "contoso"}, "environments": {"dev": {"description": "d"}},
            "naming_patterns": {"workspace": "{prefix}-{name}-{environment}"}}"#,
        );
        self.write(
            "product_config.yaml",
            &format!(
                "product:\n  name: Sales\nenvironments:\n  dev:\n    enabled: true\n    capacity_id: {ACTIVE_CAPACITY}\n\
                 naming:\n  validate: false\nitems:\n  lakehouses:\n    - name: Raw\nusers:\n{users}"
            ),
        );
    }

    /// How many requests of the Fabric API were made.
    fn fabric_requests(&self) -> usize {
        self.emulator.requests().iter().filter(|request| request.service == Service::Fabric).count()
    }
}

fn codes(document: &Value) -> Vec<(&str, Option<u64>)> {
    let diagnostics = document["diagnostics"].as_array().unwrap().iter();
    let errors = diagnostics.filter(|finding| finding["severity"] == "error");
    errors.map(|finding| (finding["code"].as_str().unwrap(), finding["place"]["line"].as_u64())).collect()
}

#[test]
fn names_become_object_ids_in_one_request() {
    let directory = Directory::all();
    let application = SERVICE_PRINCIPAL_APPLICATION.to_string();
    let arguments = [
        ["--user", "dana.o'hara@contoso.example"],
        ["--user", "guest@partner.example"],
        ["--user", "guest_partner.example#EXT#@contoso.example"],
        ["--group", "R&D + Engineers"],
        ["--service-principal", "Pipeline"],
        ["--service-principal", &application],
    ];
    let arguments: Vec<&str> = ["principals", "resolve"].into_iter().chain(arguments.into_iter().flatten()).collect();
    let document = directory.run(&arguments).exits(0).document();
    let ids: Vec<&str> =
        document["principals"].as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap()).collect();
    let pipeline = SERVICE_PRINCIPAL.to_string();
    assert_eq!(ids, [DANA, GUEST, GUEST, ENGINEERS, &pipeline, &pipeline]);
    let asked = directory.emulator.requests().into_iter().filter(|request| request.service == Service::Graph);
    assert_eq!(asked.count(), 1);
    assert_eq!(directory.fabric_requests(), 0);
}

#[test]
fn what_is_not_clear_is_refused_all_at_once() {
    let directory = Directory::all();
    let arguments = ["principals", "resolve", "--group", "Twins", "--user", "nobody@contoso.example"];
    let document = directory.run(&arguments).exits(7).document();
    let found: Vec<&str> = codes(&document).into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, ["principal-not-found", "principal-ambiguous"], "{document}");

    let limited = Directory::new(&["User.Read.All"]);
    let run = limited.run(&["principals", "resolve", "--group", "Twins"]).exits(4);
    assert!(run.stderr.contains("Group.Read.All"), "{}", run.stderr);
    let given = binary::run(
        limited
            .command(&["principals", "resolve", "--user", "x@y"])
            .env_remove("FABRIC_USE_MSI")
            .envs([("FABRIC_TOKEN", limited.emulator.token()), ("FABRIC_AUTH", "token".to_owned())]),
    );
    assert!(given.exits(4).stderr.contains("FABRIC_GRAPH_TOKEN"));
    let asked = limited.emulator.requests().into_iter().filter(|request| request.service == Service::Graph);
    assert_eq!(asked.count(), 1, "the token for Fabric was not sent to Graph");
}

#[test]
fn users_of_a_product_get_their_roles_by_name() {
    let directory = Directory::all();
    directory.product(
        "  - email: dana@contoso.example\n    role: Admin\n\
         \x20 - name: R&D + Engineers\n    role: Contributor\n    principal_type: Group\n",
    );
    let deploy = ["deploy", "--config", "product_config.yaml", "--environment", "dev"];
    assert_eq!(directory.run(&deploy).exits(0).document()["status"], "committed");
    let world = directory.emulator.world();
    let roles = world["workspaces"][0]["roleAssignments"].as_array().unwrap();
    let role_of = |id: &str| roles.iter().find(|role| role["principalId"] == id).map(|role| role["role"].clone());
    assert_eq!((role_of(DANA), role_of(ENGINEERS)), (Some(json!("Admin")), Some(json!("Contributor"))));
    assert_eq!(directory.run(&deploy).exits(0).document()["status"], "unchanged");
}

#[test]
fn names_that_are_wrong_stop_a_deployment_before_fabric_hears_of_it() {
    let directory = Directory::all();
    directory.product(
        "  - email: nobody@contoso.example\n    role: Admin\n\
         \x20 - name: Twins\n    role: Viewer\n    principal_type: Group\n",
    );
    let deploy = ["deploy", "--config", "product_config.yaml", "--environment", "dev"];
    let document = directory.run(&deploy).exits(7).document();
    let expected = [("principal-not-found", Some(13)), ("principal-ambiguous", Some(15))];
    assert_eq!(codes(&document), expected, "{document}");
    assert_eq!(directory.fabric_requests(), 0);

    directory.write("config/principals/sales_dev_principals.txt", &format!("{DANA},Viewer,Dana,User\n"));
    assert_eq!(directory.run(&deploy).exits(0).document()["status"], "committed", "the file needs no look-up");
}
