#![doc = include_str!("../README.md")]

mod audit;

pub use audit::{AuditError, AuditEvent, AuditTrail};
