//! The names of a playbook, and what they lead to.

use std::collections::{HashMap, HashSet};

use crate::playbook::document::{Document, Name};
use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::ids::{
    ActionIx, ConditionIx, DeliveryIx, EscalationIx, FactIx, GuardrailIx, SignalIx, StageIx, ValueIx,
};

/// Words with a meaning of their own, which no part may have as its name.
const RESERVED: &[&str] = &["done", "stage", "promise", "yes", "no", "known", "unknown", "kind", "back"];
/// What an index can tell apart.
const MOST_OF_A_SORT: usize = 65_535;

/// The parts of one sort by name.
#[derive(Debug)]
pub(super) struct Table<'t, Ix> {
    what: &'static str,
    names: Vec<Name<'t>>,
    by_name: HashMap<&'t str, Ix>,
}

impl<'t, Ix: Copy + PartialEq> Table<'t, Ix> {
    fn of(what: &'static str, make: fn(usize) -> Option<Ix>, names: Vec<Name<'t>>) -> Self {
        let indexed = names.iter().enumerate().filter_map(|(position, name)| Some((name.text, make(position)?)));
        Self { what, by_name: indexed.collect(), names }
    }

    /// The part called `text`.
    pub(super) fn find(&self, text: &str) -> Option<Ix> {
        self.by_name.get(text).copied()
    }

    /// Their names, in order.
    pub(super) fn names(&self) -> &[Name<'t>] {
        &self.names
    }

    /// Their names as text.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'t str> {
        self.names.iter().map(|name| name.text)
    }

    /// The part that `name` refers to; reported where there is none.
    pub(super) fn resolve(&self, name: Name<'_>, findings: &mut Findings) -> Option<Ix> {
        let found = self.find(name.text);
        if found.is_none() {
            let message = format!("unknown {} {}", self.what, ticked(name.text));
            let mend = findings.meant(name.text, self.texts()).unwrap_or_else(|| self.declare());
            findings.add(Finding::error("unknown-name", name.span, message).mend(mend));
        }
        found
    }

    /// The parts that `names` refer to, each once.
    pub(super) fn resolve_all(&self, names: &[Name<'_>], findings: &mut Findings) -> Vec<Ix> {
        let mut seen = HashSet::new();
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            if seen.insert(name.text) {
                all.extend(self.resolve(*name, findings));
            } else {
                report_twice(*name, findings);
            }
        }
        all
    }

    fn declare(&self) -> String {
        if self.names.is_empty() {
            return format!("the playbook declares no {}", self.what);
        }
        format!("declare the {}, or name one that is declared", self.what)
    }

    fn check(&self, findings: &mut Findings) {
        for name in self.names.iter().filter(|name| RESERVED.contains(&name.text)) {
            let message = format!("{} is a word of conditions and exits", ticked(name.text));
            findings.add(Finding::error("reserved-word", name.span, message).mend("give it another name"));
        }
        if let Some(name) = self.names.get(MOST_OF_A_SORT) {
            let message = format!("a playbook has at most 65,535 of a sort, and this is a {} beyond", self.what);
            findings.add(Finding::error("too-many", name.span, message).mend("split the playbook"));
        }
    }
}

/// Reports that `name` stands in a list where it stood already.
pub(super) fn report_twice(name: Name<'_>, findings: &mut Findings) {
    let message = format!("{} stands here twice", ticked(name.text));
    findings.add(Finding::error("duplicate-entry", name.span, message).mend("keep one of them"));
}

/// All names.
#[derive(Debug)]
pub(super) struct Scope<'t> {
    pub(super) stages: Table<'t, StageIx>,
    pub(super) actions: Table<'t, ActionIx>,
    pub(super) signals: Table<'t, SignalIx>,
    pub(super) facts: Table<'t, FactIx>,
    pub(super) conditions: Table<'t, ConditionIx>,
    pub(super) values: Table<'t, ValueIx>,
    pub(super) delivery: Table<'t, DeliveryIx>,
    pub(super) guardrails: Table<'t, GuardrailIx>,
    pub(super) escalations: Table<'t, EscalationIx>,
    pub(super) locales: Vec<String>,
}

