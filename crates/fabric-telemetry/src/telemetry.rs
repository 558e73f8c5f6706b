//! What a process holds: the layer, and the thread that exports.

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::carried::Carried;
use crate::clock::{Clock, SystemClock};
use crate::export::Exporter;
use crate::export::application_insights::ApplicationInsights;
use crate::export::connection_string::ConnectionString;
use crate::export::file::{FileError, JsonLines};
use crate::export::otlp::{Otlp, OtlpSettings};
use crate::hub::Hub;
use crate::model::SpanContext;
use crate::queue::{CAPACITY, Queue, Tally};
use crate::redaction::Redactor;
use crate::transport::Transport;
use crate::{layer, worker};

/// How often sums of metrics are handed over while the process runs.
const COLLECTION: Duration = Duration::from_secs(60);

/// What the exporters keep of the time at the end for themselves, so that their last word is heard.
const LAST_WORD: Duration = Duration::from_millis(50);

/// Who emits.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The program.
    pub service_name: String,
    /// Its version.
    pub service_version: String,
    /// The machine.
    pub host_name: String,
}

/// Telemetry cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// There is no thread for it.
    #[error("the thread that exports telemetry could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Whether a receiver would take records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The exporter, by its name in tallies.
    pub exporter: &'static str,
    /// How long it took to know.
    pub latency: Duration,
    /// It would, or why it would not.
    pub result: Result<(), String>,
}

/// Collects what to export to.
pub struct TelemetryBuilder {
    resource: Resource,
    clock: Box<dyn Clock>,
    parent: Option<SpanContext>,
    carried: Carried,
    redactor: Redactor,
    capacity: usize,
    exporters: Vec<Box<dyn Exporter>>,
}

impl std::fmt::Debug for TelemetryBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let exporters: Vec<_> = self.exporters.iter().map(|exporter| exporter.name()).collect();
        f.debug_struct("TelemetryBuilder").field("resource", &self.resource).field("exporters", &exporters).finish()
    }
}

impl TelemetryBuilder {
    /// Time, handed in. Without it, the machine's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Where spans belong that have none around them: what `TRACEPARENT` says. Without it, each begins a trace.
    #[must_use]
    pub fn parent(mut self, parent: Option<SpanContext>) -> Self {
        self.parent = parent;
        self
    }

    /// What requests carry beside their own `traceparent`, as [`trace_headers`](crate::trace_headers) says. Without it,
    /// nothing.
    #[must_use]
    pub fn carrying(mut self, carried: Carried) -> Self {
        self.carried = carried;
        self
    }

    /// How many records may wait for each exporter: 8192 unless told otherwise.
    #[must_use]
    pub fn capacity(mut self, records: usize) -> Self {
        self.capacity = records;
        self
    }

    /// Export to Application Insights.
    #[must_use]
    pub fn application_insights(mut self, connection: &ConnectionString, transport: Arc<dyn Transport>) -> Self {
        self.exporters.push(Box::new(ApplicationInsights::new(connection, &self.resource, transport)));
        self
    }

    /// Export to an OTLP receiver.
    #[must_use]
    pub fn otlp(mut self, settings: OtlpSettings, transport: Arc<dyn Transport>) -> Self {
        self.exporters.push(Box::new(Otlp::new(settings, &self.resource, transport)));
        self
    }

