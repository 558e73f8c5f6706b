//! Sends every recorded request of an implemented operation to the emulator and compares the answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::Operation;
use crate::comparison::{Difference, Observed, differences};
use crate::corpus::{Corpus, Exchange};
use crate::coverage::Ledger;
use crate::driver::Driver;
use crate::headers;
use crate::known;
use crate::routes;
use crate::scenario::{Call, Capture, Preparation, Scenario};
use crate::{echo, seed};

/// What came of one recorded exchange.
pub(crate) struct Replay {
    /// Positions in the table of known differences.
    pub(crate) known: BTreeSet<usize>,
    /// Differences without an explanation, schema faults, failed preparations.
    pub(crate) faults: Vec<String>,
    pub(crate) validated: u16,
}

pub(crate) async fn replay(driver: &Driver, corpus: &Corpus, exchange: &Exchange) -> Replay {
    let scenario = Scenario::of(exchange, &corpus.schemas);
    let mut faults = Vec::new();
    let mut renamed = BTreeMap::from([(seed::RECORDED_CALLER.to_owned(), seed::CALLER.to_owned())]);
    let world = scenario.seed.world();
    driver.arrange(&world, &scenario.settings).await;
    let mut result_schema = None;
    for preparation in &scenario.preparations {
        let call = with_ids(&preparation.call, &renamed);
        let answer = driver.send(&call).await;
        if answer.status >= 300 {
            faults.push(format!("preparing {} {}: {} {}", call.method, call.target, answer.status, answer.body));
        }
        let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
        let candidates = corpus.catalogue.find(&call.method, path, query);
        faults.extend(corpus.closed.response_faults(&candidates, answer.status, &answer.body));
        result_schema = candidates.first().and_then(|operation| operation.final_response());
        if let Some(id) = captured(preparation, &answer) {
            renamed.insert(preparation.stands_for.clone(), id);
        }
    }
    let call = with_ids(&scenario.call, &renamed);
    if scenario.throttled {
        driver.throttle(&call).await;
    }
    let observed = driver.send(&call).await;
    let candidates = corpus.catalogue.find(&exchange.method, &exchange.path, &exchange.query);
    // Where the recording itself departs from the documents, the recording is right.
    let accepted = corpus.schemas.response_faults(&candidates, exchange.status, &exchange.body);
    let found = corpus.closed.response_faults(&candidates, observed.status, &observed.body);
    faults.extend(found.into_iter().filter(|fault| !accepted.contains(fault)).map(|fault| format!("schema: {fault}")));
    if let (Some(schema), true, 200) = (result_schema, exchange.path.ends_with("/result"), observed.status) {
        faults.extend(corpus.closed.faults(schema, &observed.body));
    }
    let mut expected = exchange.clone();
    expected.body = renaming(&exchange.body, &renamed);
    let mut present = BTreeSet::new();
    echo::gather(&renaming(&exchange.request, &renamed), &mut present);
    echo::gather(&world, &mut present);
    present.extend(renamed.values().cloned());
    let mut used = BTreeSet::new();
    for difference in differences(&expected, &observed, &present) {
        match explained(exchange, &difference) {
            Some(known) => {
                used.insert(known);
            }
            None => faults.push(difference.to_string()),
        }
    }
    Replay { known: used, faults, validated: observed.status }
}

fn explained(exchange: &Exchange, difference: &Difference) -> Option<usize> {
    known::all().iter().position(|known| known.explains(exchange, difference))
}

fn captured(preparation: &Preparation, answer: &Observed) -> Option<String> {
    let id = match preparation.capture {
        Capture::Nothing => return None,
        Capture::OperationId => headers::value(&answer.headers, "x-ms-operation-id")?,
        Capture::Location => headers::value(&answer.headers, "location")?.rsplit('/').next()?,
    };
    Some(id.to_owned())
}

fn with_ids(call: &Call, renamed: &BTreeMap<String, String>) -> Call {
    let mut target = call.target.clone();
    for (recorded, id) in renamed {
        target = target.replace(recorded, id);
    }
    Call { method: call.method.clone(), target, body: renaming(&call.body, renamed) }
}

fn renaming(value: &Value, renamed: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(renamed.get(text).unwrap_or(text).clone()),
        Value::Array(elements) => elements.iter().map(|element| renaming(element, renamed)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), renaming(member, renamed))).collect()
        }
        other => other.clone(),
    }
}

/// Replays everything that is implemented; writes into the ledger; returns what is unexplained.
pub(crate) async fn replay_all(driver: &Driver, corpus: &Corpus, ledger: &mut Ledger) -> Vec<String> {
    let mut unexplained = Vec::new();
    let mut needed = BTreeSet::new();
    for exchange in &corpus.exchanges {
        let candidates: Vec<&Operation> = corpus.catalogue.find(&exchange.method, &exchange.path, &exchange.query);
        let Some(operation) = candidates.first() else { continue };
        ledger.row(operation).recordings += 1;
        if !routes::is_implemented(operation) {
            continue;
        }
        let replay = replay(driver, corpus, exchange).await;
        needed.extend(replay.known.iter().copied());
        let row = ledger.row(operation);
        row.implemented = true;
        row.validated.insert(replay.validated);
        let reasons: BTreeSet<&str> = replay.known.iter().map(|known| known::all()[*known].reason).collect();
        for reason in reasons {
            *row.known.entry(reason).or_default() += 1;
        }
        if replay.faults.is_empty() {
            row.matched += 1;
        } else {
            unexplained.push(format!("{}\n    {}", exchange.title(), replay.faults.join("\n    ")));
        }
    }
    for (position, known) in known::all().iter().enumerate() {
        if !needed.contains(&position) {
            unexplained.push(format!("a known difference is no longer needed: {} ({})", known.reason, known.at));
        }
    }
    unexplained
}
