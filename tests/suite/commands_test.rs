//! What `composure test` plays and tells.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::commands::{GOOD, composure, file, stderr, stdout};

/// Three conversations, of which the last fails on its second turn.
fn three() -> String {
    format!(
        "{GOOD}  - it: lets a calm customer go\n    turns:\n      - {{signals: {{anger: 0.1}}, expect: {{stage: settled}}}}\n  \
         - it: fails <on> \"purpose\" & loudly\n    turns:\n      - {{signals: {{anger: 0.9}}}}\n      \
         - {{signals: {{anger: 0.9}}, expect: {{first: ask, stage: settled}}}}\n"
    )
}

fn parsed(output: &std::process::Output) -> Value {
    serde_json::from_str(&stdout(output)).unwrap_or_else(|error| panic!("{error}: {}", stdout(output)))
}

#[test]
fn a_filter_plays_only_conversations_whose_name_contains_it() {
    let path = file("filtered.yaml", &three());
    for (filter, told) in [("CALM customer", "1 passed, 0 failed\n"), ("customer", "2 passed, 0 failed\n")] {
        let output = composure(&["test", "--filter", filter, &path]);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), told));
    }
    assert_eq!(composure(&["test", "--filter", "purpose", &path]).status.code(), Some(1));
}

#[test]
fn a_filter_that_lets_nothing_through_is_a_usage_error_with_near_names() {
    let path = file("unfiltered.yaml", &three());
    let output = composure(&["test", "--filter", "clam custommer", &path]);
    assert_eq!(output.status.code(), Some(2));
    let told = "error: no conversation has a name that contains `clam custommer`, did you mean one of `lets a calm customer go`";
    assert!(stderr(&output).starts_with(told), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    let output = composure(&["test", "--filter", "zzz", &path]);
    assert_eq!(stderr(&output), "error: no conversation has a name that contains `zzz`\n");
}

#[test]
fn a_filter_that_lets_nothing_through_is_no_matter_of_coverage() {
    let path = file("uncovered.yaml", GOOD);
    let output = composure(&["test", "--filter", "zzz", "--min-coverage", "100", &path]);
    assert_eq!(output.status.code(), Some(2));
    let broken = file("unfiltered_broken.yaml", &GOOD.replace("otherwise: hear", "otherwise: heer"));
    assert_eq!(composure(&["test", "--filter", "zzz", &path, &broken]).status.code(), Some(1), "it may be in there");
}

#[test]
fn a_filter_counts_over_all_files() {
    let (one, two) = (file("filter_one.yaml", &three()), file("filter_two.yaml", &GOOD.replace("small", "other")));
    let output = composure(&["test", "--filter", "calm", &one, &two]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), "1 passed, 0 failed\n"));
}

