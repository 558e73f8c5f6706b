//! Graph: looking principals up, alone, filtered and in batches, and what is refused.

use fabric_emulator::{
    Emulator, GROUP, SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION, SERVICE_PRINCIPAL_SECRET, Service, TENANT, USER,
};
use reqwest::Response;
use serde_json::{Value, json};

struct Graph {
    emulator: Emulator,
    place: String,
    http: reqwest::Client,
    token: String,
}

impl Graph {
    async fn new(permissions: &[&str]) -> Self {
        let user = |name: &str, address: &str, mail: &str| json!({"type": "User", "displayName": name, "userPrincipalName": address, "mail": mail});
        let mut principals = vec![
            json!({"id": USER, "type": "User", "displayName": "Dara O'Hara", "userPrincipalName": "dara@emulator.example"}),
            user("Guest", "guest_partner.example#EXT#@emulator.example", "guest@partner.example"),
            json!({"id": GROUP, "type": "Group", "displayName": "Sales & Co"}),
            json!({
                "id": SERVICE_PRINCIPAL, "type": "ServicePrincipal", "displayName": "Pipeline",
                "appId": SERVICE_PRINCIPAL_APPLICATION, "graphPermissions": permissions,
                "credentials": {"secrets": [SERVICE_PRINCIPAL_SECRET]},
            }),
        ];
        principals.extend((0..150).map(|n| user("Twin", &format!("twin{n}@emulator.example"), "")));
        let builder = Emulator::builder().service(Service::Entra).service(Service::Graph).virtual_time(true);
        let emulator = builder.seed(json!({ "principals": principals })).start().await.unwrap();
        let place = emulator.endpoint_of(Service::Graph).unwrap();
        let http = reqwest::Client::new();
        let entra = emulator.endpoint_of(Service::Entra).unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &SERVICE_PRINCIPAL_APPLICATION.to_string()),
            ("client_secret", SERVICE_PRINCIPAL_SECRET),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let answer = http.post(format!("{entra}/{TENANT}/oauth2/v2.0/token")).form(&form).send().await.unwrap();
        let token = answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
        Self { emulator, place, http, token }
    }

    async fn all() -> Self {
        Self::new(&["User.Read.All", "Group.Read.All", "Application.Read.All"]).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.http.get(format!("{}/v1.0{path}", self.place)).bearer_auth(&self.token).send().await.unwrap()).await
    }

    async fn verdict(&self, path: &str) -> (u16, String) {
        let (status, body) = self.get(path).await;
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    async fn batch(&self, requests: Value) -> (u16, Value) {
        let url = format!("{}/v1.0/$batch", self.place);
        let body = json!({ "requests": requests });
        read(self.http.post(url).bearer_auth(&self.token).json(&body).send().await.unwrap()).await
    }
}

