//! What callers may do.

use std::fmt;

/// Something that a caller may do or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ask for recommendations.
    Recommend,
    /// Read the playbooks that are loaded, and have documents validated.
    ReadPlaybooks,
    /// Do what concerns everybody who uses the server.
    Operate,
}

impl Role {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Recommend, Self::ReadPlaybooks, Self::Operate];

    /// As files, claims and messages call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recommend => "recommend",
            Self::ReadPlaybooks => "read_playbooks",
            Self::Operate => "operate",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Recommend => 1,
            Self::ReadPlaybooks => 1 << 1,
            Self::Operate => 1 << 2,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of roles.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Roles(u8);

impl Roles {
    /// No role: a caller who may do nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Every role.
    #[must_use]
    pub fn all() -> Self {
        Role::ALL.into_iter().collect()
    }

    /// Whether `role` is one of them.
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | role.bit()))
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Role::ALL.into_iter().filter(|role| self.contains(*role))).finish()
    }
}
