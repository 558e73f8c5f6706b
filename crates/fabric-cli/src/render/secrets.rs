//! Secrets for people and machines: everything about them but their values.

use std::io::{self, Write};
use std::time::SystemTime;

use fabric_identity::Method;
use fabric_secrets::{Freshness, ListedSecret, Properties, Secret, SecretName, Source};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::style::{ERROR, WARNING};
use crate::secrets::{self, ReferenceError};

/// What the `secrets` commands print.
#[derive(Debug, Serialize)]
pub(crate) struct SecretsDocument {
    schema_version: &'static str,
    command: &'static str,
    /// How the vault is opened; nothing where there is none.
    vault_identity: Option<String>,
    secrets: Vec<SecretRow>,
    duration_ms: u64,
}

/// One secret.
#[derive(Debug, Serialize)]
pub(crate) struct SecretRow {
    name: String,
    status: &'static str,
    source: Option<String>,
    version: Option<String>,
    updated: Option<String>,
    expires: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    used: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip)]
    age_days: Option<u64>,
}

impl SecretsDocument {
    pub(crate) fn new(
        command: &'static str,
        opener: Option<Method>,
        secrets: Vec<SecretRow>,
        duration_ms: u64,
    ) -> Self {
        Self {
            schema_version: "1",
            command,
            vault_identity: opener.map(|method| method.to_string()),
            secrets,
            duration_ms,
        }
    }

    /// A line for each, and one to close.
    pub(super) fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for row in &self.secrets {
            row.text(out)?;
        }
        match (&self.vault_identity, self.secrets.len()) {
            (Some(identity), 1) => writeln!(out, "1 secret; the vault is opened by {identity}"),
            (Some(identity), count) => writeln!(out, "{count} secrets; the vault is opened by {identity}"),
            (None, 1) => writeln!(out, "1 secret; no vault is asked (FEATURE_USE_KEY_VAULT is off)"),
            (None, count) => writeln!(out, "{count} secrets; no vault is asked (FEATURE_USE_KEY_VAULT is off)"),
        }
    }
}

impl SecretRow {
    fn of(name: String, status: &'static str, source: &Source, properties: &Properties) -> Self {
        Self {
            name,
            status,
            source: Some(secrets::source_name(source)),
            version: properties.version.clone(),
            updated: properties.updated.and_then(instant),
            expires: properties.expires.and_then(instant),
            used: Vec::new(),
            error: None,
            age_days: properties.updated.and_then(days_since),
        }
    }

    /// A secret that a vault lists.
    pub(crate) fn listed(listed: &ListedSecret, source: &Source) -> Self {
        let status = if listed.enabled { "enabled" } else { "disabled" };
        Self::of(listed.name.to_string(), status, source, &listed.properties)
    }

    /// A secret that was written.
    pub(crate) fn written(name: &SecretName, source: &Source, properties: &Properties) -> Self {
        Self::of(name.to_string(), "written", source, properties)
    }

    /// What came of a reference.
    pub(crate) fn checked(reference: &str, used: Vec<String>, answer: &Result<Secret, ReferenceError>) -> Self {
        let name = secrets::parse(reference).map_or_else(|_| reference.to_owned(), |(name, _)| name.to_string());
        match answer {
            Ok(secret) => {
                let status = match secret.freshness() {
                    Freshness::Fresh => "found",
                    Freshness::Stale { .. } => "stale",
                };
                Self { used, ..Self::of(name, status, secret.source(), secret.properties()) }
            }
            Err(error) => Self {
                name,
                status: secrets::status_of(error.failure()),
                source: None,
                version: None,
                updated: None,
                expires: None,
                used,
                error: Some(error.to_string()),
                age_days: None,
            },
        }
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { name, status, source, version, updated, expires, used, error, age_days } = self;
        match error {
            Some(error) => write!(out, "{name}  {ERROR}{status}{ERROR:#}: {error}")?,
            None if *status == "disabled" => write!(out, "{name}  {WARNING}{status}{WARNING:#}")?,
            None => write!(out, "{name}  {status}")?,
        }
        if let Some(source) = source {
            write!(out, "  {source}")?;
        }
        if let Some(version) = version {
            write!(out, "  version {version}")?;
        }
        match (updated, age_days) {
            (Some(updated), Some(1)) => write!(out, "  changed {updated} (1 day ago)")?,
            (Some(updated), Some(days)) => write!(out, "  changed {updated} ({days} days ago)")?,
            (Some(updated), None) => write!(out, "  changed {updated}")?,
            (None, _) => {}
        }
        if let Some(expires) = expires {
            write!(out, "  expires {expires}")?;
        }
        writeln!(out)?;
        used.iter().try_for_each(|place| writeln!(out, "    used at {place}"))
    }
}

fn instant(time: SystemTime) -> Option<String> {
    OffsetDateTime::from(time).format(&Rfc3339).ok()
}

#[expect(clippy::disallowed_methods, reason = "how old a secret is, its vault tells by the wall clock")]
fn days_since(time: SystemTime) -> Option<u64> {
    Some(SystemTime::now().duration_since(time).ok()?.as_secs() / 86_400)
}
