//! Where telemetry goes, as the variables say.

use std::path::Path;
use std::sync::Arc;

use fabric_telemetry::{
    Carried, CarriedError, ConnectionString, HttpTransport, OtlpSettings, Redactor, Resource, Telemetry,
    TelemetryBuilder, Transport, parse_traceparent,
};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::render;
use crate::variables::{
    BAGGAGE, CONNECTION_STRING, HOST, INSTRUMENTATION_KEY, OTLP_ENDPOINT, OTLP_HEADERS, OTLP_PROTOCOL, SERVICE_NAME,
    TELEMETRY_FILE, TRACEPARENT, TRACESTATE, Variable,
};

fn wrong(variable: &Variable, reason: impl std::fmt::Display) -> Failure {
    Failure::Telemetry { variable: variable.name, reason: reason.to_string() }
}

/// Telemetry to every place that a variable names, and warnings of what is ignored or old.
pub(super) fn builder(environment: &Environment) -> Result<TelemetryBuilder, Failure> {
    let builder = receivers(environment)?;
    if environment.value(&CONNECTION_STRING).is_none() && environment.value(&INSTRUMENTATION_KEY).is_some() {
        render::say_warning(&format_args!(
            "{} is a bare instrumentation key, whose support Microsoft ended on 2025-03-31: set {} instead",
            INSTRUMENTATION_KEY.name, CONNECTION_STRING.name
        ));
    }
    let parent = parent(environment);
    Ok(builder.parent(parent).carrying(carried(environment, parent.is_some())))
}

/// Every place that a variable names.
pub(crate) fn receivers(environment: &Environment) -> Result<TelemetryBuilder, Failure> {
    let resource = Resource {
        service_name: environment.value(&SERVICE_NAME).unwrap_or("fabric-cli").to_owned(),
        service_version: env!("CARGO_PKG_VERSION").to_owned(),
        host_name: environment.value(&HOST).unwrap_or("unknown").to_owned(),
    };
    let redactor = redactor(environment).ok_or(Failure::NoRedaction)?;
    let mut builder = Telemetry::builder(resource, redactor);
    let connection = connection(environment)?;
    let otlp = otlp(environment)?;
    let file = environment.value(&TELEMETRY_FILE);
    if connection.is_none() && otlp.is_none() && file.is_none() {
        return Err(Failure::TelemetryNowhere);
    }
    if let Some(connection) = connection {
        builder = builder.application_insights(&connection, transport(&CONNECTION_STRING)?);
    }
    if let Some(settings) = otlp {
        builder = builder.otlp(settings, transport(&OTLP_ENDPOINT)?);
    }
    if let Some(file) = file {
        builder = builder.file(Path::new(file)).map_err(|error| wrong(&TELEMETRY_FILE, error))?;
    }
    Ok(builder)
}

fn transport(variable: &Variable) -> Result<Arc<dyn Transport>, Failure> {
    Ok(Arc::new(HttpTransport::new().map_err(|error| wrong(variable, error))?))
}

fn connection(environment: &Environment) -> Result<Option<ConnectionString>, Failure> {
    if let Some(text) = environment.value(&CONNECTION_STRING) {
        return ConnectionString::parse(text).map(Some).map_err(|error| wrong(&CONNECTION_STRING, error));
    }
    let Some(key) = environment.value(&INSTRUMENTATION_KEY) else { return Ok(None) };
    ConnectionString::of_instrumentation_key(key).map(Some).map_err(|error| wrong(&INSTRUMENTATION_KEY, error))
}

fn otlp(environment: &Environment) -> Result<Option<OtlpSettings>, Failure> {
    let Some(endpoint) = environment.value(&OTLP_ENDPOINT) else { return Ok(None) };
    let headers = environment.value(&OTLP_HEADERS).unwrap_or_default();
    let settings = OtlpSettings::parse(endpoint, headers, environment.value(&OTLP_PROTOCOL));
    settings.map(Some).map_err(|error| {
        let variable = match error {
            fabric_telemetry::OtlpSettingsError::Endpoint(_) => &OTLP_ENDPOINT,
            fabric_telemetry::OtlpSettingsError::Header(_) => &OTLP_HEADERS,
            fabric_telemetry::OtlpSettingsError::Protocol(_) => &OTLP_PROTOCOL,
        };
        wrong(variable, error)
    })
}

/// The trace of whoever started this process. One that cannot be read is said; a new one begins then.
fn parent(environment: &Environment) -> Option<fabric_telemetry::SpanContext> {
    let text = environment.value(&TRACEPARENT)?;
    match parse_traceparent(text) {
        Ok(parent) => Some(parent),
        Err(error) => {
            render::say_warning(&format_args!("{} is ignored: {error}", TRACEPARENT.name));
            None
        }
    }
}

/// What travels with the trace. A `tracestate` belongs to the `traceparent` that it came with; what is none is said.
fn carried(environment: &Environment, continues: bool) -> Carried {
    type Add = fn(Carried, &str) -> Result<Carried, CarriedError>;
    let given: [(&Variable, bool, Add); 2] =
        [(&TRACESTATE, continues, Carried::with_tracestate), (&BAGGAGE, true, Carried::with_baggage)];
    let mut carried = Carried::default();
    for (variable, counts, add) in given {
        let Some(text) = environment.value(variable).filter(|_| counts) else { continue };
        match add(carried.clone(), text) {
            Ok(more) => carried = more,
            Err(error) => render::say_warning(&format_args!("{} is ignored: {error}", variable.name)),
        }
    }
    carried
}

/// Knows every secret that this process was given.
fn redactor(environment: &Environment) -> Option<Redactor> {
    let redactor = Redactor::new()?;
    for (_, value) in environment.secrets() {
        redactor.register(value);
    }
    Some(redactor)
}
