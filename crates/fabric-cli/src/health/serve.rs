//! `/health` and `/ready` for a container.

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures::poll;
use futures::stream::{FuturesUnordered, StreamExt};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, timeout};

use super::{CheckId, Health, Surroundings, Target};
use crate::commands::Context;
use crate::connect::Place;
use crate::failure::Failure;
use crate::interrupt;

/// How old an answer may be: whoever asks more often does not make Fabric be asked more often.
const FRESH: Duration = Duration::from_secs(2);

/// How many connections are served at a time.
const CONNECTIONS: usize = 32;

/// How long answers that are under way may take once a signal has come: longer than a check, and less than what
/// containers are given to end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// What is asked about, and what was found last.
struct Checker<'a> {
    context: &'a Context,
    place: &'a Place,
    target: Option<&'a Target>,
    ids: &'a [CheckId],
    last: Mutex<Option<(Instant, Arc<Health>)>>,
}

impl Checker<'_> {
    async fn health(&self) -> Arc<Health> {
        let mut last = self.last.lock().await;
        if let Some((at, health)) = last.as_ref()
            && at.elapsed() < FRESH
        {
            return Arc::clone(health);
        }
        let surroundings = Surroundings::new(self.context, self.place, self.target);
        let health = Arc::new(super::run(self.ids, &surroundings).await);
        *last = Some((Instant::now(), Arc::clone(&health)));
        health
    }
}

/// Serves until a signal comes, and then ends what it has begun to answer; prints one JSON line with the addresses when
/// ready. A second signal waits for nothing.
pub(crate) async fn serve(
    address: SocketAddr,
    context: &Context,
    place: &Place,
    target: Option<&Target>,
    ids: &[CheckId],
) -> Result<(), Failure> {
    let listener = TcpListener::bind(address).await?;
    let mut signal = pin!(interrupt::asked_to_end());
    // From its first poll on it is heard: whoever reads the line may send one at once.
    if let Poll::Ready(ended) = poll!(&mut signal) {
        return Ok(ended?);
    }
    let origin = format!("http://{}", listener.local_addr()?);
    let mut line = json!({ "health": format!("{origin}/health"), "ready": format!("{origin}/ready") }).to_string();
    line.push('\n');
    let mut stdout = std::io::stdout();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()?;
    let checker = Checker { context, place, target, ids, last: Mutex::new(None) };
    let (stop, stopping) = watch::channel(false);
    let mut connections = FuturesUnordered::new();
    loop {
        tokio::select! {
            ended = &mut signal => { ended?; break }
            Some(()) = connections.next() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => connections.push(connection(stream, &checker, stopping.clone())),
                // It concerns one connection, or passes with time.
                Err(error) => tracing::debug!(%error, "a connection could not be accepted"),
            },
        }
    }
    drop(listener);
    stop.send_replace(true);
    let answered = timeout(LAST_ANSWERS, async { while connections.next().await.is_some() {} });
    tokio::select! {
        again = interrupt::wait() => again?,
        answered = answered => if answered.is_err() {
            tracing::warn!("an answer that was under way is left unfinished");
        },
    }
    Ok(())
}

async fn connection(stream: TcpStream, checker: &Checker<'_>, mut stopping: watch::Receiver<bool>) {
    let service = service_fn(|request| answer(request, checker));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5)).keep_alive(false);
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        _ = stopping.wait_for(|stop| *stop) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(request: Request<Incoming>, checker: &Checker<'_>) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_known = matches!(request.uri().path(), "/health" | "/ready");
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let (status, document) = match (is_known, reads) {
        (false, _) => (StatusCode::NOT_FOUND, json!({ "error": "there are /health and /ready" })),
        (true, false) => (StatusCode::METHOD_NOT_ALLOWED, json!({ "error": "GET or HEAD" })),
        (true, true) => {
            let health = checker.health().await;
            let status = if health.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            let document = match request.uri().path() {
                "/health" => serde_json::to_value(&*health).unwrap_or(Value::Null),
                _ => json!({ "schema_version": "1", "ready": health.is_ready() }),
            };
            (status, document)
        }
    };
    let mut response = Response::new(Full::from(document.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    Ok(response)
}
