//! Real transport errors: made by a real client on a real socket, on a thread whose time nobody pauses.

use std::sync::mpsc;

use tokio::net::TcpListener;

/// How a connection breaks before its answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Break {
    Close,
    Reset,
}

type Order = (Break, mpsc::Sender<reqwest::Error>);

/// Makes errors on demand.
pub(super) struct Breakage {
    orders: mpsc::Sender<Order>,
}

impl Breakage {
    pub(super) fn new() -> Self {
        let (orders, received) = mpsc::channel::<Order>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            while let Ok((how, answer)) = received.recv() {
                let _ = answer.send(runtime.block_on(break_one(&client, how)));
            }
        });
        Self { orders }
    }

    /// The error of a request whose connection broke. It blocks, so that paused time cannot pass meanwhile.
    pub(super) fn error(&self, how: Break) -> reqwest::Error {
        let (answer, error) = mpsc::channel();
        self.orders.send((how, answer)).unwrap();
        error.recv().unwrap()
    }
}

async fn break_one(client: &reqwest::Client, how: Break) -> reqwest::Error {
    use tokio::io::AsyncReadExt as _;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 1024]).await;
        if matches!(how, Break::Reset) {
            socket.set_zero_linger().unwrap();
        }
    };
    let (sent, ()) = tokio::join!(client.get(&url).send(), server);
    sent.unwrap_err()
}
