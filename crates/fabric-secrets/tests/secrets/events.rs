//! What is logged by one test, as text.
//!
//! There is one subscriber for all tests, and each thread has a text of its own: subscribers that come and go with tests
//! on other threads would now and then switch off each other's events.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use tracing::Metadata;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    static RECORDED: RefCell<Recorded> = const { RefCell::new(Recorded { limit: LevelFilter::OFF, text: Vec::new() }) };
}

struct Recorded {
    limit: LevelFilter,
    text: Vec<u8>,
}

/// The events of this thread.
pub(crate) struct Events;

impl Events {
    /// Warnings and errors.
    pub(crate) fn record() -> Self {
        Self::up_to(LevelFilter::WARN)
    }

    pub(crate) fn up_to(limit: LevelFilter) -> Self {
        static SUBSCRIBED: Once = Once::new();
        SUBSCRIBED.call_once(|| {
            tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false).with_writer(ToThread).init();
        });
        RECORDED.with_borrow_mut(|recorded| *recorded = Recorded { limit, text: Vec::new() });
        Self
    }

    pub(crate) fn text(&self) -> String {
        RECORDED.with_borrow(|recorded| String::from_utf8(recorded.text.clone()).unwrap())
    }

    pub(crate) fn take(&self) -> String {
        let text = self.text();
        RECORDED.with_borrow_mut(|recorded| recorded.text.clear());
        text
    }
}

struct ToThread;

struct Line {
    is_wanted: bool,
}

impl<'a> MakeWriter<'a> for ToThread {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { is_wanted: true }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Line {
        Line { is_wanted: RECORDED.with_borrow(|recorded| *event.level() <= recorded.limit) }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.is_wanted {
            RECORDED.with_borrow_mut(|recorded| recorded.text.extend_from_slice(bytes));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
