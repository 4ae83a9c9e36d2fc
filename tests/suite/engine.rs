//! Corners of the engine that whole conversations rarely turn into.

use composure::engine::{
    self, ActionReport, ActionResult, Commitment, CommitmentStatus, NextState, Observation, Options, Reading, Request,
    Snapshot, WarningCode,
};
use composure::playbook::{Bases, Level, Playbook, Time};

use crate::default_playbook;
use crate::session::{START, Session, done, shown};

const SMALL: &str = r#"
playbook: small
version: "1"
title: Small
signals: {noise: {high: {from: 0.5, until: 0.5}}, call: {flag: true, lasts: conversation}}
first: []
stages:
  one:
    title: One
    actions: [hear]
    otherwise: hear
    exits: [{to: two, when: [done.hear]}]
  two:
    title: Two
    forget: [hear]
    actions: [fetch]
    otherwise: hear
    exits: [{to: end, any: [done.hear, noise.high]}]
  end: {title: End, final: resolved, exits: [{to: one, when: [noise.high]}]}
actions:
  hear: {title: Hear, kind: listening, why: It helps., say: ["Go on."]}
  fetch: {title: Fetch, kind: handoff, why: It helps., say: ["One moment."], confirm: true, limit: {times: 1}}
escalations:
  called: {level: recommend, target: supervisor, urgency: soon, why: They called., when: [call], action: fetch}
"#;

fn small() -> Playbook {
    let source = SMALL.replace("first: []\n", "");
    Playbook::parse(source.as_bytes(), "small.yaml", &Bases::none()).expect("it is valid").0
}

fn signal(name: &str, level: f64) -> Observation<'_> {
    let level = Level::try_from(level).ok();
    Observation { signals: vec![Reading { name, level, confidence: None }], ..Observation::default() }
}

fn reporting<'a>(report: &[&'a str]) -> Observation<'a> {
    Observation { report: Some(report.iter().map(|action| done(action)).collect()), ..Observation::default() }
}

#[test]
fn a_single_place_is_never_empty_once_the_advice_is_worn() {
    let playbook = small();
    let mut session = Session::new(&playbook);
    session.options.max_suggestions = 1;
    session.turn(signal("call", 1.0));
    for _ in 0..4 {
        let decision = session.turn(reporting(&["fetch"]));
        assert_eq!(decision.suggestions.len(), 1, "in {}", decision.stage.id);
    }
}

#[test]
fn a_late_report_does_not_undo_what_a_stage_forgot() {
    let playbook = small();
    let mut session = Session::new(&playbook);
    session.turn(reporting(&[]));
    session.turn(signal("noise", 0.1));
    assert_eq!(session.turn(signal("noise", 0.1)).stage.id, "two");
    let late = Observation { turn: session.snapshot.as_ref().map(|state| state.turn), ..reporting(&[]) };
    assert_eq!(session.turn(late).stage.id, "two");
}

#[test]
fn advice_that_was_taken_asks_for_nothing_more() {
    let playbook = default_playbook();
    let mut session = Session::new(&playbook);
    session.turn(signal("requests_manager", 1.0));
    let decision = session.turn(reporting(&["involve_senior"]));
    let advice = decision.escalation.as_ref().expect("it stays for a while");
    assert!(advice.action.is_none());
    assert!(!shown(&decision).contains(&"involve_senior"));
}

#[test]
fn a_promise_that_was_kept_is_not_opened_again_by_a_snapshot() {
    let playbook = default_playbook();
    let mut session = Session::new(&playbook);
    let due = START.plus_millis(60_000);
    let open = || Commitment { id: "p".into(), due, status: CommitmentStatus::Open, turn: 0 };
    session.turn(Observation { commitments: vec![open()], ..Observation::default() });
    session.now = START.plus_millis(120_000);
    let kept = Observation { commitments: vec![open()], ..reporting(&["give_progress_update"]) };
    assert_eq!(session.turn(kept).commitments[0].status, CommitmentStatus::Kept);
    let later = Commitment { due: due.plus_millis(1), ..open() };
    let again = Observation { commitments: vec![later], ..Observation::default() };
    assert_eq!(session.turn(again).commitments[0].status, CommitmentStatus::Missed, "a new time is a new promise");
}

#[test]
fn a_promise_for_which_there_is_no_room_is_not_lost_without_a_word() {
    let playbook = default_playbook();
    let mut session = Session::new(&playbook);
    let promise = |at: usize| Commitment {
        id: format!("p{at}").into(),
        due: START.plus_millis(1_000_000),
        status: CommitmentStatus::Open,
        turn: 0,
    };
    let commitments = (0..Snapshot::MAX_COMMITMENTS).map(promise).collect();
    session.turn(Observation { commitments, ..Observation::default() });
    let one_more = ActionReport {
        action: "commit_to_next_step",
        phrasing: "",
        result: ActionResult::Done,
        due: Some(START.plus_millis(2_000_000)),
        commitment_id: "",
    };
    let decision = session.turn(Observation { report: Some(vec![one_more]), ..Observation::default() });
    assert_eq!(codes(&decision.warnings), [WarningCode::StateFull]);
}

