//! The emulator's knobs: how slow, how strict and how strange it is.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Every knob of the emulator, also readable and changeable under `/_emulator/settings`.
///
/// Durations are in milliseconds when serialised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Real time added before every answer of the Fabric API.
    #[serde(rename = "latency_ms", with = "milliseconds")]
    pub latency: Duration,
    /// How long a long-running operation takes.
    #[serde(rename = "operation_duration_ms", with = "milliseconds")]
    pub operation_duration: Duration,
    /// For how much of that time an operation says `NotStarted` before it says `Running`.
    #[serde(rename = "operation_queue_ms", with = "milliseconds")]
    pub operation_queue: Duration,
    /// How long after its parent a child item (`SQLEndpoint`, `KQLDatabase`) and late properties appear.
    #[serde(rename = "provisioning_delay_ms", with = "milliseconds")]
    pub provisioning_delay: Duration,
    /// How long the name of a deleted item stays taken.
    #[serde(rename = "name_reservation_ms", with = "milliseconds")]
    pub name_reservation: Duration,
    /// How long an on-demand job runs.
    #[serde(rename = "job_duration_ms", with = "milliseconds")]
    pub job_duration: Duration,
    /// How long a token is valid once issued.
    #[serde(rename = "token_lifetime_ms", with = "milliseconds")]
    pub token_lifetime: Duration,
    /// Most entries on one page of a list; `None`: everything on one page.
    pub page_size: Option<usize>,
    /// Scheme and host that `Location` names for operations, such as `https://wabi-west-europe-redirect.example`;
    /// `None`: the emulator itself.
    pub foreign_operation_host: Option<String>,
    /// What decides between an immediate and a long-running answer.
    pub answers: Answers,
    /// Whether definitions come back changed the way the service changes them.
    pub normalise_definitions: bool,
    /// Whether item types that refuse service principals do so.
    pub refuse_service_principals: bool,
    /// Most items in a workspace; `None`: no limit. The documented limit is 1 000.
    pub item_limit: Option<usize>,
    /// The status of `ItemDisplayNameAlreadyInUse` and `ItemDisplayNameNotAvailableYet`: 409, historically 400.
    pub name_conflict_status: u16,
    /// Requests allowed per API class, caller and window; `None`: no throttling.
    pub throttle_budget: Option<u32>,
    /// The folder of the Git provider's bare repositories, which any `git` on this machine can read; `None`: there is
    /// no provider.
    pub repositories: Option<PathBuf>,
    /// The length of the throttling window.
    #[serde(rename = "throttle_window_ms", with = "milliseconds")]
    pub throttle_window: Duration,
}

/// What decides whether an operation answers at once or with 202.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// What was recorded for each item type.
    PerType,
    /// 202 wherever the published contract allows it.
    ForceLongRunning,
    /// Never 202 where the published contract allows an immediate answer.
    ForceImmediate,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            latency: Duration::ZERO,
            operation_duration: Duration::ZERO,
            operation_queue: Duration::ZERO,
            provisioning_delay: Duration::ZERO,
            name_reservation: Duration::ZERO,
            job_duration: Duration::ZERO,
            token_lifetime: Duration::from_secs(24 * 60 * 60),
            page_size: None,
            foreign_operation_host: None,
            answers: Answers::PerType,
            normalise_definitions: true,
            refuse_service_principals: true,
            item_limit: None,
            name_conflict_status: 409,
            throttle_budget: None,
            repositories: None,
            throttle_window: Duration::from_secs(60),
        }
    }
}

mod milliseconds {
    //! Durations as a whole number of milliseconds.

    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}
