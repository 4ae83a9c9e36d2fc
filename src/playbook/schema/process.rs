//! The process, what the agent can do in it, and what must hold of it.

use super::advice::ADVISED;
use super::header::CHANNELS;
use super::part::{
    ACTION_OR_KIND, ANY, CONDITION, ID, IDS, LOCALE, Need, Others, Part, SOURCE, Type, UNLESS, WEIGHT, WHEN, optional,
    required, words,
};
use crate::playbook::lint::Lint;
use crate::playbook::vocabulary::{Ending, Kind};

/// Phrasings or cues: a plain text gets its id by its place.
const TEXTS: Type = Type::List(&Type::Either(&[Type::Text, Type::Part(&TEXT)]));

pub(super) static INTERRUPT: Part = Part {
    what: "an interrupt",
    about: "A way into a stage from anywhere. The first one that holds decides the stage.",
    fields: &[required("to", ID, "the stage that it leads to"), WHEN, ANY, UNLESS, SOURCE],
    others: Others::Refused,
    needs: &[Need::AnyOf(CONDITION)],
    example: r#"{"to": "call_for_help", "when": ["threat.high"]}"#,
};

pub(super) static FIRST_RULE: Part = Part {
    what: "a `first` rule",
    about: "An action that goes above every score, in any stage, where it passes its own gates.",
    fields: &[required("action", ID, "the action that goes on top"), WHEN, ANY, UNLESS, SOURCE],
    others: Others::Refused,
    needs: &[],
    example: r#"{"action": "keep_listening", "when": ["venting.high"]}"#,
};

pub(super) static STAGE: Part = Part {
    what: "a stage",
    about: "A step of the process: what to do there, and the ways out.",
    fields: &[
        required("title", Type::Text, "what people call it"),
        optional("forget", IDS, "facts and done-marks that are dropped on entering it"),
        optional(
            "actions",
            Type::List(&Type::Either(&[ID, Type::Part(&CANDIDATE)])),
            "what the agent can do here, in order of preference: an action, or `{action, when, any, unless}`",
        ),
        optional("otherwise", ID, "the action that is shown when nothing else is left; required unless `final`"),
        optional(
            "final",
            Type::Words(words::<Ending>),
            "`resolved`, `parted` or `abandoned`: the conversation ends here",
        ),
        optional("escalate", ID, "an escalation that is in force as long as the stage is"),
        optional("exits", Type::List(&Type::Part(&EXIT)), "the ways out; the first that holds is taken"),
        SOURCE,
    ],
    others: Others::Refused,
    needs: &[Need::OneOf(&["otherwise", "final"])],
    example: r#"{"title": "Hear them out", "actions": ["listen"], "otherwise": "listen", "exits": [{"to": "repair", "when": ["done.listen"]}]}"#,
};

/// An action where a condition may stand beside it.
static CANDIDATE: Part = Part {
    what: "an action of a stage",
    about: "An action that this stage has only while a condition holds.",
    fields: &[required("action", ID, "the action"), WHEN, ANY, UNLESS],
    others: Others::Refused,
    needs: &[],
    example: r#"{"action": "keep_listening", "when": ["venting.high"]}"#,
};

static EXIT: Part = Part {
    what: "an exit",
    about: "A way out of the stage, taken where its condition holds and no earlier exit's does.",
    fields: &[
        required("to", ID, "the stage that it leads to; `back`: the last one that no interrupt led to"),
        WHEN,
        ANY,
        UNLESS,
        optional("forget", IDS, "facts and done-marks that are dropped on the way"),
        SOURCE,
    ],
    others: Others::Refused,
    needs: &[Need::AnyOf(CONDITION)],
    example: r#"{"to": "acknowledge", "any": ["done.open_neutrally", "grievance_known"], "unless": ["venting.high"]}"#,
};

