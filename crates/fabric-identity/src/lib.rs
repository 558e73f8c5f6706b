//! Who we are: credentials for Microsoft Fabric, as `azure_core`'s `TokenCredential`.
//!
//! [`CredentialChain`] chooses one identity from variables that users of Fabric's tools know, signs in, keeps the token
//! in memory and renews it. It reads no environment, no clock and no network but what it is given.
//!
//! ```
//! use fabric_identity::{Cloud, CredentialChain, Method};
//!
//! let variables = |name: &str| match name {
//!     "AZURE_CLIENT_ID" | "AZURE_TENANT_ID" => Some("11111111-1111-4111-8111-111111111111".to_owned()),
//!     "AZURE_CLIENT_SECRET" => Some("not shown".to_owned()),
//!     _ => None,
//! };
//! let chain = CredentialChain::builder(&variables).build()?;
//! assert_eq!(chain.method(), Method::ClientSecret);
//! assert!(!format!("{chain:?}").contains("not shown"));
//! # Ok::<(), fabric_identity::SettingsError>(())
//! ```
//!
//! Deliberately missing: falling back to another identity when one is refused, a cache on disk, and PKCS #12.

mod azure_cli;
mod cache;
mod certificate;
mod chain;
mod choice;
mod cloud;
mod device_code;
mod entra;
mod error;
mod federation;
mod fixed;
mod http;
mod managed_identity;
mod method;
mod sign_in;
mod variables;

pub use azure_identity::Executor;
pub use certificate::CertificateError;
pub use chain::{CredentialChain, CredentialChainBuilder};
pub use cloud::Cloud;
pub use device_code::{DeviceCodeError, DeviceCodeFlow, Invitation, Tokens};
pub use error::{ChainError, FailureReason, SettingsError, Skipped};
pub use fixed::FixedToken;
pub use method::Method;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
