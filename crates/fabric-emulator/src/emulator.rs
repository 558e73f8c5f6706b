//! The emulator as a value: built, started, asked, stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::clock::{Clock, Pace};
use crate::control;
use crate::faults::{Fault, FaultRules};
use crate::git::hosting;
use crate::git::repositories::Repositories;
use crate::record::{RequestLog, RequestRecord};
use crate::server::{self, BrokenExchange, Place, Shared};
use crate::services::{Memory, Service};
use crate::settings::Settings;
use crate::state::State;
use crate::throttle::Throttle;
use crate::tls::{self, TlsError};
use crate::world::defaults::{self, ADMINISTRATOR};
use crate::world::document::{self, SeedError};
use crate::world::log::{Log, LogError};

/// Why an emulator does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The seed is not a world.
    #[error("the seed is not a world: {0}")]
    Seed(#[from] SeedError),
    /// The certificates cannot be made.
    #[error("the certificates for https cannot be made: {0}")]
    Tls(#[from] TlsError),
    /// The kept world cannot be opened.
    #[error("the kept world cannot be opened: {0}")]
    State(#[from] LogError),
}

/// Sets an emulator up.
#[derive(Debug)]
#[must_use]
pub struct EmulatorBuilder {
    address: String,
    services: BTreeSet<Service>,
    tls: Option<PathBuf>,
    settings: Settings,
    provisioning_delay: Option<Duration>,
    state_directory: Option<PathBuf>,
    seed: Option<Value>,
    pace: Pace,
}

impl EmulatorBuilder {
    /// Listens on the given address. Default: `127.0.0.1:0`, a free port of this machine.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.address = address.into();
        self
    }

    /// Offers this service as well, on a free port of the address that Fabric listens on.
    pub fn service(mut self, service: Service) -> Self {
        self.services.insert(service);
        self
    }

    /// Offers every service that there is.
    pub fn all_services(mut self) -> Self {
        self.services.extend(Service::BESIDE_FABRIC);
        self
    }

    /// Serves https everywhere, with certificates of an authority that is kept in this folder: trust its `ca.pem`.
    /// Default: plain http.
    pub fn tls(mut self, folder: impl Into<PathBuf>) -> Self {
        self.tls = Some(folder.into());
        self
    }

    /// Adds real time before every answer. Default: none.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.settings.latency = latency;
        self
    }

    /// How long long-running operations take. Default: none; the first poll says `Succeeded`.
    pub fn operation_duration(mut self, duration: Duration) -> Self {
        self.settings.operation_duration = duration;
        self
    }

    /// How long after its parent a child item and late properties appear. Default: as long as an operation.
    pub fn provisioning_delay(mut self, delay: Duration) -> Self {
        self.provisioning_delay = Some(delay);
        self
    }

    /// Most entries on one page of a list. Default: everything on one page.
    pub fn page_size(mut self, entries: usize) -> Self {
        self.settings.page_size = Some(entries);
        self
    }

    /// Keeps the world in a folder, across restarts. Default: in memory.
    pub fn state_directory(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state_directory = Some(folder.into());
        self
    }

    /// Starts with this world instead of the default one. A world that is kept already wins over the seed.
    pub fn seed(mut self, world: Value) -> Self {
        self.seed = Some(world);
        self
    }

    /// Lets time stand still except for [`Emulator::advance`]. Default: real time.
    pub fn virtual_time(mut self, virtual_time: bool) -> Self {
        self.pace = if virtual_time { Pace::Still } else { Pace::Real };
        self
    }

    /// Lets time run with Tokio's, from now on: where a test has paused it, the emulator's windows and operations pass
    /// as fast as the test waits.
    pub fn tokio_time(mut self) -> Self {
        self.pace = Pace::Tokio(tokio::time::Instant::now());
        self
    }

    /// Changes any other knob.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Starts the emulator on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// Where the address is taken, the seed is not a world, or the kept world cannot be opened.
    pub async fn start(mut self) -> Result<Emulator, StartError> {
        if let Some(delay) = self.provisioning_delay {
            self.settings.provisioning_delay = delay;
        } else if self.settings.provisioning_delay.is_zero() {
            self.settings.provisioning_delay = self.settings.operation_duration;
        }
        let opened = self.state_directory.as_deref().map(Log::open).transpose()?;
        let (log, kept, offset) = match opened {
            Some(opened) => (Some(opened.log), opened.world, opened.clock_offset),
            None => (None, None, 0),
        };
        let world = match (kept, &self.seed) {
            (Some(kept), _) => kept,
            (None, Some(seed)) => document::read(seed)?,
            (None, None) => defaults::world(),
        };
        let repositories = Repositories::choose(&mut self.settings, self.state_directory.as_deref());
        let mut state = State {
            world,
            clock: Clock::new(self.pace, offset),
            settings: self.settings,
            faults: FaultRules::default(),
            throttle: Throttle::default(),
            requests: RequestLog::default(),
            memory: Memory::default(),
            places: BTreeMap::new(),
            log,
        };
        if let Some(log) = &mut state.log {
            log.append(&mut state.world, offset)?;
        }
        let (listener, address) = listen(&self.address).await?;
        let mut listeners = vec![(Service::Fabric, listener, address)];
        for service in self.services {
            let (listener, address) = listen(&SocketAddr::new(address.ip(), 0).to_string()).await?;
            listeners.push((service, listener, address));
        }
        let tls = self.tls.as_deref().map(|folder| tls::acceptor(folder, address.ip())).transpose()?;
        let place = |service| Place { service, tls: tls.clone() };
        let url = |(service, _, address): &(Service, _, SocketAddr)| {
            (*service, format!("{}://{address}", place(*service).scheme()))
        };
        state.places = listeners.iter().map(url).collect();
        let places = state.places.clone();
        let shared = Shared::new(state);
        let (stop, stopped) = watch::channel(());
        let serve = |(service, listener, _)| {
            tokio::spawn(server::run(listener, place(service), shared.clone(), stopped.clone()))
        };
        let servers = listeners.into_iter().map(serve).collect();
        Ok(Emulator { places, shared, _repositories: repositories, _stop: stop, servers })
    }
}

