//! Every variable that is read from the environment: the one list, from which `.env.example` is written.

/// A variable.
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is for, in sentences.
    purpose: &'static str,
    /// What `.env.example` shows as its value.
    example: &'static str,
}

macro_rules! variables {
    ($($constant:ident = $name:literal, $purpose:literal, $example:literal;)+) => {
        $(#[doc = $purpose] pub(crate) const $constant: Variable =
            Variable { name: $name, purpose: $purpose, example: $example };)+

        /// All of them but the feature flags, which are listed by `fabric-flags`.
        const ALL: &[&Variable] = &[$(&$constant),+];
    };
}

variables! {
    ENDPOINT = "FABRIC_ENDPOINT", "The Fabric API.", "https://api.fabric.microsoft.com";
    TOKEN = "FABRIC_TOKEN",
        "A bearer token for it, where one was fetched by other means. Treat it like a password. Also FAB_TOKEN.", "";
    GRAPH_ENDPOINT = "FABRIC_GRAPH_ENDPOINT", "Microsoft Graph, if not at the cloud's own address.",
        "https://graph.microsoft.com";
    GRAPH_TOKEN = "FABRIC_GRAPH_TOKEN",
        "A bearer token for it, where one was fetched by other means: FABRIC_TOKEN is Fabric's alone.", "";
    AUTH = "FABRIC_AUTH",
        "How to sign in, where the variables allow more than one way: token, client-secret, certificate, oidc, managed-identity or azure-cli.",
        "client-secret";
    ENVIRONMENT = "FABRIC_ENVIRONMENT",
        "The cloud that the tenant is in: public, usgovernment or china. Also ARM_ENVIRONMENT.", "public";
    CLIENT_ID = "FABRIC_CLIENT_ID",
        "The application to sign in as. Also AZURE_CLIENT_ID, ARM_CLIENT_ID, FAB_SPN_CLIENT_ID.",
        "00000000-0000-0000-0000-000000000000";
    TENANT_ID = "FABRIC_TENANT_ID",
        "Its tenant. Also AZURE_TENANT_ID, ARM_TENANT_ID, FAB_TENANT_ID.", "00000000-0000-0000-0000-000000000000";
    CLIENT_SECRET = "FABRIC_CLIENT_SECRET",
        "Its secret, or '${secret:NAME}' for one that is in the vault. Also AZURE_CLIENT_SECRET, ARM_CLIENT_SECRET, FAB_SPN_CLIENT_SECRET.", "";
    CLIENT_SECRET_FILE = "FABRIC_CLIENT_SECRET_FILE_PATH",
        "The file with its secret. Also ARM_CLIENT_SECRET_FILE_PATH.", "/run/secrets/fabric";
    CERTIFICATE_FILE = "FABRIC_CLIENT_CERTIFICATE_FILE_PATH",
        "The PEM file with its certificate and RSA key. Also AZURE_CLIENT_CERTIFICATE_PATH, ARM_CLIENT_CERTIFICATE_PATH, FAB_SPN_CERT_PATH.",
        "client.pem";
    CERTIFICATE = "FABRIC_CLIENT_CERTIFICATE",
        "The same as text, or as text in base64. Also ARM_CLIENT_CERTIFICATE.", "";
    ASSERTION_FILE = "FABRIC_OIDC_TOKEN_FILE_PATH",
        "The file with an assertion that a federated credential trusts. Also AZURE_FEDERATED_TOKEN_FILE, ARM_OIDC_TOKEN_FILE_PATH.",
        "/var/run/secrets/azure/tokens/azure-identity-token";
    ASSERTION = "FABRIC_OIDC_TOKEN",
        "Such an assertion itself, valid for minutes. Also ARM_OIDC_TOKEN, FAB_SPN_FEDERATED_TOKEN.", "";
    OIDC_REQUEST_URL = "FABRIC_OIDC_REQUEST_URL",
        "Who gives assertions in GitHub Actions, which sets ACTIONS_ID_TOKEN_REQUEST_URL. Also ARM_OIDC_REQUEST_URL.", "";
    OIDC_REQUEST_TOKEN = "FABRIC_OIDC_REQUEST_TOKEN",
        "The token for it; GitHub Actions sets ACTIONS_ID_TOKEN_REQUEST_TOKEN. Also ARM_OIDC_REQUEST_TOKEN.", "";
    SERVICE_CONNECTION = "FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID",
        "The service connection of an Azure DevOps pipeline that has SYSTEM_OIDCREQUESTURI and is given SYSTEM_ACCESSTOKEN. Also AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID.",
        "00000000-0000-0000-0000-000000000000";
    USE_OIDC = "FABRIC_USE_OIDC", "Whether to sign in by federation. Also ARM_USE_OIDC.", "true";
    USE_MSI = "FABRIC_USE_MSI",
        "Whether to sign in as the machine in Azure that this runs on. Also ARM_USE_MSI, FAB_MANAGED_IDENTITY.", "true";
    USE_CLI = "FABRIC_USE_CLI", "Whether to sign in as the Azure CLI is. Also ARM_USE_CLI.", "true";
    AUTHORITY = "AZURE_AUTHORITY_HOST", "Where to sign in, if not at the cloud's own address.",
        "https://login.microsoftonline.com";
    KEY_VAULT_URL = "KEY_VAULT_URL",
        "The vault that secrets come from, with FEATURE_USE_KEY_VAULT, which needs it.", "https://sales-secrets.vault.azure.net";
    KEY_VAULT_AUTH = "KEY_VAULT_AUTH",
        "How to sign in to the vault, where that is another way than to Fabric: client-secret, certificate, oidc, managed-identity or azure-cli.",
        "managed-identity";
    KEY_VAULT_CLIENT_ID = "KEY_VAULT_CLIENT_ID",
        "The application or assigned identity that opens the vault, where it is another one.",
        "00000000-0000-0000-0000-000000000000";
    SECRET_CACHE_TTL = "SECRET_CACHE_TTL", "How many seconds a secret from the vault is believed.", "3600";
    GITHUB_TOKEN = "GITHUB_TOKEN",
        "A GitHub token with access to the contents of the workspace's repository: a connection is made with it where none leads there. Or '${secret:NAME}' for one that is in the vault.", "";
    GIT_CONNECTION_ID = "FABRIC_GIT_CONNECTION_ID",
        "The Fabric connection that signs in to the workspace's Git repository.", "00000000-0000-0000-0000-000000000000";
    GITHUB_CLIENT_ID = "FABRIC_GITHUB_CLIENT_ID",
        "The GitHub application, with device flow, that `git login --provider github` signs in to.", "Iv1.0123456789abcdef";
    GITHUB_URL = "FABRIC_GITHUB_URL", "Where that is, if not at GitHub itself.", "https://github.com";
    LOGIN_CLIENT_ID = "FABRIC_LOGIN_CLIENT_ID",
        "The Entra application that `git login --provider entra` signs in to, if not the Azure CLI's.",
        "00000000-0000-0000-0000-000000000000";
    LOGIN_TENANT = "FABRIC_LOGIN_TENANT_ID", "Its tenant, if not whichever the person belongs to.",
        "00000000-0000-0000-0000-000000000000";
    TOKEN_FILE = "FABRIC_TOKEN_FILE",
        "The file that keeps sign-ins of `git login`, if not the system's keyring. Only its owner may be able to read it.",
        "~/.fabric-token";
    BROWSER = "BROWSER",
        "The programs, separated by `:` (`;` on Windows), of which `git login --open` starts the first that there is; `%s` stands for the page. Read from the process alone, and not from this file.",
        "firefox";
    CONCURRENCY = "FABRIC_CONCURRENCY", "How many requests may be under way at once.", "64";
    MAX_ATTEMPTS = "FABRIC_MAX_ATTEMPTS",
        "How often one call is sent at most, with FEATURE_USE_RETRY_LOGIC.", "4";
    TIMEOUT = "FABRIC_TIMEOUT",
        "How long one call may take with all its attempts, with FEATURE_USE_RETRY_LOGIC.", "300s";
    SETTLE = "FABRIC_SETTLE",
        "How long a create that a lost answer or a crash left in doubt is looked for before it counts as not done.", "20s";
    STRATEGY = "FABRIC_STRATEGY",
        "How items are written: items (one by one), bulk (in bulk imports where the service takes them) or auto (in bulk where that is faster).",
        "auto";
    FLAG_FILE = "FABRIC_FLAG_FILE", "A flag file in Microsoft's Feature Management format.", "flags.json";
    STATE = "FABRIC_STATE",
        "Where transactions are recorded, with FEATURE_USE_ROLLBACK: a folder, or az://container/path, s3://…, gs://… with the store's own variables for account and credentials.",
        "az://deployments/state";
    HOST = "HOSTNAME", "What this machine is called in the record of a lease and in telemetry.", "build-7";
    CONNECTION_STRING = "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "The Application Insights resource that telemetry goes to, with FEATURE_USE_TELEMETRY, which needs this, an OTLP endpoint or a file.",
        "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/";
    INSTRUMENTATION_KEY = "APPINSIGHTS_INSTRUMENTATIONKEY",
        "The same, the old way: a bare key, whose support Microsoft ended on 2025-03-31. It is accepted with a warning.",
        "00000000-0000-0000-0000-000000000000";
    OTLP_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT",
        "The OpenTelemetry receiver that telemetry goes to, with FEATURE_USE_TELEMETRY, by OTLP over HTTP.",
        "http://localhost:4318";
    OTLP_HEADERS = "OTEL_EXPORTER_OTLP_HEADERS", "Headers for it, such as its key: name=value, separated by commas.",
        "api-key=";
    OTLP_PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL",
        "Its protocol. What listens for http/protobuf takes JSON as well; grpc is refused.", "http/json";
    SERVICE_NAME = "OTEL_SERVICE_NAME", "What this program is called in telemetry.", "fabric-cli";
    TELEMETRY_FILE = "FABRIC_TELEMETRY_FILE",
        "The file that telemetry is appended to as JSON lines, with FEATURE_USE_TELEMETRY.", "telemetry.jsonl";
    GITHUB_ACTIONS = "GITHUB_ACTIONS", "Set by GitHub Actions, which is then told about the run.", "true";
    GITHUB_WORKSPACE = "GITHUB_WORKSPACE", "Set by GitHub Actions: the repository's folder.", "";
    GITHUB_STEP_SUMMARY = "GITHUB_STEP_SUMMARY", "Set by GitHub Actions: the file that takes the summary.", "";
    GITHUB_OUTPUT = "GITHUB_OUTPUT", "Set by GitHub Actions: the file that takes the outputs.", "";
    TF_BUILD = "TF_BUILD", "Set by Azure DevOps, which is then told about the run.", "True";
    BUILD_SOURCESDIRECTORY = "BUILD_SOURCESDIRECTORY", "Set by Azure DevOps: the repository's folder.", "";
    AGENT_TEMPDIRECTORY = "AGENT_TEMPDIRECTORY", "Set by Azure DevOps: a folder for the summary.", "";
    TRACEPARENT = "TRACEPARENT",
        "The trace of the pipeline that starts this, as W3C Trace Context writes it; telemetry continues it, and the audit trail names it.",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    TRACESTATE = "TRACESTATE",
        "What vendors keep in that trace: with telemetry on, each request carries it beside its own place in the trace.", "congo=t61rcWkgMzE";
    BAGGAGE = "BAGGAGE",
        "What the pipeline says of itself, as W3C Baggage writes it: with telemetry on, each request carries it. Nothing that Microsoft must not see.",
        "stage=production";
    NO_COLOR = "NO_COLOR", "Any value: no colour (https://no-color.org).", "1";
    FORCE_COLOR = "FORCE_COLOR", "Any value: colour even where the output is not a terminal.", "1";
}

