//! The emulator's own time: real or virtual, always readable as microseconds since 1970.

use std::time::Duration;

use time::OffsetDateTime;

/// A point in the emulator's time: microseconds since 1970-01-01T00:00:00Z.
pub(crate) type Moment = i64;

/// Where virtual time begins: 2026-01-01T00:00:00Z.
const VIRTUAL_START: Moment = 1_767_225_600_000_000;

/// Tells the emulator's time. It never runs backwards, not even across a restart.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    pace: Pace,
    offset: i64,
}

/// What moves the emulator's time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// The machine's clock.
    Real,
    /// Nothing but [`Clock::advance`].
    Still,
    /// Tokio's clock, from this instant on.
    Tokio(tokio::time::Instant),
}

impl Clock {
    pub(crate) fn new(pace: Pace, offset: i64) -> Self {
        Self { pace, offset }
    }

    pub(crate) fn now(&self) -> Moment {
        let base = match self.pace {
            Pace::Real => wall_clock(),
            Pace::Still => VIRTUAL_START,
            Pace::Tokio(origin) => VIRTUAL_START.saturating_add(micros(origin.elapsed())),
        };
        base.saturating_add(self.offset)
    }

    /// Moves time forwards; real time keeps running from there.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.offset = self.offset.saturating_add(micros(by));
    }

    /// What must be kept so that a restart does not travel back.
    pub(crate) fn offset(&self) -> i64 {
        self.offset
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn wall_clock() -> Moment {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    micros(elapsed)
}

/// A duration in microseconds, saturating.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn date_time(moment: Moment) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment) * 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// A time stamp the way operations and jobs write it: no zone, fraction without trailing zeros.
pub(crate) fn stamp(moment: Moment) -> String {
    let at = date_time(moment);
    let whole = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    let fraction = format!("{:06}", at.microsecond());
    match fraction.trim_end_matches('0') {
        "" => whole,
        digits => format!("{whole}.{digits}"),
    }
}

/// A time stamp the way environments and warehouses write it: with a `Z`.
pub(crate) fn stamp_utc(moment: Moment) -> String {
    format!("{}Z", stamp(moment))
}

/// The American notation used in the text of a throttled answer: `9/2/2025 5:21:55 PM`.
pub(crate) fn stamp_american(moment: Moment) -> String {
    let at = date_time(moment);
    let (half, hour) = match at.hour() {
        0 => ("AM", 12),
        hour @ 1..=11 => ("AM", hour),
        12 => ("PM", 12),
        hour => ("PM", hour - 12),
    };
    format!("{}/{}/{} {hour}:{:02}:{:02} {half}", u8::from(at.month()), at.day(), at.year(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_have_the_recorded_shapes() {
        assert_eq!(stamp(1_776_946_382_096_720), "2026-04-23T12:13:02.09672");
        assert_eq!(stamp(1_776_946_382_000_000), "2026-04-23T12:13:02");
        assert_eq!(stamp_utc(1_776_946_382_000_000), "2026-04-23T12:13:02Z");
        assert_eq!(stamp_american(1_756_833_715_000_000), "9/2/2025 5:21:55 PM");
    }

    #[test]
    fn virtual_time_stands_still_until_it_is_advanced() {
        let mut clock = Clock::new(Pace::Still, 0);
        let before = clock.now();
        assert_eq!(clock.now(), before);
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now() - before, 60_000_000);
    }

    #[tokio::test(start_paused = true)]
    async fn time_runs_with_tokios() {
        let mut clock = Clock::new(Pace::Tokio(tokio::time::Instant::now()), 0);
        tokio::time::advance(Duration::from_secs(5)).await;
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), VIRTUAL_START + 6_000_000);
    }
}
