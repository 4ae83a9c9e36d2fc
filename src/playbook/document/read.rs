//! Single values out of nodes: each says what it wanted where it did not find it.

use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::units::{Level, OutOfRange};
use crate::playbook::vocabulary::Word;
use crate::playbook::yaml::{Content, Entry, Key, Node, Scalar, Span};

/// Characters that an id may have.
const LONGEST_ID: usize = 64;
/// Characters that a text may have.
pub(in crate::playbook) const LONGEST_TEXT: usize = 2_000;

/// A word of the author's, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(in crate::playbook) struct Name<'t> {
    pub(in crate::playbook) text: &'t str,
    pub(in crate::playbook) span: Span,
}

/// Text of the author's, and where it stands.
pub(in crate::playbook) type Prose<'t> = Name<'t>;

/// What should stand somewhere.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'w> {
    /// A list of these.
    List(&'w str),
    /// A mapping, which is this.
    Mapping(&'w str),
    /// Any number.
    Number,
    /// A whole number from this.
    WholeNumber(u32),
    /// `true` or `false`.
    Flag,
    /// Text for people.
    Text,
    /// A name or another word.
    Word,
    /// This or that.
    Either(&'w str),
}

impl Wanted<'_> {
    fn what(self) -> String {
        match self {
            Self::List(what) => format!("a list of {what}"),
            Self::Mapping(what) | Self::Either(what) => what.to_owned(),
            Self::Number => "a number".to_owned(),
            Self::WholeNumber(least) => format!("a whole number from {least}"),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Word => "a word".to_owned(),
        }
    }

    fn mend(self, found: &Content<'_>) -> String {
        match (self, found) {
            (Self::List(_), Content::Scalar(scalar)) if !scalar.text.contains(char::is_whitespace) => {
                format!("write `[{}]`", scalar.text)
            }
            (Self::List(_), _) => "write each on a line of its own, after a `- `".to_owned(),
            (Self::Mapping(_), _) => "write `key: value`, each on a line of its own".to_owned(),
            (Self::Number, _) => "write one, such as `0.5`, without quotes".to_owned(),
            (Self::WholeNumber(_), _) => "write one, such as `3`, without quotes".to_owned(),
            (Self::Flag, _) => "write one of them, without quotes".to_owned(),
            (Self::Text, _) => "write a sentence".to_owned(),
            (Self::Word, _) => "write one".to_owned(),
            (Self::Either(_), _) => "write one of these".to_owned(),
        }
    }
}

/// Reports that something else stands where `wanted` should.
pub(super) fn wrong_type(node: &Node<'_>, wanted: Wanted<'_>, findings: &mut Findings) {
    let found = match &node.content {
        Content::Refused => return,
        Content::Mapping(_) => "a mapping".to_owned(),
        Content::Sequence(_) => "a list".to_owned(),
        Content::Scalar(scalar) => ticked(&scalar.text),
    };
    let message = format!("expected {}, found {found}", wanted.what());
    findings.add(Finding::error("wrong-type", node.span, message).mend(wanted.mend(&node.content)));
}

fn scalar<'t>(node: &'t Node<'t>, wanted: Wanted<'_>, findings: &mut Findings) -> Option<&'t Scalar<'t>> {
    if let Content::Scalar(scalar) = &node.content {
        return Some(scalar);
    }
    wrong_type(node, wanted, findings);
    None
}

/// A word: what it may be is for the caller to say.
pub(super) fn name<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Name<'t>> {
    let scalar = scalar(node, Wanted::Word, findings)?;
    Some(Name { text: &scalar.text, span: node.span })
}

/// Text for people.
pub(super) fn prose<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Prose<'t>> {
    let scalar = scalar(node, Wanted::Text, findings)?;
    let text = Name { text: scalar.text.trim(), span: node.span };
    match flaw(scalar) {
        None => Some(text),
        Some((code, message, mend)) => {
            findings.add(Finding::error(code, node.span, message).mend(mend));
            None
        }
    }
}

