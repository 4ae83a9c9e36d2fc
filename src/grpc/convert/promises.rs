//! Promises, and how far ahead they may be made.

use std::borrow::Cow;

use super::violations::Violations;
use crate::engine::{Commitment, Request, Snapshot};
use crate::grpc::generated::in_place::CommitmentView;
use crate::playbook::Time;
use crate::service::MOST_DAYS_AHEAD;

const DAY_MILLIS: i64 = 86_400_000;

/// Promises of a request, each once.
pub(super) fn distinct_promises<'a>(v: &mut Violations, promises: &[CommitmentView<'a>]) -> Vec<Commitment<'a>> {
    let promises = v.capped(promises, Snapshot::MAX_COMMITMENTS, "commitments").iter().enumerate();
    let commitments: Vec<_> = promises
        .map(|(at, promise)| commitment(v, read(promise), |name| format!("commitments[{at}].{name}")))
        .collect();
    for (at, commitment) in commitments.iter().enumerate() {
        if commitments.iter().take(at).any(|earlier| earlier.id == commitment.id) && !commitment.id.is_empty() {
            let description = format!("promise `{}` is in this request twice; send it once", commitment.id);
            v.add(format!("commitments[{at}].id"), description);
        }
    }
    commitments
}

/// A promise as it came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Promise<'a> {
    pub(super) id: &'a str,
    /// In seconds and nanoseconds.
    pub(super) due: Option<(i64, i32)>,
    pub(super) status: i32,
    pub(super) turn: u32,
}

fn read<'a>(promise: &CommitmentView<'a>) -> Promise<'a> {
    let CommitmentView { id, due_time, status, turn } = promise;
    let due = due_time.as_option().map(|due| (due.seconds, due.nanos));
    Promise { id, due, status: status.to_i32(), turn: *turn }
}

/// What a promise means; `field` is the path of what is in it.
pub(super) fn commitment<'a>(
    v: &mut Violations,
    promise: Promise<'a>,
    field: impl Fn(&str) -> String,
) -> Commitment<'a> {
    let Promise { id, due, status, turn } = promise;
    let due = due.map(|due| v.time(due, || field("due_time")));
    if due.is_none() {
        v.add(field("due_time"), "must be there: when does the promise fall due?");
    }
    Commitment {
        id: Cow::Borrowed(v.id(id, || field("id"))),
        due: due.unwrap_or_default(),
        status: v.status(status, || field("status")),
        turn,
    }
}

/// Notes every promise that `request` makes for too long a time. What its state holds was looked at when it was made.
pub(super) fn refuse_far_promises(v: &mut Violations, request: &Request<'_>) {
    // The decision is never made for an earlier moment than the state's.
    let now = request.snapshot.as_ref().map_or(request.now, |state| request.now.max(state.update_time));
    let last = now.plus_millis(i64::from(MOST_DAYS_AHEAD) * DAY_MILLIS);
    let mut refuse = |due: Time, list: &str, at: usize| {
        if due > last {
            let description = format!("must be at most {MOST_DAYS_AHEAD} days after the moment of the decision");
            v.add(format!("{list}[{at}].due_time"), description);
        }
    };
    for (at, report) in request.observation.report.iter().flatten().enumerate() {
        report.due.into_iter().for_each(|due| refuse(due, "agent_report.actions", at));
    }
    for (at, promise) in request.observation.commitments.iter().enumerate() {
        refuse(promise.due, "commitments", at);
    }
}
