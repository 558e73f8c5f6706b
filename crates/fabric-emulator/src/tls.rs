//! https: certificates of an authority that the emulator makes itself, because some clients insist on it.

use std::fs;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

/// Why there are no certificates.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file of the authority cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The key in the folder is none, or no certificate can be made with it.
    #[error("{path}: {source}; remove the folder to start with a new authority")]
    Certificate {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        source: rcgen::Error,
    },
    /// The certificate cannot be served.
    #[error("the certificate cannot be served: {0}")]
    Serve(#[from] tokio_rustls::rustls::Error),
}

/// The authority's certificate in its folder.
pub(crate) fn authority(folder: &Path) -> PathBuf {
    folder.join("ca.pem")
}

/// Accepts connections with a fresh certificate for this machine and `address`, from the folder's authority. The
/// authority is made where there is none yet, and stays: whoever trusts it need not be told again.
pub(crate) fn acceptor(folder: &Path, address: IpAddr) -> Result<TlsAcceptor, TlsError> {
    let wrong = |source| TlsError::Certificate { path: folder.to_owned(), source };
    let (key, is_new) = key(folder)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Emulated certificate authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = authority(folder);
    if is_new || !certificate.is_file() {
        let content = params.self_signed(&key).map_err(wrong)?.pem();
        write(&certificate, content.as_bytes(), 0o644)?;
    }
    let issuer = Issuer::new(params, key);

    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).map_err(wrong)?;
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST), address];
    params.subject_alt_names.extend(addresses.map(SanType::IpAddress));
    params.distinguished_name = named("Emulator");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().map_err(wrong)?;
    let certificate = params.signed_by(&key, &issuer).map_err(wrong)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// The authority's key, and whether it was made just now.
fn key(folder: &Path) -> Result<(KeyPair, bool), TlsError> {
    let wrong = |source| TlsError::Certificate { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(at(folder))?;
    let file = folder.join("ca-key.pem");
    match fs::read_to_string(&file) {
        Ok(text) => Ok((KeyPair::from_pem(&text).map_err(wrong)?, false)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = KeyPair::generate().map_err(wrong)?;
            write(&file, key.serialize_pem().as_bytes(), 0o600)?;
            Ok((key, true))
        }
        Err(error) => Err(at(&file)(error)),
    }
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), TlsError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options.open(path).and_then(|mut file| file.write_all(content)).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(io::Error) -> TlsError + '_ {
    move |source| TlsError::File { path: path.to_owned(), source }
}
