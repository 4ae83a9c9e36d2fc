//! Who is at the other end of a connection.

use std::net::IpAddr;
use std::sync::Arc;

use super::stop::Stopping;
use crate::auth::Certified;
use crate::shares::Share;

/// What is known of a client before its first call; in the extensions of each of its requests.
#[derive(Debug)]
pub(super) struct Peer {
    /// Whom its certificate names, where it showed one.
    pub(super) certified: Option<Certified>,
    /// The calls under way from its address.
    pub(super) share: Arc<Share>,
    /// Told when the connection is to be closed.
    pub(super) leaving: Stopping,
}

/// Addresses of one client: of IPv6, a client has a whole network of 64 bits.
pub(super) fn neighbourhood(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_an_address_or_a_network_of_its_own() {
        let of = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
