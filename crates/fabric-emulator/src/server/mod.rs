//! HTTP: accepts connections, reads requests, writes answers, cuts connections where a fault wants it.

mod body;
mod exchange;
mod render;
mod wire;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::control;
use crate::faults::FaultKind;
use crate::services::{self, Service};
use crate::state::{Fate, Request, State};
use body::AnswerBody;
pub use exchange::BrokenExchange;
pub(crate) use exchange::exchange;
use wire::{Cut, Wire};

/// Larger requests are refused.
const BODY_LIMIT: usize = 256 * 1024 * 1024;

/// The state, shared by all connections.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state. A panic elsewhere leaves it as it was: handlers change it only after their last check.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What listens at an address.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) service: Service,
    /// `None`: plain http.
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Place {
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

/// The connection shall be closed without an answer.
#[derive(Debug, Error)]
#[error("the connection is cut")]
struct Cutting;

/// Serves connections until told to stop, or until nobody can tell any more.
pub(crate) async fn run(listener: TcpListener, place: Place, shared: Shared, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(serve_connection(stream, place.clone(), shared.clone())); }
                Err(error) => wait_out(&error).await,
            }
        }
    }
    connections.shutdown().await;
}

/// Some errors concern one connection only; others, such as too many open files, pass with time.
async fn wait_out(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(20)).await;
}

async fn serve_connection(stream: TcpStream, place: Place, shared: Shared) {
    // Small answers must not wait for acknowledgements of earlier ones.
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().map(|address| address.to_string()).unwrap_or_default();
    let cut = Cut::default();
    let wire = Wire::new(stream, cut.clone());
    let service = service_fn(|request| answer(request, &place, shared.clone(), cut.clone(), &local));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new());
    let ended = match &place.tls {
        None => http.serve_connection(TokioIo::new(wire), service).await,
        Some(tls) => match tls.accept(wire).await {
            Ok(secured) => http.serve_connection(TokioIo::new(secured), service).await,
            Err(error) => return tracing::debug!(%error, "a connection was not secured"),
        },
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    request: http::Request<Incoming>,
    place: &Place,
    shared: Shared,
    cut: Cut,
    local: &str,
) -> Result<Response<AnswerBody>, Cutting> {
    let (head, body) = request.into_parts();
    let host = head.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or(local);
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Ok(render::empty(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => return Err(Cutting),
    };
    let request = Request {
        origin: format!("{}://{host}", place.scheme()),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        method: head.method,
        headers: head.headers,
        body,
    };
    let is_control = place.service == Service::Fabric;
    if is_control && (request.path == "/_emulator" || request.path.starts_with("/_emulator/")) {
        return Ok(control::answer(&mut shared.lock(), &request));
    }
    match carry_out(&shared, place.service, &request).await {
        Fate::Answered(answer) => Ok(answer),
        Fate::Truncated(answer) => Ok(answer.map(AnswerBody::truncated)),
        Fate::Lost => Err(Cutting),
        Fate::Reset => {
            cut.reset();
            Err(Cutting)
        }
    }
}

/// A request of the Fabric API that was not answered yet. A connection that closes meanwhile ends it as well.
struct UnderWay(Shared);

impl UnderWay {
    fn begin(shared: &Shared) -> Self {
        shared.lock().requests.arrived();
        Self(shared.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().requests.left();
    }
}

/// Carries a request out, under the fault that befalls it, once its wait is over.
async fn carry_out(shared: &Shared, service: Service, request: &Request) -> Fate<Answer> {
    let _under_way = (service == Service::Fabric).then(|| UnderWay::begin(shared));
    let (latency, fault) = {
        let mut state = shared.lock();
        (state.settings.latency, state.strike(service, request))
    };
    let slowness = match fault {
        Some(FaultKind::SlowMs(milliseconds)) => Duration::from_millis(milliseconds),
        _ => Duration::ZERO,
    };
    let wait = latency + slowness;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let mut state = shared.lock();
    match service {
        Service::Fabric => {
            let fate = state.handle(request, fault.as_ref());
            fate.map(|answered| render::answer(&answered, &request.origin))
        }
        beside => services::handle(&mut state, beside, request, fault.as_ref()).map(render::service),
    }
}

/// Turns a JSON value into a plain answer, for the control plane.
pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Response<AnswerBody> {
    render::json(status, value)
}

pub(crate) type Answer = Response<AnswerBody>;
