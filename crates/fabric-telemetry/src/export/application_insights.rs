//! Application Insights: newline-delimited JSON to `v2.1/track`.
//!
//! Written here because no exporter does the job: Microsoft has none for Rust, and the community's makes custom events
//! out of nothing but span events, waits half a minute at the end where the ingestion is down, and sends a batch that
//! was accepted in part not at all or twice.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use url::Url;

use super::connection_string::ConnectionString;
use super::envelope::Envelopes;
use super::{Exporter, Outcome, gzip, is_retriable};
use crate::model::Record;
use crate::telemetry::Resource;
use crate::transport::{Answer, Post, Transport};

pub(crate) struct ApplicationInsights {
    url: Url,
    envelopes: Envelopes,
    transport: Arc<dyn Transport>,
}

/// What the ingestion says about a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    items_received: usize,
    items_accepted: usize,
    #[serde(default)]
    errors: Vec<ItemError>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemError {
    index: usize,
    status_code: u16,
    #[serde(default)]
    message: String,
}

impl ApplicationInsights {
    pub(crate) fn new(connection: &ConnectionString, resource: &Resource, transport: Arc<dyn Transport>) -> Self {
        let mut url = connection.ingestion.clone();
        url.set_path(&format!("{}v2.1/track", url.path()));
        Self { url, envelopes: Envelopes::new(connection.instrumentation_key, resource), transport }
    }
}

#[async_trait]
impl Exporter for ApplicationInsights {
    fn name(&self) -> &'static str {
        "application_insights"
    }

    async fn export(&mut self, batch: &[Record]) -> Outcome {
        let lines = self.envelopes.lines(batch);
        let post = Post {
            url: self.url.clone(),
            content_type: "application/x-json-stream",
            headers: HeaderMap::new(),
            body: gzip(lines.as_bytes()),
        };
        match self.transport.post(post).await {
            Ok(answer) => judge(batch, &answer),
            Err(error) => Outcome::again(batch, None, error.to_string()),
        }
    }
}

/// What an answer means for each record of the batch.
fn judge(batch: &[Record], answer: &Answer) -> Outcome {
    let verdict = serde_json::from_slice::<Verdict>(&answer.body).ok();
    let status = answer.status;
    let error = || {
        let first = verdict.as_ref().and_then(|verdict| verdict.errors.first());
        let said = first.map(|error| format!(": {}", error.message)).unwrap_or_default();
        format!("the ingestion answered {status}{said}")
    };
    match status {
        200 => Outcome::delivered(batch.len()),
        206 => match &verdict {
            Some(verdict) => partly(batch, verdict, answer, error()),
            // Without a list nobody knows which ones: sending all again would count some twice.
            None => Outcome::rejected(batch.len(), error()),
        },
        _ if is_retriable(status) => Outcome::again(batch, answer.retry_after, error()),
        _ => Outcome::rejected(batch.len(), error()),
    }
}

fn partly(batch: &[Record], verdict: &Verdict, answer: &Answer, error: String) -> Outcome {
    let mut outcome = Outcome { wait: answer.retry_after, ..Outcome::default() };
    for refused in &verdict.errors {
        match batch.get(refused.index) {
            Some(record) if is_retriable(refused.status_code) => outcome.again.push(record.clone()),
            Some(_) => outcome.rejected += 1,
            None => {}
        }
    }
    let missing = verdict.items_received.saturating_sub(verdict.items_accepted);
    // What is neither accepted nor listed cannot be named, and so not be sent again.
    outcome.rejected = outcome.rejected.max(missing.saturating_sub(outcome.again.len())).min(batch.len());
    outcome.delivered = batch.len().saturating_sub(outcome.again.len() + outcome.rejected);
    outcome.error = (outcome.rejected + outcome.again.len() > 0).then_some(error);
    outcome
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::model::{Attributes, Event, Severity};

    fn batch(count: u64) -> Vec<Record> {
        let event = |time| Event {
            context: None,
            name: "e",
            time,
            severity: Severity::Information,
            attributes: Attributes::new(),
        };
        (0..count).map(|time| Record::Event(event(time).into())).collect()
    }

    fn outcome(status: u16, body: &serde_json::Value) -> (usize, usize, Vec<u64>) {
        let answer = Answer { status, retry_after: Some(Duration::from_secs(3)), body: body.to_string().into_bytes() };
        let outcome = judge(&batch(4), &answer);
        assert_eq!(outcome.error.is_some(), outcome.delivered < 4);
        let time = |record: &Record| match record {
            Record::Event(event) => event.time,
            _ => u64::MAX,
        };
        (outcome.delivered, outcome.rejected, outcome.again.iter().map(time).collect())
    }

    #[test]
    fn only_what_may_be_accepted_later_is_sent_again() {
        let errors = json!({ "itemsReceived": 4, "itemsAccepted": 1, "errors": [
            { "index": 1, "statusCode": 500, "message": "try later" },
            { "index": 2, "statusCode": 400, "message": "no name" },
            { "index": 3, "statusCode": 439, "message": "quota" },
        ]});
        assert_eq!(outcome(206, &errors), (1, 1, vec![1, 3]));
        assert_eq!(outcome(200, &json!({ "itemsReceived": 4, "itemsAccepted": 4, "errors": [] })), (4, 0, vec![]));
        assert_eq!(outcome(206, &json!({ "itemsReceived": 4, "itemsAccepted": 3 })), (3, 1, vec![]));
        assert_eq!(outcome(206, &json!("nonsense")), (0, 4, vec![]));
        assert_eq!(outcome(400, &json!({})), (0, 4, vec![]));
        for status in [408, 429, 439, 500, 502, 503, 504] {
            assert_eq!(outcome(status, &json!(null)), (0, 0, vec![0, 1, 2, 3]), "{status}");
        }
    }
}
