//! Delivery guides, guardrails, escalations, and what they must leave possible.

use std::collections::{HashMap, HashSet};

use super::Compiler;
use super::scope::report_twice;
use crate::playbook::document::{self, Name};
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::graph::Parts;
use crate::playbook::ids::ActionIx;
use crate::playbook::parts::{Action, Delivery, Escalation, Guardrail, Place};
use crate::playbook::vocabulary::{ChannelSet, EscalationLevel, EscalationTarget, Kind, Urgency};

/// Pairs of a guardrail and an action that it forbids: what a playbook keeps of them.
const MOST_FORBIDDEN: usize = 1_000_000;

/// The delivery guides, in order.
pub(super) fn delivery(compiler: &mut Compiler<'_, '_>) -> Vec<Delivery> {
    let lowered = |guide: &document::Delivery<'_>| Delivery {
        id: guide.name.text.to_owned(),
        tell: guide.tell.to_owned(),
        channels: guide.on.unwrap_or(ChannelSet::ALL),
        source: compiler.rows.check(&guide.source, compiler.findings),
    };
    compiler.document.delivery.iter().map(lowered).collect()
}

/// The actions of each kind.
pub(super) type Kinds = HashMap<Kind, Vec<ActionIx>>;

/// The actions of each kind, in order.
pub(super) fn kinds(actions: &[Action]) -> Kinds {
    let mut kinds = Kinds::new();
    for (position, action) in actions.iter().enumerate() {
        kinds.entry(action.kind).or_default().extend(ActionIx::new(position));
    }
    kinds
}

/// The guardrails, in order.
pub(super) fn guardrails(compiler: &mut Compiler<'_, '_>, kinds: &Kinds) -> Vec<Guardrail> {
    let mut forbidden = 0;
    let mut guardrails = Vec::with_capacity(compiler.document.guardrails.len());
    for written in &compiler.document.guardrails {
        let guardrail = guardrail(compiler, written, kinds);
        forbidden += guardrail.forbids.len();
        guardrails.push(guardrail);
        if forbidden > MOST_FORBIDDEN {
            let message = format!("the guardrails up to here forbid more than {MOST_FORBIDDEN} actions");
            let mend = "let fewer guardrails forbid whole kinds";
            compiler.findings.add(Finding::error("too-many", written.name.span, message).mend(mend));
            break;
        }
    }
    guardrails
}

fn guardrail<'t>(compiler: &mut Compiler<'t, '_>, written: &document::Guardrail<'t>, kinds: &Kinds) -> Guardrail {
    Guardrail {
        id: written.name.text.to_owned(),
        tell: written.tell.to_owned(),
        condition: compiler.condition(&written.condition),
        forbids: forbidden(compiler, &written.forbids, kinds),
        avoid: written.avoid.iter().map(|words| words.text.to_owned()).collect(),
        source: compiler.rows(&written.source),
        place: Place::of(written.name.span),
    }
}

