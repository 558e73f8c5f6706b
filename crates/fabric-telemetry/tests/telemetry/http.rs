//! The transport over a real connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use fabric_telemetry::{Answer, HttpTransport, Post, Transport, TransportError};
use reqwest::header::HeaderMap;

/// Answers one request with these bytes, and gives the head and the length of what was asked.
fn serve(answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        while !asked.windows(8).any(|bytes| bytes == b"\r\n\r\nBODY") {
            let mut buffer = [0; 1024];
            let count = stream.read(&mut buffer).unwrap();
            asked.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(asked).unwrap().to_lowercase()
    });
    (address, served)
}

async fn post(address: SocketAddr) -> Result<Answer, TransportError> {
    let mut headers = HeaderMap::new();
    headers.insert("api-key", "k".parse().unwrap());
    let url = format!("http://{address}/v2.1/track?canary=1").parse().unwrap();
    let post = Post { url, content_type: "application/x-json-stream", headers, body: b"BODY".to_vec() };
    HttpTransport::new().unwrap().post(post).await
}

#[tokio::test]
async fn a_post_says_what_it_carries_and_hears_how_long_to_wait() {
    let (address, served) = serve("HTTP/1.1 429 Too Many\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\n{}");
    let answer = post(address).await.unwrap();
    let expected = (429, Some(Duration::from_secs(7)), b"{}".to_vec());
    assert_eq!((answer.status, answer.retry_after, answer.body), expected);
    let asked = served.join().unwrap();
    assert!(asked.starts_with("post /v2.1/track?canary=1 http/1.1\r\n"), "{asked}");
    for header in ["content-encoding: gzip", "content-type: application/x-json-stream", "api-key: k"] {
        assert!(asked.contains(header), "{header} of {asked}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (address, served) =
        serve("HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(post(address).await.unwrap().status, 307);
    served.join().unwrap();
}

#[tokio::test]
async fn an_error_does_not_repeat_the_address() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = post(free).await.unwrap_err().to_string();
    assert!(!error.contains("canary") && error.contains("refused"), "{error}");
}