fn codes(warnings: &[engine::Warning]) -> Vec<WarningCode> {
    warnings.iter().map(|warning| warning.code).collect()
}

#[test]
fn a_turn_that_goes_to_and_fro_keeps_its_path_short() {
    let playbook = default_playbook();
    let mut session = Session::new(&playbook);
    for at in 0..300 {
        let level = if at % 2 == 0 { 0.95 } else { 0.0 };
        session.turn(Observation { turn: Some(1), ..signal("abusive_language", level) });
    }
    assert_eq!(session.snapshot.expect("there is a state").path.len(), Snapshot::MAX_PATH);
}

#[test]
fn a_language_that_the_playbook_does_not_speak_gives_no_words_and_a_reason() {
    let playbook = default_playbook();
    let mut session = Session::new(&playbook);
    session.options.locale = Some("ja");
    let decision = session.turn(signal("anger", 0.8));
    assert!(decision.suggestions.iter().all(|suggestion| suggestion.phrasings.is_empty()));
    assert_eq!(codes(&decision.warnings), [WarningCode::LocaleNotSpoken]);
    session.options.locale = Some("en-GB");
    assert!(!session.turn(signal("anger", 0.8)).suggestions[0].phrasings.is_empty(), "the same language will do");
}

#[test]
fn a_phrasing_is_guessed_among_those_of_its_action() {
    let warning = |phrasing| {
        let playbook = default_playbook();
        let report = vec![ActionReport { phrasing, ..done("keep_listening") }];
        let decision = Session::new(&playbook).ask(Observation { report: Some(report), ..Observation::default() });
        decision.warnings[0].message.clone()
    };
    assert!(warning("every_wort").contains("did you mean `every_word`?"));
    assert!(!warning("any_order").contains("did you mean"), "that one belongs to another action");
}

#[test]
fn only_the_first_unknown_names_are_guessed_at() {
    let playbook = default_playbook();
    let names: Vec<_> = (0..20).map(|at| format!("grievance_knowm{at}")).collect();
    let facts = names.iter().map(|name| (name.as_str(), true)).collect();
    let request = Request {
        snapshot: None,
        observation: Observation { facts, ..Observation::default() },
        values: Vec::new(),
        options: Options::default(),
        now: Time::default(),
    };
    let (input, _) = engine::resolve(&playbook, request);
    let warnings = engine::decide(&playbook, input).warnings;
    let guessed = warnings.iter().filter(|warning| warning.message.contains("did you mean")).count();
    assert_eq!((warnings.len(), guessed), (20, 8));
}

#[test]
fn a_return_place_is_dropped_with_the_stage_that_would_have_used_it() {
    let playbook = default_playbook();
    let mut session = Session::new(&playbook);
    session.turn(signal("abusive_language", 0.9));
    if let Some(state) = &mut session.snapshot {
        (state.stage, state.return_stage) = ("long_gone", "follow_up");
    }
    let decision = session.turn(signal("anger", 0.1));
    assert_eq!(codes(&decision.warnings), [WarningCode::PlaybookChanged]);
    assert!(
        matches!(&decision.state, NextState::New(state) if state.return_stage == "listen"),
        "the start took its place"
    );
}

/// The warnings of the next turn after `change` was made to the state that the default playbook wrote.
fn warned_after(change: impl FnOnce(&mut Snapshot<'static>)) -> Vec<(WarningCode, String, String)> {
    let playbook: &'static Playbook = Box::leak(Box::new(default_playbook()));
    let mut session = Session::new(playbook);
    session.turn(signal("anger", 0.9));
    session.snapshot.as_mut().map(change).expect("a turn was observed");
    let warnings = session.turn(signal("anger", 0.8)).warnings;
    assert!(session.turn(signal("anger", 0.7)).warnings.is_empty(), "it is said once");
    warnings.into_iter().map(|warning| (warning.code, warning.field, warning.message)).collect()
}

#[test]
fn a_playbook_that_was_changed_since_the_state_was_written_is_told() {
    let expected = "playbook `default` was changed since the state was written; \
                    the conversation goes on by version `1` as it is now";
    let changed = warned_after(|state| state.playbook_digest = "0123");
    let field = "state.playbook_digest".to_owned();
    assert_eq!(changed, [(WarningCode::PlaybookChanged, field, expected.to_owned())]);
}

#[test]
fn a_stage_that_is_gone_says_it_all() {
    let changed = warned_after(|state| (state.playbook_digest, state.stage) = ("0123", "long_gone"));
    let fields: Vec<_> = changed.iter().map(|(code, field, _)| (*code, field.as_str())).collect();
    assert_eq!(fields, [(WarningCode::PlaybookChanged, "state.stage")]);
}

#[test]
fn a_state_of_another_playbook_or_without_a_digest_is_no_change() {
    assert_eq!(warned_after(|state| (state.playbook, state.playbook_digest) = ("harbor", "0123")), []);
    assert_eq!(warned_after(|state| state.playbook_digest = ""), []);
}
