//! What a product configuration says about how to deploy.

use std::path::PathBuf;

use crate::document::MappingReader;

/// How a product is deployed, beside what is deployed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductSettings {
    /// The product's name.
    pub product: String,
    /// The environment.
    pub environment: String,
    /// `deployment.rollback_on_error`, where it is given.
    pub rollback_on_error: Option<bool>,
    /// `audit.enabled`, where it is given.
    pub audit_enabled: Option<bool>,
    /// `audit.reference`: what the audit trail calls the deployment.
    pub audit_reference: Option<String>,
    /// Whether the names of items were held against naming standards.
    pub names_checked: bool,
    /// The product configuration.
    pub config: PathBuf,
    /// The project configuration. Its folder is the project's root.
    pub project_config: PathBuf,
}

/// The settings that the product configuration itself holds.
pub(super) fn read(root: &MappingReader<'_, '_>) -> ProductSettings {
    let audit = root.optional_mapping("audit");
    let deployment = root.optional_mapping("deployment");
    ProductSettings {
        rollback_on_error: deployment
            .and_then(|deployment| deployment.optional_bool("rollback_on_error"))
            .map(|flag| flag.value),
        audit_enabled: audit.as_ref().and_then(|audit| audit.optional_bool("enabled")).map(|flag| flag.value),
        audit_reference: audit.and_then(|audit| audit.optional_string("reference")).map(|text| text.value),
        ..ProductSettings::default()
    }
}
