//! `composure try`, as a process.

use std::fs;

use crate::commands::{GOOD, composure, composure_told, file, stderr, stdout};

/// The small playbook with facts, a flag and a promise.
fn playbook() -> String {
    GOOD.replace(
        "stages:\n",
        "  wants_manager: {flag: true}\nfacts: {fault_known: Do you know it?}\nvalues: {name: The name}\nstages:\n",
    )
    .replace("say: [\"Go on.\"]", "say: [\"Go on.\", \"Please go on, {name}.\"]")
    .replace("when: [anger.falling]", "any: [anger.falling, wants_manager, fault_known]")
}

#[test]
fn each_line_is_a_turn_and_brings_an_answer() {
    let path = file("try.yaml", &playbook());
    let output = composure_told(&["try", &path], "anger .9\nanger .5, value name \"Ana B\"\nwhy 1\nanger .1\n");
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = "\
turn 1: listen: Hear them out
  1 hear: Listen (listening)
      People want to be heard.
      a \"Go on.\"
  up next: settled; it waits: anger.high is true
  find out: fault_known: Do you know it?

turn 2: listen: Hear them out
  1 ask: Ask (question)
      It helps to know.
      a \"What happened?\"
  2 hear: Listen (listening)
      People want to be heard.
      a \"Please go on, Ana B.\"
  up next: settled; it waits: anger.high is true

  `ask` is ranked by its score, 1 = 1
  It helps to know.

turn 3: settled: Done (resolved)

";
    assert_eq!(told, expected);
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_line_that_is_not_understood_is_told_with_its_number_and_changes_nothing() {
    let path = file("try_misread.yaml", &playbook());
    let output = composure_told(&["try", &path], "anger .9\nanger .1 angre .2\nshow\n");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "error: line 2: unknown word `angre`, did you mean `anger`?\n");
    let told = stdout(&output);
    assert_eq!(told.matches("turn 1: listen").count(), 2, "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[test]
fn a_saved_conversation_passes_as_a_test_of_the_playbook() {
    let path = file("try_saved.yaml", &playbook());
    let lines = format!(
        "anger .9 !wants_manager\nfault_known unknown, did 1a, value name \"A \\\"B\\\"\"\nsave \"it is: kept\" {path}\n"
    );
    let output = composure_told(&["try", &path], &lines);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).ends_with(&format!("added to `{path}`\n\n")), "{}", stdout(&output));
    let saved = fs::read_to_string(&path).unwrap();
    assert!(
        saved.ends_with(
            "  - it: \"it is: kept\"\n    turns:\n      \
             - {signals: {anger: 0.9, wants_manager: false}, expect: {stage: listen, first: hear}}\n      \
             - {facts: {fault_known: unknown}, values: {name: \"A \\\"B\\\"\"}, \
             did: [{action: hear, phrasing: say_1}], expect: {stage: listen, first: hear}}\n"
        ),
        "{saved}"
    );
    assert_eq!(stdout(&composure(&["test", &path])), "2 passed, 0 failed\n");
}

#[test]
fn a_test_is_put_into_the_list_wherever_that_stands() {
    let between = playbook().replace("actions:\n  hear:", "# after the tests\nactions:\n  hear:");
    let (head, tests) = between.split_once("tests:\n").unwrap();
    let (stages, actions) = head.split_once("# after").unwrap();
    for (name, text) in [
        ("try_amid.yaml", format!("{stages}tests:\n{tests}\n# after{actions}")),
        ("try_none.yaml", head.to_owned()),
        ("try_flush.yaml", format!("{head}tests:\n{}", tests.replace("\n  ", "\n").trim_start())),
    ] {
        let path = file(name, &text);
        let output = composure_told(&["try", &path], &format!("anger .9\nsave one {path}\n"));
        assert_eq!(stderr(&output), "", "{name}");
        let tests = if name == "try_none.yaml" { 1 } else { 2 };
        assert_eq!(stdout(&composure(&["test", &path])), format!("{tests} passed, 0 failed\n"), "{name}");
    }
}

#[test]
fn a_file_that_a_test_does_not_fit_into_stays_as_it_is() {
    let path = file("try_kept.yaml", &playbook());
    let flow = format!("{}tests: []\n", playbook().split("tests:\n").next().unwrap());
    for (name, text) in [("try_flow.yaml", flow.as_str()), ("try_broken.yaml", "playbook: [\n")] {
        let other = file(name, text);
        let output = composure_told(&["try", &path], &format!("anger .9\nsave one {other}\n"));
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(stderr(&output).contains("stays as it is"), "{}", stderr(&output));
        assert_eq!(fs::read_to_string(&other).unwrap(), text, "{name}");
    }
    let output = composure_told(&["try", &path], "anger .9\nsave one nowhere.yaml\n");
    assert!(stderr(&output).starts_with("error: line 2: cannot read `nowhere.yaml`: "), "{}", stderr(&output));
}

#[test]
fn a_channel_is_one_of_six_and_a_playbook_with_errors_is_not_tried() {
    let path = file("try_channel.yaml", &playbook());
    assert_eq!(composure_told(&["try", &path, "--channel", "voice"], "anger .9\n").status.code(), Some(0));
    assert_eq!(composure_told(&["try", &path, "--channel", "pigeon"], "").status.code(), Some(2));
    let broken = file("try_errors.yaml", &playbook().replace("otherwise: hear", "otherwise: heer"));
    let output = composure_told(&["try", &broken], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("did you mean `hear`?"), "{}", stderr(&output));
    assert_eq!(composure_told(&["try", "nowhere.yaml"], "").status.code(), Some(2));
}
