//! Two trees into one.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::yaml::{self, Content, Entry, Key, Node, Span, Tree};

/// What a playbook is called, which is said first and never inherited.
const HEADER: &[&str] = &["playbook", "version", "title"];
/// What a base says for itself alone.
const NOT_INHERITED: &[&str] = &["playbook", "version", "title", "fragment", "tests"];
/// What is settled once the trees are one.
const SETTLED: &[&str] = &["extends", "drop"];
/// Lists of rules, of which own ones come after the inherited ones.
const RULES: &[&str] = &["interrupts", "first", "laws", "lints"];

/// How an own value comes together with the inherited one of the same key.
type Rule<'f, 's> = fn(&mut Merge<'f>, &str, Node<'s>, Node<'s>) -> Node<'s>;

/// What merging keeps in mind.
struct Merge<'f> {
    /// `null`s of the own file that have not yet taken anything away.
    nulls: BTreeSet<Span>,
    findings: &'f mut Findings,
}

/// `own` with what it inherits from `base`.
pub(super) fn merged<'s>(own: Tree<'s>, base: Node<'s>, findings: &mut Findings) -> Node<'s> {
    let Tree { root, nulls } = own;
    let span = root.span;
    let (Content::Mapping(own), Content::Mapping(mut inherited)) = (root.content, base.content) else {
        // Neither can be: one says what it extends, the other what it is called.
        return Node { span, content: Content::Refused };
    };
    inherited.retain(|entry| !NOT_INHERITED.contains(&entry.key.text.as_ref()));
    let own = own.into_iter().filter(|entry| !SETTLED.contains(&entry.key.text.as_ref()));
    let (mut entries, own): (Vec<Entry<'s>>, Vec<Entry<'s>>) =
        own.partition(|entry| HEADER.contains(&entry.key.text.as_ref()));
    let mut merge = Merge { nulls: nulls.into_iter().collect(), findings };
    entries.extend(merge.mapping(inherited, own, Merge::section));
    for span in std::mem::take(&mut merge.nulls) {
        yaml::refuse_null(span, merge.findings);
    }
    Node { span, content: Content::Mapping(entries) }
}

impl<'f> Merge<'f> {
    /// The inherited entries in their order, with what `own` says of them, then the new ones.
    fn mapping<'s>(&mut self, base: Vec<Entry<'s>>, own: Vec<Entry<'s>>, rule: Rule<'f, 's>) -> Vec<Entry<'s>> {
        let places: HashMap<String, usize> =
            own.iter().enumerate().map(|(place, entry)| (entry.key.text.as_ref().to_owned(), place)).collect();
        let names: Rc<[String]> = base.iter().map(|entry| entry.key.text.as_ref().to_owned()).collect();
        let mut own: Vec<Option<Entry<'s>>> = own.into_iter().map(Some).collect();
        let mut entries = Vec::with_capacity(names.len() + own.len());
        for inherited in base {
            let place = places.get(inherited.key.text.as_ref());
            match place.and_then(|place| own.get_mut(*place)).and_then(Option::take) {
                None => entries.push(inherited),
                Some(entry) if self.takes_away(&entry) => {}
                Some(Entry { key, value }) => {
                    let value = rule(self, &key.text, inherited.value, value);
                    entries.push(Entry { key, value });
                }
            }
        }
        for entry in own.into_iter().flatten() {
            if self.takes_away(&entry) {
                self.nothing_to_remove(&entry.key, &names);
            } else {
                self.findings.newcomer(&entry.key, &names);
                entries.push(entry);
            }
        }
        entries
    }

    fn section<'s>(&mut self, key: &str, base: Node<'s>, own: Node<'s>) -> Node<'s> {
        match (base.content, own.content) {
            (Content::Mapping(base), Content::Mapping(entries)) => {
                let rule = if key == "facts" { Self::fact } else { Self::part };
                Node { span: own.span, content: Content::Mapping(self.mapping(base, entries, rule)) }
            }
            (Content::Sequence(mut rules), Content::Sequence(more)) if RULES.contains(&key) => {
                rules.extend(more);
                Node { span: own.span, content: Content::Sequence(rules) }
            }
            (_, content) => Node { span: own.span, content },
        }
    }

    fn part<'s>(&mut self, _: &str, base: Node<'s>, own: Node<'s>) -> Node<'s> {
        match (base.content, own.content) {
            (Content::Mapping(base), Content::Mapping(entries)) => {
                Node { span: own.span, content: Content::Mapping(self.mapping(base, entries, Self::part)) }
            }
            (_, content) => Node { span: own.span, content },
        }
    }

    /// A fact that is only a question is short for one with `ask`, and keeps what is not said of it like any other.
    fn fact<'s>(&mut self, key: &str, base: Node<'s>, own: Node<'s>) -> Node<'s> {
        match (&base.content, &own.content) {
            (Content::Scalar(_), Content::Mapping(_)) => self.part(key, asked(base), own),
            (Content::Mapping(_), Content::Scalar(_)) => self.part(key, base, asked(own)),
            _ => self.part(key, base, own),
        }
    }

    /// Whether the entry is there only to remove an inherited one.
    fn takes_away(&mut self, entry: &Entry<'_>) -> bool {
        matches!(entry.value.content, Content::Refused) && self.nulls.remove(&entry.value.span)
    }

    fn nothing_to_remove(&mut self, key: &Key<'_>, names: &[String]) {
        let message = format!("nothing is inherited here that is called {}", ticked(&key.text));
        let meant = self.findings.meant(&key.text, names.iter().map(String::as_str));
        let mend = meant.unwrap_or_else(|| "leave it out: there is nothing to remove".to_owned());
        self.findings.add(Finding::error("nothing-to-remove", key.span, message).mend(mend));
    }
}

fn asked(question: Node<'_>) -> Node<'_> {
    let span = question.span;
    let key = Key { text: Cow::Borrowed("ask"), span };
    Node { span, content: Content::Mapping(vec![Entry { key, value: question }]) }
}
