//! The state that travels with the caller: untrusted input like all else. It is read straight into the engine's words.

mod entries;
mod lists;

use self::entries::{action, escalation};
use self::lists::Lists;
use super::violations::Violations;
use crate::engine::Snapshot;
use crate::grpc::generated::fields::conversation_state;
use crate::grpc::reader::{Read, Reader};

const DIGEST_CHARS: usize = 64;
const HEXADECIMAL: u32 = 16;

/// A state as the engine takes it, and what is wrong in it. The default one says that the conversation begins.
#[derive(Debug, Default)]
pub(in crate::grpc) struct State<'a> {
    pub(in crate::grpc) snapshot: Option<Snapshot<'a>>,
    pub(super) violations: Violations,
}

impl<'a> State<'a> {
    /// The state that is encoded in `bytes`; an error: there is none.
    pub(in crate::grpc) fn read(bytes: &'a [u8]) -> Read<Self> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut violations = Violations::default();
        let mut inside = Violations::default();
        let snapshot = snapshot(&mut inside, Reader::of(bytes))?;
        if bytes.len() > Snapshot::MAX_BYTES {
            violations.add("state", format!("must be at most {} bytes, not {}", Snapshot::MAX_BYTES, bytes.len()));
        } else if snapshot.schema == 0 {
            violations.add("state.schema", "must be there: send the state of the last answer as it came");
        }
        // A newer server may mean other things by these fields; what makes no sense to this one is passed over.
        if snapshot.schema <= Snapshot::SCHEMA {
            violations.append(inside);
        }
        Ok(Self { snapshot: Some(snapshot), violations })
    }

    /// The same of what a caller sent, for whom something else than a state is one more mistake.
    pub(in crate::grpc) fn sent(bytes: &'a [u8]) -> Self {
        Self::read(bytes).unwrap_or_else(|_| {
            let mut violations = Violations::default();
            violations.add("state", "is not a `ConversationState`: send the state of the last answer as it came");
            Self { snapshot: None, violations }
        })
    }

    /// How often it was written.
    pub(in crate::grpc) fn revision(&self) -> u32 {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot.revision)
    }

    /// Whether it counts where `other` is held: it was written later, or can't be read, which must be told. The empty one does not.
    pub(in crate::grpc) fn counts_beside(&self, other: &Self) -> bool {
        self.revision() > other.revision() || (self.snapshot.is_none() && !self.violations.is_empty())
    }
}

