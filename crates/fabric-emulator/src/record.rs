//! Every request the emulator saw, for tests to ask what really went over the wire.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::faults::FaultKind;
use crate::services::Service;
use crate::state::Request;
use crate::world::blobs::Digest;

/// Older requests than this many are forgotten.
const KEPT: usize = 100_000;

/// One request and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The service that was asked.
    pub service: Service,
    /// Its place in the order of arrival, from 1.
    pub sequence: u64,
    /// The HTTP method.
    pub method: String,
    /// Path and query as sent.
    pub path: String,
    /// The template of the route; `None`: there is none.
    pub route: Option<String>,
    /// The operation of the route; `None`: there is none.
    pub operation: Option<String>,
    /// The status of the answer; `None`: the connection was cut without one.
    pub status: Option<u16>,
    /// The error code of the answer.
    pub error_code: Option<String>,
    /// Who called; `None`: not authenticated.
    pub principal: Option<Uuid>,
    /// The `RequestId` of the answer.
    pub request_id: Uuid,
    /// The SHA-256 of the body, in hexadecimal; `None`: there was no body.
    pub body_sha256: Option<String>,
    /// The size of the body in bytes.
    pub body_size: usize,
    /// Where in a trace the caller is, by its `traceparent`.
    pub traceparent: Option<String>,
    /// What vendors keep in that trace, by its `tracestate`.
    pub tracestate: Option<String>,
    /// What the caller says of itself, by its `baggage`.
    pub baggage: Option<String>,
    /// Whether the route may change anything.
    pub mutating: bool,
    /// The fault that was inflicted, as it was written in its rule.
    pub fault: Option<serde_json::Value>,
}

impl RequestRecord {
    /// What the request itself says; where it led and how it was answered is told by who answers it.
    pub(crate) fn of(service: Service, request: &Request, request_id: Uuid, fault: Option<&FaultKind>) -> Self {
        let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let header = |name: &str| Some(request.headers.get(name)?.to_str().ok()?.to_owned());
        Self {
            service,
            sequence: 0,
            method: request.method.to_string(),
            path: format!("{}{query}", request.path),
            route: None,
            operation: None,
            status: None,
            error_code: None,
            principal: None,
            request_id,
            body_sha256: (!request.body.is_empty()).then(|| Digest::of(&request.body).0),
            body_size: request.body.len(),
            traceparent: header("traceparent"),
            tracestate: header("tracestate"),
            baggage: header("baggage"),
            mutating: false,
            fault: fault.and_then(|fault| serde_json::to_value(fault).ok()),
        }
    }
}

/// The requests so far.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    records: VecDeque<RequestRecord>,
    sequence: u64,
    under_way: usize,
    most_at_once: usize,
}

impl RequestLog {
    pub(crate) fn push(&mut self, mut record: RequestRecord) {
        self.sequence += 1;
        record.sequence = self.sequence;
        if self.records.len() >= KEPT {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    /// A request of the Fabric API arrived.
    pub(crate) fn arrived(&mut self) {
        self.under_way += 1;
        self.most_at_once = self.most_at_once.max(self.under_way);
    }

    /// One was answered, or cut off.
    pub(crate) fn left(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        self.records.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.sequence = 0;
        self.most_at_once = self.under_way;
    }
}
