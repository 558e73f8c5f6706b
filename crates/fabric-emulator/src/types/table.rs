//! The table of item types.
//!
//! Immediate or long-running answers, formats, unique names and children are what recordings of Microsoft's
//! fabric-cli, or the HTTP trace of Microsoft's fabric-cicd, show; where no recording exists, a creation without a definition is immediate, everything that moves
//! a definition is long-running. Which types have definitions or refuse service principals is published in
//! Microsoft's OpenAPI documents.

use super::Answer::{Immediate, LongRunning};
use super::{Answer, Definition, ItemType};

const fn item(name: &'static str, collection: &'static str, singular: &'static str) -> ItemType {
    ItemType {
        name,
        collection,
        singular,
        managed: true,
        definition: Definition::Optional,
        creation_payload: false,
        create: Immediate,
        create_with_definition: LongRunning,
        create_with_payload: Immediate,
        get_definition: LongRunning,
        update_definition: LongRunning,
        unique_names: true,
        renamable: true,
        needs_capacity: true,
        service_principals: true,
        formats: &[],
        shown_format: None,
        required_part: &[],
        child: None,
    }
}

impl ItemType {
    const fn create(mut self, bare: Answer, with_definition: Answer) -> Self {
        self.create = bare;
        self.create_with_definition = with_definition;
        self
    }

    const fn definitions(mut self, get: Answer, update: Answer) -> Self {
        self.get_definition = get;
        self.update_definition = update;
        self
    }

    const fn always_immediate(self) -> Self {
        self.create(Immediate, Immediate).definitions(Immediate, Immediate)
    }

    const fn payload(mut self, answer: Answer) -> Self {
        self.creation_payload = true;
        self.create_with_payload = answer;
        self
    }

    const fn required_definition(mut self, part: &'static [&'static str]) -> Self {
        self.definition = Definition::Required;
        self.required_part = part;
        self
    }

    const fn part(mut self, part: &'static [&'static str]) -> Self {
        self.required_part = part;
        self
    }

    const fn without_definition(mut self) -> Self {
        self.definition = Definition::None;
        self
    }

    const fn listed_only(mut self) -> Self {
        self.managed = false;
        self.without_definition().no_service_principals()
    }

    const fn power_bi(mut self) -> Self {
        self.unique_names = false;
        self.needs_capacity = false;
        self
    }

    const fn no_service_principals(mut self) -> Self {
        self.service_principals = false;
        self
    }

    const fn formats(mut self, formats: &'static [&'static str]) -> Self {
        self.formats = formats;
        self
    }

    const fn shows(mut self, format: &'static str) -> Self {
        self.shown_format = Some(format);
        self
    }

    const fn with_child(mut self, child: &'static str) -> Self {
        self.child = Some(child);
        self
    }

    const fn name_fixed(mut self) -> Self {
        self.renamable = false;
        self
    }
}