/// The actions that `names` forbid, kinds resolved, each once.
pub(super) fn forbidden(compiler: &mut Compiler<'_, '_>, names: &[Name<'_>], kinds: &Kinds) -> Vec<ActionIx> {
    let (mut forbidden, mut seen, mut seen_names) = (Vec::new(), HashSet::new(), HashSet::new());
    for name in names {
        if !seen_names.insert(name.text) {
            report_twice(*name, compiler.findings);
            continue;
        }
        let some = actions_or_kind(compiler, *name, kinds);
        forbidden.extend(some.into_iter().filter(|action| seen.insert(*action)));
    }
    forbidden
}

/// The action, or the actions of the kind, that `name` names.
fn actions_or_kind(compiler: &mut Compiler<'_, '_>, name: Name<'_>, kinds: &Kinds) -> Vec<ActionIx> {
    let Some(word) = name.text.strip_prefix("kind.") else {
        return compiler.scope.actions.resolve(name, compiler.findings).into_iter().collect();
    };
    let Some(kind) = known_kind(compiler, Name { text: word, ..name }) else { return Vec::new() };
    if let Some(actions) = kinds.get(&kind) {
        return actions.clone();
    }
    let message = format!("no action is of kind {}", ticked(word));
    let mend = "name a kind that an action has, or remove it";
    compiler.findings.add(Finding::error("never-used", name.span, message).mend(mend));
    Vec::new()
}

/// The kind that `word` names; reported where it names none.
pub(super) fn known_kind(compiler: &mut Compiler<'_, '_>, word: Name<'_>) -> Option<Kind> {
    let kind = Kind::from_word(word.text);
    if kind.is_none() {
        let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let all = || {
            format!("write one of {}", words.iter().map(|word| format!("`kind.{word}`")).collect::<Vec<_>>().join(" "))
        };
        let meant = compiler.findings.nearest(word.text, words.iter().copied());
        let mend = meant.map_or_else(all, |word| format!("did you mean `kind.{word}`?"));
        let message = format!("{} is not a kind of action", ticked(word.text));
        compiler.findings.add(Finding::error("unknown-word", word.span, message).mend(mend));
    }
    kind
}

/// The escalation rules, in order.
pub(super) fn escalations(compiler: &mut Compiler<'_, '_>, actions: &[Action]) -> Vec<Escalation> {
    let named: HashSet<&str> =
        compiler.document.stages.iter().filter_map(|stage| stage.escalate).map(|name| name.text).collect();
    let mut escalations = Vec::with_capacity(compiler.document.escalations.len());
    for rule in &compiler.document.escalations {
        check_rule(compiler, rule, named.contains(rule.name.text));
        let condition = compiler.condition(&rule.condition);
        let action = shown_anywhere(compiler, rule.action, actions);
        let else_action = shown_anywhere(compiler, rule.else_action, actions);
        escalations.push(Escalation {
            id: rule.name.text.to_owned(),
            level: rule.level.unwrap_or(EscalationLevel::Offer),
            target: rule.target.unwrap_or(EscalationTarget::Supervisor),
            urgency: rule.urgency.unwrap_or(Urgency::Soon),
            why: rule.why.to_owned(),
            condition,
            action,
            else_action,
            source: compiler.rows(&rule.source),
            place: Place::of(rule.name.span),
        });
    }
    escalations
}

fn check_rule(compiler: &mut Compiler<'_, '_>, rule: &document::Escalation<'_>, named_by_stage: bool) {
    let name = rule.name;
    if rule.level == Some(EscalationLevel::Require) && !rule.acts {
        let message = format!("{} requires something, and does not say what", ticked(name.text));
        compiler
            .findings
            .add(Finding::error("no-action", name.span, message).mend("add `action: …`, what the agent does"));
    }
    if let Some(other) = rule.else_action.filter(|_| !rule.acts) {
        let message = "`else_action` stands in for an `action`, and there is none";
        compiler.findings.add(Finding::error("no-action", other.span, message).mend("call it `action`"));
    }
    if let Some(other) = rule.else_action.filter(|other| rule.action.is_some_and(|action| action.text == other.text)) {
        let message = "`else_action` is the `action` that it should stand in for";
        compiler
            .findings
            .add(Finding::error("never-used", other.span, message).mend("name another action, or leave it out"));
    }
    if !rule.condition.given && !named_by_stage {
        let message = format!("{} is never in force: it has no condition, and no stage names it", ticked(name.text));
        let mend = format!("add `when`, or `escalate: {}` to a stage", name.text);
        compiler.findings.add(Finding::warning("never-used", name.span, message).mend(mend));
    }
}

/// Advice can come at any moment, so what it names must be possible at any moment.
fn shown_anywhere(compiler: &mut Compiler<'_, '_>, name: Option<Name<'_>>, actions: &[Action]) -> Option<ActionIx> {
    let name = name?;
    let ix = compiler.scope.actions.resolve(name, compiler.findings)?;
    let action = actions.get(ix.position())?;
    let why = match (action.condition.is_empty(), action.after.is_empty()) {
        (true, true) => return Some(ix),
        (false, _) => "has a condition",
        (true, false) => "comes `after` another action",
    };
    let message = format!("{} {why}, so it can't always be shown when this advice is given", ticked(name.text));
    let mend = "name an action without `when`, `any`, `unless` and `after`";
    compiler.findings.add(Finding::error("not-always-possible", name.span, message).mend(mend));
    Some(ix)
}

/// What must always be possible, and is forbidden: what escalations name, and every stage's `otherwise`.
pub(super) fn check_forbidden(compiler: &mut Compiler<'_, '_>, parts: &Parts) {
    let mut by_action: Vec<Option<&str>> = vec![None; parts.actions.len()];
    for guardrail in &parts.guardrails {
        for action in &guardrail.forbids {
            if let Some(first) = by_action.get_mut(action.position()) {
                first.get_or_insert(&guardrail.id);
            }
        }
    }
    let document = compiler.document;
    let otherwise = document.stages.iter().filter(|stage| stage.final_at.is_none()).filter_map(|stage| stage.otherwise);
    let advised = document.escalations.iter().flat_map(|rule| [rule.action, rule.else_action]).flatten();
    for name in otherwise.chain(advised) {
        let forbids =
            compiler.scope.actions.find(name.text).and_then(|ix| by_action.get(ix.position()).copied().flatten());
        if let Some(guardrail) = forbids {
            let message = format!(
                "the guardrail {} forbids {}, which must always be possible here",
                ticked(guardrail),
                ticked(name.text)
            );
            let mend = "name another action, or take it out of `forbids`";
            compiler.findings.add(Finding::error("forbidden", name.span, message).mend(mend));
        }
    }
}