async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address: address.to_owned(), source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// A running emulator. Dropping it stops it.
#[derive(Debug)]
pub struct Emulator {
    places: BTreeMap<Service, String>,
    shared: Shared,
    /// The folder of repositories goes with this, where nobody asked for it.
    _repositories: Repositories,
    /// The servers stop when this is dropped.
    _stop: watch::Sender<()>,
    servers: Vec<JoinHandle<()>>,
}

impl Emulator {
    /// Sets an emulator up.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder {
            address: "127.0.0.1:0".to_owned(),
            services: BTreeSet::new(),
            tls: None,
            settings: Settings::default(),
            provisioning_delay: None,
            state_directory: None,
            seed: None,
            pace: Pace::Real,
        }
    }

    /// Scheme, host and port, such as `http://127.0.0.1:40123`; the Fabric API is below `/v1` of it.
    pub fn endpoint(&self) -> String {
        self.endpoint_of(Service::Fabric).unwrap_or_default()
    }

    /// Scheme, host and port of a service; `None`: it was not asked for.
    pub fn endpoint_of(&self, service: Service) -> Option<String> {
        self.places.get(&service).cloned()
    }

    /// Carries one request of the Fabric API out without a connection: for tests whose time is not the network's.
    /// Scheme and host of the request do not matter.
    ///
    /// # Errors
    ///
    /// Where a fault keeps the answer, or a part of it, from arriving.
    pub async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, BrokenExchange> {
        server::exchange(&self.shared, Service::Fabric, request, self.endpoint()).await
    }

    /// The same for a request of a service, which need not have been asked for.
    ///
    /// # Errors
    ///
    /// Where a fault keeps the answer, or a part of it, from arriving.
    pub async fn exchange_with(
        &self,
        service: Service,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, BrokenExchange> {
        let origin = self.endpoint_of(service).unwrap_or_else(|| self.endpoint());
        server::exchange(&self.shared, service, request, origin).await
    }

    /// A bearer token of the default administrator.
    pub fn token(&self) -> String {
        self.issue(ADMINISTRATOR)
    }

    /// A bearer token of the default administrator for Graph.
    pub fn graph_token(&self) -> String {
        control::issue_token_for(&self.shared.lock(), ADMINISTRATOR, crate::token::GRAPH)
    }

    /// A bearer token of the principal with this object id. The emulator refuses it if it does not know the principal.
    pub fn token_for(&self, oid: &str) -> String {
        self.issue(oid.parse().unwrap_or_default())
    }

    fn issue(&self, principal: Uuid) -> String {
        control::issue_token(&self.shared.lock(), principal)
    }

    /// Every request of the Fabric API and of the services beside it so far, in the order they were carried out.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.lock().requests.all()
    }

    /// The most requests of the Fabric API that were under way at once.
    pub fn most_at_once(&self) -> usize {
        self.shared.lock().requests.most_at_once()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.shared.lock().requests.clear();
    }

    /// Every envelope that Application Insights has accepted, in the order in which they came.
    pub fn telemetry(&self) -> Vec<Value> {
        self.shared.lock().memory.application_insights.accepted().to_vec()
    }

    /// The world as a document that can seed another emulator.
    pub fn world(&self) -> Value {
        self.shared.lock().world_document()
    }

    /// Makes a repository and a branch at the emulated Git provider, unless they are there: `wanted` has the members
    /// of Fabric's `gitProviderDetails`, and `files` by path for the first commit. Gives the bare repository's folder.
    ///
    /// # Errors
    ///
    /// What is wrong with `wanted`, or what `git` said.
    pub fn host_repository(&self, wanted: &Value) -> Result<PathBuf, String> {
        let state = self.shared.lock();
        let hosted = hosting::host(state.settings.repositories.as_deref(), wanted, state.clock.now());
        match hosted {
            Ok(hosted) => Ok(PathBuf::from(hosted["path"].as_str().unwrap_or_default())),
            Err(refusal) => Err(refusal.body_for(Uuid::nil()).to_string()),
        }
    }

    /// Replaces the faults in force.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.lock().faults.replace(faults);
    }

    /// Changes knobs while the emulator runs.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.shared.lock().settings);
    }

    /// Moves the emulator's time forwards.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().clock.advance(by);
    }

    /// Stops the emulator and waits until every connection is closed.
    pub async fn stop(self) {
        let Self { _stop: stop, servers, _repositories, .. } = self;
        drop(stop);
        for server in servers {
            let _ = server.await;
        }
    }
}
