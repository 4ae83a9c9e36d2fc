//! The state that the caller keeps.

use crate::engine::{ActionEntry, Commitment, EscalationEntry, FactEntry, PhrasingEntry, SignalEntry, Snapshot};
use crate::grpc::generated as wire;
use crate::grpc::generated::fields::{
    action_state, commitment as commitment_fields, conversation_state as field, escalation_state, fact_state,
    phrasing_state, signal_state,
};
use crate::grpc::writer::Writer;

/// Room for a state of the usual size.
const USUAL_BYTES: usize = 2 * 1024;

/// The encoding of a state by itself.
pub(in crate::grpc) fn state(snapshot_of: &Snapshot<'_>) -> Vec<u8> {
    let mut w = Writer::with_capacity(USUAL_BYTES);
    snapshot(&mut w, snapshot_of);
    w.into_bytes()
}

pub(super) fn snapshot(w: &mut Writer, snapshot: &Snapshot<'_>) {
    let Snapshot {
        schema,
        revision,
        turn,
        playbook,
        playbook_version,
        playbook_digest,
        stage,
        stage_since_turn,
        return_stage,
        path,
        signals,
        facts,
        actions,
        commitments,
        first_action,
        first_phrasing,
        reported,
        assumed_before,
        answer_digest,
        escalation: advice,
        update_time,
    } = snapshot;
    w.number(field::SCHEMA, *schema);
    w.number(field::REVISION, *revision);
    w.number(field::TURN, *turn);
    w.text(field::PLAYBOOK, playbook);
    w.text(field::PLAYBOOK_VERSION, playbook_version);
    w.text(field::PLAYBOOK_DIGEST, playbook_digest);
    w.text(field::STAGE, stage);
    w.number(field::STAGE_SINCE_TURN, *stage_since_turn);
    w.text(field::RETURN_STAGE, return_stage);
    w.texts(field::PATH, path);
    w.messages(field::SIGNALS, signals, signal);
    w.messages(field::FACTS, facts, fact);
    w.messages(field::ACTIONS, actions, action);
    w.messages(field::COMMITMENTS, commitments, commitment);
    w.text(field::FIRST_ACTION, first_action);
    w.text(field::FIRST_PHRASING, first_phrasing);
    w.boolean(field::REPORTED, *reported);
    w.messages(field::ASSUMED_BEFORE, assumed_before, action);
    w.hexadecimal(field::ANSWER_DIGEST, *answer_digest);
    w.messages(field::ESCALATION, advice, escalation);
    w.time(field::UPDATE_TIME, *update_time);
}

fn signal(w: &mut Writer, entry: &SignalEntry<'_>) {
    use signal_state as field;
    let SignalEntry { name, level, turn, previous, bands_before } = entry;
    w.text(field::NAME, name);
    w.level(field::LEVEL, *level);
    w.number(field::TURN, *turn);
    if let Some(previous) = previous {
        w.present_level(field::PREVIOUS, *previous);
    }
    w.number(field::BANDS_BEFORE, u32::from(*bands_before));
}

fn fact(w: &mut Writer, entry: &FactEntry<'_>) {
    use fact_state as field;
    let FactEntry { name, value, turn, forgotten, asked, asked_turn } = entry;
    w.text(field::NAME, name);
    if let Some(value) = value {
        w.present_boolean(field::VALUE, *value);
    }
    w.number(field::TURN, *turn);
    w.boolean(field::FORGOTTEN, *forgotten);
    w.number(field::ASKED, *asked);
    w.number(field::ASKED_TURN, *asked_turn);
}

fn action(w: &mut Writer, entry: &ActionEntry<'_>) {
    use action_state as field;
    let ActionEntry { name, done, count, used, used_turn, done_turn, assumed, dismissed_until, unavailable, phrasings } =
        entry;
    w.text(field::NAME, name);
    w.boolean(field::DONE, *done);
    w.number(field::COUNT, *count);
    w.number(field::USED, *used);
    w.number(field::USED_TURN, *used_turn);
    w.number(field::DONE_TURN, *done_turn);
    w.boolean(field::ASSUMED, *assumed);
    w.number(field::DISMISSED_UNTIL, *dismissed_until);
    w.boolean(field::UNAVAILABLE, *unavailable);
    w.messages(field::PHRASINGS, phrasings, phrasing);
}

fn phrasing(w: &mut Writer, entry: &PhrasingEntry<'_>) {
    use phrasing_state as field;
    let PhrasingEntry { id, count } = entry;
    w.text(field::ID, id);
    w.number(field::COUNT, *count);
}

fn escalation(w: &mut Writer, entry: &EscalationEntry<'_>) {
    use escalation_state as field;
    let EscalationEntry { rule, level, since_turn, cause_turn } = entry;
    w.text(field::RULE, rule);
    w.word(field::LEVEL, wire::EscalationLevel::from(*level));
    w.number(field::SINCE_TURN, *since_turn);
    w.number(field::CAUSE_TURN, *cause_turn);
}

pub(super) fn commitment(w: &mut Writer, commitment: &Commitment<'_>) {
    use commitment_fields as field;
    let Commitment { id, due, status, turn } = commitment;
    w.text(field::ID, id);
    w.time(field::DUE_TIME, *due);
    w.word(field::STATUS, wire::CommitmentStatus::from(*status));
    w.number(field::TURN, *turn);
}