fn flaw(scalar: &Scalar<'_>) -> Option<(&'static str, String, &'static str)> {
    let text = scalar.text.trim();
    if scalar.cut {
        let mend = "put text that contains ` #` into quotes, and a comment on a line of its own";
        return Some(("cut-text", "a comment cuts this text".to_owned(), mend));
    }
    if text.is_empty() {
        return Some(("empty-text", "this text is empty".to_owned(), "write it, or leave the key out"));
    }
    if scalar.plain && is_no_text(text) {
        return Some((
            "wrong-type",
            format!("expected a text, found {}", ticked(text)),
            "if it is one, put it into quotes",
        ));
    }
    if text.contains(|character: char| character.is_control() && character != '\n') {
        let mend = "remove it: tabs, escapes and the like do not show";
        return Some(("wrong-type", "there is a character in this text that does not print".to_owned(), mend));
    }
    if text.chars().nth(LONGEST_TEXT).is_some() {
        let message = format!("this text has more than {LONGEST_TEXT} characters");
        return Some(("too-long", message, "say it shorter: it is read while somebody waits"));
    }
    None
}

fn is_no_text(plain: &str) -> bool {
    matches!(plain, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
        || decimal(plain).is_some()
        || is_special_number(plain)
}

fn is_special_number(plain: &str) -> bool {
    matches!(plain.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str(), ".inf" | ".nan")
}

/// A number as people write it: no `1e5`, `inf` or `nan`.
pub(in crate::playbook) fn decimal(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (decimal && digits.bytes().any(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A label, such as a version; a number will do.
pub(super) fn label<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<&'t str> {
    let text = name(node, findings)?.text;
    let fits = !text.trim().is_empty() && text.chars().count() <= LONGEST_ID && !text.contains(char::is_control);
    if !fits {
        let message = format!("expected a label of at most {LONGEST_ID} characters, found {}", ticked(text));
        findings.add(Finding::error("wrong-type", node.span, message).mend("write something like `\"1\"`"));
    }
    fits.then_some(text)
}

/// A number.
pub(super) fn number(node: &Node<'_>, findings: &mut Findings) -> Option<f64> {
    let scalar = scalar(node, Wanted::Number, findings)?;
    let number = if scalar.plain { decimal(&scalar.text) } else { None };
    if number.is_none() {
        wrong_type(node, Wanted::Number, findings);
    }
    number
}

/// A whole number from `least`.
pub(super) fn count(node: &Node<'_>, least: u32, findings: &mut Findings) -> Option<u32> {
    let scalar = scalar(node, Wanted::WholeNumber(least), findings)?;
    let number = if scalar.plain { whole(&scalar.text) } else { None };
    match number {
        None => wrong_type(node, Wanted::WholeNumber(least), findings),
        Some(number) if number < least => {
            let message = format!("{} is less than {least}", ticked(&scalar.text));
            findings.add(Finding::error("out-of-range", node.span, message).mend(format!("write {least} or more")));
        }
        Some(_) => {}
    }
    number.filter(|number| *number >= least)
}

/// Digits only.
pub(in crate::playbook) fn whole(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// From 0 to 1.
pub(super) fn level(node: &Node<'_>, findings: &mut Findings) -> Option<Level> {
    let found = number(node, findings)?;
    in_range(Level::try_from(found), node, findings)
}

/// The number, if it is in range.
pub(super) fn in_range<T>(found: Result<T, OutOfRange>, node: &Node<'_>, findings: &mut Findings) -> Option<T> {
    match found {
        Ok(number) => Some(number),
        Err(error) => {
            findings.add(Finding::error("out-of-range", node.span, error.to_string()).mend(fitting(error)));
            None
        }
    }
}

/// People say 65 for 0.65.
fn fitting(OutOfRange { found, least, most }: OutOfRange) -> String {
    let hundredth = found / 100.0;
    if most <= 1.0 && found > 1.0 && (least..=most).contains(&hundredth) {
        return format!("did you mean `{hundredth}`?");
    }
    format!("write a number from {least} to {most}")
}

/// `true` or `false`.
pub(super) fn flag(node: &Node<'_>, findings: &mut Findings) -> Option<bool> {
    let scalar = scalar(node, Wanted::Flag, findings)?;
    let flag = match scalar.text.as_ref() {
        "true" if scalar.plain => Some(true),
        "false" if scalar.plain => Some(false),
        _ => None,
    };
    if flag.is_none() {
        wrong_type(node, Wanted::Flag, findings);
    }
    flag
}

/// A word of a closed set; `what` with its article.
pub(super) fn word<W: Word>(node: &Node<'_>, what: &str, findings: &mut Findings) -> Option<W> {
    let name = name(node, findings)?;
    let found = W::ALL.iter().copied().find(|word| word.word() == name.text);
    if found.is_none() {
        let words: Vec<&str> = W::ALL.iter().map(|word| word.word()).collect();
        unknown_word(name, what, &words, findings);
    }
    found
}

/// The word, if it is one of `words`.
pub(super) fn one_of(name: Name<'_>, what: &str, words: &[&str], findings: &mut Findings) -> Option<String> {
    if words.contains(&name.text) {
        return Some(name.text.to_owned());
    }
    unknown_word(name, what, words, findings);
    None
}

fn one_of_these(words: &[&str]) -> String {
    match words {
        [only] => format!("write `{only}`"),
        _ => format!("write one of {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ")),
    }
}

/// Reports that `name` is none of `words`.
pub(super) fn unknown_word(name: Name<'_>, what: &str, words: &[&str], findings: &mut Findings) {
    let mend = findings.meant(name.text, words.iter().copied()).unwrap_or_else(|| one_of_these(words));
    findings.add(Finding::error("unknown-word", name.span, format!("{} is not {what}", ticked(name.text))).mend(mend));
}

/// The entries of a list; none where it is none.
pub(super) fn list<'t>(node: &'t Node<'t>, of: &str, findings: &mut Findings) -> &'t [Node<'t>] {
    if let Content::Sequence(nodes) = &node.content {
        return nodes;
    }
    wrong_type(node, Wanted::List(of), findings);
    &[]
}

/// The words of a list.
pub(super) fn names<'t>(node: &'t Node<'t>, of: &str, findings: &mut Findings) -> Vec<Name<'t>> {
    list(node, of, findings).iter().filter_map(|entry| name(entry, findings)).collect()
}

/// The entries of a mapping; none where it is none.
pub(super) fn entries<'t>(node: &'t Node<'t>, what: &str, findings: &mut Findings) -> &'t [Entry<'t>] {
    if let Content::Mapping(entries) = &node.content {
        return entries;
    }
    wrong_type(node, Wanted::Mapping(what), findings);
    &[]
}

/// The key as a name.
pub(super) fn key<'t>(key: &'t Key<'t>) -> Name<'t> {
    Name { text: &key.text, span: key.span }
}

/// The key as the id of something new. One that is malformed is reported and kept, so that what refers to it finds it.
pub(super) fn new_id<'t>(at: &'t Key<'t>, findings: &mut Findings) -> Name<'t> {
    let name = key(at);
    check_id(name, findings);
    name
}

/// Reports an id that is malformed.
pub(super) fn check_id(name: Name<'_>, findings: &mut Findings) {
    if is_id(name.text) {
        return;
    }
    let message = format!("{} is not a good id", ticked(name.text));
    let mend =
        format!("use a-z, 0-9 and `_`, start with a letter, {LONGEST_ID} characters at most{}", suggested(name.text));
    findings.add(Finding::error("malformed-id", name.span, message).mend(mend));
}

fn suggested(text: &str) -> String {
    let snake: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let snake = snake.trim_matches('_');
    if is_id(snake) { format!(": `{snake}`") } else { String::new() }
}

/// Whether `text` is `snake_case`.
pub(in crate::playbook) fn is_id(text: &str) -> bool {
    text.len() <= LONGEST_ID
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
