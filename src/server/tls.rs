//! TLS from files: certificate, key, and whose certificates clients must show. Loaded whole, checked, and swapped whole; what can't
//! be used leaves the last good one in place.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io};

use arc_swap::ArcSwap;
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::files::from_one_moment;

/// Where everything is; all in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Authorities for clients' certificates; given: clients must show one.
    pub client_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// All that are named.
    pub fn iter(&self) -> impl Iterator<Item = &Path> {
        let Self { certificate, key, client_ca } = self;
        [certificate, key].into_iter().chain(client_ca).map(PathBuf::as_path)
    }
}

/// Why files can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One can't be read.
    #[error("cannot read `{}`: {error}", .file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// One holds something else.
    #[error("`{}` holds no {what} in PEM", .file.display())]
    Missing {
        /// Which.
        file: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// One is no PEM.
    #[error("`{}` is damaged: {error}", .file.display())]
    Damaged {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        error: pem::Error,
    },
    /// An authority is none.
    #[error("an authority in `{}` cannot be used: {error}", .file.display())]
    Authority {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        error: rustls::Error,
    },
    /// Authorities that verify nothing.
    #[error("the authorities in `{}` cannot be used: {error}", .file.display())]
    Verifier {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        error: VerifierBuilderError,
    },
    /// Certificate and key don't belong together, or can't be used.
    #[error("`{}` and `{}` cannot be used together: {error}", .certificate.display(), .key.display())]
    Pair {
        /// The one.
        certificate: PathBuf,
        /// The other.
        key: PathBuf,
        /// What is wrong.
        error: rustls::Error,
    },
}

/// What is in use, and what it was made from.
pub struct Tls {
    files: TlsFiles,
    current: ArcSwap<ServerConfig>,
    read: Mutex<Read>,
}

/// Without what the files hold: one of them is a key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

/// The files' content.
#[derive(PartialEq, Eq)]
struct Read {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl Tls {
    /// What is in `files`.
    ///
    /// # Errors
    ///
    /// It can't be used.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let read = Read::settled(&files)?;
        let current = ArcSwap::from_pointee(read.compile(&files)?);
        Ok(Self { files, current, read: Mutex::new(read) })
    }

    /// Takes what is in the files now, and says whether that is something new. Connections that are open stay as they are.
    ///
    /// # Errors
    ///
    /// It can't be used; what was in use stays so.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let mut last = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let read = Read::settled(&self.files)?;
        if *last == read {
            return Ok(false);
        }
        self.current.store(Arc::new(read.compile(&self.files)?));
        *last = read;
        Ok(true)
    }

    /// When the certificate in use expires, in seconds since 1970.
    #[must_use]
    pub fn expires(&self) -> Option<i64> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let first = CertificateDer::pem_slice_iter(&read.certificate).next()?.ok()?;
        let (_, certificate) = X509Certificate::from_der(&first).ok()?;
        Some(certificate.validity().not_after.timestamp())
    }

    /// For the next handshake.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }
}

impl Read {
    /// All of them from one moment: certificate and key of two would not belong together.
    fn settled(files: &TlsFiles) -> Result<Self, TlsError> {
        let folders: Vec<_> = files.iter().filter_map(Path::parent).collect();
        from_one_moment(&folders, || Self::from(files))
    }

    fn from(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
            client_ca: files.client_ca.as_deref().map(read).transpose()?,
        })
    }

    fn compile(&self, files: &TlsFiles) -> Result<ServerConfig, TlsError> {
        let chain = certificates(&self.certificate, &files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| wrong(error, &files.key, "private key"))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let pair = |error| TlsError::Pair { certificate: files.certificate.clone(), key: files.key.clone(), error };
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().map_err(pair)?;
        let builder = match (&self.client_ca, &files.client_ca) {
            (Some(pem), Some(file)) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(roots(pem, file)?.into(), provider).build();
                let error = |error| TlsError::Verifier { file: file.clone(), error };
                builder.with_client_cert_verifier(verifier.map_err(error)?)
            }
            _ => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(pair)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }
}

fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(file).map_err(|error| TlsError::Unreadable { file: file.to_owned(), error })
}

fn certificates(pem: &[u8], file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if found.is_empty() => Err(TlsError::Missing { file: file.to_owned(), what: "certificate" }),
        Ok(found) => Ok(found),
        Err(error) => Err(wrong(error, file, "certificate")),
    }
}

fn wrong(error: pem::Error, file: &Path, what: &'static str) -> TlsError {
    match error {
        pem::Error::NoItemsFound => TlsError::Missing { file: file.to_owned(), what },
        error => TlsError::Damaged { file: file.to_owned(), error },
    }
}

fn roots(pem: &[u8], file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(pem, file)? {
        roots.add(authority).map_err(|error| TlsError::Authority { file: file.to_owned(), error })?;
    }
    Ok(roots)
}
