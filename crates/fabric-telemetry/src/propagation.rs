//! W3C Trace Context: where in a trace another process is, in one line.

use thiserror::Error;

use crate::model::{SpanContext, SpanId, TraceId};

/// A `traceparent` that cannot be used. A new trace begins then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TraceparentError {
    /// It has another form.
    #[error("it is not of the form 00-<32 hexadecimal digits>-<16>-<2>")]
    Form,
    /// An id is all zeros.
    #[error("an id of zeros names nothing")]
    Zero,
}

/// Reads a `traceparent`. Versions after 00 are read as far as 00 goes, as the recommendation asks.
///
/// # Errors
/// It is not one.
pub fn parse_traceparent(text: &str) -> Result<SpanContext, TraceparentError> {
    let mut parts = text.trim().split('-');
    let mut next = || parts.next().ok_or(TraceparentError::Form);
    let (version, trace, span, flags) = (next()?, next()?, next()?, next()?);
    let version: [u8; 1] = digits(version)?;
    let _: [u8; 1] = digits(flags)?;
    if version == [0xff] || version == [0] && parts.next().is_some() {
        return Err(TraceparentError::Form);
    }
    let (trace, span) = (digits(trace)?, digits(span)?);
    if trace == [0; 16] || span == [0; 8] {
        return Err(TraceparentError::Zero);
    }
    Ok(SpanContext { trace: TraceId(trace), span: SpanId(span) })
}

/// Lower-case hexadecimal digits, and exactly as many.
fn digits<const N: usize>(text: &str) -> Result<[u8; N], TraceparentError> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(TraceparentError::Form),
    };
    if text.len() != 2 * N {
        return Err(TraceparentError::Form);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(bytes)
}

/// The `traceparent` of a place in a trace. It is always sampled: what a deployment did is never left to chance.
pub fn traceparent(context: SpanContext) -> String {
    format!("00-{}-{}-01", context.trace, context.span)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_written_is_read() {
        let context = parse_traceparent(EXAMPLE).unwrap();
        assert_eq!(traceparent(context), EXAMPLE);
        assert_eq!(format!("{:?} {:?}", context.trace, context.span), EXAMPLE[3..52].replace('-', " "));
    }

    #[test]
    fn a_later_version_may_say_more() {
        assert!(parse_traceparent(&EXAMPLE.replacen("00", "cc", 1)).is_ok());
        assert!(parse_traceparent(&format!("{}-more", EXAMPLE.replacen("00", "cc", 1))).is_ok());
    }

    #[test]
    fn what_is_no_traceparent_is_refused() {
        let cases = [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-x1",
        ];
        for case in cases {
            assert_eq!(parse_traceparent(case), Err(TraceparentError::Form), "{case}");
        }
        let zero = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        assert_eq!(parse_traceparent(zero), Err(TraceparentError::Zero));
    }
}
