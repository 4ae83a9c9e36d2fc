//! Where the process listens: where it says, and nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;

use crate::auth_issuer::{AUDIENCE, ISSUER, RSA, key_set};
use crate::library::small;
use crate::mount::Mount;
use crate::process::{Program, Served, measured};
use crate::server_tls::{authority, pair};
use crate::telemetry_traces::Inbox;

/// The sockets of the process, as the kernel numbers them.
fn sockets(served: &Served) -> BTreeSet<String> {
    let files = fs::read_dir(format!("/proc/{}/fd", served.id())).expect("it runs");
    let targets = files.filter_map(|file| fs::read_link(file.expect("it can be read").path()).ok());
    targets.filter_map(|it| Some(it.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned())).collect()
}

/// Ports at which it listens, and how many sockets it has that need no connection.
fn listening(served: &Served) -> (BTreeSet<u16>, usize) {
    let own = sockets(served);
    let table = |name: &str| {
        let text = fs::read_to_string(format!("/proc/{}/net/{name}", served.id())).unwrap_or_default();
        let rows = text.lines().skip(1).map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        rows.filter(|row| own.contains(&row[9])).collect::<Vec<_>>()
    };
    let streams = [table("tcp"), table("tcp6")].concat().into_iter().filter(|row| row[3] == "0A");
    let ports = streams.map(|row| u16::from_str_radix(row[1].rsplit(':').next().expect("there is a port"), 16));
    let datagrams = table("udp").len() + table("udp6").len();
    (ports.map(|port| port.expect("it is a number")).collect(), datagrams)
}

#[tokio::test(flavor = "multi_thread")]
async fn with_everything_switched_on_it_listens_where_it_says_and_nowhere_else() {
    let inbox = Inbox::start(1).await;
    let authority = authority("everybody");
    let (pair, client_ca) = (pair(&authority, |_| {}), authority.pem());
    let keys = format!("- {{id: crm, sha256: {}, tenant: acme, roles: [recommend]}}\n", "ab".repeat(32));
    let mount = Mount::new(&[
        ("tls.crt", &pair.certificate),
        ("tls.key", &pair.key),
        ("ca.crt", &client_ca),
        ("keys.txt", &keys),
        ("jwks.json", &key_set(&[&RSA])),
        ("small.yaml", &small("small", "1", "Small")),
    ]);
    let path = |name: &str| mount.path(name).display().to_string();
    let served = Program::new()
        .flag("playbooks", mount.folder().display())
        .flag("tls-certificate", path("tls.crt"))
        .flag("tls-key", path("tls.key"))
        .flag("tls-client-ca", path("ca.crt"))
        .flag("auth-api-keys", path("keys.txt"))
        .flag("auth-jwt-issuer", ISSUER)
        .flag("auth-jwt-audience", AUDIENCE)
        .flag("auth-jwt-jwks", path("jwks.json"))
        .flag("otlp-endpoint", &inbox.address)
        .flag("otlp-metrics", "true")
        .environment("COMPOSURE_OTLP_HEADERS", "x-tenant=harbor")
        .start();
    let told: BTreeSet<_> = [served.api, served.admin()].map(|address: SocketAddr| address.port()).into();
    assert_eq!(listening(&served), (told.clone(), 0));
    measured("ports with everything switched on", format_args!("{}, those that are told", told.len()));

    let served = Program::new().flag("admin", "off").start();
    assert_eq!(listening(&served), ([served.api.port()].into(), 0));
}
