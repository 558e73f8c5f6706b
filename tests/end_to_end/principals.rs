//! Names of people, groups and applications: resolved, refused where they are not clear, and given roles.

use std::process::Command;

use fabric_emulator::{
    Emulator, Fault, FaultKind, FaultMatch, IDENTITY_HEADER, SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION,
    SERVICE_PRINCIPAL_SECRET, Service, StatusFault,
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
}

const DEPLOY: [&str; 5] = ["deploy", "--config", "product_config.yaml", "--environment", "dev"];
const FILE: &str = "config/principals/sales_dev_principals.txt";

/// The lines of the warnings, and what they say.
fn warnings(document: &Value, code: &str) -> Vec<(u64, String)> {
    let found = document["diagnostics"].as_array().into_iter().flatten().filter(|found| found["code"] == code);
    found.map(|found| (found["place"]["line"].as_u64().unwrap(), found["message"].to_string())).collect()
}

fn role_of(directory: &Directory, id: &str) -> Option<String> {
    let world = directory.emulator.world();
    let roles = world["workspaces"][0]["roleAssignments"].as_array().unwrap();
    let role = roles.iter().find(|role| role["principalId"] == id)?;
    Some(role["role"].as_str().unwrap().to_owned())
}

#[test]
fn the_file_is_asked_about_whom_graph_does_not_find() {
    let directory = Directory::all();
    directory.product(
        "  - email: dana@contoso.example\n    role: Member\n\
         \x20 - email: old.name@contoso.example\n    role: Viewer\n",
    );
    directory.write(FILE, &format!("{GUEST},Viewer,Old.Name@contoso.example,User\n{ENGINEERS},Admin,Team,Group\n"));
    let document = directory.run(&DEPLOY).exits(0).document();
    let told = warnings(&document, "principal-from-file");
    assert!(matches!(&told[..], [(15, said)] if said.contains("there is no user") && said.contains(GUEST)), "{told:?}");
    let given = [DANA, GUEST, ENGINEERS].map(|id| role_of(&directory, id));
    assert_eq!(
        given,
        ["Member", "Viewer", "Admin"].map(|role| Some(role.to_owned())),
        "of Graph, of a line, of the file"
    );

    directory.write(FILE, &format!("{DANA},Viewer,Dana,User\n"));
    let document = directory.run(&DEPLOY).exits(7).document();
    assert_eq!(codes(&document), [("principal-not-found", Some(15))], "neither knows: {document}");
    assert_eq!(warnings(&document, "principal-role").len(), 1, "{document}");
}

#[test]
fn a_name_that_several_have_is_refused_whatever_the_file_says() {
    let directory = Directory::all();
    directory.product("  - name: Twins\n    role: Viewer\n    principal_type: Group\n");
    directory.write(FILE, &format!("{ENGINEERS},Viewer,Twins,Group\n"));
    let document = directory.run(&DEPLOY).exits(7).document();
    assert_eq!(codes(&document), [("principal-ambiguous", Some(13))], "{document}");
    directory.product(&format!(
        "  - name: Twins\n    object_id: {ENGINEERS}\n    role: Viewer\n    principal_type: Group\n"
    ));
    assert_eq!(directory.run(&DEPLOY).exits(0).document()["status"], "committed");
    assert_eq!(role_of(&directory, ENGINEERS).as_deref(), Some("Viewer"));
    let asked = directory.emulator.requests().into_iter().filter(|request| request.service == Service::Graph);
    assert_eq!(asked.count(), 1, "an object id asks nobody");
}

#[test]
fn where_graph_cannot_tell_the_file_does_and_without_it_everything_is_named() {
    let down = FaultKind::Status(StatusFault { code: 503, applied: false, error_code: None, retry_after: None });
    let fault = Fault { matching: FaultMatch { service: Service::Graph, ..FaultMatch::default() }, kind: down };
    let denied = Directory::new(&[]);
    let unreachable = Directory::all();
    unreachable.emulator.set_faults(vec![fault]);
    let unconfigured = Directory::all();
    let token = [
        ("FABRIC_TOKEN", unconfigured.emulator.token_for(&SERVICE_PRINCIPAL.to_string())),
        ("FABRIC_AUTH", "token".to_owned()),
    ];
    for (directory, token, exit, reason) in [
        (&denied, &[][..], 4, "this identity may not look the user"),
        (&unreachable, &[][..], 1, "could not be looked up in Microsoft Graph"),
        (&unconfigured, &token[..], 4, "the token that was given is Fabric's alone"),
    ] {
        let deploy = || {
            let mut command = directory.command(&DEPLOY);
            if !token.is_empty() {
                command.env_remove("FABRIC_USE_MSI");
            }
            binary::run(command.envs(token.iter().cloned()))
        };
        directory.product("  - email: dana@contoso.example\n    role: Viewer\n");
        let refused = deploy().exits(exit);
        for said in [reason, "product_config.yaml:13", "dana@contoso.example", FILE, "object_id"] {
            assert!(refused.stderr.contains(said), "{reason}: {said}: {}", refused.stderr);
        }
        assert_eq!(directory.fabric_requests(), 0, "{reason}");

        directory.write(FILE, &format!("{GUEST},Member,dana@contoso.example,User\n"));
        let document = deploy().exits(0).document();
        let told = warnings(&document, "principal-from-file");
        assert!(matches!(&told[..], [(13, said)] if said.contains(reason) && said.contains(GUEST)), "{told:?}");
        assert_eq!(role_of(directory, GUEST).as_deref(), Some("Member"), "{reason}");
    }
}
