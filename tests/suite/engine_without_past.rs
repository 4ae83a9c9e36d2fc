//! What is answered where nobody can read what happened before: what the present calls for, and nothing that is made up.

use composure::engine::{self, Decision, NextState, Observation, Outcome, Reading, SuppressionReason, WarningCode};
use composure::playbook::{EscalationLevel, Level, Playbook};

use crate::default_playbook;
use crate::session::{Session, shown};

fn signals<'a>(readings: &[(&'a str, f64)]) -> Observation<'a> {
    let reading =
        |(name, level): &(&'a str, f64)| Reading { name, level: Level::try_from(*level).ok(), confidence: None };
    Observation { signals: readings.iter().map(reading).collect(), ..Observation::default() }
}

fn without_past<'a>(playbook: &'a Playbook, observation: Observation<'a>) -> Decision<'a> {
    let (input, violations) = engine::resolve(playbook, Session::new(playbook).request(observation));
    assert!(violations.is_empty(), "{violations:?}");
    engine::decide_without_past(playbook, input)
}

#[test]
fn a_venting_customer_is_listened_to() {
    let playbook = default_playbook();
    let decision = without_past(&playbook, signals(&[("anger", 0.9), ("venting", 0.9)]));
    assert_eq!(shown(&decision), ["keep_listening"]);
    assert!(decision.guardrails.iter().any(|guardrail| guardrail.id == "no_urging_calm"));
}

#[test]
fn with_nothing_to_go_by_only_what_is_always_right_is_shown() {
    let playbook = default_playbook();
    let facts = vec![("grievance_known", true), ("understanding_confirmed", true), ("solution_available", true)];
    let decision = without_past(&playbook, Observation { facts, ..signals(&[("anger", 0.2)]) });
    // With its past this conversation might be anywhere; from the start it would go on to the solution.
    assert_eq!((shown(&decision), decision.stage.id.as_str()), (vec!["keep_listening"], "listen"));
    assert!(decision.up_next.is_none() && decision.path.is_empty());
    assert_eq!(decision.outcome, Outcome::Open);
}

#[test]
fn a_threat_brings_help_at_once() {
    let playbook = default_playbook();
    let decision = without_past(&playbook, signals(&[("threat", 0.9)]));
    assert_eq!((decision.stage.id.as_str(), shown(&decision)[0]), ("call_for_help", "call_for_help"));
    let escalation = decision.escalation.expect("somebody is in danger");
    assert_eq!((escalation.level, escalation.brief.turns), (EscalationLevel::Require, 0));
}

#[test]
fn it_says_so_and_has_no_state_to_keep() {
    let playbook = default_playbook();
    let decision = without_past(&playbook, signals(&[("anger", 0.5)]));
    assert_eq!(decision.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), [WarningCode::PastUnknown]);
    assert!(matches!(decision.state, NextState::Withheld));
    assert_eq!((decision.turn, decision.unchanged), (0, false));
    let numbered = without_past(&playbook, Observation { turn: Some(7), ..signals(&[("anger", 0.5)]) });
    assert_eq!(numbered.turn, 7);
}

#[test]
fn nothing_is_held_back_by_what_nobody_knows() {
    let playbook = default_playbook();
    let facts = vec![("solution_available", true), ("mistake_confirmed", true)];
    let decision = without_past(&playbook, Observation { facts, ..signals(&[("venting", 0.9)]) });
    let reasons: Vec<_> = decision.suppressed.iter().map(|held| held.reason).collect();
    assert!(reasons.iter().all(|reason| *reason == SuppressionReason::Guardrail), "{reasons:?}");
    assert!(!reasons.is_empty(), "the solution waits for the venting to end");
}
