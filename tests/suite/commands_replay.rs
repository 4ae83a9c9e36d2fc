//! `composure replay`, as a process.

use composure::grpc::Recording;
use proptest::prelude::*;
use serde_json::Value;

use crate::commands::{GOOD, composure, file, stderr, stdout};

const DEFAULT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/playbooks/default.yaml");

/// The small playbook with a flag and a guardrail, in which nobody is asked while they are angry.
fn old() -> String {
    GOOD.replace("stages:\n", "  wants_manager: {flag: true}\nstages:\n").replace(
        "tests:\n",
        "guardrails:\n  no_asking: {tell: No questions now., when: [anger.high], forbids: [ask]}\n\
         escalations:\n  asked: {level: offer, target: supervisor, urgency: soon, why: They ask., when: [wants_manager]}\n\
         tests:\n",
    )
    .replace("when: [anger.falling]", "when: [anger.level >= 0.1]")
}

const REQUESTS: &str = r#"{"signals": [{"name": "anger", "level": 0.9}]}
{"signals": [{"name": "anger", "level": 0.5}], "strict": true, "channel": "CHANNEL_VOICE", "evaluation_time": "2026-01-01T00:00:00Z"}

{"signals": [{"name": "anger", "level": 0.8}, {"name": "wants_manager"}], "maxSuggestions": 1, "explain": "EXPLAIN_NONE"}
{"signals": [{"name": "anger", "level": 0.9}], "state": {"schema": 1, "revision": 1, "turn": 1, "playbook": "small", "stage": "listen", "stageSinceTurn": 1, "signals": [{"name": "anger", "level": 0.9, "turn": 1}]}}
"#;

#[test]
fn the_same_playbook_changes_nothing() {
    let (old, requests) = (file("replay_same.yaml", &old()), file("replay_same.jsonl", REQUESTS));
    let output = composure(&["replay", &requests, "--playbook", &old, "--baseline", &old]);
    assert_eq!(stdout(&output), "4 requests: 0 changed, 0 not replayed\n");
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}

#[test]
fn promises_are_replayed_though_nobody_knows_how_far_ahead_they_were_made() {
    let promised = r#"{"signals": [{"name": "anger", "level": 0.9}], "commitments": [{"id": "p", "dueTime": "2026-01-01T00:00:00Z"}]}"#;
    let (old, requests) = (file("replay_promised.yaml", &old()), file("replay_promised.jsonl", promised));
    let output = composure(&["replay", &requests, "--playbook", &old, "--baseline", &old]);
    assert_eq!(stdout(&output), "1 requests: 0 changed, 0 not replayed\n");
}

