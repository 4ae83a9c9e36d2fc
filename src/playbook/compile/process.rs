//! Stages, exits, interrupts, `first` rules.

use std::collections::HashSet;

use super::Compiler;
use super::scope::report_twice;
use crate::playbook::document::{self, Name};
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::ids::ActionIx;
use crate::playbook::parts::{Candidate, Course, Destination, Exit, FirstRule, Forget, Interrupt, Place, Stage};

/// The stages, in order.
pub(super) fn stages(compiler: &mut Compiler<'_, '_>) -> Option<Vec<Stage>> {
    compiler.document.stages.iter().map(|stage| lowered(compiler, stage)).collect()
}

fn lowered<'t>(compiler: &mut Compiler<'t, '_>, stage: &document::Stage<'t>) -> Option<Stage> {
    Some(Stage {
        id: stage.name.text.to_owned(),
        title: stage.title.to_owned(),
        forget: forget(compiler, &stage.forget),
        candidates: candidates(compiler, stage),
        course: course(compiler, stage)?,
        escalate: stage.escalate.and_then(|name| compiler.scope.escalations.resolve(name, compiler.findings)),
        exits: exits(compiler, stage),
        source: compiler.rows(&stage.source),
        place: Place::of(stage.name.span),
    })
}

fn candidates<'t>(compiler: &mut Compiler<'t, '_>, stage: &document::Stage<'t>) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    let mut candidates = Vec::with_capacity(stage.candidates.len());
    for candidate in &stage.candidates {
        let condition = compiler.condition(&candidate.condition);
        let Some(action) = compiler.scope.actions.resolve(candidate.action, compiler.findings) else { continue };
        // Twice under different conditions is a way to say that an action matters more at some times than at others.
        let entry = (action, condition.when.clone(), condition.any.clone(), condition.unless.clone());
        if seen.insert(entry) {
            candidates.push(Candidate { action, condition, place: Place::of(candidate.action.span) });
        } else {
            report_twice(candidate.action, compiler.findings);
        }
    }
    candidates
}

/// `None` never comes: there is a first action, which stands in for one that is missing.
fn course<'t>(compiler: &mut Compiler<'t, '_>, stage: &document::Stage<'t>) -> Option<Course> {
    if stage.final_at.is_some() {
        check_final(compiler, stage);
        return Some(Course::Final(stage.ending.unwrap_or(crate::playbook::Ending::Resolved)));
    }
    if stage.otherwise_at.is_none() && stage.readable {
        let message = format!("{} needs `otherwise`", ticked(stage.name.text));
        let mend = "name the action to show where nothing else is left; a stage that ends the conversation is `final: resolved`";
        compiler.findings.add(Finding::error("no-otherwise", stage.name.span, message).mend(mend));
    }
    let otherwise = stage.otherwise.and_then(|name| compiler.scope.actions.resolve(name, compiler.findings));
    Some(Course::Open { otherwise: otherwise.or_else(|| ActionIx::new(0))? })
}

/// In a final stage there is nothing to show.
fn check_final<'t>(compiler: &mut Compiler<'t, '_>, stage: &document::Stage<'t>) {
    for (key, span) in [("actions", stage.actions_at), ("otherwise", stage.otherwise_at)] {
        if let Some(span) = span {
            let message = format!("{} is final, so its `{key}` would never be shown", ticked(stage.name.text));
            compiler
                .findings
                .add(Finding::error("final-with-actions", span, message).mend(format!("remove `{key}`, or `final`")));
        }
    }
}

fn exits<'t>(compiler: &mut Compiler<'t, '_>, stage: &document::Stage<'t>) -> Vec<Exit> {
    stage.exits.iter().filter_map(|exit| self::exit(compiler, stage, exit)).collect()
}

fn exit<'t>(compiler: &mut Compiler<'t, '_>, stage: &document::Stage<'t>, exit: &document::Exit<'t>) -> Option<Exit> {
    need_condition(compiler, &exit.condition, "this exit is always taken, so the stage is never seen");
    let condition = compiler.condition(&exit.condition);
    let forget = forget(compiler, &exit.forget);
    let source = compiler.rows(&exit.source);
    let to = destination(compiler, stage, exit.to?)?;
    Some(Exit { to, condition, forget, source, place: Place::of(exit.condition.place) })
}

fn destination(compiler: &mut Compiler<'_, '_>, stage: &document::Stage<'_>, to: Name<'_>) -> Option<Destination> {
    if to.text == "back" {
        return Some(Destination::Back);
    }
    if to.text == stage.name.text {
        let message = "this exit leads to its own stage, so it is never taken";
        compiler
            .findings
            .add(Finding::error("never-holds", to.span, message).mend("name another stage, or remove the exit"));
    }
    compiler.scope.stages.resolve(to, compiler.findings).map(Destination::Stage)
}

/// What leads away always would be no choice.
fn need_condition(compiler: &mut Compiler<'_, '_>, condition: &document::Condition<'_>, message: &str) {
    if !condition.given {
        compiler
            .findings
            .add(Finding::error("no-condition", condition.place, message).mend("add `when`, `any` or `unless`"));
    }
}

fn forget(compiler: &mut Compiler<'_, '_>, written: &document::Forget<'_>) -> Forget {
    let mut forget = Forget::default();
    for name in &written.0 {
        match (compiler.scope.facts.find(name.text), compiler.scope.actions.find(name.text)) {
            (None, None) => unknown_memory(compiler, *name),
            (Some(fact), None) => forget.facts.push(fact),
            (None, Some(action)) => forget.actions.push(action),
            (Some(fact), Some(action)) => {
                forget.facts.push(fact);
                forget.actions.push(action);
            }
        }
    }
    forget
}

fn unknown_memory(compiler: &mut Compiler<'_, '_>, name: Name<'_>) {
    let message = format!("{} is no fact or action", ticked(name.text));
    let candidates = compiler.scope.facts.texts().chain(compiler.scope.actions.texts());
    let mend = compiler.findings.meant(name.text, candidates);
    let mend = mend.unwrap_or_else(|| "only facts and actions can be forgotten".to_owned());
    compiler.findings.add(Finding::error("unknown-name", name.span, message).mend(mend));
}

/// The interrupts, in order.
pub(super) fn interrupts(compiler: &mut Compiler<'_, '_>) -> Vec<Interrupt> {
    compiler.document.interrupts.iter().filter_map(|interrupt| self::interrupt(compiler, interrupt)).collect()
}

fn interrupt<'t>(compiler: &mut Compiler<'t, '_>, written: &document::Interrupt<'t>) -> Option<Interrupt> {
    need_condition(compiler, &written.condition, "this interrupt always holds, so no other stage is ever seen");
    let condition = compiler.condition(&written.condition);
    let source = compiler.rows(&written.source);
    let to = compiler.scope.stages.resolve(written.to?, compiler.findings)?;
    Some(Interrupt { to, condition, source, place: Place::of(written.condition.place) })
}

/// The `first` rules, in order.
pub(super) fn first_rules(compiler: &mut Compiler<'_, '_>) -> Vec<FirstRule> {
    compiler.document.first.iter().filter_map(|rule| first_rule(compiler, rule)).collect()
}

fn first_rule<'t>(compiler: &mut Compiler<'t, '_>, written: &document::FirstRule<'t>) -> Option<FirstRule> {
    let condition = compiler.condition(&written.condition);
    let source = compiler.rows(&written.source);
    let action = compiler.scope.actions.resolve(written.action?, compiler.findings)?;
    Some(FirstRule { action, condition, source, place: Place::of(written.condition.place) })
}
