//! The token goes to one host. Here requests really go out, over loopback.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::time::OffsetDateTime;
use fabric_client::{Client, Endpoint, Error, Item, NewItem, RefusedToken};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::exercise::{ITEM, WORKSPACE};
use crate::stub::{TOKEN, credential};

/// A server that answers requests, one to a connection, with what `answers` holds for their path's end.
struct Server {
    origin: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answers: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                    if connection.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                let head = String::from_utf8_lossy(&request).into_owned();
                let answer = answers(head.split(' ').nth(1).unwrap_or_default());
                seen.lock().unwrap().push(head);
                connection.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { origin, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    fn client(&self, credential: Arc<dyn TokenCredential>) -> Client {
        let http = Client::http_defaults().no_proxy().build().unwrap();
        Client::builder(http, credential).endpoint(Endpoint::parse(&self.origin).unwrap()).build()
    }
}

fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

#[tokio::test]
async fn redirects_are_refused_and_their_target_never_sees_a_request() {
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let elsewhere = Server::start(|_| response("200 OK", "", r#"{"value":[]}"#)).await;
        let location = format!("location: {}/v1/workspaces\r\n", elsewhere.origin);
        let server = Server::start(move |_| response(status, &location, "")).await;
        let error = server.client(credential()).workspaces().list().await.unwrap_err();
        let Error::Redirected { host, .. } = &error else { panic!("{error:?}") };
        assert_eq!(host, "127.0.0.1");
        assert_eq!((server.heads().len(), elsewhere.heads().len()), (1, 0), "{status}");
    }
}

#[tokio::test]
async fn the_host_that_an_operation_names_is_never_contacted() {
    let elsewhere = Server::start(|_| response("200 OK", "", r#"{"status":"Succeeded"}"#)).await;
    let origin = elsewhere.origin.clone();
    let server = Server::start(move |path| {
        let location = format!("location: {origin}/v1/operations/op-1\r\nx-ms-operation-id: op-1\r\n");
        match path {
            "/v1/operations/op-1" => response("200 OK", &location, r#"{"status":"Succeeded"}"#),
            "/v1/operations/op-1/result" => {
                response("200 OK", "", &format!(r#"{{"id":"{ITEM}","type":"Notebook","displayName":"n"}}"#))
            }
            _ => response("202 Accepted", &location, "null"),
        }
    })
    .await;
    let client = server.client(credential());
    let started = client.workspace(WORKSPACE).items().create(&NewItem::new("Notebook", "n")).start().await.unwrap();
    let fabric_client::Started::Running(operation) = started else { panic!("an operation runs") };
    let item: Item = client.operation(operation.id().clone()).wait().await.unwrap();
    assert_eq!(item.id, ITEM);
    let heads = server.heads();
    assert_eq!((heads.len(), elsewhere.heads().len()), (3, 0));
    for head in heads {
        assert!(head.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{head}");
        assert!(head.contains("user-agent: fabric-client/"), "{head}");
    }
}

#[tokio::test]
async fn a_connection_that_is_refused_is_not_ambiguous_and_one_that_breaks_is() {
    let new = NewItem::new("Notebook", "n");
    let broken = Server::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_owned()).await;
    let error = broken.client(credential()).workspace(WORKSPACE).items().create(&new).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }) && error.is_ambiguous(), "{error:?}");

    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = Server { origin: format!("http://{free}"), heads: Arc::default() };
    let error = nobody.client(credential()).workspace(WORKSPACE).items().create(&new).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }) && !error.is_ambiguous(), "{error:?}");
}

#[derive(Debug)]
struct Moody(Mutex<u32>);

#[async_trait]
impl TokenCredential for Moody {
    async fn get_token(&self, scopes: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://example.test/.default"]);
        let mut asked = self.0.lock().unwrap();
        *asked += 1;
        match *asked {
            1 | 2 => Ok(AccessToken::new(format!("token-{asked}"), OffsetDateTime::UNIX_EPOCH)),
            3 => Ok(AccessToken::new("two\nlines", OffsetDateTime::UNIX_EPOCH)),
            _ => Err(azure_core::Error::with_message(ErrorKind::Credential, "nobody is signed in")),
        }
    }
}

#[tokio::test]
async fn the_credential_is_asked_for_every_request() {
    let server = Server::start(|_| response("200 OK", "", r#"{"value":[]}"#)).await;
    let http = Client::http_defaults().no_proxy().build().unwrap();
    let client = Client::builder(http, Arc::new(Moody(Mutex::new(0))))
        .endpoint(Endpoint::parse(&server.origin).unwrap())
        .scope("https://example.test/.default")
        .build();
    for token in ["token-1", "token-2"] {
        client.workspaces().list().await.unwrap();
        assert!(server.heads().pop().unwrap().contains(&format!("Bearer {token}\r\n")));
    }
    for _ in 0..2 {
        let error = client.workspaces().list().await.unwrap_err();
        assert!(matches!(error, Error::Credential(_)) && !error.is_ambiguous());
        assert!(!format!("{error:?}").contains("lines"), "{error:?}");
    }
    assert_eq!(server.heads().len(), 2);
}

/// Gives the first token until it is told that it was refused; then the second, if there is one.
#[derive(Debug)]
struct Renewing {
    renewed: Option<&'static str>,
    asked: Mutex<Vec<bool>>,
}

#[async_trait]
impl TokenCredential for Renewing {
    async fn get_token(&self, _: &[&str], options: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        let options = options.unwrap_or_default();
        let refused = options.method_options.context.value::<RefusedToken>().is_some_and(|refused| refused.is("old"));
        self.asked.lock().unwrap().push(refused);
        let token = if refused { self.renewed.unwrap_or("old") } else { "old" };
        Ok(AccessToken::new(token, OffsetDateTime::UNIX_EPOCH))
    }
}

const EXPIRED: &str = r#"{"errorCode":"TokenExpired","message":"Access token has expired"}"#;

/// What becomes of a read whose first request is refused in this way: whether it succeeds, the tokens that were sent,
/// and whether the credential was told that its token was refused each time it was asked.
async fn refused_once(renewed: Option<&'static str>, body: &'static str) -> (bool, Vec<&'static str>, Vec<bool>) {
    let first = AtomicBool::new(true);
    let server = Server::start(move |_| match first.swap(false, Ordering::SeqCst) {
        true => response("401 Unauthorized", "", body),
        false => response("200 OK", "", r#"{"value":[]}"#),
    })
    .await;
    let credential = Arc::new(Renewing { renewed, asked: Mutex::default() });
    let listed = server.client(Arc::clone(&credential) as Arc<_>).workspaces().list().await;
    let asked = credential.asked.lock().unwrap().clone();
    let of = |head: &String| if head.contains("Bearer old\r\n") { "old" } else { "new" };
    (listed.is_ok(), server.heads().iter().map(of).collect(), asked)
}

#[tokio::test]
async fn an_expired_token_is_renewed_once() {
    assert_eq!(refused_once(Some("new"), EXPIRED).await, (true, vec!["old", "new"], vec![false, true]));
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_is_sent_once() {
    assert_eq!(refused_once(None, EXPIRED).await, (false, vec!["old"], vec![false, true]));
}

#[tokio::test]
async fn a_token_that_is_refused_for_another_reason_is_not_renewed() {
    let body = r#"{"errorCode":"Unauthorized","message":"The token is not valid"}"#;
    assert_eq!(refused_once(Some("new"), body).await, (false, vec!["old"], vec![false]));
}

#[tokio::test]
async fn a_renewed_token_that_is_refused_as_well_ends_it() {
    let server = Server::start(|_| response("401 Unauthorized", "", EXPIRED)).await;
    let credential = Arc::new(Renewing { renewed: Some("new"), asked: Mutex::default() });
    let error = server.client(credential).workspaces().list().await.unwrap_err();
    assert_eq!((error.error_code(), server.heads().len()), (Some("TokenExpired"), 2));
}
