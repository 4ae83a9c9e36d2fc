//! How much the server takes, and how long it waits.

use std::time::Duration;

/// Limits of the listener and of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Connections at the same time, of which one address gets half at most; further ones wait to be accepted.
    pub connections: usize,
    /// Calls under way on one connection; further ones wait at the client.
    pub streams: u32,
    /// Calls under way in all, of which one caller gets half at most; further ones are turned away.
    pub calls: usize,
    /// Conversations that streams are subscribed to, of which one caller gets half at most; further ones are turned away.
    pub subscriptions: usize,
    /// The longest that a call may take, whatever the client grants.
    pub deadline: Duration,
    /// How long a client may take to get through TLS and to say that it speaks HTTP/2, both together.
    pub handshake: Duration,
    /// How old a connection gets before its client is asked to open another; give or take a tenth.
    pub connection_age: Duration,
    /// Bytes of a request for a recommendation, state included.
    pub request_bytes: usize,
    /// Bytes of a call's metadata, names included.
    pub metadata_bytes: usize,
    /// How long calls are still taken after the server was told to stop: others have to learn of it.
    pub drain_wait: Duration,
    /// How long calls that are under way may take after that.
    pub drain_deadline: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections: 10_000,
            streams: 200,
            calls: 1_000,
            subscriptions: 20_000,
            deadline: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            connection_age: Duration::from_secs(30 * 60),
            request_bytes: 256 * 1024,
            metadata_bytes: 16 * 1024,
            drain_wait: Duration::ZERO,
            drain_deadline: Duration::from_secs(20),
        }
    }
}
