//! A receiver of telemetry over HTTP that answers as it is told and remembers what came.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use flate2::read::GzDecoder;

/// How it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Status(u16),
    Never,
}

/// A receiver that lives as long as the process.
pub(crate) struct Receiver {
    pub(crate) endpoint: String,
    posts: Arc<Mutex<Vec<(String, String)>>>,
}

impl Receiver {
    pub(crate) fn new(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let posts = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&posts);
        std::thread::spawn(move || {
            let mut unanswered = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                // Who left before the end of the request sent none.
                let Some(post) = read(&mut stream) else { continue };
                remembered.lock().unwrap().push(post);
                match answer {
                    Answer::Status(status) => {
                        let head = "content-type: application/json\r\ncontent-length: 2\r\nconnection: close";
                        let _ = write!(stream, "HTTP/1.1 {status} Answer\r\n{head}\r\n\r\n{{}}");
                    }
                    Answer::Never => unanswered.push(stream),
                }
            }
        });
        Self { endpoint, posts }
    }

    /// The path and the body, no longer compressed, of every request so far.
    pub(crate) fn posts(&self) -> Vec<(String, String)> {
        self.posts.lock().unwrap().clone()
    }
}

fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut text = String::new();
    GzDecoder::new(body.as_slice()).read_to_string(&mut text).ok()?;
    Some((path, text))
}
