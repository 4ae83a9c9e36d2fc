//! Folds an observation into the state: the agent's report first, then readings and facts.

use std::borrow::Cow;

use super::phrase;
use super::request::{ActionReport, ActionResult, Warning, WarningCode};
use super::resolve::News;
use super::situation::{Situation, bands_of, is_due, is_open};
use super::snapshot::{Commitment, CommitmentStatus, PhrasingEntry, Snapshot};
use super::state::{ActionState, SignalState};
use crate::playbook::{ActionIx, FactIx, Kind, Level, SignalIx};

/// A dismissed action is silent for this many turns at least.
const DISMISSED_TURNS: u32 = 3;

type Report<'a> = Vec<(ActionIx, ActionReport<'a>)>;

/// What an observation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folded {
    /// Nothing was observed, or nothing new: the state stays byte for byte.
    Nothing,
    /// Something new in the turn of the last answer.
    SameTurn,
    /// A new customer turn.
    NewTurn,
}

/// Folds what is new into the situation.
pub(super) fn fold<'a>(situation: &mut Situation<'a>, news: News<'a>, warnings: &mut Vec<Warning>) -> Folded {
    let turn = match news.turn {
        Some(turn) if turn < situation.state.turn => {
            warnings.push(turn_in_the_past(turn, situation.state.turn));
            return Folded::Nothing;
        }
        Some(turn) if turn > situation.state.turn => turn,
        Some(_) | None if !news.observed => return Folded::Nothing,
        Some(turn) => turn,
        None => situation.state.turn.saturating_add(1),
    };
    let is_new = turn > situation.state.turn;
    if is_new {
        begin_turn(situation, turn);
    }
    let mut changed = is_new;
    if is_new && news.report.is_none() {
        assume(situation);
    }
    changed |= fold_report(situation, news.report, warnings);
    for (signal, level) in &news.readings {
        changed |= fold_reading(situation, *signal, *level);
    }
    for (fact, value) in &news.facts {
        changed |= fold_fact(situation, *fact, *value);
    }
    changed |= fold_commitments(situation, news.commitments, warnings);
    match (changed, is_new) {
        (false, _) => Folded::Nothing,
        (true, false) => Folded::SameTurn,
        (true, true) => Folded::NewTurn,
    }
}

fn turn_in_the_past(turn: u32, current: u32) -> Warning {
    let message = format!("turn {turn} is before the state's turn {current}; what came with it was ignored");
    Warning { code: WarningCode::TurnInThePast, field: "turn".to_owned(), message }
}

fn begin_turn(situation: &mut Situation<'_>, turn: u32) {
    let state = &mut situation.state;
    state.turn = turn;
    state.reported = false;
    state.assumed_before = None;
    state.path.clear();
    // A first turn may carry any number; the start stage was not there before it.
    if state.stage_since == 0 {
        state.stage_since = turn;
    }
}

fn fold_report<'a>(situation: &mut Situation<'a>, report: Option<Report<'a>>, warnings: &mut Vec<Warning>) -> bool {
    let Some(report) = report else {
        return false;
    };
    if situation.state.reported {
        let message = "this turn was reported already; the second report was ignored".to_owned();
        warnings.push(Warning { code: WarningCode::ReportRepeated, field: "agent_report".to_owned(), message });
        return false;
    }
    withdraw_assumption(situation);
    situation.state.reported = true;
    for (at, (action, report)) in report.into_iter().enumerate() {
        if report.due.is_some() && situation.playbook.action(action).kind != Kind::Promise {
            warnings.push(not_a_promise(at, report.action));
        }
        if !fold_action(situation, action, &report) {
            warnings.push(no_room(format!("agent_report.actions[{at}].due_time")));
        }
    }
    true
}

fn not_a_promise(at: usize, action: &str) -> Warning {
    let message = format!(
        "`{action}` promises nothing, so its due time was ignored; send it with an action of kind `promise`, or as a commitment"
    );
    Warning { code: WarningCode::NotAPromise, field: format!("agent_report.actions[{at}].due_time"), message }
}