impl<'t> Scope<'t> {
    /// The names that `document` declares.
    pub(super) fn of(document: &'t Document<'t>, findings: &mut Findings) -> Self {
        let scope = Self {
            stages: Table::of("stage", StageIx::new, document.stages.iter().map(|part| part.name).collect()),
            actions: Table::of("action", ActionIx::new, document.actions.iter().map(|part| part.name).collect()),
            signals: Table::of("signal", SignalIx::new, document.signals.iter().map(|part| part.name).collect()),
            facts: Table::of("fact", FactIx::new, document.facts.iter().map(|part| part.name).collect()),
            conditions: Table::of(
                "condition",
                ConditionIx::new,
                document.conditions.iter().map(|part| part.name).collect(),
            ),
            values: Table::of("value", ValueIx::new, document.values.iter().map(|part| part.name).collect()),
            delivery: Table::of(
                "delivery guide",
                DeliveryIx::new,
                document.delivery.iter().map(|part| part.name).collect(),
            ),
            guardrails: Table::of(
                "guardrail",
                GuardrailIx::new,
                document.guardrails.iter().map(|part| part.name).collect(),
            ),
            escalations: Table::of(
                "escalation",
                EscalationIx::new,
                document.escalations.iter().map(|part| part.name).collect(),
            ),
            locales: locales(document),
        };
        scope.check(findings);
        scope
    }

    /// The old names and the new ones, which lead somewhere.
    pub(super) fn renamed(&self, document: &Document<'_>, findings: &mut Findings) -> Vec<(String, String)> {
        for rename in &document.renamed {
            if self.is_declared(rename.old.text) {
                let message = format!("{} is still in use, so it has no new name", ticked(rename.old.text));
                findings.add(
                    Finding::error("name-clash", rename.old.span, message)
                        .mend("remove this line, or the part of that name"),
                );
            }
            if let Some(new) = rename.new.filter(|new| !self.is_declared(new.text)) {
                let message = format!("nothing is called {}", ticked(new.text));
                let mend = findings
                    .meant(new.text, self.declared())
                    .unwrap_or_else(|| "write the name that it has now".to_owned());
                findings.add(Finding::error("unknown-name", new.span, message).mend(mend));
            }
        }
        let pair = |rename: &crate::playbook::document::Rename<'_>| {
            Some((rename.old.text.to_owned(), rename.new?.text.to_owned()))
        };
        document.renamed.iter().filter_map(pair).collect()
    }

    fn declared(&self) -> impl Iterator<Item = &'t str> {
        self.stages
            .texts()
            .chain(self.actions.texts())
            .chain(self.signals.texts())
            .chain(self.facts.texts())
            .chain(self.values.texts())
    }

    fn is_declared(&self, text: &str) -> bool {
        self.stages.find(text).is_some()
            || self.actions.find(text).is_some()
            || self.signals.find(text).is_some()
            || self.facts.find(text).is_some()
            || self.values.find(text).is_some()
    }

    fn check(&self, findings: &mut Findings) {
        self.stages.check(findings);
        self.actions.check(findings);
        self.signals.check(findings);
        self.facts.check(findings);
        self.conditions.check(findings);
        self.values.check(findings);
        self.delivery.check(findings);
        self.guardrails.check(findings);
        self.escalations.check(findings);
        for name in self.facts.names() {
            report_clash(*name, "fact", self.signals.find(name.text).map(|_| "a signal"), findings);
        }
        for name in self.conditions.names() {
            let signal = self.signals.find(name.text).map(|_| "a signal");
            report_clash(*name, "condition", signal.or(self.facts.find(name.text).map(|_| "a fact")), findings);
        }
    }
}

/// Conditions speak of signals, facts and other conditions in one breath, so each needs a name of its own.
fn report_clash(name: Name<'_>, what: &str, other: Option<&str>, findings: &mut Findings) {
    if let Some(other) = other {
        let message = format!("the {what} {} has the name of {other}", ticked(name.text));
        findings
            .add(Finding::error("name-clash", name.span, message).mend("rename one: a condition could mean either"));
    }
}

fn locales(document: &Document<'_>) -> Vec<String> {
    if document.locales.is_empty() {
        return vec!["en".to_owned()];
    }
    document.locales.iter().map(|tag| tag.text.to_owned()).collect()
}
