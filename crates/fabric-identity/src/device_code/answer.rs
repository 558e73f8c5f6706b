//! What the services answer.

use std::time::Duration;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::{DeviceCodeError, Tokens};

/// A code was given.
#[derive(Deserialize)]
pub(super) struct Begun {
    pub(super) user_code: String,
    #[serde(deserialize_with = "secret")]
    pub(super) device_code: SecretString,
    pub(super) verification_uri: String,
    /// Seconds.
    pub(super) expires_in: u64,
    /// Seconds.
    pub(super) interval: Option<u64>,
}

/// A token was given.
#[derive(Deserialize)]
pub(super) struct Granted {
    #[serde(deserialize_with = "secret")]
    access_token: SecretString,
    #[serde(default, deserialize_with = "optional_secret")]
    refresh_token: Option<SecretString>,
    /// Seconds.
    expires_in: Option<u64>,
}

impl Granted {
    pub(super) fn into_tokens(self) -> Tokens {
        Tokens {
            access: self.access_token,
            refresh: self.refresh_token,
            expires_in: self.expires_in.map(Duration::from_secs),
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
    /// Seconds.
    interval: Option<u64>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

fn optional_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

/// Reads an answer. A refusal is one whatever its status: GitHub's is 200.
pub(super) fn read<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, DeviceCodeError> {
    if let Ok(refusal) = serde_json::from_slice::<Refusal>(body) {
        let message = refusal.error_description.unwrap_or_else(|| refusal.error.clone());
        return Err(DeviceCodeError::Refused {
            status,
            code: refusal.error,
            // The first line: the rest are ids of the trace.
            message: message.lines().next().unwrap_or_default().trim().to_owned(),
            interval: refusal.interval.map(Duration::from_secs),
        });
    }
    if status >= 500 {
        return Err(DeviceCodeError::Unreachable(format!("the service answered {status}")));
    }
    serde_json::from_slice(body).map_err(|_| DeviceCodeError::Unusable { status })
}
