//! What `composure check` tells programs: JSON, workflow commands, SARIF.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use composure::playbook::Code;
use serde_json::{Value, json};

use crate::commands::{GOOD, composure, file, stderr, stdout};

/// An error on line 10, with a mend.
fn flawed() -> String {
    GOOD.replace("otherwise: hear", "otherwise: heer")
}

fn warned(name: &str) -> String {
    file(name, &GOOD.replace("title: Small\n", "title: Small\nvalues: {name: The name}\n"))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn json_is_an_array_of_findings_with_their_places() {
    let path = file("json_flawed.yaml", &flawed());
    let output = composure(&["check", "--format", "json", &path]);
    assert_eq!(output.status.code(), Some(1));
    let expected = json!([{
        "file": path,
        "line": 10,
        "column": 16,
        "end": {"line": 10, "column": 20},
        "severity": "error",
        "code": "unknown-name",
        "message": "unknown action `heer`",
        "help": "did you mean `hear`?",
    }]);
    assert_eq!(parsed(&stdout(&output)), expected);
}

#[test]
fn json_of_a_good_file_is_an_empty_array() {
    let output = composure(&["check", "--format", "json", &file("json_good.yaml", GOOD)]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), "[]\n"));
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let path = warned("denied.yaml");
    let check = |arguments: &[&str]| composure(&[&["check", &path], arguments].concat()).status.code();
    assert_eq!(check(&[]), Some(0));
    assert_eq!(check(&["--deny", "warnings"]), Some(1));
    assert_eq!(check(&["--deny", "warnings", "--format", "json"]), Some(1));
    assert_eq!(composure(&["check", "--deny", "warnings", &file("deny_good.yaml", GOOD)]).status.code(), Some(0));
    assert_eq!(check(&["--deny", "everything"]), Some(2));
}

#[test]
fn a_format_that_is_not_there_is_a_usage_error_with_those_that_are() {
    let output = composure(&["check", "--format", "xml", "playbooks"]);
    assert_eq!(output.status.code(), Some(2));
    for format in ["text", "json", "github", "sarif"] {
        assert!(stderr(&output).contains(format), "{}", stderr(&output));
    }
}

#[test]
fn workflow_commands_name_file_line_and_columns() {
    let path = file("github.yaml", &flawed());
    let output = composure(&["check", "--format", "github", &path]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stdout(&output),
        format!(
            "::error file={path},line=10,col=16,endColumn=20,title=unknown-name::unknown action `heer`%0Ahelp: did you mean `hear`?\n"
        )
    );
}

#[test]
fn workflow_commands_escape_what_would_end_them() {
    let path = file("100%, a:b/github.yaml", &GOOD.replace("kind: question", "kind: \"50%,\\n::\""));
    let told = stdout(&composure(&["check", "--format", "github", &path]));
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("/100%25%2C a%3Ab/github.yaml,line=26,"), "{told}");
    assert!(told.contains("title=unknown-word::`50%25,\\n::` "), "{told}");
}

#[test]
fn a_warning_is_a_warning_for_github_too() {
    let told = stdout(&composure(&["check", "--format", "github", &warned("github_warned.yaml")]));
    assert!(told.starts_with("::warning file="), "{told}");
}

fn sarif(paths: &[&str]) -> Value {
    parsed(&stdout(&composure(&[&["check", "--format", "sarif"], paths].concat())))
}

#[test]
fn sarif_holds_the_rules_and_each_result_with_its_region() {
    let path = file("sarif.yaml", &flawed());
    let log = sarif(&[&path]);
    assert_eq!((&log["version"], log["runs"].as_array().unwrap().len()), (&json!("2.1.0"), 1));
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["tool"]["driver"]["name"], "composure");
    let [result] = run["results"].as_array().unwrap().as_slice() else { panic!("{run}") };
    assert_eq!((&result["ruleId"], &result["level"]), (&json!("unknown-name"), &json!("error")));
    assert_eq!(result["message"]["text"], "unknown action `heer`\nhelp: did you mean `hear`?");
    let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], "unknown-name");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(*region, json!({"startLine": 10, "startColumn": 16, "endLine": 10, "endColumn": 20}));
}

#[test]
fn sarif_lists_every_code_as_a_rule() {
    let log = sarif(&[&file("sarif_good.yaml", GOOD)]);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, Code::ALL.iter().map(|code| code.id).collect::<Vec<_>>());
    assert!(rules.iter().all(|rule| rule["shortDescription"]["text"].as_str().unwrap().ends_with('.')));
    assert_eq!(log["runs"][0]["results"], json!([]));
}

/// The URI of the first result, told from within `folder`.
fn uri(folder: &Path, path: &str) -> String {
    let program = env!("CARGO_BIN_EXE_composure");
    let output = Command::new(program).args(["check", "--format", "sarif", path]).current_dir(folder).output().unwrap();
    let log = parsed(&stdout(&output));
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    location["uri"].as_str().unwrap().to_owned()
}

#[test]
fn sarif_paths_are_relative_uris_below_where_it_runs_and_absolute_ones_elsewhere() {
    let path = file("uris/a b#c/flawed.yaml", &flawed());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    assert_eq!(uri(folder, "uris/a b#c/flawed.yaml"), "uris/a%20b%23c/flawed.yaml");
    assert_eq!(uri(folder, "./uris/a b#c/flawed.yaml"), "uris/a%20b%23c/flawed.yaml");
    assert_eq!(uri(folder, &path), "uris/a%20b%23c/flawed.yaml");
    assert!(uri(Path::new("/"), &path).ends_with("uris/a%20b%23c/flawed.yaml"));
    let elsewhere = uri(&folder.join("uris/a b#c"), &file("uris/other.yaml", &flawed()));
    assert!(elsewhere.starts_with("file:///") && elsewhere.ends_with("/uris/other.yaml"), "{elsewhere}");
}

#[test]
fn formats_for_programs_have_no_colours_and_say_nothing_else() {
    let path = file("plain.yaml", &flawed());
    for format in ["json", "github", "sarif"] {
        let output = composure(&["check", "--format", format, &path]);
        assert!(!stdout(&output).contains('\u{1b}') && stderr(&output).is_empty(), "{format}");
    }
}

#[test]
fn findings_that_are_left_out_are_counted() {
    let many: String = (0..1_002).map(|number| format!("x{number}: 1\n")).collect::<Vec<_>>().concat();
    let path = file("many.yaml", &format!("playbook: many\n{many}"));
    let output = composure(&["check", "--format", "json", &path]);
    assert_eq!(parsed(&stdout(&output)).as_array().unwrap().len(), 1_000);
    assert!(stderr(&output).contains("more findings in") && stderr(&output).contains("are left out"));
}

#[test]
fn codes_in_json_are_those_that_are_documented() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/invalid");
    let told = parsed(&stdout(&composure(&["check", "--format", "json", folder])));
    let told: BTreeSet<&str> = told.as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.id).collect();
    assert!(told.len() > 40 && told.is_subset(&known), "{:?}", told.difference(&known).collect::<Vec<_>>());
}