    /// Export to a file of JSON lines, which is appended to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn file(mut self, path: &Path) -> Result<Self, FileError> {
        self.exporters.push(Box::new(JsonLines::open(path)?));
        Ok(self)
    }

    /// Asks every receiver, all at the same time, whether it would take records, with nothing that it keeps; whoever has
    /// not answered `within` this time counts as not answering. Needs a Tokio runtime.
    pub async fn probe(self, within: Duration) -> Vec<Probe> {
        let mut asked = JoinSet::new();
        for mut exporter in self.exporters {
            asked.spawn(async move {
                let started = Instant::now();
                let answered = tokio::time::timeout(within, exporter.probe()).await;
                let result = answered.unwrap_or_else(|_| Err(format!("no answer within {} ms", within.as_millis())));
                Probe { exporter: exporter.name(), latency: started.elapsed(), result }
            });
        }
        let mut probes = asked.join_all().await;
        probes.sort_by_key(|probe| probe.exporter);
        probes
    }

    /// Telemetry, and what exports it as long as it is polled.
    #[must_use]
    pub fn build(self) -> (Telemetry, Pump) {
        let serve = |exporter: Box<dyn Exporter>| (exporter, Arc::new(Queue::new(self.capacity)));
        let served: Vec<_> = self.exporters.into_iter().map(serve).collect();
        let queues = served.iter().map(|(exporter, queue)| (exporter.name(), Arc::clone(queue))).collect();
        let hub = Arc::new(Hub::new(self.clock, (self.parent, self.carried), self.redactor, queues));
        let (close, closing) = watch::channel(None);
        let (ended, done) = mpsc::channel();
        let pump = Pump { hub: Arc::clone(&hub), served, closing, ended };
        (Telemetry { hub, close, done: Mutex::new(done) }, pump)
    }

    /// Telemetry, exported by a thread of its own: what the program does, or a runtime that ends, does not stop it.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn start(self) -> Result<Telemetry, StartError> {
        let (telemetry, pump) = self.build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("telemetry".to_owned()).spawn(move || runtime.block_on(pump.run()))?;
        Ok(telemetry)
    }
}

/// Exports while it runs.
pub struct Pump {
    hub: Arc<Hub>,
    served: Vec<(Box<dyn Exporter>, Arc<Queue>)>,
    closing: worker::Closing,
    ended: mpsc::Sender<()>,
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pump").finish_non_exhaustive()
    }
}

impl Pump {
    /// Exports until [`Telemetry::shutdown`].
    pub async fn run(self) {
        let Self { hub, served, closing, ended } = self;
        let mut workers = JoinSet::new();
        for (exporter, queue) in served {
            workers.spawn(worker::serve(exporter, queue, closing.clone()));
        }
        let collect = async {
            loop {
                tokio::time::sleep(COLLECTION).await;
                hub.collect();
            }
        };
        tokio::select! {
            () = async { while workers.join_next().await.is_some() {} } => {}
            () = collect => {}
        }
        // Nobody may listen any more.
        let _ = ended.send(());
    }
}

/// What became of everything that was emitted, by exporter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery(pub Vec<(&'static str, Tally)>);

impl Delivery {
    /// How many records were lost.
    pub fn lost(&self) -> u64 {
        self.0.iter().map(|(_, tally)| tally.lost()).sum()
    }
}

/// Telemetry that is on. Off is not to have one.
pub struct Telemetry {
    hub: Arc<Hub>,
    close: watch::Sender<Option<Duration>>,
    done: Mutex<Receiver<()>>,
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}

impl Telemetry {
    /// Begins to set it up. Without an exporter it exports nothing.
    pub fn builder(resource: Resource, redactor: Redactor) -> TelemetryBuilder {
        TelemetryBuilder {
            resource,
            clock: Box::new(SystemClock::new()),
            parent: None,
            carried: Carried::default(),
            redactor,
            capacity: CAPACITY,
            exporters: Vec::new(),
        }
    }

    /// The layer that belongs on the process's `tracing` subscriber, which must be a `tracing_subscriber::Registry`.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        layer::layer(&self.hub)
    }

    /// Sends what is left, within this time and not longer, and says what became of everything. What is emitted
    /// afterwards is lost.
    pub fn shutdown(&self, within: Duration) -> Delivery {
        self.begin_shutdown(within);
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        // Told, or nobody left to tell, or out of time: in each case the tallies say what is so.
        let _ = done.recv_timeout(within);
        self.delivery()
    }

    /// Asks the exporters to end. Also for tests, where waiting would stop the clock that they wait for.
    pub fn begin_shutdown(&self, within: Duration) {
        for (exporter, queue) in &self.hub.queues {
            let tally = queue.tally();
            for (loss, count) in [("queue_full", tally.dropped), ("rejected", tally.rejected)] {
                if count > 0 {
                    self.hub.lost(exporter, loss, count);
                }
            }
        }
        self.hub.collect();
        self.close.send_replace(Some(within.saturating_sub(LAST_WORD)));
    }

    /// What became of everything until now.
    pub fn delivery(&self) -> Delivery {
        Delivery(self.hub.queues.iter().map(|(exporter, queue)| (*exporter, queue.tally())).collect())
    }

    /// Names that were emitted and are not in the registry: they did not leave the process, and are a defect.
    pub fn unregistered(&self) -> Vec<String> {
        self.hub.unregistered()
    }
}