async fn read(answer: Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn one_principal_is_found_by_id_or_by_user_principal_name() {
    let graph = Graph::all().await;
    let (status, dara) = graph.get("/users/DARA@emulator.example?$select=id,userType").await;
    assert_eq!((status, &dara["id"], &dara["userType"]), (200, &json!(USER), &json!("Member")));
    assert_eq!(dara["displayName"], Value::Null, "what is not selected is not there");
    let (status, guest) = graph.get("/users/guest_partner.example%23EXT%23@emulator.example").await;
    assert_eq!((status, &guest["mail"]), (200, &json!("guest@partner.example")));
    assert_eq!(graph.get(&format!("/groups/{GROUP}")).await.1["displayName"], "Sales & Co");
    assert_eq!(graph.verdict("/users/nobody@emulator.example").await, (404, "Request_ResourceNotFound".to_owned()));
    assert_eq!(graph.verdict(&format!("/users/{GROUP}")).await.0, 404, "a group is no user");
    assert_eq!(graph.verdict("/users?$select=nonsense").await, (400, "BadRequest".to_owned()));
}

#[tokio::test]
async fn filters_are_read_strictly() {
    let graph = Graph::all().await;
    let names = async |path: &str| -> Vec<String> {
        let (status, body) = graph.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["displayName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("/users?$filter=displayName%20eq%20'dara%20o''hara'").await, ["Dara O'Hara"]);
    let either = "/users?$filter=mail%20eq%20'guest@partner.example'%20or%20userPrincipalName%20eq%20'x'";
    assert_eq!(names(either).await, ["Guest"]);
    assert_eq!(names("/groups?$filter=displayName%20eq%20'Sales%20%26%20Co'").await, ["Sales & Co"]);
    let application = format!("/servicePrincipals?$filter=appId%20eq%20'{SERVICE_PRINCIPAL_APPLICATION}'");
    assert_eq!(names(&application).await, ["Pipeline"]);
    let request = |path| graph.verdict(path);
    let says = |status, code: &str| (status, code.to_owned());
    assert_eq!(request("/users?$filter=displayName%20eq%20'dara%20o'hara'").await, says(400, "BadRequest"));
    assert_eq!(request("/users?$filter=displayName%20ne%20'x'").await, says(400, "Request_UnsupportedQuery"));
    assert_eq!(request("/users?$search=x").await, says(400, "Request_UnsupportedQuery"));
    assert_eq!(request("/users?$count=true").await, says(400, "Request_UnsupportedQuery"));
    assert_eq!(request("/users?$expand=manager").await, says(501, "NotImplemented"));
    assert_eq!(request("/users?filtre=x").await, says(400, "BadRequest"));
    assert_eq!(request("/applications").await, says(404, "ResourceNotFound"));
    let counted =
        graph.http.get(format!("{}/v1.0/users?$count=true", graph.place)).header("ConsistencyLevel", "eventual");
    let (status, body) = read(counted.bearer_auth(&graph.token).send().await.unwrap()).await;
    assert_eq!((status, &body["@odata.count"]), (200, &json!(152)));
}

#[tokio::test]
async fn lists_lead_to_their_next_page() {
    let graph = Graph::all().await;
    let (_, first) = graph.get("/users?$filter=displayName%20eq%20'Twin'&$select=id").await;
    assert_eq!(first["value"].as_array().unwrap().len(), 100);
    let next = first["@odata.nextLink"].as_str().unwrap();
    let (_, second) = read(graph.http.get(next).bearer_auth(&graph.token).send().await.unwrap()).await;
    assert_eq!(second["value"].as_array().unwrap().len(), 50);
    assert_eq!(second["@odata.nextLink"], Value::Null);
    assert!(second["value"][0]["displayName"].is_null(), "the selection goes on");
    assert_eq!(graph.get("/users?$top=2").await.1["value"].as_array().unwrap().len(), 2);
    assert_eq!(graph.verdict("/users?$top=1000").await.0, 400);
}

#[tokio::test]
async fn a_batch_answers_each_question_by_itself_in_its_own_order() {
    let graph = Graph::all().await;
    let get = |id: &str, url: &str| json!({"id": id, "method": "GET", "url": url});
    let questions = json!([
        get("1", &format!("/users/{USER}")),
        get("2", "/users/nobody"),
        get("3", "/groups?$filter=displayName%20eq%20'Sales%20%26%20Co'"),
        get("4", "/applications"),
    ]);
    let (status, body) = graph.batch(questions).await;
    assert_eq!(status, 200);
    let answers: Vec<_> =
        body["responses"].as_array().unwrap().iter().map(|one| (&one["id"], &one["status"])).collect();
    let said = [("4", 400), ("3", 200), ("2", 404), ("1", 200)].map(|(id, status)| (json!(id), json!(status)));
    assert_eq!(answers, said.iter().map(|(id, status)| (id, status)).collect::<Vec<_>>());
    let many: Vec<Value> = (0..21).map(|n| get(&n.to_string(), "/users")).collect();
    assert_eq!(graph.batch(json!(many)).await.0, 400);
    assert_eq!(graph.batch(json!([get("1", "/users"), get("1", "/users")])).await.0, 400);
}

#[tokio::test]
async fn permissions_and_audience_count() {
    let graph = Graph::new(&["User.Read.All"]).await;
    assert_eq!(graph.get(&format!("/users/{USER}")).await.0, 200);
    let denied = (403, "Authorization_RequestDenied".to_owned());
    assert_eq!(graph.verdict("/groups").await, denied);
    assert_eq!(graph.verdict("/servicePrincipals").await, denied);
    let (_, body) = graph.batch(json!([{"id": "1", "method": "GET", "url": "/groups"}])).await;
    assert_eq!(body["responses"][0]["status"], 403);
    let url = format!("{}/v1.0/users", graph.place);
    for request in [graph.http.get(&url), graph.http.get(&url).bearer_auth(graph.emulator.token())] {
        let (status, body) = read(request.send().await.unwrap()).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
    }
    let fault = json!([{"match": {"service": "graph"}, "kind": {"throttled": {"seconds": 9}}}]);
    graph.emulator.set_faults(serde_json::from_value(fault).unwrap());
    assert_eq!(graph.verdict("/users").await, (429, "TooManyRequests".to_owned()));
}
