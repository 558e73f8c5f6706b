//! Holds the corpus against itself: real answers conform to the published schemas.

use crate::corpus::{Exchange, corpus};

/// A way in which real answers depart from the documents.
struct Departure {
    explains: fn(&Exchange, &str) -> bool,
    reason: &'static str,
}

const DEPARTURES: [Departure; 6] = [
    Departure {
        explains: |_, fault| fault.contains("\"mocked_"),
        reason: "the recording masks connection and credential details",
    },
    Departure {
        explains: |exchange, fault| {
            exchange.month.as_str() < "2026-05" && fault.contains("\"description\" is a required property")
        },
        reason: "an empty description was left out until the spring of 2026",
    },
    Departure {
        explains: |_, fault| fault.starts_with("/moreDetails/0: "),
        reason: "a detail may name nothing but the related resource",
    },
    Departure {
        explains: |exchange, fault| exchange.path.contains("/spark/pools") && fault.contains("Executors\""),
        reason: "the numbers of executors are left out where dynamic allocation is off",
    },
    Departure {
        explains: |exchange, fault| exchange.path.contains("/externalDataShares") && fault.contains("\"type\""),
        reason: "the recipient of an external data share has no type",
    },
    Departure {
        explains: |exchange, fault| {
            exchange.path.ends_with("/staging/libraries") && fault.contains("publishes no body")
        },
        reason: "an upload of libraries answers with an empty object",
    },
];

#[test]
fn real_answers_conform_to_the_published_schemas() {
    let Some(corpus) = corpus() else { return };
    let mut unexplained = Vec::new();
    let mut used = [0; DEPARTURES.len()];
    for exchange in &corpus.exchanges {
        let candidates = corpus.catalogue.find(&exchange.method, &exchange.path, &exchange.query);
        for fault in corpus.schemas.response_faults(&candidates, exchange.status, &exchange.body) {
            match DEPARTURES.iter().position(|known| (known.explains)(exchange, &fault)) {
                Some(known) => used[known] += 1,
                None => unexplained.push(format!("{}\n    {fault}", exchange.title())),
            }
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    for (departure, count) in DEPARTURES.iter().zip(used) {
        assert!(count > 0, "no longer needed: {}", departure.reason);
    }
}
