//! Callers, workspaces, roles, capacities.

use fabric_emulator::{ACTIVE_CAPACITY, ADMINISTRATOR, Emulator, GROUP, PAUSED_CAPACITY, SERVICE_PRINCIPAL, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test]
async fn a_caller_needs_a_token_that_is_valid() {
    let mut bench = Bench::with(Emulator::builder().virtual_time(true)).await;
    let good = bench.token.clone();
    let cases = [("", "401 Unauthorized"), ("nonsense", "401 Unauthorized"), ("a.b.c", "401 Unauthorized")];
    for (token, expected) in cases {
        token.clone_into(&mut bench.token);
        assert_eq!(bench.get("/v1/workspaces").await.verdict(), expected, "{token}");
    }
    bench.token = bench.emulator.token_for("11111111-1111-4111-8111-111111111111");
    assert_eq!(bench.get("/v1/workspaces").await.verdict(), "401 Unauthorized");
    bench.token = bench.emulator.token_for(&GROUP.to_string());
    assert_eq!(bench.get("/v1/workspaces").await.verdict(), "401 Unauthorized");
    bench.token = good;
    assert_eq!(bench.get("/v1/workspaces").await.verdict(), "200");
    bench.emulator.advance(std::time::Duration::from_secs(25 * 60 * 60));
    assert_eq!(bench.get("/v1/workspaces").await.verdict(), "401 TokenExpired");
}

