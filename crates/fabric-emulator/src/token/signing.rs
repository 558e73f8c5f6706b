//! The key that signs what Entra of the emulator issues. It is made when first needed, and for this process only.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::encode;

/// An RSA key and its name.
pub(crate) struct SigningKey {
    pair: KeyPair,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    id: String,
}

static KEY: LazyLock<Option<SigningKey>> = LazyLock::new(SigningKey::generate);

/// The key; `None` where the machine cannot make one.
pub(crate) fn signing_key() -> Option<&'static SigningKey> {
    KEY.as_ref()
}

impl SigningKey {
    fn generate() -> Option<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let public = pair.public_key().as_ref();
        let id = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, public));
        // A PKCS #1 key of this size ends in 256 bytes of modulus, two of tag and length, and three of exponent.
        let (rest, exponent) = public.split_at_checked(public.len().checked_sub(3)?)?;
        let (rest, _tag) = rest.split_at_checked(rest.len().checked_sub(2)?)?;
        let (_head, modulus) = rest.split_at_checked(rest.len().checked_sub(256)?)?;
        let (modulus, exponent) = (modulus.to_vec(), exponent.to_vec());
        Some(Self { pair, modulus, exponent, id })
    }

    /// The public half, as an entry of a JSON web key set.
    pub(crate) fn published(&self) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(&self.modulus),
            "e": URL_SAFE_NO_PAD.encode(&self.exponent),
        })
    }

    /// A signed token; `None` where the machine does not sign.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": self.id});
        let content = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content.as_bytes(), &mut signature).ok()?;
        Some(format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    pub(super) fn has_signed(&self, content: &[u8], signature: &[u8]) -> bool {
        let public = PublicKeyComponents { n: &self.modulus, e: &self.exponent };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, content, signature).is_ok()
    }
}
