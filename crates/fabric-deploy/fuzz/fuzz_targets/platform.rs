//! Any bytes at all in the place of a `.platform`.
#![no_main]

#[path = "../../tests/deploy/inputs/reader.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::platform(bytes));
