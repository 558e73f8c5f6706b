//! One deployment of the product to an emulator in this process, in one virtual time.

use std::sync::Arc;
use std::time::Duration;

use fabric_client::{Client, Endpoint};
use fabric_deploy::actual::{self, ActualState, ReadOptions};
use fabric_deploy::desired::DesiredState;
use fabric_deploy::execute::{self, ExecuteOptions, Execution, Stop, Unobserved, Verification};
use fabric_deploy::plan::{self, Plan, PlanOptions};
use fabric_deploy::report::{Report, StepStatus};
use fabric_deploy::transaction::{self, Settings, Steps};
use fabric_emulator::Emulator;
use fabric_flags::{FlagSet, Snapshot, Sources};
use fabric_identity::FixedToken;
use fabric_txn::store::MemoryStore;
use fabric_txn::{DeploymentTransaction, JournalStore, Lease, LeaseOptions, OnFailure, SystemClock};
use reqwest_middleware::ClientBuilder;
use serde_json::Value;

use super::product::{self, Version};
use super::transport::Transport;
use crate::commands::transactional;
use crate::failure::Failure;
use crate::layers::{self, CallSettings};

/// `--max-attempts 25 --timeout 120m`: with more than a third of all requests failing, the four attempts of the
/// default would end every storm: of two thousand calls, thirty would fail four times in a row.
const STORM: CallSettings = CallSettings { max_attempts: 25, timeout: Duration::from_secs(120 * 60), ..DEFAULTS };

/// What the command line has where the user says nothing.
pub(super) const DEFAULTS: CallSettings = CallSettings {
    concurrency: 64,
    max_attempts: 4,
    timeout: Duration::from_secs(300),
    settle: Duration::from_secs(20),
};

/// How long an operation of the emulator takes: longer than a create is looked up before it is sent again.
const OPERATION: Duration = Duration::from_secs(90);

pub(super) struct Deployment {
    emulator: Arc<Emulator>,
    transport: Arc<Transport>,
    client: Client,
    flags: Snapshot,
    calls: CallSettings,
}

impl Deployment {
    /// With retries and breaker, set for a storm.
    pub(super) async fn hardened() -> Self {
        Self::with(&["FEATURE_USE_RETRY_LOGIC=on", "FEATURE_USE_CIRCUIT_BREAKER=on"], STORM).await
    }

    /// Without any feature.
    pub(super) async fn plain() -> Self {
        Self::with(&[], DEFAULTS).await
    }

    pub(super) async fn with(flags: &[&str], calls: CallSettings) -> Self {
        let emulator = Emulator::builder()
            .tokio_time()
            .latency(Duration::from_millis(60))
            .operation_duration(OPERATION)
            .configure(|settings| {
                settings.throttle_budget = Some(150);
                settings.throttle_window = Duration::from_secs(30);
                settings.normalise_definitions = false;
                settings.page_size = Some(70);
            })
            .start()
            .await
            .unwrap();
        let emulator = Arc::new(emulator);
        let transport = Transport::new(Arc::clone(&emulator));
        let flags = FlagSet::resolve(&Sources::new().command_line(flags.iter().copied())).unwrap();
        let client = client(&emulator, &transport, &flags, calls);
        Self { emulator, transport, client, flags, calls }
    }

    pub(super) fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Plans and applies, as `deploy --prune` does.
    pub(super) async fn run(&self, version: Version) -> Result<Report, Failure> {
        let desired = product::desired(version);
        let (actual, plan) = self.plan(&desired).await?;
        Ok(self.apply(&desired, actual, &plan).await)
    }

    /// Deploys while nothing goes wrong.
    pub(super) async fn in_calm(&self, version: Version) {
        let before = self.budget(None);
        let report = self.run(version).await.unwrap();
        assert_eq!(report.status, fabric_deploy::report::Status::Committed, "{}", describe(&report));
        self.budget(before);
        self.transport.forget();
    }

