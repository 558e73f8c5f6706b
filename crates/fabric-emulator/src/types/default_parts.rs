//! The definition of an item that was created without one, and parts the service adds to what it is given.

use super::ItemType;

/// Parts that an item of the type has without ever having been given a definition.
pub(crate) fn of(item_type: &ItemType) -> &'static [(&'static str, &'static str)] {
    match item_type.name {
        "Notebook" => &[("notebook-content.py", NOTEBOOK)],
        "DataPipeline" => &[("pipeline-content.json", "{\n  \"properties\": {\n    \"activities\": []\n  }\n}")],
        "SparkJobDefinition" => &[("SparkJobDefinitionV1.json", SPARK_JOB_DEFINITION)],
        "Lakehouse" => {
            &[("lakehouse.metadata.json", "{}"), ("shortcuts.metadata.json", "[]"), ("alm.settings.json", ALM_SETTINGS)]
        }
        "Environment" => &[("Setting/Sparkcompute.yml", SPARK_COMPUTE)],
        "Eventhouse" => &[("EventhouseProperties.json", "{}")],
        "KQLDatabase" => &[("DatabaseProperties.json", "{}"), ("DatabaseSchema.kql", "")],
        "KQLQueryset" => &[("RealTimeQueryset.json", "{}")],
        "KQLDashboard" => &[("RealTimeDashboard.json", "{}")],
        "Eventstream" => &[("eventstream.json", EVENTSTREAM), ("eventstreamProperties.json", EVENTSTREAM_PROPERTIES)],
        "Reflex" => &[("ReflexEntities.json", "[]")],
        "GraphQLApi" => &[("graphql-definition.json", "{\n  \"datasources\": []\n}")],
        "MountedDataFactory" => &[("mountedDataFactory-content.json", "{}\n")],
        "CopyJob" => &[("copyjob-content.json", "{\n  \"properties\": {},\n  \"activities\": []\n}")],
        "VariableLibrary" => &[("variables.json", VARIABLES), ("settings.json", VARIABLE_SETTINGS)],
        "Dataflow" => {
            &[("queryMetadata.json", "{\n  \"formatVersion\": \"202502\"\n}"), ("mashup.pq", "section Section1;")]
        }
        "Map" => &[("map.json", "{}")],
        "GraphQuerySet" => &[("exportedDefinition.json", "{}")],
        "UserDataFunction" | "DigitalTwinBuilder" | "DigitalTwinBuilderFlow" | "CosmosDBDatabase" | "Ontology" => {
            &[("definition.json", "{}")]
        }
        _ => &[],
    }
}

/// Parts that the service adds where a definition lacks them.
pub(crate) fn added_to(item_type: &ItemType) -> &'static [(&'static str, &'static str)] {
    match item_type.name {
        "Lakehouse" | "Environment" => of(item_type),
        _ => &[],
    }
}

const NOTEBOOK: &str = "# Fabric notebook source\n\n# METADATA ********************\n\n# META {\n# META   \"kernel_info\": {\n# META     \"name\": \"synapse_pyspark\"\n# META   },\n# META   \"dependencies\": {}\n# META }\n\n# CELL ********************\n\n# Welcome to your new notebook\n";

const SPARK_JOB_DEFINITION: &str = "{\r\n  \"executableFile\": null,\r\n  \"defaultLakehouseArtifactId\": null,\r\n  \"mainClass\": null,\r\n  \"additionalLakehouseIds\": [],\r\n  \"retryPolicy\": null,\r\n  \"commandLineArguments\": null,\r\n  \"additionalLibraryUris\": null,\r\n  \"language\": null,\r\n  \"environmentArtifactId\": null\r\n}";

const ALM_SETTINGS: &str = "{\n  \"version\": \"1.0.1\",\n  \"objectTypes\": [\n    {\n      \"name\": \"Shortcuts\",\n      \"state\": \"Enabled\"\n    },\n    {\n      \"name\": \"DataAccessRoles\",\n      \"state\": \"Disabled\"\n    }\n  ]\n}";

const SPARK_COMPUTE: &str = "enable_native_execution_engine: false\ndriver_cores: 8\ndriver_memory: 56g\nexecutor_cores: 8\nexecutor_memory: 56g\ndynamic_executor_allocation:\n  enabled: true\n  min_executors: 1\n  max_executors: 9\nruntime_version: 1.3\n";

const EVENTSTREAM: &str = "{\n  \"sources\": [],\n  \"destinations\": [],\n  \"streams\": [],\n  \"operators\": [],\n  \"compatibilityLevel\": \"1.0\"\n}";

const EVENTSTREAM_PROPERTIES: &str = "{\n  \"retentionTimeInDays\": 1,\n  \"eventThroughputLevel\": \"Low\"\n}";

const VARIABLES: &str = "{\n  \"$schema\": \"https://developer.microsoft.com/json-schemas/fabric/item/variableLibrary/definition/variables/1.0.0/schema.json\",\n  \"variables\": []\n}";

const VARIABLE_SETTINGS: &str = "{\n  \"$schema\": \"https://developer.microsoft.com/json-schemas/fabric/item/variableLibrary/definition/settings/1.0.0/schema.json\",\n  \"valueSetsOrder\": []\n}";
