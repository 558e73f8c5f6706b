//! Whether the clocks of this machine and of Fabric agree.

use std::time::Duration;

use super::{Finding, Surroundings};

/// From here on, sign-in is refused: Entra allows five minutes.
const REFUSED: Duration = Duration::from_secs(300);

/// From here on, another machine may take a lease over too early: the grace of a lease.
const LEASE_GRACE: Duration = Duration::from_secs(10);

pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    let told = |reason: &str| Finding::degraded(format!("cannot be told: {reason}"), "see the check `fabric`");
    let answer = surroundings.answer().await.map_err(|_| told("Fabric does not answer"))?;
    let there = answer.date.as_deref().and_then(|date| httpdate::parse_http_date(date).ok());
    let there = there.ok_or_else(|| told("the answer has no date"))?;
    let (skew, direction) = match answer.at.duration_since(there) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    // The header counts whole seconds.
    if skew < Duration::from_secs(2) {
        return Ok(Finding::healthy("this machine's clock agrees with Fabric's to the second"));
    }
    let detail = format!("this machine's clock is {} s {direction} Fabric's", skew.as_secs());
    let advice = "set the clock of this machine: let it follow a time server";
    Ok(if skew >= REFUSED {
        Finding::unhealthy(detail, advice)
    } else if skew >= LEASE_GRACE {
        Finding::degraded(detail, advice)
    } else {
        Finding::healthy(detail)
    })
}
