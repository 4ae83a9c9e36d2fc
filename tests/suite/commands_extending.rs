//! `composure check`, `test` and `show` on playbooks that extend others, as processes.

use std::fs;
use std::path::PathBuf;

use crate::commands::{GOOD, composure, stderr, stdout};

const HARBOR: &str = r#"playbook: harbor
version: "7"
title: Harbor
extends: small@1
actions:
  hear: {say: ["Tell me more, please: all of it."]}
tests:
  - it: hears an angry customer
    turns:
      - {signals: {anger: 0.9}, expect: {stage: listen, first: hear}}
"#;

/// A folder with these files, and the path of each.
fn folder(name: &str, files: &[(&str, &str)]) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let write = |(file, text): &(&str, &str)| {
        let path = folder.join(file);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    files.iter().map(write).collect()
}

#[test]
fn a_base_is_found_beside_the_file() {
    let paths = folder("beside", &[("harbor.yaml", HARBOR), ("small.yaml", GOOD)]);
    let checked = composure(&["check", &paths[0]]);
    assert_eq!(stdout(&checked), format!("{}: ok\n", paths[0]));
    assert_eq!(stdout(&composure(&["test", &paths[0]])), "1 passed, 0 failed\n");
}

#[test]
fn a_base_on_the_command_line_is_meant_before_one_beside_the_file() {
    let mended = GOOD.replace("Hear them out", "Listen to them");
    let beside = folder("given", &[("harbor.yaml", HARBOR), ("small.yaml", GOOD)]);
    let elsewhere = folder("given_elsewhere", &[("any_name.yaml", &mended)]);
    let broken = folder("given_broken", &[("any_name.yaml", &GOOD.replace("otherwise: hear", "otherwise: heer"))]);
    assert_eq!(composure(&["check", &beside[0], &elsewhere[0]]).status.code(), Some(0));
    let output = composure(&["check", &beside[0], &broken[0]]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains(&format!("{}:10:", broken[0])) && told.contains(&format!("{}:4:10", beside[0])), "{told}");
}

#[test]
fn a_base_may_come_from_the_program() {
    let text = "playbook: mine\nversion: \"1\"\ntitle: Mine\nextends: default@1\n";
    let paths = folder("program", &[("mine.yaml", text), ("lost.yaml", &text.replace("default@1", "defualt@1"))]);
    assert_eq!(stdout(&composure(&["check", &paths[0]])), format!("{}: ok, 17 laws proven\n", paths[0]));
    let lost = composure(&["check", &paths[1]]);
    assert_eq!(lost.status.code(), Some(1));
    assert!(stdout(&lost).contains("did you mean `default@1`?"), "{}", stdout(&lost));
}

#[test]
fn a_fragment_is_checked_and_not_played() {
    let paths =
        folder("fragment", &[("shared.yaml", "fragment: true\nplaybook: shared\nversion: \"1\"\ntitle: Shared\n")]);
    assert_eq!(stdout(&composure(&["check", &paths[0]])), format!("{}: ok\n", paths[0]));
    let played = composure(&["test", &paths[0]]);
    assert_eq!(played.status.code(), Some(0));
    assert_eq!(stdout(&played), "0 passed, 0 failed\n");
    let note = format!("note: `{}` is a fragment, played in the playbooks that extend it\n", paths[0]);
    assert_eq!(stderr(&played), note);
}

