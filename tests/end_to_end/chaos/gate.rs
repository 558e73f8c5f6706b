//! A gate between a process and the service: it lets requests pass up to one, stops that one at a point, and from then on
//! reads nothing any more.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Notify;

/// Where a request is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Its intent is on record; nobody has read a byte of it.
    BeforeSending,
    /// It was sent as a whole, and never gets to the service.
    BeforeTheEffect,
    /// The service has answered; not a byte of the answer comes back.
    BeforeTheAnswer,
    /// The answer comes back, and what it causes is recorded.
    AfterTheRecord,
}

/// Every point of a request.
pub(super) const POINTS: [At; 4] = [At::BeforeSending, At::BeforeTheEffect, At::BeforeTheAnswer, At::AfterTheRecord];

/// How long a condition is waited for between two looks at what tells nobody of its changes.
const LOOK: Duration = Duration::from_millis(2);

#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Told when the answer after which the gate closes may pass.
    passes: Notify,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// How many requests have begun.
    pub(super) begun: usize,
    /// How many of them the service has and has not answered yet.
    pub(super) with_the_service: usize,
    /// Whether the request that is stopped has come to its point.
    pub(super) reached: bool,
    /// Whether a request has begun after the one that is stopped.
    pub(super) next_begun: bool,
    closes: Option<(usize, At)>,
}

/// What becomes of a request that begins.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Passes,
    StopsAt(At),
    ComesTooLate,
}

impl Gate {
    /// A gate in front of the service at this address.
    pub(super) fn before(service: &str, runtime: &Runtime) -> Self {
        let service: SocketAddr = service.strip_prefix("http://").unwrap().parse().unwrap();
        let shared = Arc::new(Shared::default());
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let gate = Self { endpoint, shared: Arc::clone(&shared) };
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { shared.connection(client, service).await });
            }
        });
        gate
    }

    /// Counts anew, and closes at the request of this number, counted from 1.
    pub(super) fn close(&self, closes: Option<(usize, At)>) {
        *self.shared.lock() = State { closes, ..State::default() };
    }

    /// Lets the answer pass after which the gate closes.
    pub(super) fn let_the_answer_pass(&self) {
        self.shared.passes.notify_one();
    }

    /// Waits until `is_so`; looks every now and then at `or_else`, and gives up where that is so.
    pub(super) fn wait(&self, is_so: impl Fn(&State) -> bool, mut or_else: impl FnMut() -> bool) -> bool {
        let mut state = self.shared.lock();
        loop {
            if is_so(&state) {
                return true;
            }
            drop(state);
            if or_else() {
                return is_so(&self.shared.lock());
            }
            state = self.shared.lock();
            if !is_so(&state) {
                state = self.shared.changed.wait_timeout(state, LOOK).unwrap().0;
            }
        }
    }

    /// How many requests have begun.
    pub(super) fn begun(&self) -> usize {
        self.shared.lock().begun
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_all();
        changed
    }

    fn begin(&self) -> Turn {
        self.change(|state| {
            state.begun += 1;
            match state.closes {
                Some((number, at)) if state.begun == number => {
                    state.reached = at == At::BeforeSending;
                    Turn::StopsAt(at)
                }
                Some((number, _)) if state.begun > number => {
                    state.next_begun = true;
                    Turn::ComesTooLate
                }
                _ => Turn::Passes,
            }
        })
    }

    /// One request after the other of a connection. What is stopped stays where it is until the test is over.
    async fn connection(&self, mut client: TcpStream, service: SocketAddr) -> io::Result<()> {
        let mut server = TcpStream::connect(service).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut answer, mut byte) = (vec![0; 64 * 1024], [0]);
        while client.peek(&mut byte).await? > 0 {
            let turn = self.begin();
            if matches!(turn, Turn::ComesTooLate | Turn::StopsAt(At::BeforeSending)) {
                return std::future::pending().await;
            }
            let request = read_request(&mut client).await?;
            if turn == Turn::StopsAt(At::BeforeTheEffect) {
                self.change(|state| state.reached = true);
                return std::future::pending().await;
            }
            self.change(|state| state.with_the_service += 1);
            let answered = match server.write_all(&request).await {
                Ok(()) => server.read(&mut answer).await,
                Err(error) => Err(error),
            };
            self.change(|state| {
                state.with_the_service = state.with_the_service.saturating_sub(1);
                state.reached |= matches!(turn, Turn::StopsAt(At::BeforeTheAnswer | At::AfterTheRecord));
            });
            match turn {
                Turn::StopsAt(At::BeforeTheAnswer) => return std::future::pending().await,
                Turn::StopsAt(_) => self.passes.notified().await,
                _ => {}
            }
            client.write_all(&answer[..answered?]).await?;
            // Whoever sends again has got all of the answer.
            loop {
                let more = tokio::select! {
                    biased;
                    more = server.read(&mut answer) => more?,
                    next = client.peek(&mut byte) => { next?; break }
                };
                if more == 0 {
                    return Ok(());
                }
                client.write_all(&answer[..more]).await?;
            }
        }
        Ok(())
    }
}

/// A request from its first byte to its last.
async fn read_request(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut request = Vec::new();
    loop {
        if client.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some(end) = request.windows(END.len()).position(|window| window == END) else { continue };
        let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        if request.len() >= end + END.len() + length {
            return Ok(request);
        }
    }
}
