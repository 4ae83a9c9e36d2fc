//! A playbook of a thousand stages and five thousand actions, all of the same make: as if each product had a process of its own.

use std::fmt::Write as _;

const STAGES: usize = 1_000;

/// A stage half-way through.
pub(crate) const MIDDLE: &str = "stage_500";

const LEVELS: [&str; 7] = ["anger", "frustration", "venting", "distrust", "confusion", "churn_risk", "urgency"];
const FLAGS: [&str; 5] =
    ["requests_manager", "rejects_solution", "repeat_contact", "wants_to_be_heard", "unsure_what_they_want"];
const FACTS: [&str; 10] = [
    "grievance_known",
    "understanding_confirmed",
    "mistake_confirmed",
    "demand_stated",
    "demand_reasonable",
    "within_agent_authority",
    "solution_available",
    "solution_agreed",
    "action_started",
    "action_completed",
];

/// Its text.
pub(crate) fn playbook() -> String {
    let mut text = String::from("playbook: large\nversion: \"1\"\ntitle: Large\n");
    text.push_str("values: {customer_name: The name, issue_summary: The matter}\nsignals:\n");
    for level in LEVELS {
        writeln!(text, "  {level}: {{high: {{from: 0.65, until: 0.45}}, present: {{from: 0.35, until: 0.2}}}}")
            .unwrap();
    }
    for flag in FLAGS {
        writeln!(text, "  {flag}: {{flag: true}}").unwrap();
    }
    text.push_str("facts:\n");
    for fact in FACTS {
        writeln!(text, "  {fact}: \"Is it so, {fact}?\"").unwrap();
    }
    text.push_str(RULES);
    text.push_str("stages:\n");
    (0..STAGES).for_each(|stage| write_stage(&mut text, stage));
    text.push_str("  settled: {title: Settled, final: resolved}\nactions:\n");
    (0..STAGES).for_each(|stage| write_actions(&mut text, stage));
    text
}

const RULES: &str = "\
conditions:
  pressing: {any: [urgency.high, churn_risk.present, confusion.high, distrust.high, wants_to_be_heard, repeat_contact]}
  heated: {any: [anger.high, frustration.high, anger.rising]}
first:
  - {action: listen_0, when: [venting.high]}
  - {action: ask_0, any: [rejects_solution, unsure_what_they_want]}
guardrails:
  no_humor: {tell: No jokes.}
  no_blame: {tell: Blame nobody.}
  no_excuses: {tell: Make no excuses.}
  no_arguing: {tell: Do not argue.}
  solutions_wait: {tell: No solutions while they vent., any: [venting.high, heated], forbids: [kind.solution]}
escalations:
  manager_requested: {level: offer, target: supervisor, urgency: soon, why: They asked., when: [requests_manager], action: listen_0}
";

fn write_stage(text: &mut String, stage: usize) {
    let (next, before) = (stage + 1, (stage + STAGES - 1) % STAGES);
    let onward = if next < STAGES { format!("stage_{next}") } else { "settled".to_owned() };
    write!(
        text,
        "  stage_{stage}:
    title: Stage {stage}
    actions: [listen_{stage}, name_it_{stage}, ask_{stage}, solve_{stage}, {{action: update_{stage}, unless: [heated]}}]
    otherwise: listen_{stage}
    exits:
      - {{to: {onward}, when: [done.solve_{stage}, solution_agreed], unless: [heated]}}
      - {{to: stage_{before}, when: [anger.rising, done.ask_{stage}]}}
      - {{to: {onward}, when: [stage.turns >= 9]}}
"
    )
    .unwrap();
}

fn write_actions(text: &mut String, stage: usize) {
    let gates = "    limit: {times: 3, gap: 1}\n    prefer:\n      - {by: 1.5, any: [heated, pressing]}\n";
    let asks = "    when: [grievance_known]\n    unless: [yes.solution_agreed]\n";
    let solves = "    when: [solution_available, understanding_confirmed]\n    any: [demand_reasonable, within_agent_authority]\n    \
                  unless: [yes.action_started]\n";
    let tells = "    value: 0.8\n    unless: [yes.action_completed]\n    prefer:\n      - {by: 2, any: [mistake_confirmed, demand_stated]}\n";
    write_action(text, ("listen", stage), "listening", "");
    write_action(text, ("name_it", stage), "empathy", gates);
    write_action(text, ("ask", stage), "question", asks);
    write_action(text, ("solve", stage), "solution", solves);
    write_action(text, ("update", stage), "update", tells);
}

fn write_action(text: &mut String, (name, stage): (&str, usize), kind: &str, gates: &str) {
    write!(
        text,
        "  {name}_{stage}:
    title: Do it in stage {stage}
    kind: {kind}
    why: It is what helps most where things stand now.
{gates}    say:
      - {{id: by_name, on: [spoken], text: \"{{customer_name}}, this is what is said first in stage {stage}.\"}}
      - {{id: matter, on: [spoken], text: \"About {{issue_summary}}, this is what is said next.\"}}
      - {{id: anyone, on: [spoken], text: \"Anyone can be told this, wherever they are.\"}}
      - {{id: by_name_written, on: [written], text: \"{{customer_name}}, this is what is written first in stage {stage}.\"}}
      - {{id: matter_written, on: [written], text: \"About {{issue_summary}}, this is what is written next.\"}}
      - {{id: anyone_written, on: [written], text: \"Anyone can read this, wherever they are.\"}}
"
    )
    .unwrap();
}
