//! `health --serve`: what a container's probes see, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{deployed, fault, health};
use crate::binary::{self, Stage};

/// The binary as it serves `W`'s health, and where.
struct Serving {
    process: Child,
    address: String,
}

impl Serving {
    fn start(stage: &Stage, variables: &[(&str, &str)]) -> Self {
        let mut process = binary::fabric_cli(stage.directory.path())
            .args(health(&["--serve", "127.0.0.1:0"]))
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("FABRIC_TOKEN", stage.emulator.token())
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let places: Value = serde_json::from_str(&line).unwrap();
        let address = places["ready"].as_str().unwrap().strip_prefix("http://").unwrap();
        let address = address.strip_suffix("/ready").unwrap().to_owned();
        Self { process, address }
    }

    fn send(&self, method: &str, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address).unwrap();
        stream
    }

    fn ask(&self, method: &str, path: &str) -> (u16, Value) {
        answer(self.send(method, path))
    }

    /// Ends it by this signal, and gives its exit code and what it said.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        self.wait()
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn wait(&mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.process.wait().unwrap().code(), said)
    }
}

fn answer(mut stream: TcpStream) -> (u16, Value) {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn a_container_can_be_asked() {
    let stage = deployed();
    let serving = Serving::start(&stage, &[]);
    let (status, document) = serving.ask("GET", "/health");
    assert_eq!((status, &document["status"]), (200, &json!("healthy")), "{document:#}");
    assert_eq!(serving.ask("GET", "/ready"), (200, json!({ "schema_version": "1", "ready": true })));
    assert_eq!(serving.ask("HEAD", "/ready"), (200, Value::Null));
    assert_eq!(serving.ask("GET", "/elsewhere").0, 404);
    assert_eq!(serving.ask("POST", "/health").0, 405);
    // Who says something else than HTTP, or nothing, harms nobody.
    let mut stream = TcpStream::connect(&serving.address).unwrap();
    stream.write_all(b"no request\r\n\r\n").unwrap();
    drop(stream);
    fault(&stage, &json!({ "kind": { "status": { "code": 503 } } }));
    // What was found is kept for two seconds.
    let unhealthy = loop {
        let (status, document) = serving.ask("GET", "/health");
        if status != 200 {
            break (status, document);
        }
    };
    assert_eq!((unhealthy.0, &unhealthy.1["status"]), (503, &json!("unhealthy")));
    assert_eq!(serving.ask("GET", "/ready"), (503, json!({ "schema_version": "1", "ready": false })));
    let (code, said) = serving.end("-TERM");
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn an_answer_under_way_is_finished_when_a_signal_comes() {
    for (signal, telemetry) in [("-TERM", "off"), ("-INT", "on")] {
        let stage = Stage::new();
        let file = stage.path("telemetry.jsonl");
        // A service that is there and never answers: the check takes as long as it may.
        let service = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", service.local_addr().unwrap());
        let variables = [
            ("FEATURE_USE_TELEMETRY", telemetry),
            ("FABRIC_TELEMETRY_FILE", file.as_str()),
            ("FABRIC_ENDPOINT", endpoint.as_str()),
        ];
        let mut serving = Serving::start(&stage, &variables);
        let idle = TcpStream::connect(&serving.address).unwrap();
        let asked = serving.send("GET", "/ready");
        let unanswered = service.accept().unwrap();
        serving.signal(signal);
        assert_eq!(answer(asked), (503, json!({ "schema_version": "1", "ready": false })));
        let (code, said) = serving.wait();
        assert_eq!(code, Some(0), "{said}");
        drop((idle, unanswered));
        assert!(TcpStream::connect(&serving.address).is_err(), "nobody listens any more");
        if telemetry == "on" {
            let text = std::fs::read_to_string(&file).unwrap();
            let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let root = lines.iter().find(|line| line["kind"] == "server").expect("the command is told of");
            assert_eq!(root["attributes"]["cicd.pipeline.result"], "success", "{root}");
        }
    }
}