#[tokio::test]
async fn every_answer_carries_the_recorded_headers() {
    let bench = Bench::new().await;
    let got = bench.get("/v1/capacities").await;
    assert_eq!(got.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(got.header("access-control-expose-headers"), Some("RequestId"));
    assert_eq!(got.header("request-redirected"), Some("true"));
    assert_eq!(got.json()["value"].as_array().unwrap().len(), 2);
    assert!(got.json().get("continuationToken").is_none());
    let created = bench.post("/v1/workspaces", &json!({"displayName": "Second"})).await;
    assert_eq!(created.status, 201);
    let location = format!("{}/v1/workspaces/{}", bench.emulator.endpoint(), created.id());
    assert_eq!(created.header("location"), Some(location.as_str()));
    let deleted = bench.delete(&format!("/v1/workspaces/{}", created.id())).await;
    assert_eq!((deleted.status, deleted.bytes.len()), (200, 0));
    assert_eq!(deleted.header("content-type"), Some("application/octet-stream"));
}

#[tokio::test]
async fn what_is_not_implemented_says_so() {
    let bench = Bench::new().await;
    let cases = [
        (Method::GET, "/v1/admin/workspaces".to_owned(), "404 EndpointNotFound"),
        (Method::PUT, "/v1/workspaces".to_owned(), "404 EndpointNotFound"),
        (Method::GET, bench.at("/nonsense"), "404 EndpointNotFound"),
        (Method::GET, "/v1/workspaces/nonsense".to_owned(), "400 InvalidParameter"),
        (Method::GET, bench.at("/items/nonsense"), "400 InvalidParameter"),
    ];
    for (method, path, expected) in cases {
        assert_eq!(bench.send(method, &path, None).await.verdict(), expected, "{path}");
    }
    let unknown: Vec<_> = bench.emulator.requests().into_iter().filter(|request| request.operation.is_none()).collect();
    assert_eq!(unknown.len(), 5);
}

#[tokio::test]
async fn workspace_names_follow_the_rules() {
    let bench = Bench::new().await;
    let long = "x".repeat(257);
    let cases = [
        (json!({"displayName": "bench"}), "409 WorkspaceNameAlreadyExists"),
        (json!({"displayName": "Admin Monitoring"}), "400 WorkspaceNameIsReserved"),
        (json!({"displayName": long}), "400 WorkspaceNameTooLong"),
        (json!({"displayName": " "}), "400 InvalidInput"),
        (json!({"displayName": "w", "description": "x".repeat(4_001)}), "400 InvalidInput"),
        (json!({"displayName": "w", "capacityId": PAUSED_CAPACITY}), "400 CapacityNotInActiveState"),
        (json!({"displayName": "w", "capacityId": USER}), "404 CapacityNotFound"),
        (json!({"name": "w"}), "400 BadRequest"),
        (json!({"displayName": "w"}), "201"),
    ];
    for (body, expected) in cases {
        assert_eq!(bench.post("/v1/workspaces", &body).await.verdict(), expected, "{body}");
    }
    assert_eq!(
        bench.patch(&bench.at(""), &json!({"displayName": "W"})).await.verdict(),
        "409 WorkspaceNameAlreadyExists"
    );
    assert_eq!(bench.patch(&bench.at(""), &json!({"displayName": "BENCH"})).await.json()["displayName"], "BENCH");
    let shown = bench.get(&bench.at("")).await.json();
    assert_eq!(shown["capacityAssignmentProgress"], "Completed");
    assert_eq!(shown["oneLakeEndpoints"]["dfsEndpoint"], "https://westeurope-onelake.dfs.fabric.microsoft.com");
}

#[tokio::test]
async fn roles_open_what_they_should_and_nothing_else() {
    let mut bench = Bench::new().await;
    let folder = bench.make("/folders", &json!({"displayName": "f"})).await;
    let own = bench.token.clone();
    let stranger = bench.emulator.token_for(&SERVICE_PRINCIPAL.to_string());
    let assignments = bench.at("/roleAssignments");
    let mine = format!("{assignments}/{SERVICE_PRINCIPAL}");
    let missing = "/v1/workspaces/11111111-1111-4111-8111-111111111111";

    stranger.clone_into(&mut bench.token);
    assert_eq!(bench.get(&bench.at("")).await.verdict(), "403 InsufficientPrivileges");
    assert_eq!(bench.get(missing).await.verdict(), "404 WorkspaceNotFound");
    assert_eq!(bench.names("/v1/workspaces").await, Vec::<String>::new());

    let folders = bench.at("/folders");
    let allowed = "200";
    let denied = "403 InsufficientPrivileges";
    for (role, read, write, list_roles, administer) in [
        ("viewer", allowed, denied, denied, denied),
        ("Contributor", allowed, allowed, denied, denied),
        ("MEMBER", allowed, allowed, allowed, denied),
        ("Admin", allowed, allowed, allowed, allowed),
    ] {
        own.clone_into(&mut bench.token);
        let given = json!({"principal": {"id": SERVICE_PRINCIPAL, "type": "User"}, "role": role});
        let added = bench.post(&assignments, &given).await;
        assert_eq!(added.json()["principal"]["type"], "ServicePrincipal", "the wrong kind is corrected");
        stranger.clone_into(&mut bench.token);
        assert_eq!(bench.get(&folders).await.verdict(), read, "{role}");
        let rename = json!({"displayName": role});
        assert_eq!(bench.patch(&format!("{folders}/{folder}"), &rename).await.verdict(), write, "{role}");
        assert_eq!(bench.get(&assignments).await.verdict(), list_roles, "{role}");
        assert_eq!(bench.patch(&bench.at(""), &json!({"description": role})).await.verdict(), administer, "{role}");
        own.clone_into(&mut bench.token);
        assert_eq!(bench.delete(&mine).await.verdict(), "200");
    }
}

#[tokio::test]
async fn a_group_passes_its_role_on() {
    let mut bench = Bench::new().await;
    let given = json!({"principal": {"id": GROUP, "type": "Group"}, "role": "Viewer"});
    bench.post(&bench.at("/roleAssignments"), &given).await;
    bench.token = bench.emulator.token_for(&USER.to_string());
    assert_eq!(bench.get(&bench.at("/items")).await.verdict(), "200");
    assert_eq!(bench.names("/v1/workspaces?roles=Admin").await, Vec::<String>::new());
    assert_eq!(bench.names("/v1/workspaces?roles=Admin,Viewer").await, ["Bench"]);
}

#[tokio::test]
async fn role_assignments_refuse_what_makes_no_sense() {
    let mut bench = Bench::new().await;
    let assignments = bench.at("/roleAssignments");
    let give = |id: &str, role: &str| json!({"principal": {"id": id, "type": "User"}, "role": role});
    let (user, admin) = (USER.to_string(), ADMINISTRATOR.to_string());
    let unknown = "11111111-1111-4111-8111-111111111111";
    let cases = [
        (give(unknown, "Viewer"), "400 PrincipalNotFound"),
        (give(&user, "Emperor"), "400 BadRequest"),
        (give(&user, "Member"), "201"),
        (give(&user, "Viewer"), "409 PrincipalAlreadyHasWorkspaceRolePermissions"),
    ];
    for (body, expected) in cases {
        assert_eq!(bench.post(&assignments, &body).await.verdict(), expected, "{body}");
    }
    let refused = bench.post(&assignments, &give(unknown, "Viewer")).await.json();
    assert_eq!(refused["moreDetails"][0]["relatedResource"]["resourceId"], unknown);

    let last = format!("{assignments}/{admin}");
    assert_eq!(bench.delete(&last).await.verdict(), "403 InsufficientPrivileges", "the last admin stays");
    assert_eq!(bench.patch(&last, &json!({"role": "Viewer"})).await.verdict(), "403 InsufficientPrivileges");

    bench.token = bench.emulator.token_for(&user);
    let principal = SERVICE_PRINCIPAL.to_string();
    assert_eq!(bench.post(&assignments, &give(&principal, "Admin")).await.verdict(), "403 InsufficientPrivileges");
    assert_eq!(bench.post(&assignments, &give(&principal, "Member")).await.verdict(), "201");
}

#[tokio::test]
async fn a_workspace_moves_between_capacities() {
    let bench = Bench::slow().await;
    let (assign, unassign) = (bench.at("/assignToCapacity"), bench.at("/unassignFromCapacity"));
    let off = bench.post(&unassign, &Value::Null).await;
    assert_eq!((off.status, off.bytes.len()), (202, 0));
    assert!(off.header("location").is_none() && off.header("x-ms-operation-id").is_none());
    assert!(bench.get(&bench.at("")).await.json().get("capacityId").is_none());
    let notebook = crate::bench::notebook("n", "x");
    assert_eq!(bench.post(&bench.at("/items"), &notebook).await.verdict(), "400 WorkspaceHasNoCapacityAssigned");
    assert_eq!(bench.post(&assign, &json!({"capacityId": ACTIVE_CAPACITY})).await.status, 202);
    assert_eq!(bench.get(&bench.at("")).await.json()["capacityAssignmentProgress"], "InProgress");
    bench.emulator.advance(std::time::Duration::from_secs(10));
    assert_eq!(bench.get(&bench.at("")).await.json()["capacityAssignmentProgress"], "Completed");
    bench.make("/items", &notebook).await;
    let refused = bench.post(&unassign, &Value::Null).await;
    assert_eq!(refused.verdict(), "400 WorkspaceItemsCanNotBeUnassignedFromCapacity");
}
