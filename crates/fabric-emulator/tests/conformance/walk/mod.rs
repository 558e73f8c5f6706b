//! Calls every implemented operation, well and badly, and validates every answer.

mod paths;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use paths::Ids;

use crate::bodies;
use crate::catalogue::Operation;
use crate::comparison::Observed;
use crate::corpus::Corpus;
use crate::coverage::Ledger;
use crate::driver::Driver;
use crate::headers;
use crate::routes;
use crate::scenario::Call;
use crate::seed::CAPACITY;
use crate::tenant::{self, CONNECTION, EMPTY_WORKSPACE, NOBODY, OTHER_USER, WORKSPACE};

struct Walk<'a> {
    driver: &'a Driver,
    corpus: &'a Corpus,
    operation: &'a Operation,
    /// The world to start from.
    tenant: &'a Value,
    faults: Vec<String>,
    validated: Vec<u16>,
    /// Reasons of meant departures from the documents.
    known: Vec<&'static str>,
}

impl Walk<'_> {
    /// The calls that must be refused, then the one that a well-behaved client makes.
    async fn all(&mut self) {
        let ids = self.prepare().await;
        self.on_nothing().await;
        self.with_no_object(&ids).await;
        self.by_strangers(&ids).await;
        self.well(&ids).await;
        if self.operation.long_running {
            self.forced("force_immediate").await;
            self.forced("force_long_running").await;
        }
        if self.operation.paged {
            self.page_by_page().await;
        }
    }

    /// Whatever the type's habit, an operation can answer at once and later.
    async fn forced(&mut self, answers: &str) {
        let ids = self.prepare().await;
        self.driver.configure(&json!({"answers": answers})).await;
        self.well(&ids).await;
        let last = self.validated.last().copied();
        if (last == Some(202)) == (answers == "force_long_running") {
            return;
        }
        match always_immediate(self.operation) {
            Some(reason) => self.known.push(reason),
            None => self.faults.push(format!("{answers} answers {last:?}")),
        }
    }

    /// Without a token, and with the token of a user who has no role.
    async fn by_strangers(&mut self, ids: &Ids) {
        let call = self.call(ids, bodies::body(self.corpus, self.operation));
        let anonymous = self.driver.send_with(None, &call).await;
        self.judge(&call, &anonymous);
        if anonymous.status != 401 {
            self.faults.push(format!("without a token it answers {}", anonymous.status));
        }
        if self.operation.path.starts_with("/v1/workspaces/{workspaceId}") {
            let stranger = self.driver.send_as(OTHER_USER, &call).await;
            self.judge(&call, &stranger);
            if stranger.status != 403 {
                self.faults.push(format!("a user without a role is answered {}", stranger.status));
            }
        }
    }

    /// One entry on each page: every page conforms, and together they are the whole list.
    async fn page_by_page(&mut self) {
        let ids = self.prepare().await;
        let call = self.call(&ids, Value::Null);
        let whole = entries(&self.send(&call).await.body);
        self.driver.configure(&json!({"page_size": 1})).await;
        let mut seen = BTreeSet::new();
        let mut next = call.clone();
        // One page for each entry, and one more where the service does not look ahead.
        for _ in 0..=whole.len() {
            let page = self.send(&next).await;
            seen.extend(entries(&page.body));
            let Some(token) = page.body.get("continuationToken").and_then(Value::as_str) else { break };
            let separator = if call.target.contains('?') { '&' } else { '?' };
            next.target = format!("{}{separator}continuationToken={token}", call.target);
        }
        if seen != whole {
            self.faults.push(format!("{} entries page by page, {} at once", seen.len(), whole.len()));
        }
    }

    /// With the long-running operation that it may start.
    async fn well(&mut self, ids: &Ids) {
        let call = self.call(ids, bodies::body(self.corpus, self.operation));
        let answer = self.send(&call).await;
        if answer.status >= 300 {
            match meant_refusal(self.operation, &answer) {
                Some(reason) => self.known.push(reason),
                None => self.faults.push(format!("a plausible request is refused: {} {}", answer.status, answer.body)),
            }
        }
        if answer.status == 202 {
            self.follow(&answer).await;
        }
    }

    /// Everything in the path that could exist does not.
    async fn on_nothing(&mut self) {
        if !self.operation.path.contains('{') {
            return;
        }
        let mut call = self.call(&Ids::new(), bodies::body(self.corpus, self.operation));
        for known in [WORKSPACE, EMPTY_WORKSPACE, CONNECTION, CAPACITY] {
            call.target = call.target.replace(known, NOBODY);
        }
        let answer = self.send(&call).await;
        if answer.status < 400 {
            self.faults.push(format!("on nothing it answers {}", answer.status));
        }
    }

    async fn with_no_object(&mut self, ids: &Ids) {
        if self.operation.body.is_null() {
            return;
        }
        let call = self.call(ids, json!("no object"));
        let answer = self.send(&call).await;
        if answer.status != 400 {
            self.faults.push(format!("a body that is no object answers {} {}", answer.status, answer.body));
        }
    }

    async fn send(&mut self, call: &Call) -> Observed {
        let answer = self.driver.send(call).await;
        self.judge(call, &answer);
        answer
    }

    fn judge(&mut self, call: &Call, answer: &Observed) {
        self.validated.push(answer.status);
        let faults = self.corpus.closed.response_faults(&[self.operation], answer.status, &answer.body);
        self.faults.extend(faults.into_iter().map(|fault| format!("{} {}: {fault}", call.target, answer.status)));
        if headers::value(&answer.headers, "requestid").is_none() {
            self.faults.push("no RequestId".to_owned());
        }
        if answer.status >= 400 {
            let told = headers::value(&answer.headers, "x-ms-public-api-error-code");
            if told != answer.body["errorCode"].as_str() {
                self.faults.push(format!("x-ms-public-api-error-code is {told:?} for {}", answer.body));
            }
        }
    }

    /// Follows an operation to its result, which must be what a prompt answer would have been.
    async fn follow(&mut self, started: &Observed) {
        let Some(id) = headers::value(&started.headers, "x-ms-operation-id") else { return };
        let state = self.driver.send(&get(format!("/v1/operations/{id}"))).await;
        let published = json!({"$ref": "#/$defs/platform.platform.OperationState"});
        self.faults.extend(self.corpus.closed.faults(&published, &state.body));
        if state.body["status"] != "Succeeded" {
            self.faults.push(format!("its operation ends as {}", state.body));
            return;
        }
        if headers::value(&state.headers, "location").is_none() {
            return;
        }
        let result = self.driver.send(&get(format!("/v1/operations/{id}/result"))).await;
        let item = json!({"$ref": "#/$defs/common.Item"});
        // The service answers with the item where the documents name no result (`updateDefinition`).
        let schema = self.operation.final_response().filter(|schema| !schema.is_null()).unwrap_or(&item);
        if result.status != 200 {
            self.faults.push(format!("its result answers {} {}", result.status, result.body));
        }
        self.faults.extend(self.corpus.closed.faults(schema, &result.body));
    }
}

