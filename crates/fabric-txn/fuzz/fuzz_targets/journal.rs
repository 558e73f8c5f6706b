//! Any bytes at all in the place of a journal.
#![no_main]

#[path = "../../tests/txn/reader.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::read(bytes));
