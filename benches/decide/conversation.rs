//! A conversation that has been going for a while: eight signals, six facts, a report, and a state of four turns.

use composure::engine::{
    self, ActionReport, ActionResult, Explain, NextState, Observation, Options, Reading, Request, Snapshot,
};
use composure::playbook::{Level, Playbook, TurnCase};

type Turn = (&'static [(&'static str, f64)], &'static [(&'static str, bool)]);

const BEFORE: [Turn; 4] = [
    (&[("anger", 0.85), ("venting", 0.9), ("frustration", 0.7)], &[]),
    (&[("anger", 0.8), ("venting", 0.3), ("distrust", 0.4)], &[("grievance_known", true)]),
    (&[("anger", 0.6), ("churn_risk", 0.5), ("urgency", 0.4)], &[("mistake_confirmed", true)]),
    (&[("anger", 0.5), ("confusion", 0.2)], &[("understanding_confirmed", true), ("demand_stated", true)]),
];

const NOW: Turn = (
    &[
        ("anger", 0.4),
        ("frustration", 0.5),
        ("venting", 0.1),
        ("distrust", 0.3),
        ("confusion", 0.2),
        ("churn_risk", 0.4),
        ("urgency", 0.5),
        ("repeat_contact", 1.0),
    ],
    &[
        ("grievance_known", true),
        ("understanding_confirmed", true),
        ("demand_stated", true),
        ("demand_reasonable", true),
        ("within_agent_authority", true),
        ("solution_available", true),
    ],
);

/// The fifth turn's request, in `stage` if there is one to be in.
pub(crate) fn middle<'a>(playbook: &'a Playbook, stage: Option<&'a str>, explain: Explain) -> Request<'a> {
    let mut snapshot = None;
    for turn in BEFORE {
        let (input, violations) = engine::resolve(playbook, request(snapshot.clone(), turn, explain));
        assert_eq!(violations, []);
        if let NextState::New(next) = engine::decide(playbook, input).state {
            snapshot = Some(Snapshot { stage: stage.unwrap_or(next.stage), ..*next });
        }
    }
    let request = request(snapshot, NOW, explain);
    let (input, _) = engine::resolve(playbook, request.clone());
    assert_eq!(engine::decide(playbook, input).suggestions.len(), 3);
    request
}

fn request(snapshot: Option<Snapshot<'_>>, (signals, facts): Turn, explain: Explain) -> Request<'_> {
    let done = snapshot.as_ref().map(|snapshot| snapshot.first_action).filter(|action| !action.is_empty());
    let report = done.map(|action| {
        vec![ActionReport { action, phrasing: "", result: ActionResult::Done, due: None, commitment_id: "" }]
    });
    Request {
        snapshot,
        observation: Observation {
            signals: signals.iter().map(|(name, level)| reading(name, *level)).collect(),
            facts: facts.to_vec(),
            report,
            ..Observation::default()
        },
        values: vec![("customer_name", "Ana Lima"), ("issue_summary", "the second late delivery")],
        options: Options { explain, ..Options::default() },
        now: TurnCase::START,
    }
}

fn reading(name: &'static str, level: f64) -> Reading<'static> {
    Reading { name, level: Some(Level::try_from(level).unwrap()), confidence: None }
}
