//! Every key of `product_config.yaml` and `project.config.json`, and what becomes of it.

use crate::document::{KeyTable, Treatment::*};


/// The keys of `product_config.yaml`.
pub(super) const PRODUCT_KEYS: &KeyTable = &[
    ("product.name", Effect),
    ("product.description", Information),
    ("product.owner_email", Information),
    ("product.technical_lead", Information),
    ("product.domain", Information),
    ("environments.*.enabled", Effect),
    ("environments.*.capacity_id", Effect),
    ("environments.*.description", Effect),
    ("environments.*.create_folders", Effect),
    ("environments.*.folder_structure.**", Effect),
    ("environments.*.use_medallion_architecture", Effect),
    ("environments.*.capacity_type", NoEffect("`capacity_id` alone chooses the capacity")),
    ("environments.*.auto_deploy", NoEffect("a deployment happens when it is asked for")),
    ("environments.*.name", Effect),
    ("git.enabled", Effect),
    ("git.provider", Effect),
    ("git.organization", Effect),
    ("git.project", Effect),
    ("git.repository", Effect),
    ("git.branch", Effect),
    ("git.directory", Effect),
    ("git.auto_connect", Effect),
    ("git.auto_commit", Effect),
    ("git.max_retries", NoEffect("how often a call is sent at most is `--max-attempts`, for every call")),
    ("workspace.create_items", Effect),
    ("workspace.validate_naming", Effect),
    ("source", Effect),
    ("parameters", Effect),
    ("items.lakehouses[].name", Effect),
    ("items.lakehouses[].description", Effect),
    ("items.notebooks[].name", Effect),
    ("items.notebooks[].description", Effect),
    ("items.notebooks[].language", Information),
    ("users[].email", Effect),
    ("users[].name", Effect),
    ("users[].role", Effect),
    ("users[].principal_type", Effect),
    ("naming.validate", Effect),
    ("naming.strict_mode", Effect),
    ("naming.auto_fix", Always(false, "names are never changed; a conforming name is suggested instead")),
    ("audit.enabled", Effect),
    ("audit.reference", Effect),
    ("audit.log_all_operations", Always(true, "the audit trail records every operation")),
    ("deployment.rollback_on_error", Effect),
    ("deployment.wait_for_completion", Always(true, "a deployment always waits for what it started")),
    ("deployment.verify_items_created", Always(true, "a deployment always reads again what it touched")),
];

/// The collections of `items` and the item type of each.
pub(super) const COLLECTIONS: [(&str, &str); 2] = [("lakehouses", "Lakehouse"), ("notebooks", "Notebook")];

/// The keys of `project.config.json`.
pub(super) const PROJECT_KEYS: &KeyTable = &[
    ("project.name", Effect),
    ("project.prefix", Effect),
    ("project.organization", Effect),
    ("project.description", Information),
    ("naming_patterns.workspace", Effect),
    ("naming_patterns.*", Information),
    ("environments.*.description", Information),
    ("environments.*.auto_deploy", Information),
    (
        "environments.*.requires_approval",
        Always(false, "approval is the pipeline's business; nothing waits for it here"),
    ),
    ("environments.*.additional_validations", Always(false, "every check always runs, in every environment")),
    ("git_integration.**", NoEffect("the `git` section of the product configuration names the repository")),
    ("azure.**", Information),
    ("github.**", Information),
    ("contacts.**", Information),
    ("purview.**", Information),
    ("products.**", Information),
    ("metadata.**", Information),
];
