//! What is detected and known.

use super::part::{ANY, CONDITION, IDS, LEVEL, Need, Others, Part, SOURCE, Type, UNLESS, WHEN, optional, required};

const TURNS: Type = Type::Either(&[Type::Count(1), Type::Words(|| vec!["conversation"])]);

pub(super) static SIGNAL: Part = Part {
    what: "a signal",
    about: "Something that is detected in the customer: a level from 0 to 1, or, with `flag: true`, up or down. Every other key names a band.",
    fields: &[
        optional("flag", Type::Flag, "`true`: it is up or down, and has no level and no bands"),
        optional(
            "lasts",
            TURNS,
            "for how many turns a reading holds, or `conversation`; default 3, and 1 is only its own turn",
        ),
        optional("cleared_by", IDS, "when one of these actions is done, the reading is gone"),
        optional("min_confidence", LEVEL, "readings that are reported with less are ignored; default 0.5"),
        optional(
            "absent",
            Type::Words(|| vec!["unknown"]),
            "`unknown`: what it is without a reading; default: 0, or down",
        ),
        optional("title", Type::Text, "what people call it"),
        SOURCE,
    ],
    others: Others::Names(Type::Part(&BAND)),
    needs: &[],
    example: r#"{"high": {"from": 0.65, "until": 0.45}, "lasts": 2}"#,
};

pub(super) static BAND: Part = Part {
    what: "a band",
    about: "A named range of a signal, such as `high`. It is left at a lower level than the one at which it is entered.",
    fields: &[
        required("from", LEVEL, "the level at which it starts"),
        required("until", LEVEL, "it ends below this level, which is not above `from`"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"from": 0.65, "until": 0.45}"#,
};

pub(super) static FACT: Part = Part {
    what: "a fact",
    about: "Something that is known of the case: true, false or unknown. Where it has only a question, that is all there is to write.",
    fields: &[
        required("ask", Type::Text, "the question that the agent is asked; a yes makes the fact true"),
        optional("cleared_by", IDS, "when one of these actions is done, it is unknown again"),
        SOURCE,
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"ask": "Has something gone wrong since?", "cleared_by": ["disclose_setback"]}"#,
};

pub(super) static NAMED_CONDITION: Part = Part {
    what: "a condition",
    about: "A condition with a name, which is an atom wherever conditions stand.",
    fields: &[WHEN, ANY, UNLESS],
    others: Others::Refused,
    needs: &[Need::AnyOf(CONDITION)],
    example: r#"{"any": ["anger.high", "anger.rising"]}"#,
};
