//! Whether the capacity is there, active, and of a size that carries Fabric's items.

use fabric_client::{Capacity, CapacityState};

use super::surroundings::refusal;
use super::{Finding, Surroundings};

/// What a deployment may find instead of a usable capacity.
const NONE: &str = "assign the workspace to a capacity: set `capacity_id` in the configuration, or pass --capacity";

pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    let target = surroundings.target()?;
    let workspace = surroundings.workspace(target).await?;
    let now = workspace.and_then(|workspace| workspace.capacity_id);
    let Some(id) = target.capacity.or(now) else {
        return Err(match workspace {
            Some(_) => Finding::unhealthy("the workspace is on no capacity, and none is named", NONE),
            None => Finding::degraded("the workspace does not exist, and no capacity is named for it", NONE),
        });
    };
    let caller = surroundings.caller().await?;
    let listed = caller.client.capacities().list().await;
    let listed = listed.map_err(|error| refusal("list capacities", &error))?;
    let Some(capacity) = listed.iter().find(|capacity| capacity.id == id) else {
        let detail = format!("capacity {id} does not exist, or this identity may not see it");
        return Err(if now == Some(id) {
            Finding::degraded(
                detail,
                "the workspace is on it, so that a deployment may work; to have its state checked, make this identity a contributor of the capacity",
            )
        } else {
            Finding::unhealthy(
                detail,
                "check the id, and make this identity a contributor or administrator of the capacity",
            )
        });
    };
    judge(capacity)
}

fn judge(capacity: &Capacity) -> Result<Finding, Finding> {
    let Capacity { display_name, sku, region, state, .. } = capacity;
    let detail = format!("{display_name} ({sku}, {region}) is {}", state.as_str().to_lowercase());
    if *state != CapacityState::Active {
        return Err(Finding::unhealthy(detail, "resume the capacity in the Azure portal, or name an active one"));
    }
    match usable(sku) {
        Some(true) => Ok(Finding::healthy(detail)),
        Some(false) => Err(Finding::unhealthy(
            format!("{detail}, and its size does not carry Fabric's items"),
            "use a capacity of a SKU that supports Fabric items (F, P or trial)",
        )),
        None => Ok(Finding::degraded(detail, "this version does not know the size: a deployment may work")),
    }
}

/// Whether a capacity of this size carries Fabric's items: F (Fabric), FT (trial) and P (Premium) do; A and EM
/// (embedding) and PP (Premium per user) carry Power BI's alone.
fn usable(sku: &str) -> Option<bool> {
    let family = sku.trim_end_matches(|character: char| character.is_ascii_digit());
    match family {
        "F" | "FT" | "FTL" | "P" => Some(true),
        "A" | "EM" | "PP" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_of_sizes() {
        let cases = [("F2", Some(true)), ("F2048", Some(true)), ("P1", Some(true)), ("FT1", Some(true))];
        let others = [("A4", Some(false)), ("EM3", Some(false)), ("PP3", Some(false)), ("", None), ("X1", None)];
        for (sku, expected) in cases.into_iter().chain(others) {
            assert_eq!(usable(sku), expected, "{sku}");
        }
    }
}
