//! Whether a deployment would work now: checks that run side by side, each with its own deadline.

mod capacity;
mod clock;
mod git;
mod identity;
mod key_vault;
mod permissions;
mod reach;
mod serve;
mod state;
mod surroundings;
mod telemetry;

use std::time::Duration;

use clap::ValueEnum;
use futures::future::join_all;
use serde::Serialize;
use tokio::time::{Instant, timeout};

pub(crate) use serve::serve;
pub(crate) use surroundings::{Surroundings, Target};

use crate::exit::Exit;

/// How long a check may take: all of them have answered, or not, within 2 s.
const DEADLINE: Duration = Duration::from_millis(1800);

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckId {
    /// Fabric answers.
    Fabric,
    /// Somebody is signed in, and for how long; Fabric accepts the token.
    Identity,
    /// The role in the workspace is what a deployment needs.
    Permissions,
    /// The capacity is there, active, and of a usable size.
    Capacity,
    /// The vault can be read, where secrets come from one.
    #[value(alias = "key_vault")]
    KeyVault,
    /// Where transactions are recorded can be written, and nobody else deploys.
    State,
    /// Whoever is told what happens would take it, where telemetry is on.
    Telemetry,
    /// The workspace's connection to Git works, where it has one.
    Git,
    /// The clocks of this machine and of Fabric agree.
    Clock,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// There is nothing to check: a feature is off, or nothing was named that it is about.
    Disabled,
    /// It is as a deployment needs it.
    Healthy,
    /// A deployment may work, or not for long.
    Degraded,
    /// A deployment would fail.
    Unhealthy,
    /// No answer in time.
    TimedOut,
}

impl Status {
    fn is_failure(self) -> bool {
        matches!(self, Self::Unhealthy | Self::TimedOut)
    }
}

/// What a check found.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    status: Status,
    detail: String,
    advice: Option<String>,
    cause: Cause,
}

/// What a finding comes from, where that matters to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Want of an identity or a right.
    Denied,
    /// A fault of Fabric.
    Service,
    /// Anything else.
    Other,
}

impl Finding {
    fn new(status: Status, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), advice: None, cause: Cause::Other }
    }

    fn healthy(detail: impl Into<String>) -> Self {
        Self::new(Status::Healthy, detail)
    }

    fn disabled(detail: impl Into<String>) -> Self {
        Self::new(Status::Disabled, detail)
    }

    fn degraded(detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Status::Degraded, detail).advise(advice)
    }

    fn unhealthy(detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Status::Unhealthy, detail).advise(advice)
    }

    fn denied(detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { cause: Cause::Denied, ..Self::unhealthy(detail, advice) }
    }

    fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

/// One check and what it found.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Check {
    pub(crate) id: CheckId,
    pub(crate) status: Status,
    /// How long it took, in milliseconds.
    pub(crate) latency_ms: u64,
    pub(crate) detail: String,
    pub(crate) advice: Option<String>,
    #[serde(skip)]
    cause: Cause,
}

/// All of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Health {
    schema_version: &'static str,
    command: &'static str,
    pub(crate) status: Status,
    pub(crate) checks: Vec<Check>,
    pub(crate) duration_ms: u64,
}

impl Health {
    /// Whether a deployment may be tried.
    pub(crate) fn is_ready(&self) -> bool {
        !self.status.is_failure()
    }

    /// 0 if nothing is unhealthy; 4 if all that is, is so for want of an identity or a right; 1 otherwise.
    pub(crate) fn exit(&self) -> Exit {
        let mut failures = self.checks.iter().filter(|check| check.status.is_failure()).peekable();
        if failures.peek().is_none() {
            Exit::Success
        } else if failures.all(|check| check.cause == Cause::Denied) {
            Exit::Denied
        } else {
            Exit::Failed
        }
    }
}

/// Runs these checks.
pub(crate) async fn run(ids: &[CheckId], surroundings: &Surroundings<'_>) -> Health {
    let started = Instant::now();
    let checks = join_all(ids.iter().map(|id| check(*id, surroundings))).await;
    let worst = |status: Status| match status {
        Status::Disabled | Status::Healthy => Status::Healthy,
        Status::Degraded => Status::Degraded,
        Status::Unhealthy | Status::TimedOut => Status::Unhealthy,
    };
    let status = checks.iter().map(|check| worst(check.status)).max_by_key(|status| *status as u8);
    Health {
        schema_version: crate::render::SCHEMA_VERSION,
        command: "health",
        status: status.unwrap_or(Status::Healthy),
        checks,
        duration_ms: milliseconds(started.elapsed()),
    }
}

async fn check(id: CheckId, surroundings: &Surroundings<'_>) -> Check {
    let started = Instant::now();
    let found = timeout(DEADLINE, find(id, surroundings)).await;
    let found = found.unwrap_or_else(|_| {
        let advice = "see what else timed out: the network, the proxy, or the service is too slow".to_owned();
        let detail = format!("no answer within {} ms", DEADLINE.as_millis());
        Finding { status: Status::TimedOut, detail, advice: Some(advice), cause: Cause::Other }
    });
    let Finding { status, detail, advice, cause } = found;
    Check { id, status, latency_ms: milliseconds(started.elapsed()), detail, advice, cause }
}

async fn find(id: CheckId, surroundings: &Surroundings<'_>) -> Finding {
    let found = match id {
        CheckId::Fabric => reach::check(surroundings).await,
        CheckId::Identity => identity::check(surroundings).await,
        CheckId::Permissions => permissions::check(surroundings).await,
        CheckId::Capacity => capacity::check(surroundings).await,
        CheckId::KeyVault => key_vault::check(surroundings).await,
        CheckId::State => state::check(surroundings).await,
        CheckId::Telemetry => telemetry::check(surroundings).await,
        CheckId::Git => git::check(surroundings).await,
        CheckId::Clock => clock::check(surroundings).await,
    };
    found.unwrap_or_else(|finding| finding)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
