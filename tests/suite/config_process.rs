//! The configuration as `composure serve` tells of it.

use std::process::Command;

use crate::commands::{composure, file, stderr, stdout};

const CLAIMED: &str = "\nerror: the configuration can't be used, for it has ";

#[test]
fn a_configuration_that_can_be_used_is_ok() {
    let path = file("config/good.yaml", "listen: 127.0.0.1:0\nadmin: off\n");
    for args in [&["serve", "--check-config", "--config", &path][..], &["--check-config", "--config", &path]] {
        let output = composure(args);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), "ok\n"), "{}", stderr(&output));
    }
}

#[test]
fn what_is_wrong_is_told_wherever_it_stands() {
    let path = file("config/bad.yaml", "listn: 127.0.0.1:0\n");
    for task in [&["--check-config"][..], &["--print-config"], &[]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_composure"));
        command.env("COMPOSURE_CONFIG", &path).env("COMPOSURE_ADMIN", "x").arg("serve").args(task).arg("--log-calls=2");
        let output = command.output().unwrap();
        let told = stderr(&output);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(1), ""), "{told}");
        assert!(told.starts_with("error[unknown-field]: the configuration has no key `listn`\n"), "{told}");
        for place in [&format!("{path}:1:1"), "COMPOSURE_ADMIN", "--log-calls"] {
            assert!(told.contains(&format!("--> {place}\n")), "{place} in {told}");
        }
        assert!(told.ends_with(&format!("{CLAIMED}3 errors\n")), "{told}");
    }
}

#[test]
fn files_that_are_named_must_be_there_to_be_checked() {
    let key = file("config/keys.yaml", "");
    let folder = env!("CARGO_TARGET_TMPDIR");
    let flags = |keys: &str, playbooks: &str| {
        composure(&["serve", "--check-config", "--auth-api-keys", keys, "--playbooks", playbooks])
    };
    assert_eq!(flags(&key, folder).status.code(), Some(0));
    let told = stderr(&flags(folder, &key));
    assert!(told.contains(&format!("cannot read `{key}`: ")) && told.contains("--> --playbooks\n"), "{told}");
    assert!(told.contains("--> --auth-api-keys\n"), "{told}");
    assert!(told.ends_with(&format!("{CLAIMED}2 errors\n")), "{told}");
}

#[test]
fn a_file_of_the_configuration_that_is_not_there_is_told_with_all_else() {
    let output = composure(&["serve", "--config", "nowhere.yaml", "--listen=x"]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.starts_with("error[unreadable]: cannot read `nowhere.yaml`: "), "{told}");
    assert!(told.contains("--> --config\n") && told.contains("--> --listen\n"), "{told}");
}

#[test]
fn what_is_printed_is_a_configuration() {
    let first = composure(&["--print-config", "--listen=localhost:0", "--limits-calls=5"]);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert!(stdout(&first).contains("listen: \"localhost:0\"  # --listen\n"), "{}", stdout(&first));
    let path = file("config/printed.yaml", &stdout(&first));
    let second = composure(&["serve", "--print-config", "--config", &path]);
    let without_comments = |text: String| -> Vec<String> {
        text.lines().map(|line| line.split("  # ").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(without_comments(stdout(&first)), without_comments(stdout(&second)));
}

#[test]
fn help_of_serve_tells_all_flags_and_that_of_the_program_two() {
    let (all, two) = (stdout(&composure(&["serve", "--help"])), stdout(&composure(&["--help"])));
    assert!(all.contains("[env: COMPOSURE_LIMITS_CALLS] [default: 1000]"), "{all}");
    for flag in ["--config", "--print-config", "--check-config", "--tls-client-ca", "--otlp-metrics[=<BOOL>]"] {
        assert!(all.contains(flag), "{flag} in {all}");
    }
    let shown: Vec<&str> = two.split_whitespace().filter(|word| word.starts_with("--")).collect();
    assert_eq!(shown, ["--config", "--listen", "--help", "--version"]);
}

#[test]
fn wrong_usage_is_another_exit_code() {
    for args in [&["serve", "--lisen=x"][..], &["serve", "--print-config", "--check-config"], &["serve", "--listen"]] {
        assert_eq!(composure(args).status.code(), Some(2), "{args:?}");
    }
}
