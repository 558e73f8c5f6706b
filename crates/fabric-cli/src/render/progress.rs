//! What happens while it happens: a bar on a terminal, a line per step in a log, a JSON object per step in NDJSON.

use std::io::IsTerminal;
use std::time::Duration;

use fabric_deploy::execute::Observer;
use fabric_deploy::plan::PlannedStep;
use fabric_deploy::report::{StepReport, StepStatus};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::{sign, step_name};
use super::throttling::Throttling;
use crate::arguments::OutputFormat;
use crate::commands::Context;
use crate::delivery::Platform;

/// How often the bar is drawn anew while nothing happens: what is left of a wait is shown in seconds.
const TICK: Duration = Duration::from_millis(500);

/// The observer for the output of this command.
pub(crate) fn progress(context: &Context, steps: usize) -> Box<dyn Observer> {
    match (context.global.output, context.delivery.platform()) {
        (OutputFormat::Ndjson, _) => Box::new(Objects),
        (_, Some(platform)) => Box::new(Group::new(platform)),
        _ if std::io::stderr().is_terminal() => Box::new(Bar::new(steps, &context.throttling)),
        _ => Box::new(Lines),
    }
}

struct Objects;

impl Observer for Objects {
    fn started(&self, _: &PlannedStep) {}

    fn finished(&self, step: &StepReport) {
        if let Err(error) = super::json(OutputFormat::Ndjson, step) {
            tracing::warn!(%error, "a step could not be written to standard output");
        }
    }
}

struct Lines;

impl Observer for Lines {
    fn started(&self, _: &PlannedStep) {}

    fn finished(&self, step: &StepReport) {
        super::say(&line(step));
    }

    fn verifying(&self) {
        super::say("verifying: reading again what was touched");
    }
}

/// Lines that a pipeline can fold.
struct Group {
    end: &'static str,
}

impl Group {
    fn new(platform: &Platform) -> Self {
        super::say_command(&platform.group("Steps"));
        Self { end: platform.end_of_group() }
    }
}

impl Observer for Group {
    fn started(&self, step: &PlannedStep) {
        Lines.started(step);
    }

    fn finished(&self, step: &StepReport) {
        Lines.finished(step);
    }

    fn verifying(&self) {
        Lines.verifying();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        super::say_command(self.end);
    }
}

struct Bar {
    bar: ProgressBar,
    throttling: Throttling,
}

impl Bar {
    fn new(steps: usize, throttling: &Throttling) -> Self {
        let bar = ProgressBar::with_draw_target(u64::try_from(steps).ok(), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} {throttled}{wide_msg}");
        let bar = bar.with_style(throttling.on_a_bar(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
        bar.enable_steady_tick(TICK);
        Self { bar, throttling: throttling.clone() }
    }
}

impl Observer for Bar {
    fn started(&self, step: &PlannedStep) {
        self.bar.set_message(format!("{} {}", sign(step.change.action()), step.change.subject()));
    }

    fn finished(&self, step: &StepReport) {
        self.bar.inc(1);
        if step.status == StepStatus::Failed {
            self.bar.println(line(step));
        }
    }

    fn verifying(&self) {
        self.bar.set_message("verifying");
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.throttling.no_bar();
    }
}

fn line(step: &StepReport) -> String {
    let word = match step.status {
        StepStatus::Failed => "failed",
        _ => "done",
    };
    format!("{word} {} {} ({} ms)", sign(step.action), step_name(step), step.duration_ms)
}
