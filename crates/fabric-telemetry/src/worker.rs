//! Moves records from a queue to its exporter: in batches, again where that may help, and never longer than it is given.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::export::Exporter;
use crate::queue::Queue;

/// How long a record waits for others at most.
const LINGER: Duration = Duration::from_secs(1);
/// The wait before the second try; doubled before each further one.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that is not asked for by the receiver.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The longest wait that a receiver is granted.
const LONGEST_GRANTED: Duration = Duration::from_secs(300);
/// The wait between tries once the process wants to end.
const LAST_WAIT: Duration = Duration::from_millis(100);

/// What the process wants: `None`, to go on; or to end, and how much time is left for that.
pub(crate) type Closing = watch::Receiver<Option<Duration>>;

/// Serves one exporter until the process wants to end and its queue is empty, or its time is up.
pub(crate) async fn serve(mut exporter: Box<dyn Exporter>, queue: Arc<Queue>, closing: Closing) {
    let mut ending = closing.clone();
    tokio::select! {
        () = export(&mut *exporter, &queue, closing) => {}
        () = time_is_up(&mut ending) => {}
    }
}

async fn time_is_up(closing: &mut Closing) {
    let left = match closing.wait_for(Option::is_some).await {
        Ok(left) => left.unwrap_or_default(),
        Err(_) => Duration::ZERO,
    };
    sleep(left).await;
}

async fn export(exporter: &mut dyn Exporter, queue: &Queue, mut closing: Closing) {
    let mut failures = 0_u32;
    loop {
        wait_for_records(queue, &mut closing).await;
        // Asked before the queue is emptied: what came until then is sent.
        let ends = is_closing(&closing);
        while !queue.is_empty() {
            let batch = queue.take();
            let outcome = exporter.export(&batch).await;
            let failed = !outcome.again.is_empty();
            queue.settle(outcome.delivered, outcome.rejected, outcome.again, outcome.error);
            if failed {
                failures = failures.saturating_add(1);
                wait_before_next(failures, outcome.wait, &mut closing).await;
            } else {
                failures = 0;
            }
        }
        if ends {
            return;
        }
    }
}

fn is_closing(closing: &Closing) -> bool {
    closing.borrow().is_some() || closing.has_changed().is_err()
}

async fn wait_for_records(queue: &Queue, closing: &mut Closing) {
    if queue.has_batch() {
        return;
    }
    tokio::select! {
        () = queue.full.notified() => {}
        () = sleep(LINGER) => {}
        _ = closing.wait_for(Option::is_some) => {}
    }
}

async fn wait_before_next(failures: u32, asked: Option<Duration>, closing: &mut Closing) {
    let wait = FIRST_WAIT.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST_WAIT);
    let wait = wait.max(asked.unwrap_or_default().min(LONGEST_GRANTED));
    if !is_closing(closing) {
        let ended = timeout(wait, closing.wait_for(Option::is_some)).await;
        if ended.is_err() {
            return;
        }
    }
    sleep(LAST_WAIT).await;
}
