//! `composure probe`, as a process; what it says of a server is tested where there is one.

use crate::commands::{composure, file, stderr};

#[test]
fn files_that_cannot_be_meant_are_refused_and_named() {
    let none = file("probe/no-certificate.pem", "hello\n");
    let large = file("probe/large.pem", &"x".repeat(1024 * 1024 + 1));
    for (path, why) in [(&none, "it holds no certificate in PEM"), (&large, "it has more than 1048576 bytes")] {
        let output = composure(&["probe", "--address", "127.0.0.1:1", "--ca", path]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(stderr(&output), format!("error: cannot use `{path}`: {why}\n"));
    }
}
