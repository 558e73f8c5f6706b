//! `Retry-After`, in both of its forms and in none.

use std::time::{Duration, SystemTime};

use fabric_resilience::retry_after;
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use crate::support::secs;

/// 1994-11-06 08:49:37 UTC, RFC 9110's own example.
const EXAMPLE: u64 = 784_111_777;

fn headers(retry_after: &str, date: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(RETRY_AFTER, retry_after.parse().unwrap())]);
    if let Some(date) = date {
        headers.insert(DATE, date.parse().unwrap());
    }
    headers
}

fn read(value: &str, now: u64) -> Option<Duration> {
    retry_after(&headers(value, None), SystemTime::UNIX_EPOCH + secs(now))
}

#[test]
fn seconds() {
    assert_eq!(read("0", 0), Some(secs(0)));
    assert_eq!(read("54", 0), Some(secs(54)));
    assert_eq!(read(" 54 ", 0), Some(secs(54)));
    assert_eq!(read("99999999999999999999", 0), Some(secs(u64::from(u32::MAX))));
}

#[test]
fn dates_in_the_three_forms_that_http_knows() {
    for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
        assert_eq!(read(date, EXAMPLE - 30), Some(secs(30)), "{date}");
    }
}

#[test]
fn a_date_in_the_past_is_no_wait() {
    assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE + 5), Some(Duration::ZERO));
}

#[test]
fn a_date_is_measured_on_the_servers_own_clock() {
    let headers = headers("Sun, 06 Nov 1994 08:49:37 GMT", Some("Sun, 06 Nov 1994 08:49:17 GMT"));
    let local_clock_is_an_hour_ahead = SystemTime::UNIX_EPOCH + secs(EXAMPLE + 3_600);
    assert_eq!(retry_after(&headers, local_clock_is_an_hour_ahead), Some(secs(20)));
}

#[test]
fn an_unreadable_date_beside_it_is_ignored() {
    let headers = headers("Sun, 06 Nov 1994 08:49:37 GMT", Some("yesterday"));
    assert_eq!(retry_after(&headers, SystemTime::UNIX_EPOCH + secs(EXAMPLE - 9)), Some(secs(9)));
}

#[test]
fn what_cannot_be_read_says_nothing() {
    for value in ["", "soon", "-5", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT"] {
        assert_eq!(read(value, 0), None, "{value:?}");
    }
    assert_eq!(retry_after(&HeaderMap::new(), SystemTime::UNIX_EPOCH), None);
}
