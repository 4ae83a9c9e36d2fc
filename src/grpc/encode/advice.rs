//! Bringing in people: how strongly, why, and the story to hand over.

use super::recommendation::guardrail;
use super::state::commitment;
use crate::engine::{Escalation, HandoffBrief, Reason, SignalUp, Tried};
use crate::grpc::generated as wire;
use crate::grpc::generated::fields::{
    escalation as field, handoff_brief as brief_fields, reason as reason_fields, tried as tried_fields,
};
use crate::grpc::writer::Writer;

/// Advice, or that there is none: callers need not look whether it is there.
pub(super) fn escalation(w: &mut Writer, escalation: Option<&Escalation<'_>>) {
    let Some(Escalation { level, rule, action, reasons, brief }) = escalation else {
        w.word(field::LEVEL, wire::EscalationLevel::None);
        return;
    };
    w.word(field::LEVEL, wire::EscalationLevel::from(*level));
    w.word(field::TARGET, wire::EscalationTarget::from(rule.target));
    w.word(field::URGENCY, wire::Urgency::from(rule.urgency));
    w.text(field::RULE, &rule.id);
    w.text(field::ACTION, action.map_or("", |action| &action.id));
    w.messages(field::REASONS, reasons, reason);
    w.message(field::BRIEF, |w| handoff_brief(w, brief));
}

fn reason(w: &mut Writer, reason: &Reason<'_>) {
    use reason_fields as field;
    let Reason { rule, because, in_force } = reason;
    w.text(field::RULE, &rule.id);
    w.word(field::LEVEL, wire::EscalationLevel::from(rule.level));
    w.text(field::WHY, &rule.why);
    w.boolean(field::IN_FORCE, *in_force);
    w.texts(field::BECAUSE, because);
    w.texts(field::SOURCES, &rule.source);
}

pub(super) fn handoff_brief(w: &mut Writer, brief: &HandoffBrief<'_>) {
    use brief_fields as field;
    let HandoffBrief { stage, turns, tried: done, facts, signals, commitments, avoid, values } = brief;
    w.text(field::STAGE, &stage.id);
    w.text(field::STAGE_TITLE, &stage.title);
    w.number(field::TURNS, *turns);
    w.messages(field::TRIED, done, tried);
    for (fact, value) in facts {
        w.boolean_entry(field::FACTS, fact, *value);
    }
    for SignalUp { signal, band } in signals {
        w.dotted_text(field::SIGNALS, signal, band);
    }
    w.messages(field::COMMITMENTS, commitments, commitment);
    w.messages(field::AVOID, avoid.iter().copied(), guardrail);
    for (value, text) in values {
        w.text_entry(field::VALUES, value, text);
    }
}

fn tried(w: &mut Writer, tried: &Tried<'_>) {
    use tried_fields as field;
    let Tried { action, times, last_turn, assumed } = tried;
    w.text(field::ACTION, &action.id);
    w.text(field::TITLE, &action.title);
    w.number(field::TIMES, *times);
    w.number(field::LAST_TURN, *last_turn);
    w.boolean(field::ASSUMED, *assumed);
}
