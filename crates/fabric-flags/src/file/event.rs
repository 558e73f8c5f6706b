//! The evaluation event that Microsoft's libraries send to Application Insights.

use std::collections::BTreeMap;

use super::decision::{Assignment, Decision};
use crate::Context;

/// The version of the published event schema that the properties follow.
const EVENT_VERSION: &str = "1.0.0";

impl Decision<'_> {
    /// The properties of a `FeatureEvaluation` event (schema 1.0.0); `None` unless the flag's declaration turns
    /// telemetry on. `context` must be the one that the decision was made for.
    pub fn event_properties(&self, context: &Context) -> Option<BTreeMap<String, String>> {
        let definition = self.definition.filter(|definition| definition.telemetry.enabled)?;
        let variant = self.variant.map(|variant| variant.name.as_str());
        let mut properties = definition.telemetry.metadata.clone();
        let mut set = |name: &str, value: &str| properties.insert(name.to_owned(), value.to_owned());
        set("FeatureName", &definition.id);
        set("Enabled", if self.enabled { "True" } else { "False" });
        set("Version", EVENT_VERSION);
        set("TargetingId", context.user_or_empty());
        set("Variant", variant.unwrap_or_default());
        set("VariantAssignmentReason", self.assignment.name());
        let allocation = &definition.allocation;
        if let Some(default) = &allocation.default_when_enabled {
            set("DefaultWhenEnabled", default);
        }
        let percentage = match self.assignment {
            Assignment::DefaultWhenEnabled => Some(100.0 - allocation.share(None)),
            Assignment::Percentile => Some(allocation.share(variant)),
            Assignment::None | Assignment::DefaultWhenDisabled | Assignment::User | Assignment::Group => None,
        };
        if let Some(percentage) = percentage {
            set("VariantAssignmentPercentage", &percentage.to_string());
        }
        Some(properties)
    }
}
