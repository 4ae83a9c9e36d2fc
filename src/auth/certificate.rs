//! The caller of a client certificate.

use std::sync::Arc;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use super::caller::{Caller, Credential, names_a_tenant};
use super::refusal::Refusal;
use super::role::Roles;

/// Whom a client certificate names, or why it names nobody.
pub type Certified = Result<Arc<Caller>, Refusal>;

impl Caller {
    /// The caller of a client certificate in DER, which TLS has verified already; they have all roles.
    ///
    /// The tenant is its first URI among the subject's alternative names (so that a SPIFFE id is one), else the first DNS name, else
    /// the common name.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] where the certificate can't be read, or has no name that can be a tenant's.
    pub fn of_certificate(der: &[u8]) -> Result<Self, Refusal> {
        let (_, certificate) = X509Certificate::from_der(der)
            .map_err(|_| Refusal::Malformed { what: "the client certificate is no X.509 certificate" })?;
        let tenant = alternative_name(&certificate)?.or_else(|| common_name(&certificate));
        let tenant = tenant.filter(|tenant| names_a_tenant(tenant)).ok_or(Refusal::Malformed {
            what: "the client certificate has no URI, DNS name or common name of at most 200 characters",
        })?;
        Ok(Self::new(tenant.to_owned(), Credential::Certificate, Roles::all()))
    }
}

fn alternative_name<'c>(certificate: &'c X509Certificate<'_>) -> Result<Option<&'c str>, Refusal> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| Refusal::Malformed { what: "the client certificate's alternative names can't be read" })?;
    let Some(names) = names.map(|extension| &extension.value.general_names) else { return Ok(None) };
    let uri = names.iter().find_map(|name| if let GeneralName::URI(uri) = name { Some(*uri) } else { None });
    let dns = names.iter().find_map(|name| if let GeneralName::DNSName(dns) = name { Some(*dns) } else { None });
    Ok(uri.or(dns))
}

fn common_name<'c>(certificate: &'c X509Certificate<'_>) -> Option<&'c str> {
    certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok())
}
