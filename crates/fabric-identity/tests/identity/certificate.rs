//! A service principal with a certificate.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use fabric_identity::{CertificateError, CredentialChain, SettingsError};
use serde_json::Value;

use crate::double::{CLIENT, Double, SCOPE, TENANT, TestClock, chain, lookup};

fn section(label: &str, content: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(content))
}

fn private_key(key: &KeyPair) -> String {
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().unwrap();
    section("PRIVATE KEY", der.as_ref())
}

/// What counts of a certificate here: that it holds the public key.
fn certificate(key: &KeyPair) -> Vec<u8> {
    [b"\x30\x82 certificate ".as_slice(), key.public_key().as_ref(), b" signed"].concat()
}

fn application<'a>(variable: &'a str, value: &'a str) -> [(&'a str, &'a str); 3] {
    [("AZURE_CLIENT_ID", CLIENT), ("AZURE_TENANT_ID", TENANT), (variable, value)]
}

#[tokio::test]
async fn its_key_signs_an_assertion_that_names_its_thumbprint() {
    let (key, other) = (KeyPair::generate(KeySize::Rsa2048).unwrap(), KeyPair::generate(KeySize::Rsa2048).unwrap());
    let its_own = certificate(&key);
    let text =
        [section("CERTIFICATE", &certificate(&other)), section("CERTIFICATE", &its_own), private_key(&key)].concat();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("client.pem");
    std::fs::write(&file, &text).unwrap();
    let in_base64 = STANDARD.encode(&text);
    for variables in [
        application("FAB_SPN_CERT_PATH", file.to_str().unwrap()),
        application("FABRIC_CLIENT_CERTIFICATE", &text),
        application("ARM_CLIENT_CERTIFICATE", &in_base64),
    ] {
        let (double, clock) = (Double::entra().await, TestClock::new());
        let time = clock.clone();
        let lookup = lookup(&variables);
        let builder = CredentialChain::builder(&lookup).transport(double.transport());
        builder.clock(move || time.now()).build().unwrap().token(&[SCOPE]).await.unwrap();

        let assertion = double.asked()[0].form()["client_assertion"].clone();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
        public.verify(signed.as_bytes(), &signature).unwrap();

        let parts: Vec<Value> = signed
            .split('.')
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &its_own));
        assert_eq!(parts[0]["x5t#S256"], thumbprint);
        assert_eq!(parts[0]["alg"], "RS256");
        assert_eq!(parts[1]["aud"], format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"));
        assert_eq!((&parts[1]["iss"], &parts[1]["sub"]), (&Value::from(CLIENT), &Value::from(CLIENT)));
        assert_eq!(parts[1]["nbf"], clock.now().unix_timestamp());
        assert_eq!(parts[1]["exp"], clock.now().unix_timestamp() + 600);
    }
}

#[test]
fn what_cannot_be_used_says_why_before_anything_is_sent() {
    let (key, other) = (KeyPair::generate(KeySize::Rsa2048).unwrap(), KeyPair::generate(KeySize::Rsa2048).unwrap());
    let its_own = section("CERTIFICATE", &certificate(&key));
    let cases = [
        ("canary".to_owned(), CertificateError::NotPem),
        (format!("{its_own}{}", section("ENCRYPTED PRIVATE KEY", b"canary")), CertificateError::Encrypted),
        (format!("{its_own}-----BEGIN PRIVATE KEY-----\ncanary"), CertificateError::Damaged),
        (private_key(&key), CertificateError::NoCertificate),
        (its_own.clone(), CertificateError::NoKey),
        (format!("{its_own}{}", section("PRIVATE KEY", b"canary")), CertificateError::Key),
        (format!("{its_own}{}", section("EC PRIVATE KEY", b"canary")), CertificateError::Key),
        (format!("{its_own}{}", private_key(&other)), CertificateError::NotAPair),
    ];
    for (text, reason) in cases {
        let variables = application("FABRIC_CLIENT_CERTIFICATE", &text);
        let error = CredentialChain::builder(&lookup(&variables)).build().unwrap_err();
        assert_eq!(error, SettingsError::Certificate { variable: "FABRIC_CLIENT_CERTIFICATE", reason });
        assert!(!format!("{error} {error:?} {}", error.remedy()).contains("canary"));
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let variables = application("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/client.pem");
    let error = CredentialChain::builder(&lookup(&variables)).build().unwrap_err();
    assert!(error.to_string().contains("AZURE_CLIENT_CERTIFICATE_PATH: /nowhere/client.pem"), "{error}");
}

#[tokio::test]
async fn it_shows_its_thumbprint_and_nothing_else() {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let text = format!("{}{}", section("CERTIFICATE", &certificate(&key)), private_key(&key));
    let double = Double::entra().await;
    let shown = format!("{:?}", chain(&double, &application("FABRIC_CLIENT_CERTIFICATE", &text)));
    assert!(shown.contains("Certificate(") && shown.len() < 400, "{shown}");
}
