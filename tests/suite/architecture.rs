//! Arrows between modules point one way, and the pure ones stay pure.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and those that it may use.
const ARROWS: [(&str, &[&str]); 19] = [
    ("playbook", &[]),
    ("engine", &["playbook"]),
    ("rehearsal", &["engine", "playbook"]),
    ("laws", &["rehearsal", "engine", "playbook"]),
    ("lints", &["laws", "playbook"]),
    ("simulation", &["engine", "playbook"]),
    ("trial", &["rehearsal", "engine", "playbook"]),
    ("store", &["playbook", "telemetry"]),
    ("service", &["store", "engine", "playbook"]),
    ("files", &[]),
    ("auth", &["files"]),
    ("config", &["playbook"]),
    ("telemetry", &[]),
    ("watch", &[]),
    ("shares", &[]),
    ("library", &["service", "laws", "lints", "playbook", "files"]),
    ("grpc", &["service", "store", "engine", "playbook", "auth", "telemetry", "shares"]),
    ("server", &["grpc", "service", "store", "auth", "telemetry", "files", "shares"]),
    (
        "cli",
        &[
            "server",
            "config",
            "auth",
            "telemetry",
            "watch",
            "files",
            "library",
            "grpc",
            "service",
            "store",
            "lints",
            "laws",
            "simulation",
            "trial",
            "rehearsal",
            "engine",
            "playbook",
        ],
    ),
];

/// What a pure module never names.
const IMPURE: [&str; 12] = [
    "tokio",
    "tonic",
    "prost",
    "std::env",
    "SystemTime",
    "Instant",
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "tracing",
    "rand::",
];

fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module);
    let mut folders = vec![folder];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is a folder").map(|entry| entry.expect("it can be read").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                files.push((entry.clone(), code(&fs::read_to_string(&entry).expect("it is text"))));
            }
        }
    }
    assert!(!files.is_empty(), "{module} has no files");
    files
}

/// Without comments, which may speak of anything.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Modules of the crate that `code` names by `crate::`, alone or in braces.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let paths = code.split("crate::").skip(1);
    let names = paths.flat_map(|path| match path.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap_or_default().split(',').map(|name| word(name.trim())).collect(),
        None => vec![word(path)],
    });
    names.filter(|name| ARROWS.iter().any(|(module, _)| module == name)).collect()
}

#[test]
fn arrows_point_one_way() {
    for (module, may_use) in ARROWS {
        for (file, code) in sources(module) {
            for name in named(&code) {
                assert!(name == module || may_use.contains(&name.as_str()), "{} uses {name}", file.display());
            }
        }
    }
}

#[test]
fn engine_and_playbook_know_nothing_of_the_world() {
    for module in ["engine", "playbook", "rehearsal", "laws", "lints", "simulation", "trial"] {
        for (file, code) in sources(module) {
            for word in IMPURE {
                assert!(!code.contains(word), "{} names {word}", file.display());
            }
        }
    }
}

#[test]
fn names_are_found_in_braces_too() {
    assert_eq!(
        named("use crate::{engine, grpc::status};\nlet x = crate::server::serve();"),
        ["engine", "grpc", "server"]
    );
}

#[test]
fn petgraph_stays_behind_the_graph() {
    for (module, _) in ARROWS {
        for (file, code) in sources(module) {
            let inside = file.to_string_lossy().contains("playbook/graph");
            assert!(inside || !code.contains("petgraph"), "{} names petgraph", file.display());
        }
    }
}

#[test]
fn the_solver_stays_behind_the_formulas() {
    for (module, _) in ARROWS {
        for (file, code) in sources(module) {
            let inside = file.ends_with("laws/formula.rs");
            assert!(inside || !code.contains("batsat"), "{} names the solver", file.display());
        }
    }
}

/// Ways to make a `Status` that `code` uses; reading one that came is no such way.
fn statuses_made(code: &str) -> Vec<&str> {
    let words: Vec<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').collect();
    let made = words.into_iter().filter_map(|word| word.rsplit_once("Status::"));
    let made = made.filter(|(before, _)| before.is_empty() || before.ends_with("::")).map(|(_, name)| name);
    made.filter(|name| name.starts_with(|c: char| c.is_lowercase()) && *name != "from_header_map").collect()
}

#[test]
fn only_one_place_makes_a_status() {
    for (module, _) in ARROWS {
        for (file, code) in sources(module) {
            let made = statuses_made(&code);
            assert!(made.is_empty() || file.ends_with("grpc/status.rs"), "{} makes {made:?}", file.display());
        }
    }
    let places = sources("grpc").into_iter().filter(|(_, code)| !statuses_made(code).is_empty());
    assert_eq!(places.count(), 1);
}
