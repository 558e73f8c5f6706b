//! The log: lines on standard error, off unless asked for.

use thiserror::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A log that cannot be started.
#[derive(Debug, Error)]
#[error("--log-level {level:?} is neither off, error, warn, info, debug, trace nor a tracing filter: {reason}")]
pub(crate) struct LogError {
    level: String,
    reason: String,
}

/// Starts it at `level`.
pub(crate) fn start_log(level: &str) -> Result<(), LogError> {
    let error = |reason: String| LogError { level: level.to_owned(), reason };
    let filter = EnvFilter::try_new(level).map_err(|parse| error(parse.to_string()))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never)
        .with_target(false);
    tracing_subscriber::registry().with(filter).with(lines).try_init().map_err(|init| error(init.to_string()))
}
