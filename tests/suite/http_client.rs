//! As much of an HTTP/1.1 client as the admin port needs.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Status and body of a page.
pub(crate) async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    ask(address, "GET", path, "").await
}

/// The same for something that is to be done.
pub(crate) async fn post(address: SocketAddr, path: &str) -> (u16, String) {
    ask(address, "POST", path, "").await
}

/// The same with further header lines.
pub(crate) async fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it writes UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("there is a head");
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("there is a status");
    (code, body.to_owned())
}
