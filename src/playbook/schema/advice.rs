//! How to carry oneself, what never to do, and when to bring in whom.

use super::header::CHANNELS;
use super::part::{ACTION_OR_KIND, ANY, ID, Others, Part, SOURCE, Type, UNLESS, WHEN, optional, required, words};
use crate::playbook::document::ADVISED_LEVELS;
use crate::playbook::vocabulary::{EscalationTarget, Urgency};

pub(super) const ADVISED: Type = Type::Words(|| ADVISED_LEVELS.to_vec());

pub(super) static DELIVERY: Part = Part {
    what: "a delivery guide",
    about: "How the agent carries themselves while doing something.",
    fields: &[
        required("tell", Type::Text, "what the agent is told"),
        optional("on", CHANNELS, "the channels that it is for; default: all"),
        SOURCE,
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"tell": "Keep your voice even and slow.", "on": ["spoken"]}"#,
};

pub(super) static GUARDRAIL: Part = Part {
    what: "a guardrail",
    about: "What must not be said or done. Without a condition it is always in force; with one, unless that is false.",
    fields: &[
        required("tell", Type::Text, "what the agent is told"),
        WHEN,
        ANY,
        UNLESS,
        optional("forbids", Type::List(&ACTION_OR_KIND), "actions or kinds (`kind.solution`) that are held back"),
        optional("avoid", Type::List(&Type::Text), "words that no phrasing may contain"),
        SOURCE,
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"tell": "No solutions while they vent.", "when": ["venting.high"], "forbids": ["kind.solution"]}"#,
};

pub(super) static ESCALATION: Part = Part {
    what: "an escalation",
    about: "When to bring in whom. Without a condition it is in force only in stages that name it with `escalate`.",
    fields: &[
        required("level", ADVISED, "`offer recommend require`"),
        required(
            "target",
            Type::Words(words::<EscalationTarget>),
            "`senior_agent supervisor specialist_team security`",
        ),
        required("urgency", Type::Words(words::<Urgency>), "`now soon later`"),
        required("why", Type::Text, "one sentence for the agent"),
        WHEN,
        ANY,
        UNLESS,
        optional("action", ID, "what the agent does; required at `require`"),
        optional("else_action", ID, "what takes its place where it is unavailable"),
        SOURCE,
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"level": "require", "target": "security", "urgency": "now", "why": "Somebody may get hurt.", "when": ["threat.high"], "action": "call_for_help"}"#,
};