#[test]
fn what_is_shown_passes_the_check_and_has_the_same_digest() {
    let paths = folder("shown", &[("harbor.yaml", HARBOR), ("small.yaml", GOOD)]);
    let shown = composure(&["show", &paths[0]]);
    assert_eq!(shown.status.code(), Some(0), "{}", stderr(&shown));
    let text = stdout(&shown);
    assert!(text.contains("    # this file\n    say: [\"Tell me more, please: all of it.\"]\n"), "{text}");
    let alone = folder("shown_alone", &[("whole.yaml", &text)]);
    assert_eq!(stdout(&composure(&["check", &alone[0]])), format!("{}: ok\n", alone[0]));
    assert_eq!(stdout(&composure(&["test", &alone[0]])), "1 passed, 0 failed\n");
    let again = composure(&["show", &alone[0], "--format", "json"]);
    let whole: serde_json::Value = serde_json::from_str(&stdout(&again)).unwrap();
    assert_eq!(whole["extends"], serde_json::Value::Null);
    let first = composure(&["show", &paths[0], "--format", "json"]);
    let first: serde_json::Value = serde_json::from_str(&stdout(&first)).unwrap();
    assert_eq!((&first["document"], &first["digest"]), (&whole["document"], &whole["digest"]));
    assert_eq!((&first["extends"], &first["from"]["/actions/hear/say"]), (&"small@1".into(), &"this file".into()));
    assert_eq!(first["digest"].as_str().map(str::len), Some(64));
}

#[test]
fn a_playbook_with_errors_is_not_shown() {
    let paths = folder("not_shown", &[("harbor.yaml", &HARBOR.replace("say:", "sey:")), ("small.yaml", GOOD)]);
    let output = composure(&["show", &paths[0]]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(1), ""));
    assert!(stderr(&output).contains("did you mean `say`?"), "{}", stderr(&output));
    assert_eq!(composure(&["show", "nowhere.yaml"]).status.code(), Some(2));
    assert_eq!(composure(&["show", env!("CARGO_TARGET_TMPDIR")]).status.code(), Some(2), "a folder is no playbook");
    assert_eq!(composure(&["show"]).status.code(), Some(2));
}

#[test]
fn coverage_names_the_file_in_which_an_inherited_part_is_written() {
    let paths = folder("covered", &[("harbor.yaml", HARBOR), ("small.yaml", GOOD)]);
    let told = stdout(&composure(&["test", "--coverage", &paths[0]]));
    assert!(told.contains(&format!("\n{}:13: stage `settled`: never entered\n", paths[1])), "{told}");
    let output = composure(&["test", "--coverage", "--format", "json", &paths[0]]);
    let results: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let sorts = results["files"][0]["coverage"]["sorts"].as_array().unwrap();
    let file_of = |sort: &str| &sorts.iter().find(|one| one["sort"] == sort).unwrap()["items"][0]["file"];
    assert_eq!((file_of("stages"), file_of("phrasings")), (&paths[1].as_str().into(), &paths[0].as_str().into()));
}

#[test]
fn a_finding_names_the_file_that_it_is_about() {
    let broken = GOOD.replace("otherwise: hear", "otherwise: heer");
    let paths = folder("about", &[("harbor.yaml", HARBOR), ("small.yaml", &broken)]);
    let told = stdout(&composure(&["check", "--format", "github", &paths[0]]));
    assert!(told.starts_with(&format!("::error file={},line=10,", paths[1])), "{told}");
    for format in ["json", "sarif"] {
        let told = stdout(&composure(&["check", "--format", format, &paths[0]]));
        assert!(told.contains("about/small.yaml") && !told.contains("about/harbor.yaml"), "{told}");
    }
}

#[test]
fn a_folder_of_playbooks_that_extend_each_other_is_checked_as_a_whole() {
    let paths = folder("family", &[("a_harbor.yaml", HARBOR), ("z_any_name.yaml", GOOD)]);
    let family = PathBuf::from(&paths[0]).parent().unwrap().to_str().unwrap().to_owned();
    let output = composure(&["check", &family]);
    assert_eq!(stdout(&output), format!("{}: ok\n{}: ok\n", paths[0], paths[1]));
    let twice = folder("family_twice", &[("a.yaml", GOOD), ("b.yaml", GOOD)]);
    let told = stdout(&composure(&["check", &twice[0], &twice[1]]));
    assert!(told.contains(&format!("`{}` holds this playbook in this version already", twice[0])), "{told}");
}
