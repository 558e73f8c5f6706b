//! A receiver without a network: it answers as it is told and remembers what came.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use fabric_telemetry::{
    Answer, Clock, ConnectionString, Post, Redactor, Resource, Telemetry, TelemetryBuilder, Transport, TransportError,
};
use flate2::read::GzDecoder;
use serde_json::Value;

/// How it answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Status(u16, String),
    RetryAfter(u16, u64),
    Refuse,
    Hang,
}

#[derive(Debug, Default)]
pub(crate) struct Receiver {
    replies: Mutex<VecDeque<Reply>>,
    /// What it does when there is no reply left: accepts where this is `None`.
    otherwise: Mutex<Option<Reply>>,
    posts: Mutex<Vec<(String, String)>>,
}

impl Receiver {
    pub(crate) fn replying(replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        let receiver = Self::default();
        receiver.replies.lock().unwrap().extend(replies);
        Arc::new(receiver)
    }

    pub(crate) fn always(reply: Reply) -> Arc<Self> {
        let receiver = Self::default();
        *receiver.otherwise.lock().unwrap() = Some(reply);
        Arc::new(receiver)
    }

    /// The path and body of every post so far.
    pub(crate) fn posts(&self) -> Vec<(String, String)> {
        self.posts.lock().unwrap().clone()
    }

    /// The lines of every post so far.
    pub(crate) fn envelopes(&self) -> Vec<Value> {
        let posts = self.posts();
        posts.iter().flat_map(|(_, body)| body.lines()).map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The envelopes of this type.
    pub(crate) fn of_type(&self, base_type: &str) -> Vec<Value> {
        let mut envelopes = self.envelopes();
        envelopes.retain(|envelope| envelope["data"]["baseType"] == base_type);
        envelopes
    }
}

#[async_trait]
impl Transport for Receiver {
    async fn post(&self, post: Post) -> Result<Answer, TransportError> {
        let mut body = String::new();
        GzDecoder::new(post.body.as_slice()).read_to_string(&mut body).unwrap();
        self.posts.lock().unwrap().push((post.url.path().to_owned(), body));
        let reply = self.replies.lock().unwrap().pop_front().or_else(|| self.otherwise.lock().unwrap().clone());
        let answer = |status, retry_after, body: String| Answer { status, retry_after, body: body.into_bytes() };
        match reply {
            None => Ok(answer(200, None, String::new())),
            Some(Reply::Status(status, body)) => Ok(answer(status, None, body)),
            Some(Reply::RetryAfter(status, seconds)) => {
                Ok(answer(status, Some(Duration::from_secs(seconds)), String::new()))
            }
            Some(Reply::Refuse) => Err(TransportError("connection refused".to_owned())),
            Some(Reply::Hang) => std::future::pending().await,
        }
    }
}

/// Tokio's time, which a test can pause.
pub(crate) struct TokioClock(pub(crate) tokio::time::Instant);

impl Clock for TokioClock {
    fn now(&self) -> u64 {
        1_700_000_000_000_000_000 + u64::try_from(self.0.elapsed().as_nanos()).unwrap()
    }
}

pub(crate) const KEY: &str = "11111111-2222-4333-8444-555555555555";

pub(crate) fn builder() -> TelemetryBuilder {
    let resource =
        Resource { service_name: "test".to_owned(), service_version: "1.2.3".to_owned(), host_name: "here".to_owned() };
    Telemetry::builder(resource, Redactor::new().unwrap())
}

/// Telemetry to this receiver.
pub(crate) fn insights(receiver: &Arc<Receiver>) -> TelemetryBuilder {
    let connection = ConnectionString::of_instrumentation_key(KEY).unwrap();
    builder().application_insights(&connection, Arc::clone(receiver) as Arc<dyn Transport>)
}

/// What this telemetry saw that is not in the registry, without what the tests of that emit: `tracing` shows every
/// callsite of the process to every subscriber.
pub(crate) fn unregistered(telemetry: &Telemetry) -> Vec<String> {
    let mut names = telemetry.unregistered();
    names.retain(|name| !name.contains("no_such_") && !name.contains("no.such."));
    names
}