/// Nobody said what the agent did: what was suggested first counts as done, unless that needs confirmation.
fn assume(situation: &mut Situation<'_>) {
    let Some(action) = situation.state.first_action else {
        return;
    };
    let before = situation.state.action(action).cloned().unwrap_or_else(|| ActionState::untouched(action));
    situation.state.assumed_before = Some(before);
    if situation.playbook.action(action).confirm {
        use_up(situation, action);
    } else {
        let phrasing = situation.state.first_phrasing;
        mark_done(situation, action, phrasing);
        if let Some(entry) = situation.state.action_mut(action) {
            entry.assumed = true;
        }
    }
}

/// A report replaces what was assumed for its turn; stage moves stay.
fn withdraw_assumption(situation: &mut Situation<'_>) {
    let Some(before) = situation.state.assumed_before.take() else {
        return;
    };
    let turn = situation.state.turn;
    if situation.playbook.action(before.action).keeps_promise {
        let kept_now = |promise: &&mut Commitment<'_>| promise.status == CommitmentStatus::Kept && promise.turn == turn;
        for promise in situation.state.commitments.iter_mut().filter(kept_now) {
            promise.status = CommitmentStatus::Open;
        }
    }
    // What a stage has forgotten since stays forgotten.
    let still_done = situation.state.action(before.action).is_some_and(|entry| entry.done);
    situation.state.restore_action(ActionState { done: before.done && still_done, ..before });
}

/// Shown first and not reported, an action that needs confirmation steps aside as if it had been used.
fn use_up(situation: &mut Situation<'_>, action: ActionIx) {
    let turn = situation.state.turn;
    if let Some(entry) = situation.state.action_mut(action) {
        entry.used = entry.used.saturating_add(1);
        entry.used_turn = turn;
    }
}

/// Folds what became of an action; false: there was no room for the promise that it made.
fn fold_action<'a>(situation: &mut Situation<'a>, action: ActionIx, report: &ActionReport<'a>) -> bool {
    match report.result {
        ActionResult::Done => {
            let phrasing = used_phrasing(situation, action, report.phrasing);
            mark_done(situation, action, phrasing);
            return promise(situation, action, report);
        }
        ActionResult::Dismissed => {
            let silent = situation.playbook.action(action).limit.gap.max(DISMISSED_TURNS);
            let until = situation.state.turn.saturating_add(silent);
            if let Some(entry) = situation.state.action_mut(action) {
                entry.dismissed_until = until;
            }
        }
        ActionResult::Unavailable => {
            if let Some(entry) = situation.state.action_mut(action) {
                entry.unavailable = true;
            }
        }
    }
    true
}

fn no_room(field: String) -> Warning {
    let message = format!("{} promises are open already; this one was dropped", Snapshot::MAX_COMMITMENTS);
    Warning { code: WarningCode::StateFull, field, message }
}

/// The phrasing that was reported, else the one that stood first on the screen.
fn used_phrasing<'a>(situation: &Situation<'a>, action: ActionIx, reported: &'a str) -> &'a str {
    if !reported.is_empty() {
        reported
    } else if situation.state.first_action == Some(action) {
        situation.state.first_phrasing
    } else {
        phrase::first_phrasing(situation, action)
    }
}

fn mark_done<'a>(situation: &mut Situation<'a>, action: ActionIx, phrasing: &'a str) {
    use_up(situation, action);
    let turn = situation.state.turn;
    if let Some(entry) = situation.state.action_mut(action) {
        entry.done = true;
        entry.count = entry.count.saturating_add(1);
        entry.done_turn = turn;
        entry.assumed = false;
        entry.dismissed_until = 0;
        entry.unavailable = false;
        count_phrasing(&mut entry.phrasings, phrasing);
    }
    if situation.playbook.action(action).keeps_promise {
        let now = situation.now;
        for promise in situation.state.commitments.iter_mut().filter(|promise| is_due(promise, now)) {
            promise.status = CommitmentStatus::Kept;
            promise.turn = turn;
        }
    }
}

fn count_phrasing<'a>(phrasings: &mut Vec<PhrasingEntry<'a>>, id: &'a str) {
    if id.is_empty() {
        return;
    }
    match phrasings.iter_mut().find(|entry| entry.id == id) {
        Some(entry) => entry.count = entry.count.saturating_add(1),
        None => phrasings.push(PhrasingEntry { id, count: 1 }),
    }
}

