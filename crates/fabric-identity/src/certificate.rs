//! A service principal with a certificate: its key signs the assertion, without OpenSSL.
//!
//! `azure_identity`'s certificate credential links OpenSSL and reads PKCS #12 only.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use azure_core::credentials::AccessToken;
use azure_core::time::OffsetDateTime;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::pem::{self, SectionKind};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde_json::json;
use thiserror::Error;

use crate::entra::{Application, DEADLINE};
use crate::error::FailureReason;
use crate::federation::exchange;
use crate::sign_in::SignIn;

/// How long an assertion is valid: it is used at once.
const VALID: Duration = Duration::from_secs(600);

/// Why a certificate cannot be used. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// It is binary.
    #[error("it is not PEM (PKCS #12 is not read)")]
    NotPem,
    /// The key is encrypted.
    #[error("its private key is encrypted")]
    Encrypted,
    /// A part of it is cut off or damaged.
    #[error("it is damaged: a section does not end, or does not decode")]
    Damaged,
    /// There is no certificate.
    #[error("it holds no certificate")]
    NoCertificate,
    /// There is no key.
    #[error("it holds no private key")]
    NoKey,
    /// The key is none that Entra takes.
    #[error("its private key is not an RSA key of 2048 bits or more")]
    Key,
    /// The key belongs to another certificate.
    #[error("its private key does not belong to its certificate")]
    NotAPair,
}

impl CertificateError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotPem | Self::Encrypted => {
                "convert it to PEM with a key that is not encrypted: openssl pkcs12 -in FILE -out FILE.pem -nodes, or \
                 openssl pkcs8 -in KEY -out KEY.pem for a key alone"
            }
            Self::Damaged => "export it again",
            Self::NoCertificate | Self::NoKey | Self::NotAPair => {
                "put the certificate and its private key into one PEM file, one after the other"
            }
            Self::Key => "make a certificate with an RSA key",
        }
    }
}

/// A certificate and the key that belongs to it.
pub(crate) struct Certificate {
    key: KeyPair,
    /// What Entra knows it by.
    thumbprint: String,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.thumbprint)
    }
}

impl Certificate {
    /// Reads PEM that holds one private key, and its certificate among others.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, CertificateError> {
        let marks = |mark: &[u8]| text.windows(mark.len()).any(|window| window == mark);
        if !marks(b"-----BEGIN ") {
            return Err(CertificateError::NotPem);
        }
        if marks(b"BEGIN ENCRYPTED PRIVATE KEY") || marks(b"4,ENCRYPTED") {
            return Err(CertificateError::Encrypted);
        }
        let (mut certificates, mut key) = (Vec::new(), None);
        let mut rest = text;
        while let Some((kind, content)) = pem::from_buf(&mut rest).map_err(|_| CertificateError::Damaged)? {
            let content = Zeroizing::new(content);
            match kind {
                SectionKind::Certificate => certificates.push(content),
                SectionKind::PrivateKey => key = Some(KeyPair::from_pkcs8(&content)),
                SectionKind::RsaPrivateKey => key = Some(KeyPair::from_der(&content)),
                SectionKind::EcPrivateKey => return Err(CertificateError::Key),
                _ => {}
            }
        }
        if certificates.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let key = key.ok_or(CertificateError::NoKey)?.map_err(|_| CertificateError::Key)?;
        let public = key.public_key().as_ref();
        let its_own = certificates.iter().find(|der| der.windows(public.len()).any(|window| window == public));
        let its_own = its_own.ok_or(CertificateError::NotAPair)?;
        let thumbprint = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, its_own));
        Ok(Self { key, thumbprint })
    }

    /// What proves to Entra that `application` has the key
    /// (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>).
    fn assertion(&self, application: &Application, now: OffsetDateTime) -> Result<SecretString, FailureReason> {
        let header = json!({"alg": "RS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": application.endpoint.as_str(),
            "iss": application.client,
            "sub": application.client,
            "jti": uuid::Uuid::new_v4(),
            "nbf": now.unix_timestamp(),
            "iat": now.unix_timestamp(),
            "exp": (now + VALID).unix_timestamp(),
        });
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let outcome = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature);
        outcome.map_err(|_| FailureReason::Unusable("the key of the certificate does not sign".to_owned()))?;
        Ok(SecretString::from(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// A service principal with a certificate.
#[derive(Debug)]
pub(crate) struct ClientCertificate {
    pub(crate) application: Application,
    pub(crate) certificate: Certificate,
}

#[async_trait]
impl SignIn for ClientCertificate {
    fn deadline(&self) -> Duration {
        DEADLINE
    }

    async fn sign_in(&self, scopes: &[&str]) -> Result<AccessToken, FailureReason> {
        let assertion = self.certificate.assertion(&self.application, (self.application.clock)())?;
        exchange(&self.application, &assertion, scopes).await
    }
}
