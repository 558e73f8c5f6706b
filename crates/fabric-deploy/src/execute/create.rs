//! Creates that must not happen twice.
//!
//! A create whose answer was lost may have happened. It is looked up, and only when the look-up says for long enough
//! that it did not happen may it be sent again.

use std::future::Future;
use std::time::Duration;

use fabric_client::Error;

use super::StepError;
use crate::item_type;

/// What is done about a create whose outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreatePolicy {
    /// How often it is sent at most. One: it is looked up and never sent again.
    pub attempts: u32,
    /// How long it is looked up before it counts as not done: a create may still be under way when its answer is lost,
    /// and it shows only when it is done.
    pub settle: Duration,
}

impl CreatePolicy {
    /// For items of this type. Where several may have one name, nothing but patience keeps a second send from making a
    /// second item.
    pub(crate) fn of_type(self, item_type: &str) -> Self {
        if self.attempts > 1 { Self { settle: patience(self.settle, item_type), ..self } } else { self }
    }
}

/// How long a create of this type that may be sent again has to be looked for before.
pub(crate) fn patience(settle: Duration, item_type: &str) -> Duration {
    if item_type::allows_equal_names(item_type) { settle.max(LONGEST_CREATE) } else { settle }
}

impl Default for CreatePolicy {
    fn default() -> Self {
        Self { attempts: 1, settle: Duration::ZERO }
    }
}

/// The first pause between two look-ups; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// Longer than any recorded operation, of which one took 394 s.
const LONGEST_CREATE: Duration = Duration::from_secs(400);
/// How long to wait before sending again where the service does not say.
pub(super) const UNSTATED_PAUSE: Duration = Duration::from_secs(2);

/// Sends a create until it is known to have happened. `taken` are the error codes that say that the name is in use:
/// after a doubtful attempt they mean that it was this one which took it.
pub(super) async fn once<T, S, L>(
    policy: CreatePolicy,
    taken: &[&str],
    send: impl Fn() -> S,
    look_up: impl Fn() -> L,
) -> Result<T, StepError>
where
    S: Future<Output = Result<T, Error>>,
    L: Future<Output = Result<Option<T>, Error>>,
{
    until_known(policy, taken, false, send, look_up).await
}

/// The same after an earlier attempt whose outcome is unknown.
pub(super) async fn again<T, S, L>(
    policy: CreatePolicy,
    taken: &[&str],
    send: impl Fn() -> S,
    look_up: impl Fn() -> L,
) -> Result<T, StepError>
where
    S: Future<Output = Result<T, Error>>,
    L: Future<Output = Result<Option<T>, Error>>,
{
    until_known(policy, taken, true, send, look_up).await
}

async fn until_known<T, S, L>(
    policy: CreatePolicy,
    taken: &[&str],
    mut in_doubt: bool,
    send: impl Fn() -> S,
    look_up: impl Fn() -> L,
) -> Result<T, StepError>
where
    S: Future<Output = Result<T, Error>>,
    L: Future<Output = Result<Option<T>, Error>>,
{
    let mut attempt = 1;
    loop {
        let error = match send().await {
            Ok(created) => return Ok(created),
            Err(error) => error,
        };
        let was_taken = in_doubt && error.error_code().is_some_and(|code| taken.contains(&code));
        if !error.is_ambiguous() && !was_taken {
            return Err(if in_doubt { StepError::InDoubt(error) } else { error.into() });
        }
        in_doubt = true;
        // A name that is taken by this create itself is a create that is still under way.
        let limit = if was_taken { policy.settle.max(LONGEST_CREATE) } else { policy.settle };
        match settle(limit, &look_up).await {
            Ok(Some(found)) => {
                tracing::info!(%error, attempt, "a create without an answer was found done");
                return Ok(found);
            }
            Ok(None) if attempt < policy.attempts && !was_taken && error.operation_id().is_none() => {
                let pause = error.api().and_then(|api| api.retry_after).unwrap_or(UNSTATED_PAUSE);
                tracing::info!(%error, attempt, "a create without an answer was found not done, and is sent again");
                tokio::time::sleep(pause).await;
                attempt += 1;
            }
            Ok(None) if was_taken => return Err(StepError::InDoubt(error)),
            Ok(None) => return Err(error.into()),
            Err(lookup) => return Err(StepError::Unresolved { create: Box::new(error), lookup: Box::new(lookup) }),
        }
    }
}

/// Looks until something is found or `limit` has passed.
pub(crate) async fn settle<T, L>(limit: Duration, look_up: &impl Fn() -> L) -> Result<Option<T>, Error>
where
    L: Future<Output = Result<Option<T>, Error>>,
{
    let mut waited = Duration::ZERO;
    let mut pause = FIRST_PAUSE;
    loop {
        let found = look_up().await?;
        if found.is_some() || waited >= limit {
            return Ok(found);
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use fabric_client::ApiError;
    use tokio::time::Instant;

    use super::*;

    fn refused(status: u16, code: &str, ambiguous: bool) -> Error {
        Error::Api(Box::new(ApiError {
            status,
            error_code: Some(code.to_owned()),
            message: String::new(),
            request_id: None,
            more_details: Vec::new(),
            is_retriable: None,
            related_resource: None,
            retry_after: None,
            method: "POST".parse().unwrap(),
            url_template: "/v1/workspaces/{workspaceId}/items",
            ambiguous,
            attempts: None,
        }))
    }

    const RETRYING: CreatePolicy = CreatePolicy { attempts: 4, settle: Duration::from_secs(20) };

    /// Creates something whose first answer is lost and that shows after `seconds`; gives how often it was sent.
    async fn slow_create(policy: CreatePolicy, seconds: u64, unique: bool) -> (Result<u32, StepError>, u32) {
        let began = Instant::now();
        let sent = Cell::new(0);
        let send = || async {
            sent.set(sent.get() + 1);
            match (sent.get(), unique) {
                (1, _) => Err(refused(503, "UnknownError", true)),
                (_, true) => Err(refused(409, "Taken", false)),
                (_, false) => Ok(2),
            }
        };
        let look_up = || async { Ok((began.elapsed() >= Duration::from_secs(seconds)).then_some(1)) };
        let created = once(policy, &["Taken"], send, look_up).await;
        (created, sent.get())
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_the_create_itself_has_taken_is_waited_for() {
        let (created, sent) = slow_create(RETRYING, 300, true).await;
        assert_eq!((created.unwrap(), sent), (1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_that_no_name_protects_is_not_sent_again_while_it_may_be_under_way() {
        let (created, sent) = slow_create(RETRYING.of_type("SemanticModel"), 300, false).await;
        assert_eq!((created.unwrap(), sent), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_second_attempt_it_is_looked_up_once() {
        let began = Instant::now();
        let (created, sent) = slow_create(CreatePolicy::default().of_type("Report"), 300, false).await;
        assert!(created.is_err());
        assert_eq!((sent, began.elapsed()), (1, Duration::ZERO));
    }
}
