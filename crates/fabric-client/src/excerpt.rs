//! What of a body may be shown in an error: its shape, never its values.

use serde_json::Value;

/// The longest excerpt, in characters.
const LIMIT: usize = 200;

/// The shape of a JSON body: every string value is left out. A body that is not JSON is only described.
pub(crate) fn shape(body: &[u8]) -> String {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return format!("{} bytes that are not JSON", body.len());
    };
    blank(&mut value);
    shorten(&value.to_string())
}

/// The reason that serde gives, without the values that it quotes.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let mut pieces = text.split('"');
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    if let Some(last) = pieces.next_back() {
        shown.push('…');
        shown.push_str(last);
    }
    shown
}

/// The beginning of a text that is no JSON, such as a proxy's page, without anything that looks like a key.
pub(crate) fn text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..4 * LIMIT).unwrap_or(body));
    let words = text.split_whitespace().map(|word| if word.len() > 32 { "…" } else { word });
    shorten(&words.collect::<Vec<_>>().join(" "))
}

fn blank(value: &mut Value) {
    match value {
        Value::String(text) => "…".clone_into(text),
        Value::Array(values) => values.iter_mut().for_each(blank),
        Value::Object(members) => members.values_mut().for_each(blank),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_show() {
        let body = br#"{"id":7,"credential":{"password":"hunter2"},"tokens":["eyJ0eXAi"]}"#;
        assert_eq!(shape(body), r#"{"id":7,"credential":{"password":"…"},"tokens":["…"]}"#);
        assert_eq!(shape(b"password=hunter2"), "16 bytes that are not JSON");
        let error = serde_json::from_str::<u8>("\"a \\\"quoted\\\" hunter2\"").unwrap_err();
        assert_eq!(reason(&error), "invalid type: string …, expected u8 at line 1 column 22");
    }

    #[test]
    fn pages_show_words_but_nothing_like_a_key() {
        let key = "k".repeat(40);
        assert_eq!(text(format!("Bad\n gateway {key} !").as_bytes()), "Bad gateway … !");
        assert_eq!(text(&[b'x', b' ', 0xff]), "x \u{fffd}");
        assert!(text("word ".repeat(500).as_bytes()).chars().count() <= LIMIT + 1);
    }
}
