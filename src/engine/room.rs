//! What we return we always accept: a state within its caps and its size, whatever was sent.

use super::snapshot::{ActionEntry, Commitment, FactEntry, SignalEntry, Snapshot};
use crate::playbook::Playbook;

/// Bytes of the fields of an entry beside its id, written as protobuf, at most.
const SIGNAL: usize = 40;
const FACT: usize = 40;
const ACTION: usize = 60;
const PHRASING: usize = 16;
const COMMITMENT: usize = 48;
/// Bytes of what is no entry, ids aside.
const REST: usize = 256;

/// Bytes of an id that a caller makes up, as a rule at most.
const ID: usize = 64;

/// Whether a state has room for all that can happen in a conversation by `playbook`, so that nothing is dropped from it.
#[must_use]
pub fn keeps_whole(playbook: &Playbook) -> bool {
    let signals: usize = playbook.signals().map(|(_, part)| part.id.len() + SIGNAL).sum();
    let facts: usize = playbook.facts().map(|(_, part)| part.id.len() + FACT).sum();
    let actions = playbook.actions().map(|(_, part)| {
        let texts = part.say.iter().chain(&part.cue);
        part.id.len() + ACTION + texts.map(|text| text.id.len() + PHRASING).sum::<usize>()
    });
    let actions: Vec<usize> = actions.collect();
    let assumed = actions.iter().copied().max().unwrap_or(0);
    let path: usize = playbook.stages().map(|(_, part)| part.id.len() + 4).take(Snapshot::MAX_PATH).sum();
    let promises = Snapshot::MAX_COMMITMENTS * (ID + COMMITMENT);
    let rest = REST + 7 * (ID + 4) + path + promises + assumed;
    playbook.signals().count() <= Snapshot::MAX_SIGNALS
        && playbook.facts().count() <= Snapshot::MAX_FACTS
        && actions.len() <= Snapshot::MAX_ACTIONS
        && signals + facts + actions.iter().sum::<usize>() + rest <= Snapshot::MAX_BYTES
}

/// What is left of the size of a state.
pub(super) struct Room {
    bytes: usize,
    /// Whether anything that the playbook knows was dropped.
    pub(super) is_short: bool,
}

impl Room {
    /// The room beside what is always kept: ids, the path and the promises.
    pub(super) fn beside(snapshot: &Snapshot<'_>) -> Self {
        let ids = [snapshot.playbook, snapshot.playbook_version, snapshot.playbook_digest, snapshot.stage];
        let more = [snapshot.return_stage, snapshot.first_action, snapshot.first_phrasing];
        let texts: usize = ids.iter().chain(&more).chain(&snapshot.path).map(|id| id.len() + 4).sum();
        let promises: usize = snapshot.commitments.iter().map(commitment).sum();
        let assumed = snapshot.assumed_before.as_ref().map_or(0, action);
        let taken = REST + texts + promises + assumed;
        Self { bytes: Snapshot::MAX_BYTES.saturating_sub(taken), is_short: false }
    }

    /// Keeps what fits, the latest first; the order stays.
    pub(super) fn keep<T>(&mut self, entries: Vec<T>, cap: usize, of: impl Fn(&T) -> (usize, u32)) -> Vec<T> {
        let total: usize = entries.iter().map(|entry| of(entry).0).sum();
        if entries.len() <= cap && total <= self.bytes {
            self.bytes -= total;
            return entries;
        }
        self.is_short = true;
        let mut latest: Vec<_> = entries.iter().enumerate().map(|(at, entry)| (of(entry), at)).collect();
        latest.sort_by_key(|((_, turn), at)| (std::cmp::Reverse(*turn), *at));
        let fitting = latest.into_iter().take(cap).filter(|((bytes, _), _)| self.takes(*bytes));
        let mut kept: Vec<usize> = fitting.map(|(_, at)| at).collect();
        kept.sort_unstable();
        let is_kept = |at: &usize| kept.binary_search(at).is_ok();
        entries.into_iter().enumerate().filter(|(at, _)| is_kept(at)).map(|(_, entry)| entry).collect()
    }

    /// What fits of the ids that this playbook does not know, `most` of them.
    pub(super) fn carry<T>(
        &mut self,
        carried: Vec<T>,
        most: usize,
        bytes: impl Fn(&T) -> usize,
    ) -> impl Iterator<Item = T> {
        carried.into_iter().take(most).filter(move |entry| self.takes(bytes(entry)))
    }

    fn takes(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.bytes;
        if fits {
            self.bytes -= bytes;
        }
        fits
    }
}

pub(super) fn signal(entry: &SignalEntry<'_>) -> usize {
    entry.name.len() + SIGNAL
}

pub(super) fn fact(entry: &FactEntry<'_>) -> usize {
    entry.name.len() + FACT
}

pub(super) fn action(entry: &ActionEntry<'_>) -> usize {
    let phrasings: usize = entry.phrasings.iter().map(|phrasing| phrasing.id.len() + PHRASING).sum();
    entry.name.len() + ACTION + phrasings
}

fn commitment(entry: &Commitment<'_>) -> usize {
    entry.id.len() + COMMITMENT
}