/// What `--help` says of them.
pub(crate) fn help() -> String {
    let with_example = |variable: &Variable| match variable.example {
        "" => format!("  {:<20} {}", variable.name, variable.purpose),
        example => format!("  {:<20} {} For instance {example}.", variable.name, variable.purpose),
    };
    let rows = ALL.iter().map(|variable| with_example(variable));
    format!("Environment variables:\n{}\n\n{}", rows.collect::<Vec<_>>().join("\n"), fabric_flags::help_text())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::Path;

    use super::ALL;
    use crate::exit;

    fn env_example() -> String {
        let mut text = String::from(
            "# Variables that fabric-cli reads, written by `cargo xtask codegen`. Copy this file to `.env` and fill in what you\n\
             # need; `.env` is never committed. A variable that is set in the process wins over the file.\n",
        );
        for variable in ALL {
            write!(text, "\n# {}\n#{}={}\n", variable.purpose, variable.name, variable.example).unwrap();
        }
        text.push('\n');
        text.push_str(fabric_flags::env_section().trim_end());
        text.push('\n');
        text
    }

    /// The README with a table in its place.
    fn with_table(readme: &str, name: &str, table: &str) -> String {
        let (begin, end) = (format!("<!-- generated: {name} -->\n"), "<!-- /generated -->");
        let (before, rest) = readme.split_once(&begin).expect("the README marks where the table begins");
        let (_, after) = rest.split_once(end).expect("the README marks where the table ends");
        format!("{before}{begin}{}\n{end}{after}", table.trim_end())
    }

    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "a generated document is written where that is asked for")]
    fn compare_or_write(path: &str, expected: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap();
        assert_eq!(found, expected, "{} is not up to date: run `cargo xtask codegen`", path.display());
    }

    #[test]
    fn the_documents_name_every_variable_flag_and_exit_code() {
        compare_or_write(".env.example", &env_example());
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        let readme = std::fs::read_to_string(readme).unwrap();
        let readme = with_table(&readme, "flags", &fabric_flags::markdown_table());
        compare_or_write("README.md", &with_table(&readme, "exit codes", &exit::markdown_table()));
        compare_or_write("docs/feature-flags.schema.json", &format!("{:#}\n", fabric_flags::flag_file_schema()));
    }
}
