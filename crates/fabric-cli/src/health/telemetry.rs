//! Whether whoever is told what happens would take it, where telemetry is on.

use std::time::Duration;

use fabric_deploy::report;
use fabric_flags::Feature;
use fabric_telemetry::Probe;

use super::{Finding, Surroundings, milliseconds};
use crate::telemetry;
use crate::variables::{CONNECTION_STRING, OTLP_ENDPOINT, TELEMETRY_FILE};

/// How long each receiver may take: less than a check, so that one which hangs does not hide what the others say.
const PATIENCE: Duration = Duration::from_millis(1500);

pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    let context = surroundings.context;
    if !context.flags.is_on(Feature::Telemetry) {
        return Ok(Finding::disabled("FEATURE_USE_TELEMETRY is off: nobody is told"));
    }
    let receivers = telemetry::receivers(&context.environment).map_err(|failure| {
        let advice = failure.remedy().unwrap_or_else(|| "check the variables that say where telemetry goes".to_owned());
        Finding::unhealthy(report::error_text(&failure), advice)
    })?;
    let probes = receivers.probe(PATIENCE).await;
    let detail = probes.iter().map(said).collect::<Vec<_>>().join("; ");
    let refusing: Vec<_> = probes.iter().filter(|probe| probe.result.is_err()).map(variable).collect();
    if refusing.is_empty() {
        return Ok(Finding::healthy(detail));
    }
    // A deployment goes on without: telemetry changes nothing of what it does.
    let advice = format!(
        "a deployment works, and what it tells is lost: check {}, and whether this machine may reach what it names",
        refusing.join(", ")
    );
    Ok(Finding::degraded(detail, advice))
}

fn said(probe: &Probe) -> String {
    let Probe { exporter, latency, result } = probe;
    let answer = result.as_ref().map_or_else(|reason| reason.replace('\n', " "), |()| "accepts".to_owned());
    format!("{exporter}: {answer} ({} ms)", milliseconds(*latency))
}

/// The variable that names a receiver.
fn variable(probe: &Probe) -> &'static str {
    match probe.exporter {
        "application_insights" => CONNECTION_STRING.name,
        "otlp" => OTLP_ENDPOINT.name,
        _ => TELEMETRY_FILE.name,
    }
}
