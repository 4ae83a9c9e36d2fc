//! From a [`Snapshot`] to a state, and back.

use super::request::{Warning, WarningCode};
use super::room::{self, Room};
use super::snapshot::{ActionEntry, EscalationEntry, FactEntry, SignalEntry, Snapshot};
use super::state::{ActionState, FactState, Held, SignalState, State};
use crate::playbook::{ActionIx, FactIx, Identity, Playbook, SignalIx};

/// So many entries of each sort may come with a turn before their list has to grow.
const NEW: usize = 8;

/// Resolves a snapshot. What this playbook does not know is carried along; a stage that is gone becomes the start.
pub(super) fn restore<'a>(playbook: &Playbook, snapshot: Snapshot<'a>, warnings: &mut Vec<Warning>) -> State<'a> {
    let mut state = State::fresh(playbook);
    restore_position(playbook, &snapshot, &mut state, warnings);
    state.signals.reserve_exact(snapshot.signals.len() + NEW);
    state.facts.reserve_exact(snapshot.facts.len() + NEW);
    state.actions.reserve_exact(snapshot.actions.len() + NEW);
    for entry in snapshot.signals {
        match playbook.find_signal(entry.name) {
            Some(signal) => state.signals.push(signal_state(signal, &entry)),
            None => state.carried.signals.push(entry),
        }
    }
    for entry in snapshot.facts {
        match playbook.find_fact(entry.name) {
            Some(fact) => state.facts.push(fact_state(fact, &entry)),
            None => state.carried.facts.push(entry),
        }
    }
    for entry in snapshot.actions {
        match playbook.find_action(entry.name) {
            Some(action) => state.actions.push(action_state(action, entry)),
            None => state.carried.actions.push(entry),
        }
    }
    sort_by_index(&mut state.signals, |entry| entry.signal);
    sort_by_index(&mut state.facts, |entry| entry.fact);
    sort_by_index(&mut state.actions, |entry| entry.action);
    state.commitments = snapshot.commitments;
    state.assumed_before = snapshot.assumed_before.and_then(|entry| {
        let action = playbook.find_action(entry.name)?;
        Some(action_state(action, entry))
    });
    state
}

fn restore_position<'a>(
    playbook: &Playbook,
    snapshot: &Snapshot<'a>,
    state: &mut State<'a>,
    warnings: &mut Vec<Warning>,
) {
    state.revision = snapshot.revision;
    state.turn = snapshot.turn;
    match playbook.find_stage(snapshot.stage) {
        Some(known) => {
            state.return_stage = playbook.find_stage(snapshot.return_stage).filter(|back| *back != known);
            state.path = snapshot.path.iter().filter_map(|stage| playbook.find_stage(stage)).collect();
            state.stage = known;
            state.stage_since = snapshot.stage_since_turn.min(snapshot.turn);
            warnings.extend(playbook_is_another(playbook, snapshot));
        }
        None if snapshot.stage.is_empty() => warnings.extend(playbook_is_another(playbook, snapshot)),
        None => {
            state.stage_since = snapshot.turn;
            warnings.push(stage_is_gone(playbook, snapshot.stage));
        }
    }
    state.first_action = playbook.find_action(snapshot.first_action);
    state.first_phrasing = snapshot.first_phrasing;
    state.reported = snapshot.reported;
    state.answer_digest = snapshot.answer_digest;
    state.escalation = snapshot.escalation.as_ref().and_then(|entry| held(playbook, entry));
    state.update_time = snapshot.update_time;
}

/// Only of one that goes by the same id: whoever names another one knows.
fn playbook_is_another(playbook: &Playbook, snapshot: &Snapshot<'_>) -> Option<Warning> {
    let Identity { id, version, digest } = playbook.identity();
    let is_known = snapshot.playbook == id && !snapshot.playbook_digest.is_empty();
    (is_known && snapshot.playbook_digest != digest).then(|| {
        let message = format!(
            "playbook `{id}` was changed since the state was written; the conversation goes on by version `{version}` as it is now"
        );
        Warning { code: WarningCode::PlaybookChanged, field: "state.playbook_digest".to_owned(), message }
    })
}

fn stage_is_gone(playbook: &Playbook, stage: &str) -> Warning {
    let identity = playbook.identity();
    let start = &playbook.stage(playbook.start()).id;
    let message = format!(
        "playbook `{}` version `{}` has no stage `{stage}`; the conversation goes on from `{start}`",
        identity.id, identity.version
    );
    Warning { code: WarningCode::PlaybookChanged, field: "state.stage".to_owned(), message }
}

fn held(playbook: &Playbook, entry: &EscalationEntry<'_>) -> Option<Held> {
    let (rule, _) = playbook.escalations().find(|(_, rule)| rule.id == entry.rule)?;
    let EscalationEntry { rule: _, level, since_turn, cause_turn } = *entry;
    Some(Held { rule, level, since_turn, cause_turn })
}

