//! Processes that deploy, go on and roll back, as the command line does, one after the other on one emulator and one store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fabric_deploy::actual::{self, ReadOptions};
use fabric_deploy::desired::DesiredState;
use fabric_deploy::execute::{CreatePolicy, ExecuteOptions, Unobserved, Verification};
use fabric_deploy::plan::{self, PlanOptions, Strategy};
use fabric_deploy::secret::Secrets;
use fabric_deploy::transaction::{self, Settings, Steps};
use fabric_emulator::Emulator;
use fabric_txn::store::MemoryStore;
use fabric_txn::{Clock, DeploymentTransaction, End, JournalStore, Lease, LeaseOptions, Phase, Report, TransactionId};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::files::WORKSPACE;
use super::life::{Life, MortalStore};
use super::product::{self, OneSecret, Version};
use super::wire::{self, Leased};

/// The time of tokio, which stands still while anybody works.
#[derive(Debug)]
pub(super) struct TokioClock(Instant);

#[async_trait]
impl Clock for TokioClock {
    fn now_ms(&self) -> u64 {
        1_767_225_600_000 + u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

/// What is there besides processes: the service, the store, the time.
pub(super) struct Stage {
    pub emulator: Arc<Emulator>,
    pub store: Arc<MemoryStore>,
    pub clock: Arc<dyn Clock>,
    /// How often a create is sent at most.
    pub attempts: u32,
    /// Whether items that hold data are deleted, too.
    pub prune_data: bool,
    /// How items are written.
    pub strategy: Strategy,
}

/// How a process ended that did not die.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    Committed,
    RolledBack,
    /// With what is left.
    Stuck(Vec<String>),
    /// It gave up before anything was begun.
    NotBegun(String),
    /// It gave up halfway.
    Broken(String),
}

/// Operations take longer than a request, and shorter than a create is looked for.
const OPERATION: Duration = Duration::from_millis(1_200);
const SETTLE: Duration = Duration::from_secs(20);
/// Longer than a dead process keeps its lease.
const LEASE: Duration = Duration::from_secs(80);

impl Stage {
    pub(super) async fn new(world: Value) -> Self {
        let emulator = Emulator::builder()
            .tokio_time()
            .latency(Duration::from_millis(50))
            .operation_duration(OPERATION)
            .seed(world)
            .start()
            .await
            .unwrap();
        Self {
            emulator: Arc::new(emulator),
            store: Arc::new(MemoryStore::new()),
            clock: Arc::new(TokioClock(Instant::now())),
            attempts: 1,
            prune_data: false,
            strategy: Strategy::Auto,
        }
    }

    /// A process with this life.
    pub(super) fn process(&self, life: &Life) -> Process<'_> {
        let store = MortalStore { store: Arc::clone(&self.store), life: life.clone() };
        Process { stage: self, life: life.clone(), store: Arc::new(store) }
    }

    /// A world that was made elsewhere, `age` ago.
    pub(super) async fn aged(world: Value, age: Duration) -> Self {
        let stage = Self::new(world).await;
        stage.emulator.advance(age);
        stage
    }

    /// Waits until the lease of a dead process is over.
    pub(super) async fn outlive(&self) {
        tokio::time::sleep(LEASE).await;
    }

    /// The only transaction on record, if one was begun.
    pub(super) async fn transaction(&self) -> Option<TransactionId> {
        let journals = self.store.journals().await.unwrap();
        assert!(journals.len() <= 1, "{journals:?}");
        journals.first().copied()
    }

    pub(super) async fn phase(&self) -> Phase {
        match self.transaction().await {
            Some(id) => fabric_txn::recover(&*self.store, id).await.unwrap().phase,
            None => Phase::NeverBegun,
        }
    }
}

pub(super) struct Process<'a> {
    stage: &'a Stage,
    life: Life,
    store: Arc<dyn JournalStore>,
}

type Outcome = Result<Report, String>;

