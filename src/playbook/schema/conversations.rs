//! The conversations that a playbook must get right.

use super::part::{ACTION_OR_KIND, ID, IDS, LEVEL, LOCALE, Others, Part, ROW, TIME, Type, optional, required, words};
use crate::playbook::conversation::DidResult;
use crate::playbook::document::{OUTCOMES, PROMISES, REASONS};
use crate::playbook::vocabulary::{Channel, EscalationLevel, EscalationTarget, Urgency};

const CHANNEL: Type = Type::Words(words::<Channel>);
const KNOWN: Type = Type::Either(&[Type::Flag, Type::Words(|| vec!["unknown"])]);
const STRENGTH: Type = Type::Either(&[Type::Flag, LEVEL]);
const READING_OR_STRENGTH: Type = Type::Either(&[Type::Flag, LEVEL, Type::Part(&READING)]);
const STATUS: Type = Type::Words(|| PROMISES.to_vec());

pub(super) static CONVERSATION: Part = Part {
    what: "a test",
    about: "A conversation that the playbook must get right; `composure test` plays it.",
    fields: &[
        required("it", Type::Text, "what it shows, in a sentence"),
        optional("proves", Type::List(&ROW), "row ids that the conversation shows at work"),
        optional(
            "channel",
            CHANNEL,
            "how agent and customer talk; default: `chat`, or the first channel of a playbook that is not written for that",
        ),
        optional("locale", LOCALE, "in which language; default: the playbook's first"),
        required("turns", Type::Some(&Type::Part(&TURN)), "the customer's turns, in order"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"it": "hears an angry customer first", "turns": [{"signals": {"anger": 0.8}, "expect": {"stage": "listen"}}]}"#,
};

static TURN: Part = Part {
    what: "a turn",
    about: "What came in with a turn of the customer's, and what must come out.",
    fields: &[
        optional(
            "signals",
            Type::Map(&ID, &READING_OR_STRENGTH),
            "readings: a level, `true` or `false` for a flag, or `{level, confidence}`",
        ),
        optional("facts", Type::Map(&ID, &KNOWN), "`true false unknown`"),
        optional("values", Type::Map(&ID, &Type::Text), "texts for placeholders"),
        optional("channel", CHANNEL, "where it changes in this turn"),
        optional(
            "did",
            Type::List(&Type::Either(&[ID, Type::Part(&DID)])),
            "what the agent did before this turn; absent: the first suggestion; `[]`: nothing",
        ),
        optional(
            "promises",
            Type::Map(&ID, &TIME),
            "promises of the caller's own: when each falls due, as time since the start",
        ),
        optional("at", TIME, "time since the start: `90s 5m 2h 1d`"),
        optional("exclude", IDS, "actions that the caller does not want"),
        optional("max", Type::Count(1), "the most suggestions that the caller wants"),
        optional("expect", Type::Part(&EXPECTATION), "what must come out"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"signals": {"anger": 0.8}, "did": ["open_neutrally"], "expect": {"stage": "listen", "first": "keep_listening"}}"#,
};

static READING: Part = Part {
    what: "a reading",
    about: "A reading where confidence matters.",
    fields: &[
        required("level", STRENGTH, "how much; 1 for a flag that is up"),
        optional("confidence", LEVEL, "how sure the detector is"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"level": 0.8, "confidence": 0.3}"#,
};

static DID: Part = Part {
    what: "what the agent did",
    about: "What the agent did, and what came of it.",
    fields: &[
        required("action", ID, "the action"),
        optional("result", Type::Words(words::<DidResult>), "`done dismissed unavailable`; default `done`"),
        optional("phrasing", ID, "the id of the words that were said"),
        optional("due", TIME, "when a promise falls due, as time since the start"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"action": "commit_to_next_step", "result": "done", "due": "30m"}"#,
};

static EXPECTATION: Part = Part {
    what: "an expectation",
    about: "What a turn must bring.",
    fields: &[
        optional("stage", ID, "the conversation is there"),
        optional("path", IDS, "these stages were passed in this turn, in order, the new one last; `[]`: it stayed"),
        optional("first", ID, "this action is the first suggestion"),
        optional("top", IDS, "these actions are the first suggestions, in this order"),
        optional("includes", IDS, "these are among the suggestions"),
        optional(
            "never",
            Type::List(&ACTION_OR_KIND),
            "none of these actions or kinds (`kind.solution`) is among the suggestions",
        ),
        optional("escalation", Type::Words(words::<EscalationLevel>), "the level: `none offer recommend require`"),
        optional("target", Type::Words(words::<EscalationTarget>), "of the escalation: whom to bring in"),
        optional("urgency", Type::Words(words::<Urgency>), "of the escalation: how fast"),
        optional("call", ID, "of the escalation: its action"),
        optional(
            "outcome",
            Type::Words(|| OUTCOMES.to_vec()),
            "`open resolved resolved_after_handoff parted abandoned`",
        ),
        optional("guardrails", IDS, "these are in force"),
        optional("lifted", IDS, "these are not"),
        optional("missing", IDS, "these facts are asked for"),
        optional(
            "suppressed",
            Type::Map(&ID, &Type::Words(|| REASONS.to_vec())),
            "a map, action: reason (`condition unknown order limit gap guardrail dismissed unavailable excluded`)",
        ),
        optional("up_next", ID, "that stage"),
        optional("delivery", IDS, "the first suggestion carries these delivery guides"),
        optional("brief", Type::Part(&BRIEF), "what the hand-off brief must hold"),
        optional(
            "promises",
            Type::Map(&STATUS, &Type::Count(0)),
            "a map, status: number (`open kept missed withdrawn`)",
        ),
        optional("says_one_of", IDS, "the first suggestion's first phrasing is one of these ids"),
        optional("unchanged", Type::Flag, "`true` or `false`"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"stage": "listen", "first": "keep_listening", "never": ["kind.solution"]}"#,
};

static BRIEF: Part = Part {
    what: "a brief",
    about: "What whoever takes over is told.",
    fields: &[
        optional("tried", IDS, "these actions were done"),
        optional("avoid", IDS, "these guardrails are in force"),
        optional("commitments", Type::Count(0), "how many promises it lists"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"tried": ["acknowledge_emotion"], "commitments": 1}"#,
};
