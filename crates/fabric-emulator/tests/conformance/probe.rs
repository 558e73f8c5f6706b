//! Asks the emulator whether it implements an operation.

use crate::catalogue::{Operation, is_parameter};
use crate::driver::Driver;
use crate::scenario::Call;
use serde_json::Value;

/// An id that no world contains.
pub(crate) const NOBODY: &str = "99999999-9999-4999-8999-999999999999";

/// Whether the emulator knows the operation's path and method: anything but `EndpointNotFound`.
pub(crate) async fn is_implemented(driver: &Driver, operation: &Operation) -> bool {
    let path: Vec<&str> =
        operation.path.split('/').map(|part| if is_parameter(part) { NOBODY } else { part }).collect();
    let target = match operation.fixed_query.as_str() {
        "" => path.join("/"),
        query => format!("{}?{query}", path.join("/")),
    };
    let call = Call { method: operation.method.clone(), target, body: Value::Null };
    let answer = driver.send(&call).await;
    answer.body.get("errorCode").and_then(Value::as_str) != Some("EndpointNotFound")
}