fn meant_refusal(operation: &Operation, answer: &Observed) -> Option<&'static str> {
    let libraries = operation.path.contains("/environments/") && operation.path.ends_with("/libraries");
    (libraries && answer.body["errorCode"] == "EnvironmentLibrariesNotFound")
        .then_some("environments never have libraries; the answer is the recorded one for an environment without any")
}

fn always_immediate(operation: &Operation) -> Option<&'static str> {
    operation
        .path
        .ends_with("/shortcuts/bulkCreate")
        .then_some("shortcuts created in bulk are there at once, whatever `answers` says")
}

/// The entries of a list, in no order.
fn entries(body: &Value) -> BTreeSet<String> {
    let members = body.as_object().into_iter().flatten();
    members.filter_map(|(_, member)| member.as_array()).flatten().map(Value::to_string).collect()
}

fn get(target: String) -> Call {
    Call { method: "GET".to_owned(), target, body: Value::Null }
}

/// Walks over everything that is implemented; writes into the ledger; returns the faults.
pub(crate) async fn walk_all(driver: &Driver, corpus: &Corpus, ledger: &mut Ledger) -> Vec<String> {
    let mut all = Vec::new();
    let tenant = tenant::seed(corpus).world();
    for operation in corpus.catalogue.operations() {
        if !routes::is_implemented(operation) {
            continue;
        }
        let mut walk = Walk {
            driver,
            corpus,
            operation,
            tenant: &tenant,
            faults: Vec::new(),
            validated: Vec::new(),
            known: Vec::new(),
        };
        walk.all().await;
        let row = ledger.row(operation);
        row.implemented = true;
        row.validated.extend(walk.validated);
        for reason in walk.known {
            row.known.entry(reason).or_default();
        }
        all.extend(walk.faults.iter().map(|fault| format!("{} {}: {fault}", operation.method, operation.path)));
    }
    all
}