impl Process<'_> {
    /// `deploy --prune`; nothing if the process died.
    pub(super) async fn deploy(&self, version: Version) -> Option<Ended> {
        self.deploy_to(&product::desired(version)).await
    }

    /// The same with another state to reach.
    pub(super) async fn deploy_to(&self, desired: &Arc<DesiredState>) -> Option<Ended> {
        self.life.live(self.deploy_to_its_end(desired)).await
    }

    /// `resume`; nothing if the process died.
    pub(super) async fn resume(&self, version: Version) -> Option<Ended> {
        self.resume_to(&product::desired(version)).await
    }

    /// The same with another state to reach.
    pub(super) async fn resume_to(&self, desired: &Arc<DesiredState>) -> Option<Ended> {
        self.life.live(async { self.goes_on(Some(desired)).await.map_or_else(Ended::Broken, ended) }).await
    }

    /// `rollback --force`; nothing if the process died.
    pub(super) async fn rollback(&self) -> Option<Ended> {
        self.life.live(async { self.goes_on(None).await.map_or_else(Ended::Broken, ended) }).await
    }

    pub(super) async fn lease(&self) -> Result<Lease, fabric_txn::Error> {
        let scope = format!("local/{WORKSPACE}");
        let clock = Arc::clone(&self.stage.clock);
        Lease::acquire(Arc::clone(&self.store), clock, &scope, "a process", LeaseOptions::default()).await
    }

    async fn deploy_to_its_end(&self, desired: &Arc<DesiredState>) -> Ended {
        let lease = match self.lease().await {
            Ok(lease) => lease,
            Err(error) => return Ended::NotBegun(error.to_string()),
        };
        let ended = self.deploys(desired, lease.clone()).await;
        let _ = lease.release().await;
        ended
    }

    async fn deploys(&self, desired: &Arc<DesiredState>, lease: Lease) -> Ended {
        let leased = Leased::default();
        leased.by(&lease);
        let client = wire::client(&self.stage.emulator, &self.life, Some(&leased));
        let read = actual::read(&client, &desired.workspace.selector, desired, ReadOptions::default());
        let actual = match lease.held_during(read).await {
            Ok(Ok(actual)) => Arc::new(actual),
            Ok(Err(error)) => return Ended::NotBegun(error.to_string()),
            Err(error) => return Ended::NotBegun(error.to_string()),
        };
        let options = PlanOptions {
            prune: true,
            prune_data: self.stage.prune_data,
            strategy: self.stage.strategy,
            ..PlanOptions::default()
        };
        let plan = plan::build(desired, &actual, options).unwrap();
        let workspace = actual.workspace.as_ref().map(|workspace| workspace.id);
        let meta = json!({ "workspace": { "id": workspace, "name": WORKSPACE } });
        let specs = transaction::specs(&plan);
        let steps = Steps::forwards(&client, desired, &actual, plan, self.settings(), Box::new(Unobserved));
        let deployed = async {
            let mut transaction = DeploymentTransaction::begin(Arc::clone(&self.store), lease, meta).await?;
            transaction.execute(specs, &transaction::registry(&steps), &self.options()).await
        };
        deployed.await.map_or_else(|error| Ended::Broken(error.to_string()), ended)
    }

    /// Forwards if it was going forwards and the files are there; backwards otherwise.
    async fn goes_on(&self, forwards: Option<&Arc<DesiredState>>) -> Outcome {
        let said = |error: fabric_txn::Error| error.to_string();
        let id = self.stage.transaction().await.ok_or("there is no transaction")?;
        let state = fabric_txn::recover(&*self.store, id).await.map_err(said)?;
        let leased = Leased::default();
        let client = wire::client(&self.stage.emulator, &self.life, Some(&leased));
        let steps = match forwards {
            Some(desired) if state.phase == Phase::Open => {
                let actual = actual::read(&client, &desired.workspace.selector, desired, ReadOptions::default());
                let actual = Arc::new(actual.await.map_err(|error| error.to_string())?);
                let plan = transaction::plan_of(&state);
                Steps::forwards(&client, desired, &actual, plan, self.settings(), Box::new(Unobserved))
            }
            _ => Steps::backwards(&client, Secrets::new(Arc::new(OneSecret)), self.settings(), Box::new(Unobserved)),
        };
        let lease = self.lease().await.map_err(said)?;
        leased.by(&lease);
        let went_on = async {
            let mut transaction = DeploymentTransaction::reopen(Arc::clone(&self.store), lease.clone(), id).await?;
            steps.learn(&transaction.state());
            let registry = transaction::registry(&steps);
            match forwards {
                Some(_) => transaction.resume(&registry, &self.options()).await,
                None => transaction.rollback(&registry, "a test", &self.options()).await,
            }
        };
        let report = went_on.await;
        let _ = lease.release().await;
        report.map_err(said)
    }

    fn settings(&self) -> Settings {
        let creates = match self.stage.attempts {
            1 => CreatePolicy::default(),
            attempts => CreatePolicy { attempts, settle: SETTLE },
        };
        Settings {
            limits: ExecuteOptions { creates, settle: SETTLE, ..ExecuteOptions::default() },
            verification: Verification::Listing,
        }
    }

    /// As the command line carries transactions out.
    fn options(&self) -> fabric_txn::ExecuteOptions {
        fabric_txn::ExecuteOptions {
            attempts: self.stage.attempts,
            concurrency: ExecuteOptions::default().steps_under_way,
            verify: false,
            irreversible_anywhere: true,
            ..fabric_txn::ExecuteOptions::default()
        }
    }
}

fn ended(report: Report) -> Ended {
    match report.end {
        End::Committed => Ended::Committed,
        End::RolledBack => Ended::RolledBack,
        End::Stuck => Ended::Stuck(report.left.iter().map(ToString::to_string).collect()),
        End::Abandoned | End::Unfinished => Ended::Broken(report.reason.unwrap_or_default()),
    }
}
