//! What an operator can choose of conversations that are held for their callers.

use std::path::PathBuf;
use std::time::Duration;

use super::secret::Secret;

/// How conversations are held for their callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversations {
    /// Where.
    pub store: StoreChoice,
    /// How long after the last call; one with an open promise longer.
    pub ttl: Duration,
}

/// Where conversations are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// In the memory of the process.
    Memory {
        /// So many at most.
        most: usize,
        /// So many bytes of them at most.
        bytes: u64,
    },
    /// In Redis, or what speaks like it.
    Redis(Redis),
    /// Nowhere: callers hold them.
    None,
}

/// How Redis is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redis {
    /// Where it is.
    pub topology: Topology,
    /// Who we are to it; `None`: its default user.
    pub username: Option<String>,
    /// What it asks for before anything else.
    pub password: Option<Secret>,
    /// How connections to it are encrypted; `None`: they are not.
    pub tls: Option<RedisTls>,
    /// The longest that one operation may take.
    pub timeout: Duration,
}

/// Where Redis is; each address is `host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topology {
    /// One server, or what looks like one.
    Single {
        /// Its address.
        address: String,
    },
    /// A primary that moves, and sentinels that know where it is.
    Sentinel {
        /// Those of the sentinels.
        sentinels: Vec<String>,
        /// What they call the primary.
        master: String,
    },
    /// A cluster, which tells where all of its nodes are.
    Cluster {
        /// Those of some nodes.
        nodes: Vec<String>,
    },
}

/// How connections to Redis are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisTls {
    /// The PEM file of the authorities that its certificate is checked against; `None`: those that everybody trusts.
    pub ca: Option<PathBuf>,
}

/// The word that chooses where conversations are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreKind {
    Memory,
    Redis,
    None,
}

impl StoreKind {
    pub(super) const ALL: &'static [(&'static str, Self)] =
        &[("memory", Self::Memory), ("redis", Self::Redis), ("none", Self::None)];
}

/// The word that chooses what kind of Redis there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RedisMode {
    Single,
    Sentinel,
    Cluster,
}

impl RedisMode {
    pub(super) const ALL: &'static [(&'static str, Self)] =
        &[("single", Self::Single), ("sentinel", Self::Sentinel), ("cluster", Self::Cluster)];
}

/// `conversations`, while it is read.
#[derive(Debug)]
pub(super) struct DraftedConversations {
    pub(super) store: StoreKind,
    pub(super) ttl: Duration,
    pub(super) most: u32,
    pub(super) bytes: u64,
}

/// `redis`, perhaps in part.
#[derive(Debug)]
pub(super) struct DraftedRedis {
    pub(super) mode: RedisMode,
    pub(super) addresses: Vec<String>,
    pub(super) master: Option<String>,
    pub(super) username: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) tls: bool,
    pub(super) ca: Option<PathBuf>,
    pub(super) timeout: Duration,
}

impl DraftedConversations {
    /// Nothing, not even the defaults.
    pub(super) fn blank() -> Self {
        Self { store: StoreKind::None, ttl: Duration::ZERO, most: 0, bytes: 0 }
    }

    pub(super) fn finish(self, redis: DraftedRedis) -> Conversations {
        let store = match self.store {
            StoreKind::Memory => {
                StoreChoice::Memory { most: usize::try_from(self.most).unwrap_or(usize::MAX), bytes: self.bytes }
            }
            // What is missing was told before.
            StoreKind::Redis => redis.finish().map_or(StoreChoice::None, StoreChoice::Redis),
            StoreKind::None => StoreChoice::None,
        };
        Conversations { store, ttl: self.ttl }
    }
}

impl DraftedRedis {
    /// Nothing, not even the defaults.
    pub(super) fn blank() -> Self {
        Self {
            mode: RedisMode::Single,
            addresses: Vec::new(),
            master: None,
            username: None,
            password: None,
            tls: false,
            ca: None,
            timeout: Duration::ZERO,
        }
    }

    fn finish(self) -> Option<Redis> {
        let Self { mode, addresses, master, username, password, tls, ca, timeout } = self;
        let topology = match mode {
            RedisMode::Single => Topology::Single { address: addresses.into_iter().next()? },
            RedisMode::Sentinel => Topology::Sentinel { sentinels: addresses, master: master? },
            RedisMode::Cluster => Topology::Cluster { nodes: addresses },
        };
        Some(Redis { topology, username, password, tls: tls.then_some(RedisTls { ca }), timeout })
    }
}
