//! The state that travels with the caller: untrusted input like all else.

use buffa::ViewEncode as _;

use super::promises::promises_at;
use super::violations::Violations;
use crate::engine::{ActionEntry, EscalationEntry, FactEntry, PhrasingEntry, SignalEntry, Snapshot};
use crate::grpc::generated::in_place::{
    ActionStateView, ConversationStateView, EscalationStateView, FactStateView, PhrasingStateView, SignalStateView,
};

const DIGEST_CHARS: usize = 64;
const HEXADECIMAL: u32 = 16;

/// The state as the engine takes it; `None` for an empty one, which says that the conversation begins.
pub(super) fn snapshot<'a>(v: &mut Violations, state: &ConversationStateView<'a>) -> Option<Snapshot<'a>> {
    let bytes = state.encoded_len() as usize;
    if bytes == 0 {
        return None;
    }
    if bytes > Snapshot::MAX_BYTES {
        v.add("state", format!("must be at most {} bytes, not {bytes}", Snapshot::MAX_BYTES));
    } else if state.schema == 0 {
        v.add("state.schema", "must be there: send the state of the last answer as it came");
    }
    if state.schema > Snapshot::SCHEMA {
        // A newer server may mean other things by these fields; what makes no sense to this one is passed over.
        return Some(read(&mut Violations::default(), state));
    }
    Some(read(v, state))
}

fn read<'a>(v: &mut Violations, state: &ConversationStateView<'a>) -> Snapshot<'a> {
    let ConversationStateView {
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
        escalation,
        update_time,
    } = state;
    Snapshot {
        schema: *schema,
        revision: *revision,
        turn: *turn,
        playbook: v.optional_id(playbook, || "state.playbook"),
        playbook_version: v.optional_id(playbook_version, || "state.playbook_version"),
        playbook_digest: v.text(playbook_digest, DIGEST_CHARS, || "state.playbook_digest"),
        stage: v.optional_id(stage, || "state.stage"),
        stage_since_turn: *stage_since_turn,
        return_stage: v.optional_id(return_stage, || "state.return_stage"),
        path: stages(v, path),
        signals: readings(v, signals),
        facts: known(v, facts),
        actions: done(v, actions),
        commitments: promises_at(v, commitments, "state.commitments"),
        first_action: v.optional_id(first_action, || "state.first_action"),
        first_phrasing: v.optional_id(first_phrasing, || "state.first_phrasing"),
        reported: *reported,
        assumed_before: assumed_before.as_option().map(|entry| action(v, entry, || "state.assumed_before".to_owned())),
        answer_digest: digest(v, answer_digest),
        escalation: escalation.as_option().map(|entry| advice(v, entry)),
        update_time: v.optional_time(update_time, || "state.update_time").unwrap_or_default(),
    }
}

fn stages<'a>(v: &mut Violations, path: &[&'a str]) -> Vec<&'a str> {
    let stages = v.capped(path, Snapshot::MAX_PATH, "state.path").iter().enumerate();
    stages.map(|(at, stage)| v.id(stage, || format!("state.path[{at}]"))).collect()
}

fn readings<'a>(v: &mut Violations, signals: &[SignalStateView<'a>]) -> Vec<SignalEntry<'a>> {
    let signals = v.capped(signals, Snapshot::MAX_SIGNALS, "state.signals").iter().enumerate();
    signals.map(|(at, entry)| reading(v, entry, at)).collect()
}

fn reading<'a>(v: &mut Violations, entry: &SignalStateView<'a>, at: usize) -> SignalEntry<'a> {
    let SignalStateView { name, level, turn, previous, bands_before } = entry;
    let field = |name: &str| format!("state.signals[{at}].{name}");
    SignalEntry {
        name: v.id(name, || field("name")),
        level: v.level(*level, || field("level")),
        turn: *turn,
        previous: previous.map(|level| v.level(level, || field("previous"))),
        bands_before: u8::try_from(*bands_before).unwrap_or_else(|_| {
            v.add(field("bands_before"), format!("must be at most 255, not {bands_before}"));
            0
        }),
    }
}

fn known<'a>(v: &mut Violations, facts: &[FactStateView<'a>]) -> Vec<FactEntry<'a>> {
    let facts = v.capped(facts, Snapshot::MAX_FACTS, "state.facts").iter().enumerate();
    let entry = |(at, entry): (usize, &FactStateView<'a>)| {
        let FactStateView { name, value, turn, forgotten, asked, asked_turn } = entry;
        FactEntry {
            name: v.id(name, || format!("state.facts[{at}].name")),
            value: *value,
            turn: *turn,
            forgotten: *forgotten,
            asked: *asked,
            asked_turn: *asked_turn,
        }
    };
    facts.map(entry).collect()
}

fn done<'a>(v: &mut Violations, actions: &[ActionStateView<'a>]) -> Vec<ActionEntry<'a>> {
    let actions = v.capped(actions, Snapshot::MAX_ACTIONS, "state.actions").iter().enumerate();
    actions.map(|(at, entry)| action(v, entry, || format!("state.actions[{at}]"))).collect()
}

fn action<'a>(v: &mut Violations, entry: &ActionStateView<'a>, field: impl Fn() -> String) -> ActionEntry<'a> {
    let ActionStateView {
        name,
        done,
        count,
        used,
        used_turn,
        done_turn,
        assumed,
        dismissed_until,
        unavailable,
        phrasings,
    } = entry;
    ActionEntry {
        name: v.id(name, || format!("{}.name", field())),
        done: *done,
        count: *count,
        used: *used,
        used_turn: *used_turn,
        done_turn: *done_turn,
        assumed: *assumed,
        dismissed_until: *dismissed_until,
        unavailable: *unavailable,
        phrasings: said(v, phrasings, field),
    }
}

/// As many as fit into the state.
fn said<'a>(
    v: &mut Violations,
    phrasings: &[PhrasingStateView<'a>],
    field: impl Fn() -> String,
) -> Vec<PhrasingEntry<'a>> {
    let phrasings = phrasings.iter().enumerate();
    let entry = |(at, entry): (usize, &PhrasingStateView<'a>)| {
        let PhrasingStateView { id, count } = entry;
        PhrasingEntry { id: v.id(id, || format!("{}.phrasings[{at}].id", field())), count: *count }
    };
    phrasings.map(entry).collect()
}

fn digest(v: &mut Violations, digits: &str) -> u64 {
    if digits.is_empty() {
        return 0;
    }
    u64::from_str_radix(digits, HEXADECIMAL).unwrap_or_else(|_| {
        v.add("state.answer_digest", "must be 16 hexadecimal digits");
        0
    })
}

fn advice<'a>(v: &mut Violations, entry: &EscalationStateView<'a>) -> EscalationEntry<'a> {
    let EscalationStateView { rule, level, since_turn, cause_turn } = entry;
    EscalationEntry {
        rule: v.id(rule, || "state.escalation.rule"),
        level: v.escalation_level(level.to_i32(), "state.escalation.level"),
        since_turn: *since_turn,
        cause_turn: *cause_turn,
    }
}
