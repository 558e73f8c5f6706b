//! Environments use Spark pools, and semantic models connections, as the parameter file says.

use std::fs;

use fabric_emulator::Fault;
use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::rollback::{SETTLE, definitions, deploy};
use crate::sources;

const POOL: &str = "655fc33c-2712-45a3-864a-b2a00429a8aa";
const STARTER: &str = "00000000-0000-0000-0000-000000000000";

/// An environment and two semantic models with one SQL source each.
fn described() -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    let environment = root.join("Spark.Environment");
    sources::platform(&environment, "Environment", "Spark", 1);
    fs::create_dir_all(environment.join("Setting")).unwrap();
    let compute = format!("instance_pool_id: {POOL}\ndriver_cores: 4\n");
    fs::write(environment.join("Setting/Sparkcompute.yml"), compute).unwrap();
    for (number, name) in [(2, "Costs"), (3, "Revenue")] {
        let model = root.join(format!("{name}.SemanticModel"));
        sources::platform(&model, "SemanticModel", name, number);
        fs::create_dir_all(model.join("definition")).unwrap();
        fs::write(model.join("definition.pbism"), json!({ "version": "4.2", "settings": {} }).to_string()).unwrap();
        let expression = "model Model\n\nexpression Source = Sql.Database(\"sql.example.net\", \"Sales\")\n";
        fs::write(model.join("definition/model.tmdl"), expression).unwrap();
    }
    stage
}

/// A new connection that leads to the source of both models.
fn connection(stage: &Stage, name: &str) -> String {
    let parameter = |name: &str, value: &str| json!({ "dataType": "Text", "name": name, "value": value });
    let body = json!({
        "connectivityType": "ShareableCloud", "displayName": name, "privacyLevel": "Organizational",
        "connectionDetails": { "type": "SQL", "creationMethod": "SQL",
            "parameters": [parameter("server", "sql.example.net"), parameter("database", "Sales")] },
        "credentialDetails": { "singleSignOnType": "None", "connectionEncryption": "NotEncrypted",
            "skipTestConnection": false, "credentials": { "credentialType": "Anonymous" } },
    });
    let (status, created) = stage.fabric("POST", "/v1/connections", Some(body));
    assert_eq!(status, 201, "{created}");
    created["id"].as_str().unwrap().to_owned()
}

/// `Revenue` uses `explicit`, every other model `default`.
fn parameters(stage: &Stage, default: &str, explicit: &str) {
    let parameters = json!({
        "spark_pool": [{ "instance_pool_id": POOL,
            "replace_value": { "dev": { "type": "Workspace", "name": "Starter Pool" } } }],
        "semantic_model_binding": {
            "default": { "connection_id": { "dev": default } },
            "models": [{ "semantic_model_name": "Revenue", "connection_id": { "_ALL_": explicit } }],
        },
    });
    fs::write(stage.directory.path().join("source/parameter.yml"), parameters.to_string()).unwrap();
}

/// The connections that both models use.
fn used(stage: &Stage) -> Vec<String> {
    let workspace = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    let models = stage.list(&format!("/v1/workspaces/{workspace}/semanticModels"));
    let id_of = |name: &str| {
        let model = models.iter().find(|model| model["displayName"] == name).unwrap();
        model["id"].as_str().unwrap().to_owned()
    };
    let used = ["Costs", "Revenue"].map(|name| {
        let sources = stage.list(&format!("/v1/workspaces/{workspace}/items/{}/connections", id_of(name)));
        sources[0]["id"].as_str().unwrap().to_owned()
    });
    used.to_vec()
}

#[test]
fn pools_and_connections_are_deployed_found_again_and_taken_back() {
    let stage = described();
    let [one, two, three] = ["One", "Two", "Three"].map(|name| connection(&stage, name));
    parameters(&stage, &one, &two);
    let document = stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    assert_eq!(document["status"], "committed", "{document}");
    assert_eq!(used(&stage), [one.as_str(), two.as_str()]);
    let before = definitions(&stage, "before");
    let compute = before.iter().find(|(path, _)| path.ends_with("Sparkcompute.yml")).unwrap().1.clone();
    assert_eq!(compute, format!("instance_pool_id: {STARTER}\ndriver_cores: 4\n"));

    let again = stage.json(0, &deploy(&[]));
    assert_eq!((&again["status"], &again["summary"]["unchanged"]), (&json!("unchanged"), &json!(3)), "{again}");

    parameters(&stage, &three, &three);
    let second = json!([{ "match": { "operation": "BindSemanticModelConnection", "nth": 2 },
        "kind": { "status": { "code": 400, "applied": false, "error_code": "InvalidRequest" } } }]);
    stage.emulator.set_faults(serde_json::from_value::<Vec<Fault>>(second).unwrap());
    let document = stage.json(5, &deploy(&[SETTLE]));
    assert_eq!((&document["status"], &document["left_behind"]), (&json!("rolled_back"), &json!([])), "{document}");
    let steps = document["steps"].as_array().unwrap();
    let failed: Vec<&Value> = steps.iter().filter(|step| step["status"] == "failed").collect();
    assert_eq!((failed.len(), &failed[0]["kind"]), (1, &json!("connection")), "{document}");
    assert_eq!(used(&stage), [one.as_str(), two.as_str()]);
    assert_eq!(definitions(&stage, "after"), before);
}

#[test]
fn a_pool_or_connection_that_is_not_there_is_found_before_anything_is_sent() {
    let stage = described();
    let one = connection(&stage, "One");
    parameters(&stage, &one, &one);
    stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    let sent = stage.mutations();
    parameters(&stage, &one, POOL);
    let refused = stage.run(&deploy(&[]));
    assert!(refused.code != 0 && refused.stderr.contains(&format!("the connection {POOL}")), "{}", refused.stderr);
    let file = stage.directory.path().join("source/parameter.yml");
    parameters(&stage, &one, &one);
    fs::write(&file, fs::read_to_string(&file).unwrap().replace("Starter Pool", "Gone")).unwrap();
    let refused = stage.run(&deploy(&[]));
    assert!(refused.code != 0 && refused.stderr.contains("the Spark pool \"Gone\""), "{}", refused.stderr);
    assert_eq!(stage.mutations(), sent);
}
