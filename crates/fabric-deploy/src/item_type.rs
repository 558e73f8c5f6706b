//! What the deployment knows of item types. A type that is not listed is deployed by the generic rules.

/// The order in which independent items start when not everything can start at once, as the field does it: what
/// others refer to first. A position, not a dependency: dependencies come from the references in definitions.
const ORDER: &[&str] = &[
    "VariableLibrary",
    "Warehouse",
    "MirroredDatabase",
    "Lakehouse",
    "SQLDatabase",
    "CosmosDBDatabase",
    "Environment",
    "UserDataFunction",
    "Eventhouse",
    "SparkJobDefinition",
    "Notebook",
    "SemanticModel",
    "Report",
    "PaginatedReport",
    "CopyJob",
    "DataBuildToolJob",
    "KQLDatabase",
    "KQLQueryset",
    "Dataflow",
    "DataPipeline",
    "Reflex",
    "Eventstream",
    "KQLDashboard",
    "GraphQLApi",
    "ApacheAirflowJob",
    "MountedDataFactory",
    "Ontology",
    "DataAgent",
    "MLExperiment",
    "Map",
    "GraphModel",
];

/// Where a type stands in the field's order; unlisted types come last.
pub fn rank(item_type: &str) -> usize {
    ORDER.iter().position(|listed| *listed == item_type).unwrap_or(ORDER.len())
}

/// Whether deleting an item of this type deletes data that no definition can bring back.
pub fn holds_data(item_type: &str) -> bool {
    matches!(
        item_type,
        "Lakehouse"
            | "Warehouse"
            | "SQLDatabase"
            | "CosmosDBDatabase"
            | "Eventhouse"
            | "KQLDatabase"
            | "MirroredDatabase"
            | "SnowflakeDatabase"
            | "MLModel"
            | "MLExperiment"
            | "GraphModel"
            | "DigitalTwinBuilder"
    )
}

/// Whether items of this type come and go with another item and are never deployed or deleted by themselves.
pub fn is_child_only(item_type: &str) -> bool {
    matches!(item_type, "SQLEndpoint" | "MirroredWarehouse" | "Datamart" | "Dashboard")
}

/// Whether the service lets two items of this type have one name.
pub fn allows_equal_names(item_type: &str) -> bool {
    matches!(item_type, "Report" | "SemanticModel" | "PaginatedReport" | "Dashboard")
}