    /// Sets the emulator's throttle, and gives what it was.
    fn budget(&self, budget: Option<u32>) -> Option<u32> {
        let mut before = None;
        self.emulator.configure(|settings| before = std::mem::replace(&mut settings.throttle_budget, budget));
        before
    }

    pub(super) async fn plan(&self, desired: &DesiredState) -> Result<(ActualState, Plan), Failure> {
        let actual = actual::read(&self.client, &desired.workspace.selector, desired, ReadOptions::default()).await?;
        let plan = plan::build(
            desired,
            &actual,
            PlanOptions { prune: true, prune_data: true, max_delete: 50, ..PlanOptions::default() },
        )?;
        Ok((actual, plan))
    }

    /// Plans and applies under a lease and with a journal, as `deploy --prune` does with `FEATURE_USE_ROLLBACK`.
    pub(super) async fn run_as_transaction(&self, version: Version) -> Result<Report, Failure> {
        let desired = product::desired(version);
        let (actual, plan) = self.plan(&desired).await?;
        let store: Arc<dyn JournalStore> = Arc::new(MemoryStore::new());
        let clock = Arc::new(SystemClock);
        let lease = Lease::acquire(Arc::clone(&store), clock, "storm", "a test", LeaseOptions::default()).await?;
        let Settings { limits, .. } = self.settings();
        let steps = Steps::forwards(
            &self.client,
            &Arc::new(desired),
            &Arc::new(actual),
            plan.clone(),
            self.settings(),
            Box::new(Unobserved),
        );
        let mut transaction = DeploymentTransaction::begin(store, lease, Value::Null).await?;
        let options = transactional::options(OnFailure::Rollback, fabric_txn::Stop::new(), limits.creates.attempts);
        let ended = transaction.execute(transaction::specs(&plan), &transaction::registry(&steps), &options).await?;
        Ok(transaction::report(&plan, &steps, &ended))
    }

    fn settings(&self) -> Settings {
        Settings {
            limits: ExecuteOptions {
                creates: layers::create_policy(&self.flags, self.calls),
                settle: self.calls.settle,
                ..ExecuteOptions::default()
            },
            verification: Verification::Definitions,
        }
    }

    pub(super) async fn apply(&self, desired: &DesiredState, actual: ActualState, plan: &Plan) -> Report {
        let stop = Stop::new();
        let Settings { limits, verification } = self.settings();
        let execution = Execution { limits, verification, observer: &Unobserved, stop: &stop };
        execute::execute(&self.client, &Arc::new(desired.clone()), &Arc::new(actual), plan, execution).await
    }
}

fn client(emulator: &Emulator, transport: &Arc<Transport>, flags: &Snapshot, calls: CallSettings) -> Client {
    let layered = layers::compose(reqwest::Client::new(), flags, calls, None);
    let http = ClientBuilder::from_client(layered).with_arc(Arc::clone(transport) as Arc<_>).build();
    Client::builder(http, Arc::new(FixedToken::new(emulator.token())))
        .endpoint(Endpoint::parse(&emulator.endpoint()).unwrap())
        .refused_before_sending(layers::refused_before_sending)
        .ended_by_layer(layers::ended_by_layer)
        .attempts(layers::attempts)
        .build()
}

/// Waits until every operation that was started has ended.
pub(super) async fn settle() {
    tokio::time::sleep(OPERATION * 2).await;
}

/// A report that is not as it shall be, in a few lines.
pub(super) fn describe(report: &Report) -> String {
    let mut text = format!("{:?}", report.status);
    for step in report.steps.iter().filter(|step| step.status == StepStatus::Failed) {
        let error = step.error.as_ref().map(|error| format!("{}: {}", error.code, error.message));
        text += &format!("\n  {} after {} attempts: {}", step.id, step.attempts, error.unwrap_or_default());
    }
    for left in report.left_behind.iter().filter(|left| !left.what.contains("is not rolled back")) {
        text += &format!("\n  left: {} {}", left.step, left.what);
    }
    text
}
