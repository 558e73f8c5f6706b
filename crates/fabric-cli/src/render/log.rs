//! The log: lines on standard error, off unless asked for.

use fabric_telemetry::Telemetry;
use thiserror::Error;
use tracing::Subscriber;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::throttling::{self, Throttling};

/// A log that cannot be started.
#[derive(Debug, Error)]
#[error("--log-level {level:?} is neither off, error, warn, info, debug, trace nor a tracing filter: {reason}")]
pub(crate) struct LogError {
    level: String,
    reason: String,
}

fn lines<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never)
        .with_target(false)
}

/// A log that can be started.
pub(crate) struct Log(EnvFilter);

impl Log {
    /// A log of this level.
    pub(crate) fn parse(level: &str) -> Result<Self, LogError> {
        let error = |reason: String| LogError { level: level.to_owned(), reason };
        EnvFilter::try_new(level).map(Self).map_err(|parse| error(parse.to_string()))
    }

    /// Starts it, beside telemetry where that is on. Somebody else's subscriber stays.
    ///
    /// The log's level is the log's alone: waits that the service asks for are told in their own words, whatever it is.
    pub(crate) fn start(self, telemetry: Option<&Telemetry>, throttling: &Throttling) {
        let lines = lines().with_filter(self.0.and(filter_fn(|event| !throttling::is_wait(event))));
        let waits = throttling.layer().with_filter(filter_fn(throttling::is_wait));
        let registry = tracing_subscriber::registry().with(lines).with(waits);
        let started = match telemetry {
            None => registry.try_init(),
            Some(telemetry) => registry.with(telemetry.layer()).try_init(),
        };
        if let Err(error) = started {
            super::say_warning(&error);
        }
    }
}