/// Sorts by index; of entries that name the same part (a rename, or a forged state) the last one counts.
fn sort_by_index<T, Ix: Ord>(entries: &mut Vec<T>, index: impl Fn(&T) -> Ix + Copy) {
    if entries.is_sorted_by(|one, next| index(one) < index(next)) {
        return;
    }
    entries.reverse();
    entries.sort_by_key(index);
    entries.dedup_by_key(|entry| index(entry));
}

fn signal_state(signal: SignalIx, entry: &SignalEntry<'_>) -> SignalState {
    let SignalEntry { name: _, level, turn, previous, bands_before } = *entry;
    SignalState { signal, level, turn, previous, bands_before }
}

fn fact_state(fact: FactIx, entry: &FactEntry<'_>) -> FactState {
    let FactEntry { name: _, value, turn, forgotten, asked, asked_turn } = *entry;
    FactState { fact, value, turn, forgotten, asked, asked_turn }
}

fn action_state(action: ActionIx, entry: ActionEntry<'_>) -> ActionState<'_> {
    let ActionEntry {
        name: _,
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
    ActionState { action, done, count, used, used_turn, done_turn, assumed, dismissed_until, unavailable, phrasings }
}

/// The snapshot of a state, with its names, and whether all that the playbook knows had room in it.
pub(super) fn snapshot<'a>(playbook: &'a Playbook, state: State<'a>) -> (Snapshot<'a>, bool) {
    let identity = playbook.identity();
    let stage_id = |stage| playbook.stage(stage).id.as_str();
    let mut snapshot = Snapshot {
        schema: Snapshot::SCHEMA,
        revision: state.revision,
        turn: state.turn,
        playbook: &identity.id,
        playbook_version: &identity.version,
        playbook_digest: &identity.digest,
        stage: stage_id(state.stage),
        stage_since_turn: state.stage_since,
        return_stage: state.return_stage.map_or("", stage_id),
        path: state.path.into_iter().map(stage_id).collect(),
        signals: Vec::new(),
        facts: Vec::new(),
        actions: Vec::new(),
        commitments: state.commitments,
        first_action: state.first_action.map_or("", |action| &playbook.action(action).id),
        first_phrasing: state.first_phrasing,
        reported: state.reported,
        assumed_before: state.assumed_before.map(|before| action_entry(playbook, before)),
        answer_digest: state.answer_digest,
        escalation: state.escalation.map(|held| escalation_entry(playbook, held)),
        update_time: state.update_time,
    };
    let mut room = Room::beside(&snapshot);
    let signals = state.signals.iter().map(|entry| signal_entry(playbook, entry)).collect();
    let facts = state.facts.iter().map(|entry| fact_entry(playbook, entry)).collect();
    let actions = state.actions.into_iter().map(|entry| action_entry(playbook, entry)).collect();
    snapshot.signals = room.keep(signals, Snapshot::MAX_SIGNALS, |entry| (room::signal(entry), entry.turn));
    snapshot.facts = room.keep(facts, Snapshot::MAX_FACTS, |entry| (room::fact(entry), entry.turn));
    snapshot.actions = room.keep(actions, Snapshot::MAX_ACTIONS, |entry| (room::action(entry), last_touched(entry)));
    let carried = state.carried;
    let most = Snapshot::MAX_SIGNALS - snapshot.signals.len();
    snapshot.signals.extend(room.carry(carried.signals, most, room::signal));
    let most = Snapshot::MAX_FACTS - snapshot.facts.len();
    snapshot.facts.extend(room.carry(carried.facts, most, room::fact));
    let most = Snapshot::MAX_ACTIONS - snapshot.actions.len();
    snapshot.actions.extend(room.carry(carried.actions, most, room::action));
    (snapshot, !room.is_short)
}

/// What the agent can't do is never forgotten first.
fn last_touched(entry: &ActionEntry<'_>) -> u32 {
    if entry.unavailable { u32::MAX } else { entry.used_turn.max(entry.dismissed_until) }
}

fn escalation_entry(playbook: &Playbook, held: Held) -> EscalationEntry<'_> {
    let Held { rule, level, since_turn, cause_turn } = held;
    EscalationEntry { rule: &playbook.escalation(rule).id, level, since_turn, cause_turn }
}

fn signal_entry<'a>(playbook: &'a Playbook, state: &SignalState) -> SignalEntry<'a> {
    let SignalState { signal, level, turn, previous, bands_before } = *state;
    SignalEntry { name: &playbook.signal(signal).id, level, turn, previous, bands_before }
}

fn fact_entry<'a>(playbook: &'a Playbook, state: &FactState) -> FactEntry<'a> {
    let FactState { fact, value, turn, forgotten, asked, asked_turn } = *state;
    FactEntry { name: &playbook.fact(fact).id, value, turn, forgotten, asked, asked_turn }
}

fn action_entry<'a>(playbook: &'a Playbook, state: ActionState<'a>) -> ActionEntry<'a> {
    let ActionState {
        action,
        done,
        count,
        used,
        used_turn,
        done_turn,
        assumed,
        dismissed_until,
        unavailable,
        phrasings,
    } = state;
    ActionEntry {
        name: &playbook.action(action).id,
        done,
        count,
        used,
        used_turn,
        done_turn,
        assumed,
        dismissed_until,
        unavailable,
        phrasings,
    }
}