#[test]
fn json_tells_each_conversation_and_why_it_failed() {
    let path = file("json.yaml", &three());
    let output = composure(&["test", "--format", "json", &path]);
    assert_eq!(output.status.code(), Some(1));
    let told = parsed(&output);
    assert_eq!((&told["passed"], &told["failed"]), (&json!(2), &json!(1)));
    let [tested] = told["files"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!((&tested["file"], &tested["findings"], &tested["coverage"]), (&json!(path), &json!([]), &Value::Null));
    assert_eq!((&tested["playbook"]["id"], &tested["playbook"]["version"]), (&json!("small"), &json!("1")));
    assert_eq!(tested["playbook"]["digest"].as_str().unwrap().len(), 64);
    let conversations = tested["conversations"].as_array().unwrap();
    assert_eq!(
        conversations[0],
        json!({"name": "hears an angry customer", "line": 31, "passed": true, "failures": []})
    );
    let failures = conversations[2]["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 2);
    assert_eq!(
        failures[1],
        json!({
            "turn": 2,
            "line": 40,
            "expected": "first: ask",
            "found": "hear",
            "because": ["`hear` is ranked by its score, 1 = 1", "`ask` is held back (condition: anger.falling is false)"],
        })
    );
}

#[test]
fn json_of_a_broken_file_holds_its_findings() {
    let path = file("json_broken.yaml", &GOOD.replace("otherwise: hear", "otherwise: heer"));
    let output = composure(&["test", "--format", "json", &path]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
    let tested = &parsed(&output)["files"][0];
    assert_eq!((&tested["playbook"], &tested["conversations"]), (&Value::Null, &json!([])));
    assert_eq!(tested["findings"][0]["code"], "unknown-name");
}

/// The `JUnit` file that testing `paths` writes.
fn junit(name: &str, paths: &[&str]) -> String {
    let xml = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    composure(&[&["test", "--junit", xml.to_str().unwrap()], paths].concat());
    fs::read_to_string(xml).unwrap()
}

#[test]
fn junit_has_a_suite_for_each_file_and_a_case_for_each_conversation() {
    let (one, two) = (file("junit_one.yaml", &three()), file("junit_two.yaml", &GOOD.replace("small", "other")));
    let xml = junit("two.xml", &[&one, &two]);
    assert!(
        xml.contains("<testsuites name=\"composure test\" tests=\"4\" skipped=\"0\" failures=\"1\" errors=\"0\">"),
        "{xml}"
    );
    assert!(xml.contains(&format!("<testsuite name=\"{one}\" tests=\"3\"")), "{xml}");
    assert!(xml.contains(&format!("<testsuite name=\"{two}\" tests=\"1\"")), "{xml}");
    let case = format!("<testcase name=\"hears an angry customer\" classname=\"small\" file=\"{one}\" line=\"31\"/>");
    assert!(xml.contains(&case), "{xml}");
    assert_eq!(xml, junit("again.xml", &[&one, &two]), "the same results give the same file");
}

#[test]
fn junit_holds_the_failure_as_it_is_printed() {
    let path = file("junit_fails.yaml", &three());
    let xml = junit("fails.xml", &[&path]);
    assert!(xml.contains("name=\"fails &lt;on&gt; &quot;purpose&quot; &amp; loudly\""), "{xml}");
    assert!(
        xml.contains("<failure message=\"turn 2: expected stage: settled, found listen\" type=\"expectation\">"),
        "{xml}"
    );
    assert!(xml.contains(&format!("{path}:40: turn 2: expected first: ask, found hear")), "{xml}");
    assert!(xml.contains("    `ask` is held back (condition: anger.falling is false)"), "{xml}");
}

#[test]
fn junit_of_a_broken_file_is_an_error() {
    let path = file("junit_broken.yaml", &GOOD.replace("otherwise: hear", "otherwise: heer"));
    let xml = junit("broken.xml", &[&path]);
    assert!(xml.contains("errors=\"1\"") && xml.contains("<error message=\"the playbook has errors\""), "{xml}");
    assert!(xml.contains("error[unknown-name]"), "{xml}");
}

#[test]
fn a_junit_file_that_cannot_be_written_is_a_usage_error() {
    let output = composure(&["test", "--junit", "/nowhere/at/all.xml", &file("junit_nowhere.yaml", GOOD)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: cannot write `/nowhere/at/all.xml`: "), "{}", stderr(&output));
    assert_eq!(stdout(&output), "1 passed, 0 failed\n");
}

#[test]
fn coverage_is_a_table_and_a_list_of_what_was_never_exercised() {
    let path = file("covered.yaml", GOOD);
    let output = composure(&["test", "--coverage", &path]);
    assert_eq!(output.status.code(), Some(0));
    let expected = format!(
        "{path}: coverage
  stages           1 of     2   50.0 %
  exits            0 of     2    0.0 %
  interrupts       0 of     0  100.0 %
  actions          1 of     2   50.0 %
  first_rules      0 of     0  100.0 %
  guardrails       0 of     0  100.0 %
  escalations      0 of     0  100.0 %
  laws             0 of     0  100.0 %
  conditions       2 of     6   33.3 %
  phrasings        1 of     2   50.0 %
  all              5 of    14   35.7 %
{path}:13: stage `settled`: never entered
{path}:12: exit from `listen` to `settled`: never taken
{path}:17: exit from `settled` to `listen`: never taken
{path}:24: action `ask`: never suggested
{path}:12: exit from `listen` to `settled`: never false: `anger.high`
{path}:17: exit from `settled` to `listen`: never true: `anger.high`; never false: `anger.high`
{path}:24: action `ask`: never true: `anger.falling`
{path}:29: phrasing `say_1` of `ask`: never shown
1 passed, 0 failed
"
    );
    assert_eq!(stdout(&output), expected);
}

#[test]
fn coverage_in_json_holds_every_item_with_its_count() {
    let path = file("covered_json.yaml", GOOD);
    let output = composure(&["test", "--coverage", "--format", "json", &path]);
    let coverage = &parsed(&output)["files"][0]["coverage"];
    assert_eq!(coverage["all"], json!({"covered": 5, "total": 14, "percent": 35.7}));
    let sorts = coverage["sorts"].as_array().unwrap();
    assert_eq!(
        sorts[0],
        json!({
            "sort": "stages",
            "covered": 1,
            "total": 2,
            "percent": 50.0,
            "items": [
                {"name": "stage `listen`", "case": "entered", "file": path, "line": 7, "count": 1},
                {"name": "stage `settled`", "case": "entered", "file": path, "line": 13, "count": 0},
            ],
        })
    );
    let conditions = &sorts.iter().find(|sort| sort["sort"] == "conditions").unwrap()["items"];
    let first = json!({"name": "exit from `listen` to `settled`", "atom": "anger.high", "case": "true", "file": path, "line": 12, "count": 1});
    assert_eq!(conditions[0], first);
}

#[test]
fn coverage_is_of_what_was_played() {
    let path = file("covered_part.yaml", &three());
    let output = composure(&["test", "--coverage", "--filter", "calm", &path]);
    assert!(stdout(&output).contains("  exits            1 of     2   50.0 %"), "{}", stdout(&output));
}

#[test]
fn too_little_coverage_fails_and_says_what_is_short() {
    let path = file("short.yaml", GOOD);
    let test = |thresholds: &[&str]| {
        let arguments: Vec<&str> = thresholds.iter().flat_map(|threshold| ["--min-coverage", threshold]).collect();
        let output = composure(&[&["test", &path], arguments.as_slice()].concat());
        assert_eq!(stdout(&output), "1 passed, 0 failed\n");
        (output.status.code(), stderr(&output))
    };
    assert_eq!(test(&["35"]), (Some(0), String::new()));
    let all = format!("{path}: coverage of all that can be exercised is 35.7 %, less than 36 %\n");
    assert_eq!(test(&["36"]), (Some(1), all));
    assert_eq!(test(&["stages=50", "interrupts=100"]), (Some(0), String::new()));
    let stages = format!("{path}: coverage of stages is 50.0 %, less than 51 %\n");
    assert_eq!(test(&["stages=51", "0"]), (Some(1), stages));
}

#[test]
fn a_threshold_that_makes_no_sense_is_a_usage_error() {
    for (threshold, told) in [
        ("101", "`101` is no whole number from 0 to 100"),
        ("stages=most", "`most` is no whole number from 0 to 100"),
        ("stage=80", "`stage` is not counted; did you mean `stages`?"),
        ("colours=80", "`colours` is not counted; write one of `stages` `exits` "),
    ] {
        let output = composure(&["test", "--min-coverage", threshold, "playbooks"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
}