pub(super) static ACTION: Part = Part {
    what: "an action",
    about: "Something that the agent can do next.",
    fields: &[
        required("title", Type::Text, "what it is called, in a few words"),
        required(
            "kind",
            Type::Words(words::<Kind>),
            "`listening empathy apology admission question solution concession promise work update boundary handoff safety closing`",
        ),
        required("why", Type::Text, "one sentence that an agent reads in a second"),
        WHEN,
        ANY,
        UNLESS,
        optional("after", IDS, "each of these actions has been done, or its limit is spent"),
        optional("limit", Type::Part(&LIMIT), "how often it may come up: `{times, gap}`"),
        optional("confirm", Type::Flag, "`true`: done only when the agent reports it; needs a `limit`"),
        optional("keeps", Type::Words(|| vec!["promise"]), "`promise`: doing it closes the promises that are due"),
        optional("value", WEIGHT, "its weight, 0.1 to 10, default 1"),
        optional("prefer", Type::List(&Type::Part(&PREFERENCE)), "factors on the weight, while their condition holds"),
        optional("delivery", IDS, "ids of delivery guides"),
        optional(
            "say",
            TEXTS,
            "phrasings: a text, or `{id, text, on, locale}`; a plain text gets the id `say_1`, `say_2` … by its place. `{name}` is a placeholder for a declared value",
        ),
        optional("cue", TEXTS, "instructions to the agent for what is not said, in the same form (`cue_1` …)"),
        SOURCE,
    ],
    others: Others::Refused,
    needs: &[Need::With("limit", "confirm")],
    example: r#"{"title": "Name the feeling", "kind": "empathy", "why": "Nobody hears facts before feeling understood.", "say": ["Anyone would be angry after that."]}"#,
};

static LIMIT: Part = Part {
    what: "a limit",
    about: "How often an action may come up.",
    fields: &[
        optional("times", Type::Count(1), "at most so often in a conversation"),
        optional("gap", Type::Count(0), "full customer turns between"),
    ],
    others: Others::Refused,
    needs: &[Need::AnyOf(&["times", "gap"])],
    example: r#"{"times": 3, "gap": 2}"#,
};

static PREFERENCE: Part = Part {
    what: "a preference",
    about: "A factor on the weight of an action, while a condition holds.",
    fields: &[required("by", WEIGHT, "the factor, 0.1 to 10"), WHEN, ANY, UNLESS],
    others: Others::Refused,
    needs: &[Need::AnyOf(CONDITION)],
    example: r#"{"by": 1.5, "when": ["anger.rising"]}"#,
};

static TEXT: Part = Part {
    what: "a text",
    about: "A phrasing or cue with an id, which conversations and feedback name.",
    fields: &[
        required("id", ID, "its id, once in the action"),
        required("text", Type::Text, "the words"),
        optional("on", CHANNELS, "the channels that it is for; default: all"),
        optional("locale", LOCALE, "its language; default: the playbook's first"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"id": "cost", "on": ["spoken"], "locale": "en", "text": "I can hear how much this has cost you."}"#,
};

pub(super) static LAW: Part = Part {
    what: "a law",
    about: "What must hold in every situation. `composure check` proves it, or shows a conversation that breaks it.",
    fields: &[
        optional("it", Type::Text, "the law in a sentence"),
        optional("never", Type::Some(&ACTION_OR_KIND), "none of these actions or kinds is among the suggestions"),
        optional("before", Type::Some(&ID), "with `never`: only as long as none of these actions was done"),
        optional(
            "first",
            Type::Either(&[ID, Type::Some(&ID)]),
            "this action is the first suggestion; of a list, the first one that can be suggested",
        ),
        optional("escalation", ADVISED, "there is advice of this level or a stricter one"),
        optional(
            "reaches",
            ID,
            "a way to this stage is left, or, with `final`, to one that is final, whatever the facts are",
        ),
        WHEN,
        ANY,
        UNLESS,
        SOURCE,
    ],
    others: Others::Refused,
    needs: &[Need::OneOf(&["never", "first", "escalation", "reaches"])],
    example: r#"{"it": "While they vent, nothing is offered.", "never": ["kind.solution"], "when": ["venting.high"]}"#,
};

/// A part, or a band of a signal.
const FOUND: Type = Type::Pattern("^[a-z][a-z0-9_]{0,63}(\\.[a-z][a-z0-9_]{0,63})?$", "anger.present");

pub(super) static ALLOWANCE: Part = Part {
    what: "an entry of `lints`",
    about: "Something that a lint finds and that is meant.",
    fields: &[
        required("allow", Type::Words(words::<Lint>), "the id of the lint"),
        required("of", FOUND, "the part that it finds, as the last column of the table of lints says"),
        required("because", Type::Text, "the reason"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"allow": "outranked", "of": "fix", "because": "The team looks for it at the end of the list."}"#,
};
