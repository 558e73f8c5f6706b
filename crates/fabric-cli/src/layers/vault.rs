//! Retries of calls to the vault, with `FEATURE_USE_RETRY_LOGIC`: by the same waits and the same rules as calls to Fabric.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::RETRY_AFTER;
use azure_core::http::{AsyncRawResponse, HttpClient, Method, Request};
use fabric_flags::{Feature, Snapshot};
use fabric_resilience::{
    Call, Clock, Deadline, Retry, RetrySettings, Safety, Schedule, SystemClock, Verdict, retry_after,
};
use http::{HeaderMap, HeaderValue};

use super::{CallSettings, FIRST_WAIT, LONGEST_WAIT};

/// How long one attempt may take: what a vault that is asked once is given.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// How the vault is asked, and how long it may take in all.
pub(crate) struct VaultCalls {
    pub(crate) http: Arc<dyn HttpClient>,
    /// `None`: what a vault that is asked once is given.
    pub(crate) deadline: Option<Duration>,
}

/// `http` with retries where they are on, and `http` itself where they are off.
pub(crate) fn for_vault(http: Arc<dyn HttpClient>, flags: &Snapshot, settings: CallSettings) -> VaultCalls {
    if !flags.is_on(Feature::RetryLogic) {
        return VaultCalls { http, deadline: None };
    }
    let schedule = Schedule::doubling(FIRST_WAIT, LONGEST_WAIT, settings.max_attempts.saturating_sub(1));
    let retry = Retry::new(RetrySettings { schedule, ..RetrySettings::default() });
    let retried = Retried { http, retry, timeout: settings.timeout };
    VaultCalls { http: Arc::new(retried), deadline: Some(settings.timeout) }
}

#[derive(Debug)]
struct Retried {
    http: Arc<dyn HttpClient>,
    retry: Retry,
    timeout: Duration,
}

#[async_trait]
impl HttpClient for Retried {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        // A secret that is written twice has two versions.
        let safety = if request.method() == Method::Get { Safety::Read } else { Safety::Ambiguous };
        let deadline = Deadline::after(self.timeout, &SystemClock);
        let attempt = |_| async {
            match tokio::time::timeout(ATTEMPT_TIMEOUT, self.http.execute_request(request)).await {
                Ok(outcome) => outcome,
                Err(_) => {
                    let message = format!("nothing came within {ATTEMPT_TIMEOUT:?}");
                    Err(azure_core::Error::with_message(ErrorKind::Io, message))
                }
            }
        };
        let (outcome, log) =
            self.retry.run(Call::new(safety), Some(deadline), attempt, |outcome| verdict(safety, outcome)).await;
        if log.len() > 1 {
            tracing::info!(attempts = log.len(), "the vault was asked more than once");
        }
        outcome
    }
}

fn verdict(safety: Safety, outcome: &azure_core::Result<AsyncRawResponse>) -> Verdict {
    let perhaps_applied = |retry_after| match safety {
        Safety::Ambiguous => Verdict::UnknownOutcome,
        Safety::Read | Safety::Idempotent => Verdict::Transient { retry_after },
    };
    match outcome {
        Ok(response) => match u16::from(response.status()) {
            429 => Verdict::Throttled { retry_after: wait_of(response) },
            408 | 500..=599 => perhaps_applied(wait_of(response)),
            400..=499 => Verdict::Permanent,
            _ => Verdict::Success,
        },
        Err(error) => match error.kind() {
            ErrorKind::Connection => Verdict::Transient { retry_after: None },
            ErrorKind::Io => perhaps_applied(None),
            _ => Verdict::Permanent,
        },
    }
}

fn wait_of(response: &AsyncRawResponse) -> Option<Duration> {
    let value = HeaderValue::from_str(response.headers().get_optional_str(&RETRY_AFTER)?).ok()?;
    retry_after(&HeaderMap::from_iter([(http::header::RETRY_AFTER, value)]), SystemClock.wall())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use azure_core::http::headers::Headers;
    use azure_core::http::{StatusCode, Url};
    use fabric_flags::{FlagSet, Sources};

    use super::*;

    /// Status and `Retry-After`; `None` breaks the connection off.
    type Answer = Option<(u16, Option<&'static str>)>;

    /// Answers one after the other.
    #[derive(Debug)]
    struct Scripted(Mutex<Vec<Answer>>);

    #[async_trait]
    impl HttpClient for Scripted {
        async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
            let mut left = self.0.lock().unwrap();
            let Some((status, wait)) = left.remove(0) else {
                return Err(azure_core::Error::with_message(ErrorKind::Io, "broken off"));
            };
            let mut headers = Headers::new();
            if let Some(wait) = wait {
                headers.insert(RETRY_AFTER, wait);
            }
            Ok(AsyncRawResponse::from_bytes(StatusCode::from(status), headers, Vec::new()))
        }
    }

    /// The status that comes of it, the answers that are left, and the seconds that it took.
    async fn asked(flag: &str, method: Method, answers: Vec<Answer>) -> (Option<u16>, usize, u64) {
        let flags = FlagSet::resolve(&Sources::new().command_line([flag])).unwrap();
        let settings = CallSettings {
            concurrency: 8,
            max_attempts: 4,
            timeout: Duration::from_secs(300),
            settle: Duration::from_secs(1),
        };
        let scripted = Arc::new(Scripted(Mutex::new(answers)));
        let http = for_vault(Arc::clone(&scripted) as Arc<dyn HttpClient>, &flags, settings).http;
        let began = SystemClock.now();
        let request = Request::new(Url::parse("https://sales.vault.azure.net/secrets/a").unwrap(), method);
        let outcome = http.execute_request(&request).await;
        let status = outcome.ok().map(|response| u16::from(response.status()));
        (status, scripted.0.lock().unwrap().len(), (SystemClock.now() - began).as_secs())
    }

    const ON: &str = "FEATURE_USE_RETRY_LOGIC=on";

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_asked_again_after_the_waits() {
        let (status, left, took) = asked(ON, Method::Get, vec![Some((503, None)), None, Some((200, None))]).await;
        assert_eq!((status, left), (Some(200), 0));
        assert!((6..=8).contains(&took), "2 s and 4 s, each up to a quarter longer: {took}");
        let (status, _, took) = asked(ON, Method::Get, vec![Some((429, Some("30"))), Some((200, None))]).await;
        assert_eq!(status, Some(200));
        assert!(took >= 30, "the vault names the wait: {took}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_fail_again_or_has_failed_often_enough_is_told() {
        for refused in [401, 403, 404] {
            let answers = vec![Some((refused, None)), Some((200, None))];
            assert_eq!(asked(ON, Method::Get, answers).await, (Some(refused), 1, 0));
        }
        let (status, left, _) = asked(ON, Method::Get, vec![Some((503, None)); 5]).await;
        assert_eq!((status, left), (Some(503), 1), "four attempts");
        let (status, left, _) = asked(ON, Method::Put, vec![None, Some((200, None))]).await;
        assert_eq!((status, left), (None, 1), "a write of which nobody knows is not sent twice");
    }

    #[tokio::test(start_paused = true)]
    async fn off_the_vault_is_asked_once() {
        let answers = vec![Some((503, None)), Some((200, None))];
        assert_eq!(asked("FEATURE_USE_RETRY_LOGIC=off", Method::Get, answers).await, (Some(503), 1, 0));
    }
}
