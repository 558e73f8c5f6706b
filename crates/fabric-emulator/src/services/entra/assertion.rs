//! Client assertions: signed by a certificate of the application, or by somebody whom it trusts.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_json::Value;
use webpki::EndEntityCert;

use super::wording::{bad, not_proven};
use crate::services::{Refused, ServiceCall};
use crate::token::{decode, seconds};
use crate::world::entities::Principal;

#[derive(Deserialize)]
struct Header {
    alg: String,
    /// SHA-1 of the certificate.
    x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    /// Seconds since 1970. Microsoft's library for Python gives fractions of them.
    exp: f64,
    #[serde(default)]
    nbf: f64,
}

/// By how much the clock of who asks may be ahead, in seconds.
const SKEW: f64 = 300.0;

struct Presented<'a> {
    header: Header,
    claims: Claims,
    content: &'a [u8],
    signature: Vec<u8>,
}

/// Whether the assertion proves that who presents it is `principal`.
pub(super) fn check(
    call: &ServiceCall<'_>,
    principal: &Principal,
    client: &str,
    presented: &str,
) -> Result<(), Refused> {
    let presented = read(presented)?;
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in an f64 for millions of years")]
    let now = seconds(call.now) as f64;
    if now >= presented.claims.exp || now + SKEW < presented.claims.nbf {
        let text = "Client assertion is not within its valid time range. Ensure that the access token is not expired before \
                    using it for user assertion, or request a new token.";
        return Err(not_proven(700_024, text));
    }
    if presented.claims.iss.eq_ignore_ascii_case(client) {
        by_certificate(call, principal, client, &presented)
    } else {
        by_federation(principal, client, &presented)
    }
}

fn read(presented: &str) -> Result<Presented<'_>, Refused> {
    let malformed = || bad("invalid_request", 50_027, "JWT token is invalid or malformed.");
    let segments: Vec<&str> = presented.split('.').collect();
    let &[header, claims, signature] = segments.as_slice() else { return Err(malformed()) };
    Ok(Presented {
        header: decode(header).ok_or_else(malformed)?,
        claims: decode(claims).ok_or_else(malformed)?,
        content: &presented.as_bytes()[..header.len() + 1 + claims.len()],
        signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?,
    })
}

fn by_certificate(
    call: &ServiceCall<'_>,
    principal: &Principal,
    client: &str,
    presented: &Presented<'_>,
) -> Result<(), Refused> {
    let Presented { header, claims, .. } = presented;
    if !claims.sub.eq_ignore_ascii_case(client) {
        return Err(not_proven(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    // The token endpoint itself, or the issuer, as Entra accepts them.
    let origin = &call.request.origin;
    let tenant = call.parameters.text("tenant");
    let accepted = [
        format!("{origin}{}", call.request.path),
        format!("{origin}/{tenant}/oauth2/token"),
        format!("{origin}/{tenant}/v2.0"),
    ];
    if !claims.aud.as_str().is_some_and(|audience| accepted.iter().any(|known| known.eq_ignore_ascii_case(audience))) {
        return Err(not_proven(700_023, "Client assertion audience claim does not match Realm issuer."));
    }
    let is_meant = |certificate: &CertificateDer<'_>| {
        let print = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, certificate));
        match (&header.x5t_s256, &header.x5t) {
            // Microsoft's library for Python leaves the padding there.
            (Some(named), _) => named.trim_end_matches('=') == print(&digest::SHA256),
            (None, Some(named)) => named.trim_end_matches('=') == print(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            (None, None) => false,
        }
    };
    let mut held = principal.credentials.certificates.iter().filter_map(|text| certificate(text));
    let because = |reason: &str| {
        let text = format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - \
             {reason}, Please visit the Azure Portal and verify the certificate of the app '{client}'.]"
        );
        not_proven(700_027, text)
    };
    let certificate = held.find(is_meant).ok_or_else(|| because("The key was not found."))?;
    if has_signed(&certificate, presented) {
        Ok(())
    } else {
        Err(because("The key was found, but use of the key to verify the signature failed."))
    }
}

fn by_federation(principal: &Principal, client: &str, presented: &Presented<'_>) -> Result<(), Refused> {
    let Claims { iss, sub, aud, .. } = &presented.claims;
    let audience = aud.as_str().or_else(|| aud.get(0)?.as_str()).unwrap_or_default();
    let trusted = &principal.credentials.federated;
    let no = |number, what: &str, value: &str| {
        let text = format!(
            "No matching federated identity record found for presented assertion {what} '{value}'. Check your federated \
             identity credential Subject, Audience and Issuer against the presented assertion."
        );
        not_proven(number, text)
    };
    if trusted.is_empty() {
        let text = format!("The client application '{client}' has no configured federated identity credentials.");
        return Err(not_proven(70_025, text));
    }
    let of_issuer = || trusted.iter().filter(|known| known.issuer == *iss);
    if of_issuer().next().is_none() {
        return Err(no(700_211, "issuer", iss));
    }
    if !of_issuer().any(|known| known.audience == audience) {
        return Err(no(700_212, "audience", audience));
    }
    let mut matching = of_issuer().filter(|known| known.audience == audience && known.subject == *sub);
    let known = matching.next().ok_or_else(|| no(700_213, "subject", sub))?;
    let signed = certificate(&known.certificate).is_some_and(|certificate| has_signed(&certificate, presented));
    if signed { Ok(()) } else { Err(bad("invalid_request", 50_013, "Assertion failed signature validation.")) }
}

fn certificate(text: &str) -> Option<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(text.as_bytes()).ok()
}

fn has_signed(certificate: &CertificateDer<'_>, presented: &Presented<'_>) -> bool {
    let algorithm = match presented.header.alg.as_str() {
        "RS256" => webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256,
        "PS256" => webpki::aws_lc_rs::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        _ => return false,
    };
    EndEntityCert::try_from(certificate).is_ok_and(|certificate| {
        certificate.verify_signature(algorithm, presented.content, &presented.signature).is_ok()
    })
}