fn snapshot<'a>(v: &mut Violations, mut encoded: Reader<'a>) -> Read<Snapshot<'a>> {
    use conversation_state as of;
    let mut read = Snapshot::default();
    let mut lists = Lists::new();
    while let Some(field) = encoded.field()? {
        match field.number() {
            of::SCHEMA => read.schema = field.uint32()?,
            of::REVISION => read.revision = field.uint32()?,
            of::TURN => read.turn = field.uint32()?,
            of::PLAYBOOK => read.playbook = v.optional_id(field.text()?, || "state.playbook"),
            of::PLAYBOOK_VERSION => read.playbook_version = v.optional_id(field.text()?, || "state.playbook_version"),
            of::PLAYBOOK_DIGEST => {
                read.playbook_digest = v.text(field.text()?, DIGEST_CHARS, || "state.playbook_digest");
            }
            of::STAGE => read.stage = v.optional_id(field.text()?, || "state.stage"),
            of::STAGE_SINCE_TURN => read.stage_since_turn = field.uint32()?,
            of::RETURN_STAGE => read.return_stage = v.optional_id(field.text()?, || "state.return_stage"),
            of::FIRST_ACTION => read.first_action = v.optional_id(field.text()?, || "state.first_action"),
            of::FIRST_PHRASING => read.first_phrasing = v.optional_id(field.text()?, || "state.first_phrasing"),
            of::REPORTED => read.reported = field.boolean()?,
            of::ASSUMED_BEFORE => {
                read.assumed_before = Some(action(v, field.message()?, || "state.assumed_before".to_owned())?);
            }
            of::ANSWER_DIGEST => read.answer_digest = digest(v, field.text()?),
            of::ESCALATION => read.escalation = Some(escalation(v, field.message()?)?),
            of::UPDATE_TIME => read.update_time = v.time(field.time()?, || "state.update_time"),
            _ => lists.add(v, field)?,
        }
    }
    lists.end(v, &mut read);
    Ok(read)
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

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use prost_types::Timestamp;

    use super::*;
    use crate::grpc::encode;
    use crate::grpc::generated::{
        ActionState, Commitment, CommitmentStatus, ConversationState, EscalationLevel, EscalationState, FactState,
        PhrasingState, SignalState,
    };

    fn action(name: &str) -> ActionState {
        let phrasing = |id: &str, count| PhrasingState { id: id.to_owned(), count };
        ActionState {
            name: name.to_owned(),
            done: true,
            count: 300,
            used: 2,
            used_turn: 5,
            done_turn: 4,
            assumed: true,
            dismissed_until: 9,
            unavailable: true,
            phrasings: vec![phrasing("plain", 70_000), phrasing("warm", 1)],
        }
    }

    /// One in which everything is said.
    fn full() -> ConversationState {
        let signal = |name: &str, previous| SignalState {
            name: name.to_owned(),
            level: 0.815,
            turn: 5,
            previous,
            bands_before: 255,
        };
        let fact = |name: &str, value| FactState {
            name: name.to_owned(),
            value,
            turn: 3,
            forgotten: true,
            asked: 2,
            asked_turn: 5,
        };
        let due_time = Some(Timestamp { seconds: -5, nanos: 7_000_000 });
        let status = CommitmentStatus::Missed.into();
        ConversationState {
            schema: Snapshot::SCHEMA,
            revision: u32::MAX,
            turn: 5,
            playbook: "house".to_owned(),
            playbook_version: "1.2".to_owned(),
            playbook_digest: "0123abcd".to_owned(),
            stage: "zuhören".to_owned(),
            stage_since_turn: 4,
            return_stage: "act".to_owned(),
            path: vec!["act".to_owned(), "zuhören".to_owned()],
            signals: vec![signal("anger", Some(0.0)), signal("venting", None)],
            facts: vec![fact("known", Some(false)), fact("unknown", None)],
            actions: vec![action("apologize"), action("listen")],
            commitments: vec![Commitment { id: "call-back".to_owned(), due_time, status, turn: 2 }],
            first_action: "apologize".to_owned(),
            first_phrasing: "warm".to_owned(),
            reported: true,
            assumed_before: Some(action("solve")),
            answer_digest: "00000000000000ff".to_owned(),
            escalation: Some(EscalationState {
                rule: "threat".to_owned(),
                level: EscalationLevel::Require.into(),
                since_turn: 2,
                cause_turn: 3,
            }),
            update_time: Some(Timestamp { seconds: 1_767_225_600, nanos: 999_000_000 }),
        }
    }

    #[test]
    fn all_that_a_state_says_is_read() {
        let written = full().encode_to_vec();
        let State { snapshot, violations } = State::read(&written).unwrap();
        assert_eq!(violations.into_vec(), []);
        let again = encode::state(&snapshot.unwrap());
        assert_eq!(ConversationState::decode(again.as_slice()).unwrap(), full());
    }

    #[test]
    fn of_a_list_that_is_too_long_the_first_entries_are_read_and_all_are_counted() {
        let state = ConversationState { path: vec!["act".to_owned(); 70], ..full() }.encode_to_vec();
        let State { snapshot, violations } = State::read(&state).unwrap();
        assert_eq!(snapshot.unwrap().path, ["act"; Snapshot::MAX_PATH]);
        let told: Vec<_> = violations.into_vec().into_iter().map(|found| (found.field, found.description)).collect();
        assert_eq!(told, [("state.path".to_owned(), "must have at most 64 entries, not 70".to_owned())]);
    }

    /// What is damaged in a bit, or cut off, is a state for this reader where it is one for the library, whatever it says.
    #[test]
    fn what_is_no_state_is_none() {
        let whole = full().encode_to_vec();
        let damaged = (0..whole.len() * 8).map(|bit| {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        let cut = (0..whole.len()).map(|end| whole[..end].to_vec());
        for bytes in damaged.chain(cut) {
            let is_one = ConversationState::decode(bytes.as_slice()).is_ok();
            assert_eq!(State::read(&bytes).is_ok(), is_one, "{bytes:?}");
        }
    }
}