/// Every item type the emulator knows.
pub(crate) static TYPES: &[ItemType] = &[
    item("Dashboard", "dashboards", "dashboard").listed_only().power_bi(),
    item("Report", "reports", "report").required_definition(&["definition.pbir"]).power_bi().shows("PBIR"),
    item("SemanticModel", "semanticModels", "semanticModel")
        .required_definition(&["definition.pbism"])
        .power_bi()
        .formats(&["TMDL", "TMSL"])
        .shows("TMDL"),
    item("PaginatedReport", "paginatedReports", "paginatedReport")
        .required_definition(&[])
        .create(Immediate, Immediate)
        .power_bi()
        .formats(&["PaginatedReportDefinition"]),
    item("Datamart", "datamarts", "datamart").listed_only().power_bi(),
    item("Lakehouse", "lakehouses", "lakehouse")
        .definitions(Immediate, LongRunning)
        .payload(Immediate)
        .formats(&["LakehouseDefinitionV1"])
        .with_child("SQLEndpoint"),
    item("Eventhouse", "eventhouses", "eventhouse").payload(Immediate).with_child("KQLDatabase"),
    item("Environment", "environments", "environment"),
    item("KQLDatabase", "kqlDatabases", "kqlDatabase")
        .create(LongRunning, LongRunning)
        .payload(LongRunning)
        .part(&["DatabaseProperties.json"]),
    item("KQLQueryset", "kqlQuerysets", "kqlQueryset").always_immediate().part(&["RealTimeQueryset.json"]),
    item("KQLDashboard", "kqlDashboards", "kqlDashboard").always_immediate().part(&["RealTimeDashboard.json"]),
    item("DataPipeline", "dataPipelines", "dataPipeline").always_immediate().part(&["pipeline-content.json"]),
    item("Notebook", "notebooks", "notebook")
        .create(LongRunning, LongRunning)
        .part(&["notebook-content."])
        .formats(&["ipynb", "fabricGitSource"]),
    item("SparkJobDefinition", "sparkJobDefinitions", "sparkJobDefinition")
        .always_immediate()
        .part(&["SparkJobDefinitionV1.json"])
        .formats(&["SparkJobDefinitionV1", "SparkJobDefinitionV2"]),
    item("MLExperiment", "mlExperiments", "mlExperiment")
        .without_definition()
        .create(LongRunning, LongRunning)
        .no_service_principals(),
    item("MLModel", "mlModels", "mlModel")
        .without_definition()
        .create(LongRunning, LongRunning)
        .no_service_principals()
        .name_fixed(),
    item("Warehouse", "warehouses", "warehouse")
        .without_definition()
        .create(LongRunning, LongRunning)
        .payload(LongRunning),
    item("Eventstream", "eventstreams", "eventstream")
        .create(LongRunning, LongRunning)
        .definitions(Immediate, Immediate)
        .part(&["eventstream.json"])
        .formats(&["eventstream"]),
    item("SQLEndpoint", "sqlEndpoints", "sqlEndpoint").listed_only(),
    item("MirroredWarehouse", "mirroredWarehouses", "mirroredWarehouse").listed_only(),
    item("MirroredDatabase", "mirroredDatabases", "mirroredDatabase")
        .always_immediate()
        .required_definition(&["mirroring.json"])
        .with_child("SQLEndpoint"),
    item("Reflex", "reflexes", "reflex").always_immediate().part(&["ReflexEntities.json"]).formats(&["json"]),
    item("GraphQLApi", "graphQLApis", "graphQLApi").formats(&["GraphQLApiV1"]),
    item("MountedDataFactory", "mountedDataFactories", "mountedDataFactory")
        .always_immediate()
        .part(&["mountedDataFactory-content.json"])
        .formats(&["MountedDataFactoryV1"]),
    item("SQLDatabase", "sqlDatabases", "sqlDatabase")
        .create(LongRunning, LongRunning)
        .payload(LongRunning)
        .formats(&["dacpac", "sqlproj"])
        .shows("dacpac")
        .with_child("SQLEndpoint"),
    item("CopyJob", "copyJobs", "copyJob").always_immediate().part(&["copyjob-content.json"]),
    item("VariableLibrary", "variableLibraries", "variableLibrary")
        .part(&["variables.json"])
        .formats(&["VariableLibraryV1"]),
    item("Dataflow", "dataflows", "dataflow").always_immediate().part(&["queryMetadata.json", "mashup.pq"]),
    item("ApacheAirflowJob", "apacheAirflowJobs", "apacheAirflowJob"),
    item("WarehouseSnapshot", "warehouseSnapshots", "warehouseSnapshot").without_definition().payload(Immediate),
    item("DigitalTwinBuilder", "digitaltwinbuilders", "digitaltwinbuilder")
        .create(LongRunning, LongRunning)
        .no_service_principals(),
    item("DigitalTwinBuilderFlow", "digitalTwinBuilderFlows", "digitalTwinBuilderFlow").payload(Immediate),
    item("MirroredAzureDatabricksCatalog", "mirroredAzureDatabricksCatalogs", "mirroredAzureDatabricksCatalog")
        .payload(LongRunning),
    item("Map", "maps", "map"),
    item("AnomalyDetector", "anomalyDetectors", "anomalyDetector")
        .no_service_principals()
        .formats(&["AnomalyDetectorV1"]),
    item("UserDataFunction", "userDataFunctions", "userDataFunction").no_service_principals(),
    item("GraphModel", "graphModels", "graphModel").formats(&["json"]),
    item("GraphQuerySet", "graphQuerySets", "graphQuerySet").formats(&["json"]),
    item("SnowflakeDatabase", "snowflakeDatabases", "snowflakeDatabase").payload(Immediate),
    item("OperationsAgent", "operationsAgents", "operationsAgent")
        .no_service_principals()
        .formats(&["OperationsAgentV1"]),
    item("CosmosDBDatabase", "cosmosDbDatabases", "cosmosDbDatabase")
        .create(LongRunning, LongRunning)
        .name_fixed()
        .with_child("SQLEndpoint"),
    item("Ontology", "ontologies", "ontology"),
    item("EventSchemaSet", "eventSchemaSets", "eventSchemaSet").no_service_principals(),
    item("DataAgent", "dataAgents", "dataAgent"),
    item("MirroredCatalog", "mirroredCatalogs", "mirroredCatalog")
        .required_definition(&[])
        .formats(&["MirroredCatalogDefinition"]),
    item("AppBackend", "appBackends", "appBackend").without_definition(),
    item("OrgApp", "orgApps", "orgApp"),
    item("OrgAppAudience", "orgAppAudiences", "orgAppAudience"),
    item("DataBuildToolJob", "dataBuildToolJobs", "dataBuildToolJob")
        .create(Immediate, Immediate)
        .formats(&["DataBuildToolJobV1"]),
    item("AzureDatabricksStorage", "azureDatabricksStorages", "azureDatabricksStorage")
        .formats(&["AzureDatabricksStorageV1"]),
    item("Plan", "plans", "plan").formats(&["PlanV1"]),
];
