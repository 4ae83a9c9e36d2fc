//! The line of a call: what was called, how it ended, what was decided, for whom. Nothing that a client wrote gets into it but
//! the id of its trace, which is hexadecimal.

use tracing::info;

use super::call::{Call, End};
use crate::telemetry::logs::CALLS;
use crate::telemetry::metrics::calls::CODES;

/// As much of a digest as people compare.
const DIGEST: usize = 12;

pub(super) fn write(end: End, call: &Call) {
    let told = call.told.as_deref();
    info!(
        target: CALLS,
        method = end.method.method().path.trim_start_matches('/'),
        code = CODES.get(end.code as usize).copied(),
        duration_us = u64::try_from(end.took.as_micros()).unwrap_or(u64::MAX),
        playbook = told.map(|told| told.playbook.as_str()),
        digest = told.map(|told| told.digest.get(..DIGEST).unwrap_or(&told.digest)),
        stage = told.map(|told| told.stage.as_str()),
        action = told.and_then(|told| told.action.as_deref()),
        escalation = told.and_then(|told| told.escalation),
        caller = call.caller.as_ref().map(|caller| &*caller.0),
        trace_id = call.trace.map(tracing::field::display),
        "call"
    );
}