fn promise<'a>(situation: &mut Situation<'a>, action: ActionIx, report: &ActionReport<'a>) -> bool {
    let Some(due) = report.due.filter(|_| situation.playbook.action(action).kind == Kind::Promise) else {
        return true;
    };
    let id: Cow<'a, str> = if report.commitment_id.is_empty() {
        unused_id(situation, report.action).into()
    } else {
        report.commitment_id.into()
    };
    let turn = situation.state.turn;
    put_commitment(situation, Commitment { id: id.clone(), due, status: CommitmentStatus::Open, turn });
    is_kept(situation, &id)
}

/// `commit_to_next_step-4` for a promise made in turn 4, `commit_to_next_step-4-2` for the second one.
fn unused_id(situation: &Situation<'_>, action: &str) -> String {
    let plain = format!("{action}-{}", situation.state.turn);
    let taken = |id: &str| situation.state.commitments.iter().any(|promise| promise.id == id);
    if !taken(&plain) {
        return plain;
    }
    let most = u32::try_from(Snapshot::MAX_COMMITMENTS).unwrap_or(u32::MAX);
    let numbered = (2..=most + 1).map(|number| format!("{plain}-{number}"));
    numbered.into_iter().find(|id| !taken(id)).unwrap_or(plain)
}

/// Replaces the promise of this id, or adds it; a closed one makes room where there is none.
fn put_commitment<'a>(situation: &mut Situation<'a>, promise: Commitment<'a>) -> bool {
    let promises = &mut situation.state.commitments;
    if let Some(known) = promises.iter_mut().find(|known| known.id == promise.id) {
        let changed = known.due != promise.due || known.status != promise.status;
        if changed {
            *known = promise;
        }
        return changed;
    }
    if promises.len() >= Snapshot::MAX_COMMITMENTS {
        let closed = promises.iter().position(|known| !is_open(known));
        let Some(closed) = closed else {
            return false;
        };
        promises.remove(closed);
    }
    promises.push(promise);
    true
}

fn fold_commitments<'a>(
    situation: &mut Situation<'a>,
    promises: Vec<Commitment<'a>>,
    warnings: &mut Vec<Warning>,
) -> bool {
    let turn = situation.state.turn;
    let mut changed = false;
    for (at, promise) in promises.into_iter().enumerate() {
        if is_old_news(situation, &promise) {
            continue;
        }
        changed |= put_commitment(situation, Commitment { turn, ..promise.clone() });
        if !is_kept(situation, &promise.id) {
            warnings.push(no_room(format!("commitments[{at}]")));
        }
    }
    changed
}

fn is_kept(situation: &Situation<'_>, id: &str) -> bool {
    situation.state.commitments.iter().any(|known| known.id == id)
}

/// Callers send snapshots: a promise that was closed here is not opened again by being sent as it was before.
fn is_old_news(situation: &Situation<'_>, promise: &Commitment<'_>) -> bool {
    let closed = |known: &&Commitment<'_>| known.id == promise.id && known.due == promise.due && !is_open(known);
    is_open(promise) && situation.state.commitments.iter().any(|known| closed(&known))
}

fn fold_reading(situation: &mut Situation<'_>, signal: SignalIx, level: Level) -> bool {
    let turn = situation.state.turn;
    let reading = match situation.state.signal(signal) {
        None => SignalState { signal, level, turn, previous: None, bands_before: 0 },
        Some(known) if known.turn == turn => SignalState { level, ..*known },
        Some(known) => {
            // Hysteresis starts over once a reading has run out.
            let held = situation.was_live(known, turn.saturating_sub(1));
            let bands = bands_of(situation.playbook.signal(signal), known.level, known.bands_before);
            SignalState { signal, level, turn, previous: Some(known.level), bands_before: if held { bands } else { 0 } }
        }
    };
    let changed = situation.state.signal(signal).is_none_or(|known| known.turn != turn || known.level != level);
    situation.state.set_signal(reading);
    changed
}

/// Callers send snapshots: an old value sent again undoes no forgetting.
fn fold_fact(situation: &mut Situation<'_>, fact: FactIx, value: Option<bool>) -> bool {
    if situation.state.fact(fact).map_or(value.is_none(), |known| known.value == value) {
        return false;
    }
    let turn = situation.state.turn;
    if let Some(entry) = situation.state.fact_mut(fact) {
        entry.value = value;
        entry.turn = turn;
        entry.forgotten = false;
    }
    true
}