#[test]
fn changes_are_grouped_with_their_number_a_line_and_the_reasons() {
    let new =
        old().replace("from: 0.6, until: 0.4", "from: 0.85, until: 0.4").replace("level: offer", "level: recommend");
    let (old, new) = (file("replay_old.yaml", &old()), file("replay_new.yaml", &new));
    let requests = file("replay.jsonl", REQUESTS);
    let output = composure(&["replay", &requests, "--playbook", &new, "--baseline", &old]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "\
4 requests: 1 changed, 0 not replayed

escalation: offer -> recommend (once, first in line 4)
    `asked` is in force: wants_manager is true

first: hear -> no suggestion (once, first in line 4)
    `hear` is not an action of stage `settled`

guardrail no_asking: in force -> not in force (once, first in line 4)
    anger.high is false

stage: listen -> settled (once, first in line 4)
    it went to settled
";
    assert_eq!(stdout(&output), expected);
}

#[test]
fn where_the_first_suggestion_stays_the_rest_of_the_screen_is_told_and_counted() {
    let new = old().replace(
        "  no_asking: {tell: No questions now., when: [anger.high], forbids: [ask]}\n",
        "  no_jokes: {tell: No jokes.}\n",
    );
    let new = new.replace("kind: listening\n", "kind: listening\n    value: 2\n");
    let (old, new) = (file("replay_screen_old.yaml", &old()), file("replay_screen_new.yaml", &new));
    let requests = file("replay_screen.jsonl", REQUESTS);
    let output = composure(&["replay", &requests, "--playbook", &new, "--baseline", &old, "--format", "json"]);
    let data: Value = serde_json::from_slice(&output.stdout).unwrap();
    let screen = data["changes"].as_array().unwrap().iter().find(|change| change["what"] == "screen").unwrap();
    assert_eq!((&screen["from"], &screen["to"]), (&"[hear]".into(), &"[hear, ask]".into()));
    assert_eq!((screen["count"].as_u64(), screen["line"].as_u64()), (Some(2), Some(1)));
    assert_eq!(screen["because"], serde_json::json!(["`ask` is ranked by its score, 1 = 1"]));
    assert_eq!((data["requests"].as_u64(), data["changed"].as_u64()), (Some(4), Some(4)));
}

#[test]
fn lines_that_are_no_requests_are_told_with_their_place_and_the_rest_goes_on() {
    let lines = "{\"signals\": [\n\
                 {\"signals\": [], \"mood\": 3}\n\
                 {\"turn\": \"many\"}\n\
                 {\"signals\": [{\"name\": \"anger\", \"level\": 7}]}\n\
                 {} {}\n\
                 {\"signals\": [{\"name\": \"anger\", \"level\": 0.9}]}\n";
    let (path, requests) = (file("replay_bad.yaml", &old()), file("replay_bad.jsonl", lines));
    let output = composure(&["replay", &requests, "--playbook", &path, "--baseline", &path]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "6 requests: 0 changed, 5 not replayed\n");
    let told = stderr(&output);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(told[0].starts_with(&format!("{requests}:1:13: EOF while parsing")), "{told:?}");
    assert!(told[1].starts_with(&format!("{requests}:2:")) && told[1].contains("mood"), "{told:?}");
    assert!(told[2].starts_with(&format!("{requests}:3:")) && !told[2].contains("at line"), "{told:?}");
    assert_eq!(told[3], format!("{requests}:4:1: signals[0].level: must be a number from 0 to 1, not 7"));
    assert_eq!(told[4], format!("{requests}:5:4: trailing characters"));
}

#[test]
fn requests_whose_state_the_server_held_are_not_taken_for_beginnings() {
    let lines = r#"{"conversationId": "c", "requestId": "1", "signals": [{"name": "anger", "level": 0.5}]}
{"signals": [{"name": "anger", "level": 0.9}]}
{"conversation_id": "c", "turn": 2, "signals": [{"name": "anger", "level": 7}]}
{"conversationId": "c", "signals": [], "state": {"schema": 1, "revision": 1, "turn": 1, "playbook": "small", "stage": "listen", "stageSinceTurn": 1, "signals": [{"name": "anger", "level": 0.9, "turn": 1}]}}
"#;
    // By which each of them would be answered otherwise.
    let new = old().replace("from: 0.6, until: 0.4", "from: 0.3, until: 0.2");
    let (old, new) = (file("replay_held.yaml", &old()), file("replay_held_new.yaml", &new));
    let requests = file("replay_held.jsonl", lines);
    let output = composure(&["replay", &requests, "--playbook", &new, "--baseline", &old]);
    let expected = "\
4 requests: 0 changed, 0 not replayed
2 without their state, so not answered (first in line 1): they name a conversation that the server held
";
    assert_eq!((stdout(&output).as_str(), stderr(&output)), (expected, String::new()));
    assert_eq!(output.status.code(), Some(1), "what was not looked at is not fine");
    let output = composure(&["replay", &requests, "--playbook", &new, "--baseline", &old, "--format", "json"]);
    let data: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(data["without_state"], serde_json::json!({"count": 2, "line": 1}));
    // One that is known to have begun its conversation is answered once it does not name it, or says by an empty state that it began.
    for instead in ["", "\"conversationId\": \"c\", \"state\": {}, "] {
        let began = lines.lines().next().unwrap().replace("\"conversationId\": \"c\", ", instead);
        let requests = file("replay_began.jsonl", &began);
        let output = composure(&["replay", &requests, "--playbook", &new, "--baseline", &old]);
        assert!(stdout(&output).starts_with("1 requests: 1 changed, 0 not replayed\n"), "{}", stdout(&output));
    }
}

#[test]
fn without_a_baseline_the_playbook_in_the_program_is_meant() {
    let lines = "{\"signals\": [{\"name\": \"anger\", \"level\": 0.9}]}\n{\"playbook\": \"harbor\"}\n";
    let requests = file("replay_shipped.jsonl", lines);
    let output = composure(&["replay", &requests, "--playbook", DEFAULT]);
    assert_eq!(stdout(&output), "2 requests: 0 changed, 1 not replayed\n");
    let told = stderr(&output);
    assert!(told.contains(":2:1: playbook `harbor` is not loaded") && told.contains("`--baseline`"), "{told}");
}

#[test]
fn a_request_that_only_one_of_them_answers_is_a_change() {
    let (old, requests) = (
        file("replay_strict.yaml", &old()),
        file("replay_strict.jsonl", "{\"strict\": true, \"signals\": [{\"name\": \"wants_manager\"}]}\n"),
    );
    let new = file("replay_strict_new.yaml", GOOD);
    let there = stdout(&composure(&["replay", &requests, "--playbook", &new, "--baseline", &old]));
    assert!(
        there.contains(
            "answer: given -> refused (once, first in line 1)\n    signals[0].name: unknown signal `wants_manager`"
        ),
        "{there}"
    );
    let back = stdout(&composure(&["replay", &requests, "--playbook", &old, "--baseline", &new]));
    assert!(back.contains("answer: refused -> given (once, first in line 1)"), "{back}");
}

#[test]
fn a_file_that_is_not_there_is_a_usage_error() {
    let output = composure(&["replay", "nowhere.jsonl", "--playbook", DEFAULT]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: cannot read `nowhere.jsonl`: "), "{}", stderr(&output));
    assert_eq!(composure(&["replay", "nowhere.jsonl"]).status.code(), Some(2));
    let help = stdout(&composure(&["replay", "--help"]));
    assert!(
        help.contains("composure replay requests.jsonl --playbook new.yaml")
            && help.contains("without `state` was answered from what the server held")
            && help.contains("Exit codes:"),
        "{help}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_does_harm(text in any::<String>(), at in 0_usize..200, cut in 0_usize..200) {
        let recording = Recording::new().unwrap();
        let request: String = REQUESTS.lines().last().unwrap().chars().take(cut).collect();
        let mixed: String = request.chars().take(at).chain(text.chars()).chain(request.chars().skip(at)).collect();
        for line in [&text, &request, &mixed] {
            match recording.read(line) {
                Ok(request) => drop(request.question()),
                Err(unreadable) => prop_assert!(unreadable.column > 0 && !unreadable.message.is_empty()),
            }
        }
    }
}
