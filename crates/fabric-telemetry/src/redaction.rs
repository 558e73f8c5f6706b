//! The one place where secrets are taken out, before anything leaves the process.

use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::model::{Attributes, Value};

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// Shorter secrets are not looked for: they would be found in ordinary words.
const SHORTEST: usize = 6;

/// What a secret follows, in lower case.
const MARKERS: [&str; 25] = [
    "bearer ",
    "basic ",
    "eyj",
    "accountkey=",
    "sharedaccesskey=",
    "sharedaccesssignature=",
    "sharedsecret=",
    "sig=",
    "sig%3d",
    "client_secret=",
    "client_assertion=",
    "clientsecret=",
    "access_token=",
    "refresh_token=",
    "id_token=",
    "assertion=",
    "password=",
    "passwd=",
    "pwd=",
    "api-key=",
    "api_key=",
    "apikey=",
    "token=",
    "secret=",
    "code=",
];

/// Names after which JSON carries a secret: `"client_secret":"…"`.
const JSON_NAMES: [&str; 8] = [
    "client_secret\"",
    "clientsecret\"",
    "access_token\"",
    "refresh_token\"",
    "id_token\"",
    "password\"",
    "\"secret\"",
    "accountkey\"",
];

/// Finds secrets by how they look and by their values. Clones share what was registered.
#[derive(Clone)]
pub struct Redactor {
    markers: Arc<AhoCorasick>,
    names: Arc<AhoCorasick>,
    values: Arc<RwLock<Values>>,
}

#[derive(Default)]
struct Values {
    known: Vec<String>,
    finder: Option<AhoCorasick>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

fn finder(patterns: &[impl AsRef<[u8]>], any_case: bool) -> Option<AhoCorasick> {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(any_case).build(patterns).ok()
}

impl Redactor {
    /// Knows how secrets look, and none by value yet. `None` if its tables cannot be built, which depends on nothing
    /// but this program.
    pub fn new() -> Option<Self> {
        Some(Self {
            markers: Arc::new(finder(&MARKERS, true)?),
            names: Arc::new(finder(&JSON_NAMES, true)?),
            values: Arc::default(),
        })
    }

    /// Takes this value out of everything from now on, as it is, percent-encoded, and escaped as JSON does.
    pub fn register(&self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < SHORTEST {
            return;
        }
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = serde_json::Value::from(secret).to_string();
        for form in [secret.to_owned(), percent, json.trim_matches('"').to_owned()] {
            if !values.known.contains(&form) {
                values.known.push(form);
            }
        }
        values.finder = finder(&values.known, false);
    }

    /// The text without secrets; `None` where there are none, which is nearly always.
    pub fn redact(&self, text: &str) -> Option<String> {
        let without_values = {
            let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
            values.finder.as_ref().filter(|finder| finder.is_match(text)).map(|finder| {
                let replacements = vec![REDACTED; finder.patterns_len()];
                finder.replace_all(text, &replacements)
            })
        };
        let current = without_values.as_deref().unwrap_or(text);
        let without_shapes = self.shapes(current);
        let without_userinfo = userinfo(without_shapes.as_deref().unwrap_or(current));
        without_userinfo.or(without_shapes).or(without_values)
    }

    fn shapes(&self, text: &str) -> Option<String> {
        let mut secrets: Vec<(usize, usize)> = Vec::new();
        for found in self.markers.find_iter(text) {
            let before = text[..found.start()].bytes().next_back();
            let is_jwt = found.pattern().as_usize() == 2;
            let within_word =
                before.is_some_and(|byte| byte.is_ascii_alphanumeric()) && !ends_encoded(&text[..found.start()]);
            // `eyJ` within a word and `code=` outside of a query are no secrets.
            let is_code = text[found.range()].eq_ignore_ascii_case("code=");
            if within_word || is_code && !matches!(before, Some(b'?' | b'&')) {
                continue;
            }
            let start = if is_jwt { found.start() } else { found.end() };
            let length = text[start..].find(is_delimiter).unwrap_or(text.len() - start);
            let secret = &text[start..start + length];
            if length >= if is_jwt { 20 } else { 1 } && secret != REDACTED.trim_end_matches(']') {
                secrets.push((start, start + length));
            }
        }
        for found in self.names.find_iter(text) {
            let rest = &text[found.end()..];
            let value =
                rest.trim_start().strip_prefix(':').map(str::trim_start).and_then(|rest| rest.strip_prefix('"'));
            if let Some(value) = value {
                let start = text.len() - value.len();
                let length = value.find('"').unwrap_or(value.len());
                secrets.push((start, start + length));
            }
        }
        secrets.sort_unstable();
        (!secrets.is_empty()).then(|| cut(text, &secrets))
    }

