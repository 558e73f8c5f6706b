//! What travels with a trace beside its `traceparent`: W3C's `tracestate` and `baggage`, as this process was given them.

use thiserror::Error;

/// How many entries W3C allows in a `tracestate`.
const STATES: usize = 32;

/// How many entries and bytes W3C asks everybody to pass on in a `baggage`.
const BAGGAGE: (usize, usize) = (64, 8192);

/// A `tracestate` or `baggage` that cannot be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CarriedError {
    /// An entry has another form. It is not repeated: it may be anything.
    #[error("entry {0} is not of the form key=value")]
    Entry(usize),
    /// There is more than has to be passed on.
    #[error("it has more than {0} entries")]
    Many(usize),
    /// The same, in bytes.
    #[error("it has more than {0} bytes")]
    Long(usize),
}

/// What each request carries beside its own `traceparent`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried(pub(crate) Vec<(&'static str, String)>);

impl Carried {
    /// With what vendors keep in the trace. It belongs to the `traceparent` that it came with, and to no other trace.
    ///
    /// # Errors
    /// It is no `tracestate`.
    pub fn with_tracestate(self, text: &str) -> Result<Self, CarriedError> {
        self.with("tracestate", text, STATES, usize::MAX)
    }

    /// With what the caller says of itself.
    ///
    /// # Errors
    /// It is no `baggage`.
    pub fn with_baggage(self, text: &str) -> Result<Self, CarriedError> {
        let (entries, bytes) = BAGGAGE;
        self.with("baggage", text, entries, bytes)
    }

    fn with(mut self, header: &'static str, text: &str, most: usize, bytes: usize) -> Result<Self, CarriedError> {
        let entries: Vec<&str> = text.split(',').map(str::trim).collect();
        if text.len() > bytes {
            return Err(CarriedError::Long(bytes));
        }
        if entries.len() > most {
            return Err(CarriedError::Many(most));
        }
        let is_entry = |entry: &&str| {
            let key = entry.split_once('=').map(|(key, _)| key.trim());
            let is_key = key.is_some_and(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic()));
            is_key && entry.bytes().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t'))
        };
        // Empty entries are allowed, and say nothing.
        let wrong = entries.iter().position(|entry| !entry.is_empty() && !is_entry(entry));
        if let Some(position) = wrong {
            return Err(CarriedError::Entry(position + 1));
        }
        let text = entries.into_iter().filter(|entry| !entry.is_empty()).collect::<Vec<_>>().join(",");
        if !text.is_empty() {
            self.0.push((header, text));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_passed_on_in_its_order() {
        let carried = Carried::default().with_tracestate("congo=t61rcWkgMzE, ,rojo=00f067aa0ba902b7").unwrap();
        let carried =
            carried.with_baggage("userId=alice;private,serverNode=DF%2028").unwrap().with_baggage(" ").unwrap();
        let expected = [
            ("tracestate", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7".to_owned()),
            ("baggage", "userId=alice;private,serverNode=DF%2028".to_owned()),
        ];
        assert_eq!(carried.0, expected);
    }

    #[test]
    fn what_is_neither_is_refused_without_a_word_of_it() {
        for (text, place) in [("canary", 1), ("a=1,=2", 2), ("a=1,b=\u{e9}", 2), ("a b=1", 1), ("a=1\r\nb: c=2", 1)] {
            let error = Carried::default().with_baggage(text).unwrap_err();
            assert_eq!(error, CarriedError::Entry(place), "{text:?}");
            assert!(!error.to_string().contains("canary"));
        }
        let many = vec!["a=1"; 33].join(",");
        assert_eq!(Carried::default().with_tracestate(&many), Err(CarriedError::Many(32)));
        assert!(Carried::default().with_baggage(&many).is_ok());
        let long = format!("a={}", "1".repeat(8192));
        assert_eq!(Carried::default().with_baggage(&long), Err(CarriedError::Long(8192)));
    }
}
