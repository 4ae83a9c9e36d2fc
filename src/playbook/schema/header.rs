//! The file as a whole, and what a playbook is.

use super::advice::{DELIVERY, ESCALATION, GUARDRAIL};
use super::conversations::CONVERSATION;
use super::part::{ID, IDS, LOCALE, Others, Part, Type, of_whole, optional, required, words};
use super::process::{ACTION, ALLOWANCE, FIRST_RULE, INTERRUPT, LAW, STAGE};
use super::situation::{FACT, NAMED_CONDITION, SIGNAL};
use crate::playbook::vocabulary::Channel;

pub(super) const CHANNELS: Type = Type::Some(&Type::Words(channels));
const SOURCE_NAME: Type = Type::Pattern("^[A-Za-z]{1,8}$", "K");
const POINT: Type = Type::Pattern("^[1-9][0-9]*$", "1");
const BASE: Type = Type::Pattern("^[a-z][a-z0-9_]{0,63}@.+$", "default@1");

fn channels() -> Vec<&'static str> {
    words::<Channel>().into_iter().chain(["spoken", "written"]).collect()
}

/// All of it.
pub(super) static PLAYBOOK: Part = Part {
    what: "a playbook",
    about: "A de-escalation process, for a service that recommends what an agent does next.",
    fields: &[
        required("playbook", ID, "the playbook's id"),
        required(
            "version",
            Type::Label,
            "a label in quotes, such as `\"1\"`; what was compiled is identified by its digest",
        ),
        required("title", Type::Text, "what people call it"),
        optional(
            "extends",
            BASE,
            "the playbook that this one builds on, `id@version`: see *Building on another playbook*",
        ),
        optional("drop", Type::Part(&DROP), "inherited interrupts and `first` rules that do not hold here"),
        optional("fragment", Type::Flag, "`true`: only for extending"),
        optional("start", ID, "the stage where a conversation starts; default: the first"),
        optional(
            "sources",
            Type::Map(&SOURCE_NAME, &Type::Part(&SOURCE)),
            "where the advice comes from: `K: {title, author, points: {1: \"…\", 2: \"…\"}}`. A row id is the letters and a point's number: `K2`",
        ),
        optional(
            "channels",
            CHANNELS,
            "the channels it is written for, out of `voice video in_person chat email social`; default: all six. Groups, usable wherever channels are listed: `spoken` (voice, video, in_person), `written` (chat, email, social)",
        ),
        optional("locales", Type::Some(&LOCALE), "BCP 47 tags, the first is the default; default `[en]`"),
        optional(
            "values",
            Type::Map(&ID, &Type::Text),
            "texts that the caller may send for placeholders: `customer_name: The customer's name`",
        ),
        optional(
            "renamed",
            Type::Map(&ID, &ID),
            "ids of an earlier version and what they are called now: `old_stage: new_stage`",
        ),
        optional("signals", Type::Map(&ID, &Type::Part(&SIGNAL)), "what is detected in the customer"),
        optional(
            "facts",
            Type::Map(&ID, &Type::Either(&[Type::Text, Type::Part(&FACT)])),
            "what is known of the case, with the question that finds out",
        ),
        optional("conditions", Type::Map(&ID, &Type::Part(&NAMED_CONDITION)), "named conditions"),
        optional(
            "interrupts",
            Type::List(&Type::Part(&INTERRUPT)),
            "ways into a stage from anywhere, looked at before any exit",
        ),
        optional("first", Type::List(&Type::Part(&FIRST_RULE)), "what goes above every score, in any stage"),
        of_whole("stages", Type::Map(&ID, &Type::Part(&STAGE)), "the process"),
        of_whole("actions", Type::Map(&ID, &Type::Part(&ACTION)), "what the agent can do"),
        optional("delivery", Type::Map(&ID, &Type::Part(&DELIVERY)), "how to carry oneself while doing it"),
        optional("guardrails", Type::Map(&ID, &Type::Part(&GUARDRAIL)), "what must not be said or done"),
        optional("escalations", Type::Map(&ID, &Type::Part(&ESCALATION)), "when to bring in whom"),
        optional(
            "laws",
            Type::List(&Type::Part(&LAW)),
            "what must hold in every situation that a conversation can come to",
        ),
        optional(
            "lints",
            Type::List(&Type::Part(&ALLOWANCE)),
            "what may look like a slip and is meant, with the reason",
        ),
        optional("tests", Type::List(&Type::Part(&CONVERSATION)), "conversations that the playbook must get right"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"playbook": "harbor_support", "version": "1", "title": "Harbor support", "extends": "default@1"}"#,
};

static DROP: Part = Part {
    what: "a `drop`",
    about: "Inherited rules that do not hold here.",
    fields: &[
        optional("interrupts", IDS, "stages: the inherited interrupts that lead there are dropped"),
        optional("first", IDS, "actions: the inherited `first` rules with these are dropped"),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"first": ["disclose_setback"]}"#,
};

static SOURCE: Part = Part {
    what: "a source",
    about: "A document that the playbook follows.",
    fields: &[
        required("title", Type::Text, "what it is called"),
        required("author", Type::Text, "who wrote it"),
        optional(
            "points",
            Type::Map(&POINT, &Type::Text),
            "its points by number; where it lists them, a row id must be one of them",
        ),
    ],
    others: Others::Refused,
    needs: &[],
    example: r#"{"title": "House rules", "author": "The team", "points": {"1": "Listen first."}}"#,
};
