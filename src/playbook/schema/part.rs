//! What the format is described with.

use crate::playbook::vocabulary::Word;

/// A mapping of known keys.
#[derive(Debug)]
pub(super) struct Part {
    /// With its article, as messages name it.
    pub(super) what: &'static str,
    pub(super) about: &'static str,
    pub(super) fields: &'static [Field],
    /// What keys beyond those hold, if there may be any.
    pub(super) others: Others,
    pub(super) needs: &'static [Need],
    /// A good one, as JSON.
    pub(super) example: &'static str,
}

/// A key.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) presence: Presence,
    pub(super) holds: Type,
    pub(super) about: &'static str,
}

/// Whether a key has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    /// Required of a playbook that is whole by itself.
    OfWhole,
    Optional,
}

/// What keys that a part does not know are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Others {
    Refused,
    /// Names of something new, each with this.
    Names(Type),
}

/// What several keys have to do with each other.
#[derive(Debug)]
pub(super) enum Need {
    AnyOf(&'static [&'static str]),
    OneOf(&'static [&'static str]),
    /// The first where the second is `true`.
    With(&'static str, &'static str),
}

/// What stands in a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Type {
    /// Words for people.
    Text,
    /// A short text or a number.
    Label,
    /// A word of this pattern, such as this one.
    Pattern(&'static str, &'static str),
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// `true` or `false`.
    Flag,
    /// From the one to the other.
    Number(f64, f64),
    /// A whole number from this.
    Count(u32),
    List(&'static Type),
    /// A list with something in it.
    Some(&'static Type),
    /// By names of this pattern.
    Map(&'static Type, &'static Type),
    Part(&'static Part),
    Either(&'static [Type]),
}

/// Something new or something named by its id.
pub(super) const ID: Type = Type::Pattern("^[a-z][a-z0-9_]{0,63}$", "keep_listening");
/// An action, or all of a kind.
pub(super) const ACTION_OR_KIND: Type = Type::Pattern("^(kind\\.)?[a-z][a-z0-9_]{0,63}$", "kind.solution");
/// A point of a source.
pub(super) const ROW: Type = Type::Pattern("^[A-Za-z]{1,8}[1-9][0-9]*$", "K2");
/// A test in a condition.
pub(super) const ATOM: Type = Type::Pattern("^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*){0,2}( *>= *[0-9.]+)?$", "anger.high");
/// A language.
pub(super) const LOCALE: Type = Type::Pattern("^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$", "en");
/// How long after the start.
pub(super) const TIME: Type = Type::Pattern("^[0-9]+[smhd]$", "30m");
pub(super) const IDS: Type = Type::List(&ID);
pub(super) const LEVEL: Type = Type::Number(0.0, 1.0);
pub(super) const WEIGHT: Type = Type::Number(0.1, 10.0);

/// The keys of a condition, one of which has to be there where there has to be one.
pub(super) const CONDITION: &[&str] = &["when", "any", "unless"];
pub(super) const WHEN: Field = optional("when", Type::Some(&ATOM), "all of these atoms hold");
pub(super) const ANY: Field = optional("any", Type::Some(&ATOM), "at least one of these atoms holds");
pub(super) const UNLESS: Field = optional("unless", Type::Some(&ATOM), "none of these atoms holds");
pub(super) const SOURCE: Field = optional("source", Type::List(&ROW), "row ids: the advice that it goes back to");

pub(super) const fn required(key: &'static str, holds: Type, about: &'static str) -> Field {
    Field { key, presence: Presence::Required, holds, about }
}

pub(super) const fn optional(key: &'static str, holds: Type, about: &'static str) -> Field {
    Field { key, presence: Presence::Optional, holds, about }
}

/// A section that only a fragment, or a playbook that inherits it, can do without.
pub(super) const fn of_whole(key: &'static str, holds: Type, about: &'static str) -> Field {
    Field { key, presence: Presence::OfWhole, holds, about }
}

/// All words of a closed set.
pub(super) fn words<W: Word>() -> Vec<&'static str> {
    W::ALL.iter().map(|word| word.word()).collect()
}
