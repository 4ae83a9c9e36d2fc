//! From a document to the compiled playbook: every name is looked up, every rule of the format is checked, all errors are collected.
//!
//! A part that is wrong is compiled with a stand-in where needed, so that positions stay true and later checks can go on. Since its error
//! was found, no playbook comes out of it.

mod actions;
mod advice;
mod atoms;
mod avoid;
mod conditions;
mod conversations;
mod coverage;
mod flow;
mod laws;
mod lints;
mod possible;
mod process;
mod rows;
mod scope;
mod shadow;
mod situation;
mod texts;
mod unused;

use super::condition::Condition;
use super::document::{Document, Name};
use super::finding::{Finding, Findings};
use super::graph::{Parts, Playbook};
use super::parts::{Identity, Source, Value};
use atoms::Atoms;
use conditions::Conditions;
use rows::Rows;
use scope::Scope;

/// What all steps share.
struct Compiler<'t, 'f> {
    document: &'t Document<'t>,
    scope: Scope<'t>,
    rows: Rows<'t>,
    atoms: Atoms<'t>,
    conditions: Conditions,
    findings: &'f mut Findings,
}

/// The playbook that `document` describes, or `None` and the reasons in `findings`.
pub(super) fn compile<'t>(document: &'t Document<'t>, digest: String, findings: &mut Findings) -> Option<Playbook> {
    if document.stages.is_empty() || document.actions.is_empty() {
        no_process(document, findings);
        return None;
    }
    let mut compiler = Compiler {
        document,
        scope: Scope::of(document, findings),
        rows: Rows::of(document),
        atoms: Atoms::default(),
        conditions: Conditions::default(),
        findings,
    };
    let mut parts = compiler.parts(digest)?;
    let start = flow::start(&mut compiler)?;
    let flow = flow::check(&mut compiler, &parts, start);
    shadow::check(&mut compiler, &parts);
    parts.atoms = std::mem::take(&mut compiler.atoms).into_entries();
    unused::check(&mut compiler, &parts);
    (!compiler.findings.failed()).then(|| Playbook::assemble(parts, start, flow))
}

/// Everything else would only be a consequence.
fn no_process(document: &Document<'_>, findings: &mut Findings) {
    if !findings.failed() {
        let missing = if document.stages.is_empty() { "stage" } else { "action" };
        let message = format!("a playbook needs at least one {missing}");
        findings.add(Finding::error("missing-field", document.stages_at, message).mend("write the first one"));
    }
}

impl<'t> Compiler<'t, '_> {
    fn parts(&mut self, digest: String) -> Option<Parts> {
        let document = self.document;
        let signals = situation::signals(self);
        let facts = situation::facts(self);
        let named = conditions::named(self);
        let locales = self.scope.locales.clone();
        let actions = actions::actions(self);
        let kinds = advice::kinds(&actions);
        let guardrails = advice::guardrails(self, &kinds);
        let escalations = advice::escalations(self, &actions);
        let stages = process::stages(self)?;
        let parts = Parts {
            identity: Identity { id: document.id.to_owned(), version: document.version.to_owned(), digest },
            title: document.title.to_owned(),
            channels: document.channels,
            locales,
            sources: sources(document),
            renamed: self.scope.renamed(document, self.findings),
            values: values(document),
            signals,
            facts,
            conditions: named,
            interrupts: process::interrupts(self),
            first: process::first_rules(self),
            stages,
            actions,
            delivery: advice::delivery(self),
            guardrails,
            escalations,
            laws: laws::laws(self, &kinds),
            allowances: lints::allowances(self),
            // They come in while all else is compiled.
            atoms: Vec::new(),
            tests: conversations::conversations(self),
        };
        advice::check_forbidden(self, &parts);
        Some(parts)
    }

    /// The condition that `written` describes.
    fn condition(&mut self, written: &super::document::Condition<'t>) -> Condition {
        conditions::condition(self, written)
    }

    /// The row ids, checked.
    fn rows(&mut self, written: &[Name<'_>]) -> Vec<String> {
        self.rows.check(written, self.findings)
    }
}

fn sources(document: &Document<'_>) -> Vec<Source> {
    let lowered = |source: &super::document::Source<'_>| Source {
        id: source.name.text.to_owned(),
        title: source.title.to_owned(),
        author: source.author.to_owned(),
        points: source.points.iter().map(|(number, text)| (*number, (*text).to_owned())).collect(),
    };
    document.sources.iter().map(lowered).collect()
}

fn values(document: &Document<'_>) -> Vec<Value> {
    document
        .values
        .iter()
        .map(|value| Value { id: value.name.text.to_owned(), title: value.title.to_owned() })
        .collect()
}
