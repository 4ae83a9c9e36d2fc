//! Actions.

use super::Compiler;
use super::{avoid, coverage, texts};
use crate::playbook::document;
use crate::playbook::finding::{Finding, listed, ticked};
use crate::playbook::graph::order;
use crate::playbook::parts::{Action, Place, Preference};
use crate::playbook::vocabulary::Kind;

/// The actions, in order.
pub(super) fn actions(compiler: &mut Compiler<'_, '_>) -> Vec<Action> {
    let written = &compiler.document.actions;
    let actions: Vec<Action> = written.iter().map(|action| lowered(compiler, action)).collect();
    check_after(compiler, &actions);
    check_promises(compiler, &actions);
    coverage::check(compiler, &actions);
    avoid::check(compiler, &actions);
    actions
}

fn lowered<'t>(compiler: &mut Compiler<'t, '_>, action: &document::Action<'t>) -> Action {
    Action {
        id: action.name.text.to_owned(),
        title: action.title.to_owned(),
        // One without a kind was reported, and goes no further than the checks.
        kind: action.kind.unwrap_or(Kind::Listening),
        why: action.why.to_owned(),
        condition: compiler.condition(&action.condition),
        after: compiler.scope.actions.resolve_all(&action.after, compiler.findings),
        limit: action.limit,
        confirm: action.confirm,
        keeps_promise: action.keeps_promise,
        value: action.value,
        prefer: preferences(compiler, action),
        delivery: compiler.scope.delivery.resolve_all(&action.delivery, compiler.findings),
        say: texts::texts(compiler, &action.say, "say"),
        cue: texts::texts(compiler, &action.cue, "cue"),
        source: compiler.rows(&action.source),
        place: Place::of(action.name.span),
    }
}

fn preferences<'t>(compiler: &mut Compiler<'t, '_>, action: &document::Action<'t>) -> Vec<Preference> {
    let lowered = |prefer: &document::Prefer<'t>| Preference {
        by: prefer.by,
        condition: compiler.condition(&prefer.condition),
        place: Place::of(prefer.condition.place),
    };
    action.prefer.iter().map(lowered).collect()
}

/// A promise that nothing keeps is missed in the end, and stays so.
fn check_promises(compiler: &mut Compiler<'_, '_>, actions: &[Action]) {
    if compiler.findings.failed() || actions.iter().any(|action| action.keeps_promise) {
        return;
    }
    let written = compiler.document.actions.iter().find(|action| action.kind == Some(Kind::Promise));
    if let Some(action) = written {
        let message = format!("{} makes a promise, and no action keeps one", ticked(action.name.text));
        let mend = "add `keeps: promise` to the action that tells how it stands";
        compiler.findings.add(Finding::warning("never-kept", action.name.span, message).mend(mend));
    }
}

/// Actions that wait for each other would wait for ever.
fn check_after(compiler: &mut Compiler<'_, '_>, actions: &[Action]) {
    let after = |(position, action): (usize, &Action)| {
        action.after.iter().map(move |other| (position, other.position())).collect::<Vec<_>>()
    };
    let edges: Vec<(usize, usize)> = actions.iter().enumerate().flat_map(after).collect();
    let (_, cycles) = order(actions.len(), &edges);
    for cycle in cycles {
        let names: Vec<_> = cycle.iter().filter_map(|position| compiler.scope.actions.names().get(*position)).collect();
        let Some(first) = names.first() else { continue };
        let list = listed(names.iter().map(|name| name.text));
        let message = match names.len() {
            1 => format!("{list} comes after itself"),
            _ => format!("{list} come after each other, so none of them ever comes"),
        };
        compiler.findings.add(Finding::error("cycle", first.span, message).mend("take one of them out of `after`"));
    }
}
