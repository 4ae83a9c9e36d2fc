//! Who calls.

use std::fmt;
use std::sync::Arc;

use super::refusal::Refusal;
use super::role::{Role, Roles};

/// Characters of a tenant's name.
const LONGEST_TENANT: usize = 200;

/// Who calls, and what they may.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    tenant: String,
    credential: Credential,
    roles: Roles,
}

/// What a caller showed.
///
/// It is named in logs, so it never holds anything about a person: of a token, not even the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Nothing, for nothing is asked for.
    Anonymous,
    /// An API key, by the id that the operator gave it.
    ApiKey(String),
    /// A JWT.
    Token,
    /// A client certificate.
    Certificate,
}

impl Credential {
    /// What sort it is, for logs and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::ApiKey(_) => "api_key",
            Self::Token => "token",
            Self::Certificate => "certificate",
        }
    }

    /// The id of the API key, if it is one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::ApiKey(id) => Some(id),
            Self::Anonymous | Self::Token | Self::Certificate => None,
        }
    }
}

impl Caller {
    /// Whoever calls where nothing is asked for: no tenant, all roles.
    #[must_use]
    pub fn anonymous() -> Arc<Self> {
        Arc::new(Self::new(String::new(), Credential::Anonymous, Roles::all()))
    }

    pub(super) fn new(tenant: String, credential: Credential, roles: Roles) -> Self {
        Self { tenant, credential, roles }
    }

    /// For whom the call is made; empty only for anonymous callers. Callers of one tenant share its limits.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// What the caller showed.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// What the caller may do.
    #[must_use]
    pub fn roles(&self) -> Roles {
        self.roles
    }

    /// Whether the caller may do what takes `role`.
    #[must_use]
    pub fn may(&self, role: Role) -> bool {
        self.roles.contains(role)
    }

    /// The same as a refusal.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] where the caller lacks `role`.
    pub fn require(&self, role: Role) -> Result<(), Refusal> {
        if self.may(role) { Ok(()) } else { Err(Refusal::Forbidden { role }) }
    }
}

/// Without the tenant, which may come from a token: what is printed is kept.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant: _, credential, roles } = self;
        f.debug_struct("Caller").field("credential", credential).field("roles", roles).finish_non_exhaustive()
    }
}

/// Whether `text` can name a tenant: something, not too long, and nothing that breaks a line of a log.
pub(super) fn names_a_tenant(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST_TENANT && !text.chars().any(char::is_control)
}
