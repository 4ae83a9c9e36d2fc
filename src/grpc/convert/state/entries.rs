//! The entries of a state.

use crate::engine::{ActionEntry, Commitment, EscalationEntry, FactEntry, PhrasingEntry, SignalEntry};
use crate::grpc::convert::promises::{self, Promise};
use crate::grpc::convert::violations::Violations;
use crate::grpc::generated::fields::{
    action_state, commitment as commitment_fields, escalation_state, fact_state, phrasing_state, signal_state,
};
use crate::grpc::reader::{Read, Reader};

pub(super) fn signal<'a>(v: &mut Violations, mut entry: Reader<'a>, at: usize) -> Read<SignalEntry<'a>> {
    use signal_state as of;
    let path = |name: &str| format!("state.signals[{at}].{name}");
    let mut read = SignalEntry::default();
    while let Some(field) = entry.field()? {
        match field.number() {
            of::NAME => read.name = field.text()?,
            of::LEVEL => read.level = v.level(field.double()?, || path("level")),
            of::TURN => read.turn = field.uint32()?,
            of::PREVIOUS => read.previous = Some(v.level(field.double()?, || path("previous"))),
            of::BANDS_BEFORE => read.bands_before = bands(v, field.uint32()?, || path("bands_before")),
            _ => field.skip()?,
        }
    }
    read.name = v.id(read.name, || path("name"));
    Ok(read)
}

fn bands(v: &mut Violations, bands: u32, field: impl Fn() -> String) -> u8 {
    u8::try_from(bands).unwrap_or_else(|_| {
        v.add(field(), format!("must be at most 255, not {bands}"));
        0
    })
}

pub(super) fn fact<'a>(v: &mut Violations, mut entry: Reader<'a>, at: usize) -> Read<FactEntry<'a>> {
    use fact_state as of;
    let mut read = FactEntry::default();
    while let Some(field) = entry.field()? {
        match field.number() {
            of::NAME => read.name = field.text()?,
            of::VALUE => read.value = Some(field.boolean()?),
            of::TURN => read.turn = field.uint32()?,
            of::FORGOTTEN => read.forgotten = field.boolean()?,
            of::ASKED => read.asked = field.uint32()?,
            of::ASKED_TURN => read.asked_turn = field.uint32()?,
            _ => field.skip()?,
        }
    }
    read.name = v.id(read.name, || format!("state.facts[{at}].name"));
    Ok(read)
}

pub(super) fn action<'a>(
    v: &mut Violations,
    mut entry: Reader<'a>,
    path: impl Fn() -> String,
) -> Read<ActionEntry<'a>> {
    use action_state as of;
    let mut read = ActionEntry::default();
    while let Some(field) = entry.field()? {
        match field.number() {
            of::NAME => read.name = field.text()?,
            of::DONE => read.done = field.boolean()?,
            of::COUNT => read.count = field.uint32()?,
            of::USED => read.used = field.uint32()?,
            of::USED_TURN => read.used_turn = field.uint32()?,
            of::DONE_TURN => read.done_turn = field.uint32()?,
            of::ASSUMED => read.assumed = field.boolean()?,
            of::DISMISSED_UNTIL => read.dismissed_until = field.uint32()?,
            of::UNAVAILABLE => read.unavailable = field.boolean()?,
            // As many as fit into the state.
            of::PHRASINGS => {
                let at = read.phrasings.len();
                read.phrasings.push(phrasing(v, field.message()?, || format!("{}.phrasings[{at}].id", path()))?);
            }
            _ => field.skip()?,
        }
    }
    read.name = v.id(read.name, || format!("{}.name", path()));
    Ok(read)
}

fn phrasing<'a>(v: &mut Violations, mut entry: Reader<'a>, path: impl Fn() -> String) -> Read<PhrasingEntry<'a>> {
    use phrasing_state as of;
    let mut read = PhrasingEntry::default();
    while let Some(field) = entry.field()? {
        match field.number() {
            of::ID => read.id = field.text()?,
            of::COUNT => read.count = field.uint32()?,
            _ => field.skip()?,
        }
    }
    read.id = v.id(read.id, path);
    Ok(read)
}

pub(super) fn commitment<'a>(
    v: &mut Violations,
    mut entry: Reader<'a>,
    path: impl Fn(&str) -> String,
) -> Read<Commitment<'a>> {
    use commitment_fields as of;
    let mut read = Promise::default();
    while let Some(field) = entry.field()? {
        match field.number() {
            of::ID => read.id = field.text()?,
            of::DUE_TIME => read.due = Some(field.time()?),
            of::STATUS => read.status = field.int32()?,
            of::TURN => read.turn = field.uint32()?,
            _ => field.skip()?,
        }
    }
    Ok(promises::commitment(v, read, path))
}

pub(super) fn escalation<'a>(v: &mut Violations, mut entry: Reader<'a>) -> Read<EscalationEntry<'a>> {
    use escalation_state as of;
    let (mut rule, mut level, mut since_turn, mut cause_turn) = ("", 0, 0, 0);
    while let Some(field) = entry.field()? {
        match field.number() {
            of::RULE => rule = field.text()?,
            of::LEVEL => level = field.int32()?,
            of::SINCE_TURN => since_turn = field.uint32()?,
            of::CAUSE_TURN => cause_turn = field.uint32()?,
            _ => field.skip()?,
        }
    }
    let rule = v.id(rule, || "state.escalation.rule");
    let level = v.escalation_level(level, "state.escalation.level");
    Ok(EscalationEntry { rule, level, since_turn, cause_turn })
}
