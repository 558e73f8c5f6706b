//! A text that is wiped when it is dropped, and shown to nobody by accident.

use std::fmt;

use zeroize::Zeroizing;

/// The value of a secret.
///
/// Its memory is overwritten when it is dropped. It has no `Display`, no `Clone` and no `Serialize`, and `Debug` says
/// `redacted`:
///
/// ```compile_fail
/// let value = fabric_secrets::SecretString::new("hunter2".to_owned());
/// println!("{value}");
/// ```
///
/// ```compile_fail
/// let value = fabric_secrets::SecretString::new("hunter2".to_owned());
/// let _ = value.clone();
/// ```
///
/// ```compile_fail
/// let value = fabric_secrets::SecretString::new("hunter2".to_owned());
/// let _ = serde_json::to_string(&value);
/// ```
pub struct SecretString(Zeroizing<String>);

impl SecretString {
    /// Takes the text over: the allocation that is passed in is the one that will be wiped.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. What is copied from it is no longer guarded.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretString {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(redacted)")
    }
}
