//! How a command ended, in OpenTelemetry's words.

use tracing::{Level, Span, event};

use crate::exit::Exit;
use crate::failure::Failure;

/// What `cicd.pipeline.result` and `error.type` say.
fn words(exit: Exit) -> (&'static str, Option<&'static str>) {
    match exit {
        Exit::Success | Exit::Changes => ("success", None),
        Exit::RolledBack => ("failure", Some("rolled_back")),
        Exit::Failed => ("failure", Some("failed")),
        Exit::Stuck => ("error", Some("stuck")),
        Exit::Denied => ("error", Some("denied")),
        Exit::InvalidInput => ("error", Some("invalid_input")),
        Exit::Usage => ("error", Some("usage")),
        Exit::TryLater => ("timeout", Some("try_later")),
        Exit::Interrupted => ("cancellation", Some("interrupted")),
    }
}

/// Writes it into the command's span, and an error as an event as well.
pub(super) fn record(command: &Span, result: &Result<Exit, Failure>) {
    let exit = match result {
        Ok(exit) => *exit,
        Err(failure) => failure.exit(),
    };
    let (result_word, error_type) = words(exit);
    command.record("cicd.pipeline.result", result_word);
    command.record("process.exit.code", exit as i32);
    let Some(error_type) = error_type else { return };
    let Err(failure) = result else {
        command.record("error.type", error_type);
        return;
    };
    let code = failure.fabric().and_then(fabric_client::Error::error_code).unwrap_or(error_type);
    let message = fabric_deploy::report::error_text(failure);
    command.record("error.type", code);
    command.record("exception.message", &message);
    exception(command, code, &message);
}

/// An error as an event. The log has it already, in better words.
pub(super) fn exception(command: &Span, kind: &str, message: &str) {
    event!(
        name: "exception", target: "fabric_cli", parent: command, Level::DEBUG,
        "exception.type" = kind, "exception.message" = message,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_its_words() {
        let ends = [
            (Exit::Success, "success", None),
            (Exit::Changes, "success", None),
            (Exit::Failed, "failure", Some("failed")),
            (Exit::RolledBack, "failure", Some("rolled_back")),
            (Exit::Stuck, "error", Some("stuck")),
            (Exit::Denied, "error", Some("denied")),
            (Exit::InvalidInput, "error", Some("invalid_input")),
            (Exit::Usage, "error", Some("usage")),
            (Exit::TryLater, "timeout", Some("try_later")),
            (Exit::Interrupted, "cancellation", Some("interrupted")),
        ];
        for (exit, result, error_type) in ends {
            assert_eq!(words(exit), (result, error_type), "{exit:?}");
        }
    }
}
