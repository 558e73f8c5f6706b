//! Reads text that is known to be valid JSON into a tree with byte offsets.

use super::{Member, Node, Value};

/// Deeper nesting is refused, as `serde_json` does.
const MAX_DEPTH: usize = 128;

/// Reads the value that starts at or after byte `start`; `None` where the text is not JSON.
pub(super) fn read(text: &str, start: usize) -> Option<Node> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: start };
    reader.value(0)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !byte.is_ascii_whitespace() {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            return None;
        }
        let first = self.skip_blanks()?;
        let start = self.at;
        let value = match first {
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b'"' => Value::String(self.string()?),
            _ => self.bare()?,
        };
        Some(Node { span: start..self.at, value })
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut members = Vec::new();
        self.at += 1;
        loop {
            match self.skip_blanks()? {
                b'}' => {
                    self.at += 1;
                    return Some(Value::Object(members));
                }
                b',' => self.at += 1,
                _ => {
                    let start = self.at;
                    let name = self.string()?;
                    let name_span = start..self.at;
                    if self.skip_blanks()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    members.push(Member { name, name_span, value: self.value(depth + 1)? });
                }
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut elements = Vec::new();
        self.at += 1;
        loop {
            match self.skip_blanks()? {
                b']' => {
                    self.at += 1;
                    return Some(Value::Array(elements));
                }
                b',' => self.at += 1,
                _ => elements.push(self.value(depth + 1)?),
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        if self.bytes.get(start) != Some(&b'"') {
            return None;
        }
        let mut end = start + 1;
        let mut escaped = false;
        loop {
            end += memchr::memchr2(b'"', b'\\', self.bytes.get(end..)?)?;
            if self.bytes.get(end) == Some(&b'"') {
                break;
            }
            escaped = true;
            end += 2;
        }
        self.at = end + 1;
        if escaped {
            serde_json::from_str(self.text.get(start..=end)?).ok()
        } else {
            Some(self.text.get(start + 1..end)?.to_owned())
        }
    }

    fn bare(&mut self) -> Option<Value> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)) {
            self.at += 1;
        }
        match self.text.get(start..self.at)? {
            "" => None,
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            number => Some(Value::Number(number.to_owned())),
        }
    }
}
