//! The short form in which a conversation is typed.

use composure::playbook::{Bases, DidResult, Level, Playbook, TurnCase};
use composure::trial::{Command, Question, Trial, completions};
use proptest::prelude::*;

fn turn(trial: &Trial<'_>, line: &str) -> TurnCase {
    match trial.read(line) {
        Ok(Command::Turn(case)) => *case,
        other => panic!("{line}: {other:?}"),
    }
}

fn misread(trial: &Trial<'_>, line: &str) -> String {
    trial.read(line).expect_err(line).to_string()
}

fn level(level: f64) -> Level {
    Level::try_from(level).unwrap()
}

fn with_default(check: impl Fn(Trial<'_>)) {
    let playbook = crate::default_playbook();
    check(Trial::new(&playbook, None, None));
}

#[test]
fn signals_and_facts_stand_side_by_side_with_or_without_commas() {
    with_default(|trial| {
        for line in
            ["anger .8 venting grievance_known yes !setback", "anger=0.8, venting; # no".replace(';', ",").as_str()]
        {
            let case = turn(&trial, line);
            let signals: Vec<_> = case.signals.iter().map(|case| (case.signal.as_str(), case.level)).collect();
            assert_eq!(signals, [("anger", level(0.8)), ("venting", Level::ONE)], "{line}");
        }
        let facts = turn(&trial, "grievance_known, setback no, solution_agreed unknown").facts;
        let told: Vec<_> = facts.iter().map(|(fact, value)| (fact.as_str(), *value)).collect();
        assert_eq!(told, [("grievance_known", Some(true)), ("setback", Some(false)), ("solution_agreed", None)]);
    });
}

#[test]
fn a_signal_is_given_by_its_level_its_band_or_as_gone() {
    with_default(|trial| {
        let read = |line: &str| turn(&trial, line).signals.first().map(|case| case.level);
        assert_eq!(read("anger.high"), Some(level(0.65)));
        assert_eq!(read("anger high"), Some(level(0.65)));
        assert_eq!(read("!anger"), Some(Level::ZERO));
        assert_eq!(read("requests_manager no"), Some(Level::ZERO));
        assert_eq!(read("requests_manager"), Some(Level::ONE));
        assert_eq!(misread(&trial, "anger 1.5"), "the level of `anger`: `1.5` is not a number from 0 to 1");
        assert_eq!(misread(&trial, "anger -.5"), "the level of `anger`: `-0.5` is not a number from 0 to 1");
        assert_eq!(misread(&trial, "anger .1 anger .2"), "`anger` is said twice in this line");
    });
}

#[test]
fn a_name_may_be_cut_short_while_it_is_clear() {
    with_default(|trial| {
        assert_eq!(turn(&trial, "griev").facts.first().map(|(fact, _)| fact.as_str()), Some("grievance_known"));
        assert_eq!(
            misread(&trial, "un"),
            "`un` can mean the signal `unreasonable_demand` or the signal `unsure_what_they_want` \
             or the fact `understanding_confirmed`; say which"
        );
        assert_eq!(
            misread(&trial, "anger .3 sloution_agreed"),
            "unknown word `sloution_agreed`, did you mean `solution_agreed`?"
        );
        assert!(
            misread(&trial, "keep_listening").starts_with("`keep_listening` is an action: write `did keep_listening`")
        );
        // As the first of the list it can only be an action, further on it could be either.
        assert_eq!(turn(&trial, "did act").did.unwrap().first().unwrap().action, "act_now");
        assert!(misread(&trial, "did 1 act").starts_with("`act` can mean "));
    });
}

#[test]
fn what_the_agent_did_is_told_by_place_or_name() {
    with_default(|mut trial| {
        let case =
            turn(&trial, "did 1a 2 show_same_side, anger .5 dismiss steady_yourself cannot apologize_for_experience");
        let did = case.did.clone().unwrap();
        let told: Vec<_> = did.iter().map(|case| (case.action.as_str(), case.result)).collect();
        assert_eq!(
            told,
            [
                ("open_neutrally", DidResult::Done),
                ("keep_listening", DidResult::Done),
                ("show_same_side", DidResult::Done),
                ("steady_yourself", DidResult::Dismissed),
                ("apologize_for_experience", DidResult::Unavailable),
            ]
        );
        assert_eq!(did.first().unwrap().phrasing.as_deref(), Some("any_order"));
        assert_eq!(case.signals.len(), 1);
        assert_eq!(turn(&trial, "did nothing").did.map(|did| did.len()), Some(0));
        assert_eq!(turn(&trial, "next").did.unwrap().first().unwrap().action, "open_neutrally");
        for line in ["did 9", "did 0", "did 1z", "did 99999999999999999999"] {
            assert!(misread(&trial, line).contains("on the screen"), "{line}");
        }
        assert_eq!(
            misread(&trial, "did"),
            "after `did` comes an action, its place on the screen, or `nothing`, not the end of the line"
        );
        trial.take(case).unwrap();
    });
}

#[test]
fn time_passes_and_promises_fall_due_in_it() {
    with_default(|mut trial| {
        let case = turn(&trial, "wait 5m promise 30m");
        assert_eq!(case.at, Some(TurnCase::START.plus_millis(5 * 60_000)));
        let promise = case.did.as_ref().unwrap().first().unwrap();
        assert_eq!(
            (promise.action.as_str(), promise.due),
            ("commit_to_next_step", Some(TurnCase::START.plus_millis(35 * 60_000)))
        );
        trial.take(case).unwrap();
        assert_eq!(turn(&trial, "wait 1h").at, Some(TurnCase::START.plus_millis(65 * 60_000)));
        assert_eq!(misread(&trial, "at 4m"), "`at 4m` is over: it is later in this conversation");
        assert_eq!(
            misread(&trial, "wait long"),
            "after `wait` comes a time such as `90s`, `5m`, `2h` or `1d`, not `long`"
        );
    });
}

#[test]
fn a_turn_is_taken_back_as_if_it_had_never_been() {
    with_default(|mut trial| {
        let text = |trial: &Trial<'_>| format!("{:?}", trial.answer().unwrap());
        assert!(trial.undo().is_err());
        let mut answers = vec![text(&trial)];
        for line in ["anger .9 venting .9", "grievance_known, anger .7", "value customer_name Ana", "threat.high"] {
            let case = turn(&trial, line);
            trial.take(case).unwrap();
            answers.push(text(&trial));
        }
        for answer in answers.iter().rev().skip(1) {
            trial.undo().unwrap();
            assert_eq!(text(&trial), *answer);
        }
    });
}

#[test]
fn commands_have_a_line_to_themselves() {
    with_default(|trial| {
        let question = |line: &str| match trial.read(line) {
            Ok(Command::Why(question)) => question,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(question("why"), Question::Here);
        assert_eq!(question("why 1"), Question::Action("open_neutrally".to_owned()));
        assert_eq!(question("why not present"), Question::Action("present_solution".to_owned()));
        assert!(matches!(trial.read(" , # undo"), Ok(Command::Nothing)));
        assert!(matches!(trial.read("save \"a b\" c.yaml"), Ok(Command::Save { it, file: Some(_) }) if it == "a b"));
        assert_eq!(misread(&trial, "undo 2"), "`undo` stands at the beginning of a line of its own");
        assert_eq!(misread(&trial, "anger .2 undo"), "`undo` stands at the beginning of a line of its own");
        assert_eq!(misread(&trial, "value customer_name \"Ana"), "a text begins with `\"` and has no end");
    });
}

#[test]
fn a_word_that_the_playbook_uses_itself_is_asked_about() {
    let source = include_str!("../minimal.yaml").replacen("facts:\n", "facts:\n  wait: Do they wait?\n", 1);
    let (playbook, _) = Playbook::parse(source.as_bytes(), "wait.yaml", &Bases::none()).unwrap();
    let trial = Trial::new(&playbook, None, None);
    assert!(misread(&trial, "wait 5m").starts_with("`wait` can mean the word `wait` or what the playbook calls so"));
    assert_eq!(turn(&trial, "fact wait no").facts, [("wait".to_owned(), Some(false))]);
}

#[test]
fn what_may_follow_is_completed_in_order() {
    let playbook = crate::default_playbook();
    assert_eq!(completions(&playbook, "di"), ["did", "disclose_setback", "discuss_options", "dismiss", "distrust"]);
}

/// Words of the form and of the playbook, cut anywhere, among other things.
fn lines() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "anger",
        ".8",
        "venting",
        "did",
        "1",
        "2b",
        "nothing",
        "dismiss",
        "cannot",
        "promise",
        "30m",
        "at",
        "wait",
        "5m",
        "99999999d",
        "channel",
        "voice",
        "value",
        "customer_name",
        "\"Ana B\"",
        "!",
        "!setback",
        "grievance_known",
        "yes",
        "unknown",
        "next",
        "why",
        "not",
        "undo",
        "show",
        "fact",
        "signal",
        "anger.high",
        "...",
        "-1e999",
        "\"",
        "\\",
        "=",
        "keep_listening",
        "commit_to_next_step",
        "act",
        "é",
        "#",
    ]);
    let known = prop::collection::vec(words, 0..8).prop_map(|words| words.join(" "));
    prop_oneof![3 => known, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_does_harm_and_what_is_taken_can_be_saved(lines in prop::collection::vec(lines(), 0..12)) {
        let playbook = crate::default_playbook();
        let mut trial = Trial::new(&playbook, None, None);
        for line in lines {
            if let Ok(Command::Turn(case)) = trial.read(&line) {
                // A turn that the engine refuses leaves everything as it was.
                let _ = trial.take(*case);
            }
            prop_assert!(trial.answer().is_ok());
        }
        if let Ok(test) = trial.as_test("it \"is\" \\ so: #") {
            let source = include_str!("../../playbooks/default.yaml");
            let (head, _) = source.split_once("\ntests:\n").unwrap();
            let parsed = Playbook::parse(format!("{head}\ntests:\n{test}").as_bytes(), "saved.yaml", &Bases::none());
            let (saved, _) = parsed.map_err(|report| TestCaseError::fail(format!("{test}\n{report}")))?;
            let played = composure::rehearsal::rehearse(&saved);
            prop_assert!(played.iter().all(composure::rehearsal::Played::passed), "{test}\n{:?}", played);
        }
    }
}
