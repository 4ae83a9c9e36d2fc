//! Makes a conversation smaller for as long as it stays an example of the same thing.

use crate::playbook::TurnCase;

/// The smallest conversation that leaving out one thing after the other leads to, while `is_example` holds.
pub(super) fn shrink(mut turns: Vec<TurnCase>, is_example: impl Fn(&[TurnCase]) -> bool) -> Vec<TurnCase> {
    while let Some(smaller) = smaller(&turns).into_iter().find(|smaller| is_example(smaller)) {
        turns = smaller;
    }
    turns
}

/// Everything that is one thing less.
fn smaller(turns: &[TurnCase]) -> Vec<Vec<TurnCase>> {
    let mut all: Vec<Vec<TurnCase>> = (0..turns.len()).map(|at| without(turns, at)).collect();
    for (at, turn) in turns.iter().enumerate() {
        all.extend(lighter(turn).into_iter().map(|turn| {
            let mut turns = turns.to_vec();
            if let Some(place) = turns.get_mut(at) {
                *place = turn;
            }
            turns
        }));
    }
    all
}

/// A turn that tells one thing less.
fn lighter(turn: &TurnCase) -> Vec<TurnCase> {
    let mut all = Vec::new();
    if !turn.signals.is_empty() || !turn.facts.is_empty() {
        // A turn in which nothing happens is still a turn.
        let did = Some(turn.did.clone().unwrap_or_default());
        all.push(TurnCase { signals: Vec::new(), facts: Vec::new(), did, ..turn.clone() });
    }
    if turn.max.is_some() {
        all.push(TurnCase { max: None, ..turn.clone() });
    }
    if turn.at.is_some() {
        all.push(TurnCase { at: None, ..turn.clone() });
    }
    let shorter = |count: usize| 0..count;
    all.extend(shorter(turn.signals.len()).map(|at| TurnCase { signals: without(&turn.signals, at), ..turn.clone() }));
    all.extend(shorter(turn.facts.len()).map(|at| TurnCase { facts: without(&turn.facts, at), ..turn.clone() }));
    all.extend(shorter(turn.exclude.len()).map(|at| TurnCase { exclude: without(&turn.exclude, at), ..turn.clone() }));
    let fewer = shorter(turn.promises.len());
    all.extend(fewer.map(|at| TurnCase { promises: without(&turn.promises, at), ..turn.clone() }));
    if let Some(did) = &turn.did {
        let fewer = shorter(did.len()).map(|at| TurnCase { did: Some(without(did, at)), ..turn.clone() });
        all.extend(fewer);
        if did.is_empty() {
            all.push(TurnCase { did: None, ..turn.clone() });
        }
    }
    all
}

fn without<T: Clone>(items: &[T], at: usize) -> Vec<T> {
    let (before, rest) = items.split_at(at.min(items.len()));
    before.iter().chain(rest.iter().skip(1)).cloned().collect()
}
