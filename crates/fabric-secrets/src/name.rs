//! The one name of a secret, however it is spelt.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

/// The longest name that Azure Key Vault takes.
const LONGEST: usize = 127;

/// The name of a secret in its canonical form: small letters, digits and `-`, 1 to 127 of them.
///
/// `SALES_DB_PASSWORD`, `sales_db_password` and `Sales-Db-Password` are one name. A canonical name *is* a name in Azure
/// Key Vault (whose names do not tell capitals from small letters), and has one name as a variable; no two canonical
/// names share either. What Key Vault cannot hold is an error, never bent into another name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(Arc<str>);

/// A text that is not the name of a secret. It does not repeat the text, which may be a secret in the wrong place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    /// There is nothing.
    #[error("the name of a secret is empty")]
    Empty,
    /// Key Vault takes no name of this length.
    #[error("the name of a secret has {length} characters; {LONGEST} are the most")]
    TooLong {
        /// How many characters there are.
        length: usize,
    },
    /// A character that Key Vault does not take.
    #[error("{character:?} (character {position}) cannot be in the name of a secret: use A-Z, a-z, 0-9, - and _")]
    Character {
        /// The first such character.
        character: char,
        /// Its place, counted from 1.
        position: usize,
    },
    /// A version is 1 to 64 letters and digits.
    #[error("a version is 1 to 64 letters and digits, as Key Vault shows it")]
    Version,
}

impl SecretName {
    /// The name that `text` spells.
    ///
    /// # Errors
    /// [`NameError`], if Key Vault could not hold it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let refused = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
        if let Some((index, character)) = text.chars().enumerate().find(|(_, c)| refused(*c)) {
            return Err(NameError::Character { character, position: index + 1 });
        }
        match text.len() {
            0 => Err(NameError::Empty),
            1..=LONGEST => Ok(Self(text.to_ascii_lowercase().replace('_', "-").into())),
            length => Err(NameError::TooLong { length }),
        }
    }

    /// The canonical form, which is also the name in Key Vault: `sales-db-password`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a variable: `SALES_DB_PASSWORD`.
    #[must_use]
    pub fn variable(&self) -> String {
        self.0.to_ascii_uppercase().replace('-', "_")
    }
}

impl FromStr for SecretName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretName({})", self.0)
    }
}
