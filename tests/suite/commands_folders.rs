//! Folders of playbooks on the command line.

use std::fs;
use std::path::Path;

use crate::commands::{GOOD, composure, file, stderr, stdout};

/// The same playbook under another id.
fn named(id: &str) -> String {
    GOOD.replace("playbook: small", &format!("playbook: {id}"))
}

fn folder(name: &str) -> String {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_folder_stands_for_the_playbooks_below_it_in_order() {
    for (path, id) in [("b.yml", "b"), ("a.yaml", "a"), ("deep/er/c.yaml", "c")] {
        file(&format!("in_order/{path}"), &named(id));
    }
    let folder = folder("in_order");
    let output = composure(&["check", &folder]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert_eq!(stdout(&output), format!("{folder}/a.yaml: ok\n{folder}/b.yml: ok\n{folder}/deep/er/c.yaml: ok\n"));
    assert_eq!(stdout(&composure(&["test", &folder])), "3 passed, 0 failed\n");
}

#[test]
fn hidden_files_and_what_is_no_yaml_are_passed_over() {
    for path in ["a.yaml", ".b.yaml", ".git/c.yaml", "notes.txt"] {
        file(&format!("hidden/{path}"), &named("a"));
    }
    let folder = folder("hidden");
    let output = composure(&["check", &folder]);
    assert_eq!((stdout(&output), stderr(&output)), (format!("{folder}/a.yaml: ok\n"), String::new()));
}

#[test]
fn a_yaml_file_that_is_no_playbook_is_passed_over_with_a_note() {
    file("mixed/a.yaml", &named("a"));
    let values = file("mixed/values.yaml", "replicas: 2\nabout:\n  playbook: none\n");
    let output = composure(&["check", &folder("mixed")]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), format!("note: `{values}` is skipped: it has no key `playbook`\n"));
    assert_eq!(stdout(&output).lines().count(), 1);
    assert_eq!(composure(&["check", &values]).status.code(), Some(1), "named, it is looked at");
}

#[test]
fn a_playbook_that_is_broken_is_one_all_the_same() {
    file("broken/a.yaml", "title: Broken\nplaybook: [\n");
    file("broken/b.yaml", "{ \"playbook\": b, version: \"1\" }\n");
    let output = composure(&["check", &folder("broken")]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
    assert!(stdout(&output).contains("a.yaml: 1 error") && stdout(&output).contains("b.yaml:"), "{}", stdout(&output));
}

#[test]
fn a_folder_without_playbooks_is_a_usage_error() {
    file("without/values.yaml", "replicas: 2\n");
    fs::create_dir_all(folder("empty")).unwrap();
    for name in ["without", "empty"] {
        for command in ["check", "test"] {
            let output = composure(&[command, &folder(name)]);
            let told = format!("error: there is no playbook in `{}`: ", folder(name));
            assert_eq!(output.status.code(), Some(2));
            assert!(stderr(&output).contains(&told), "{}", stderr(&output));
        }
    }
}

#[test]
fn a_file_named_twice_is_looked_at_once() {
    let path = file("once/a.yaml", &named("a"));
    let output = composure(&["check", &path, &folder("once"), &path]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), format!("{path}: ok\n")));
}

#[test]
fn a_link_to_a_playbook_is_followed() {
    file("linked/.data/a.yaml", &named("a"));
    let link = Path::new(&folder("linked")).join("a.yaml");
    let _ = fs::remove_file(&link);
    std::os::unix::fs::symlink(".data/a.yaml", &link).unwrap();
    assert_eq!(stdout(&composure(&["check", &folder("linked")])), format!("{}: ok\n", link.display()));
}

#[test]
fn a_playbook_that_two_files_hold_is_an_error_in_the_second() {
    let first = file("twice/a.yaml", &named("same"));
    let second = file("twice/b.yaml", &named("same"));
    file("twice/c.yaml", &named("same").replace("version: \"1\"", "version: \"2\""));
    for command in ["check", "test"] {
        let output = composure(&[command, &folder("twice")]);
        let told = stdout(&output);
        assert_eq!(output.status.code(), Some(1));
        let message = format!("error[duplicate-playbook]: `{first}` holds this playbook in this version already");
        assert!(told.contains(&message), "{told}");
        assert!(told.contains(&format!("{second}:1:11")), "{told}");
        assert_eq!(told.matches("duplicate-playbook").count(), 1, "another version is another playbook: {told}");
    }
}