    /// Takes secrets out of every text.
    pub(crate) fn clean(&self, attributes: &mut Attributes) {
        for value in attributes.values_mut() {
            if let Value::Text(text) = value
                && let Some(clean) = self.redact(text)
            {
                *text = clean;
            }
        }
    }
}

/// Whether the text ends with a percent-encoded byte, such as `%3F`.
fn ends_encoded(text: &str) -> bool {
    let is_percent = text.len() >= 3 && text.as_bytes()[text.len() - 3] == b'%';
    is_percent && text.bytes().rev().take(2).all(|byte| byte.is_ascii_hexdigit())
}

fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || matches!(c, '&' | ';' | '"' | '\'' | ',' | '<' | '>' | ')' | '}' | ']' | '`')
}

/// `user:password@` in the address of an URL.
fn userinfo(text: &str) -> Option<String> {
    let mut secrets = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let end = text[start..].find(|c: char| is_delimiter(c) || matches!(c, '/' | '?' | '#'));
        let authority = &text[start..end.map_or(text.len(), |end| start + end)];
        if let Some(at_sign) = authority.rfind('@') {
            secrets.push((start, start + at_sign));
        }
    }
    (!secrets.is_empty()).then(|| cut(text, &secrets))
}

fn cut(text: &str, secrets: &[(usize, usize)]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut position = 0;
    for (start, end) in secrets {
        if *start < position {
            position = position.max(*end);
            continue;
        }
        clean.push_str(&text[position..*start]);
        clean.push_str(REDACTED);
        position = *end;
    }
    clean.push_str(&text[position..]);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "Canary0123456789abcdefghijklmnop";

    #[test]
    fn secrets_are_known_by_how_they_look() {
        let redactor = Redactor::new().unwrap();
        let cases = [
            format!("Authorization: Bearer {CANARY}"),
            format!("header `authorization: bearer {CANARY}` was refused"),
            format!("the token eyJ{CANARY}.{CANARY}.{CANARY} is of another tenant"),
            format!(
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={CANARY}==;EndpointSuffix=core.windows.net"
            ),
            format!("Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey={CANARY}="),
            format!("Server=tcp:a.database.windows.net;User ID=b;Password={CANARY};Encrypt=true"),
            format!("https://a.blob.core.windows.net/c/b?sv=2024-01-01&se=2026&sig={CANARY}%3D&sp=r"),
            format!("https://a/?url=https%3A%2F%2Fb%2F%3Fsig%3D{CANARY}"),
            format!("grant_type=client_credentials&client_id=1&client_secret={CANARY}&scope=x"),
            format!("https://somebody:{CANARY}@example.com/path"),
            format!("{{\"client_id\":\"1\",\"client_secret\": \"{CANARY}\"}}"),
            format!("https://example.com/callback?code={CANARY}"),
        ];
        for case in cases {
            let clean = redactor.redact(&case).unwrap_or(case.clone());
            assert!(!clean.contains("Canary"), "{case}\nbecame {clean}");
            assert!(clean.contains(REDACTED), "{clean}");
        }
    }

    #[test]
    fn what_stands_around_a_secret_stays() {
        let redactor = Redactor::new().unwrap();
        let clean = redactor.redact("https://a/b?sv=1&sig=abc%3D&sp=r (Bearer xyz) ok").unwrap();
        assert_eq!(clean, "https://a/b?sv=1&sig=[redacted]&sp=r (Bearer [redacted]) ok");
        assert_eq!(redactor.redact(&clean), None);
    }

    #[test]
    fn secrets_are_known_by_value() {
        let redactor = Redactor::new().unwrap();
        redactor.register("p@ss w\"rd");
        redactor.register("short");
        for text in ["is p@ss w\"rd", "is p%40ss+w%22rd", r#"{"x":"p@ss w\"rd"}"#] {
            let clean = redactor.redact(text).unwrap();
            assert!(clean.contains(REDACTED) && !clean.contains("ss"), "{clean}");
        }
        assert_eq!(redactor.redact("in short"), None);
        assert!(!format!("{redactor:?}").contains("p@ss"));
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        let redactor = Redactor::new().unwrap();
        for text in [
            "item/Notebook/01_Load",
            "https://api.fabric.microsoft.com/v1/workspaces/1",
            "error_code=Throttled",
            "heyJude",
        ] {
            assert_eq!(redactor.redact(text), None, "{text}");
        }
    }
}
