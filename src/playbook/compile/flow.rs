//! Whether every stage can be reached and left.

use super::Compiler;
use super::possible::{Possible, of_atom};
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::graph::{Flow, Parts};
use crate::playbook::ids::StageIx;
use crate::playbook::parts::{Course, Stage};
use crate::playbook::yaml::Origin;

/// The stage where a conversation starts; the first, where the one that is named is unknown.
pub(super) fn start(compiler: &mut Compiler<'_, '_>) -> Option<StageIx> {
    let named = compiler.document.start.and_then(|name| compiler.scope.stages.resolve(name, compiler.findings));
    named.or_else(|| StageIx::new(0))
}

/// Reports stages that are never reached or never left, and gives the graph.
pub(super) fn check(compiler: &mut Compiler<'_, '_>, parts: &Parts, start: StageIx) -> Flow {
    let flow = Flow::of(&parts.stages, &parts.interrupts);
    check_start(compiler, parts, start);
    check_reached(compiler, &flow, parts, start);
    for position in 0..parts.stages.len() {
        check_left(compiler, parts, position);
    }
    flow
}

fn check_start(compiler: &mut Compiler<'_, '_>, parts: &Parts, start: StageIx) {
    let is_final = |stage: &Stage| matches!(stage.course, Course::Final(_));
    if let Some(written) = compiler.document.stages.get(start.position()).filter(|stage| stage.final_at.is_some()) {
        let name = ticked(written.name.text);
        let finding = if let Some(start) = compiler.document.start {
            let message = format!("{name} is final, and a conversation starts there");
            Finding::error("final-start", start.span, message).mend("start in another stage")
        } else {
            let message = format!("{name} is the first stage, where a conversation starts, and is final");
            Finding::error("final-start", written.name.span, message).mend("put another stage first")
        };
        compiler.findings.add(finding);
    }
    if !parts.stages.iter().any(is_final) && !compiler.findings.failed() {
        let message = "no stage is final, so no conversation ever ends";
        let mend = "add `final: resolved` to the stage that ends it";
        compiler.findings.add(Finding::warning("no-final-stage", compiler.document.stages_at, message).mend(mend));
    }
}

fn check_reached(compiler: &mut Compiler<'_, '_>, flow: &Flow, parts: &Parts, start: StageIx) {
    // Exits that lead nowhere were reported, and may be those that lead here. So may be where it starts.
    let start_known = compiler.document.start.is_none_or(|name| compiler.scope.stages.find(name.text).is_some());
    if !start_known || !all_ways_known(compiler, parts) {
        return;
    }
    for (written, _) in compiler
        .document
        .stages
        .iter()
        .zip(flow.reached(start))
        .filter(|(stage, reached)| !reached && stage.name.text != "back")
    {
        let message = format!("no exit or interrupt leads to {}", ticked(written.name.text));
        let mend = match written.name.span.origin() {
            Origin::This => format!("add an exit `to: {}`, or remove the stage", written.name.text),
            Origin::Base => format!("add an exit `to: {0}`, or take it away with `{0}: null`", written.name.text),
        };
        compiler.findings.add(Finding::error("unreachable-stage", written.name.span, message).mend(mend));
    }
}

fn all_ways_known(compiler: &Compiler<'_, '_>, parts: &Parts) -> bool {
    let document = compiler.document;
    document.interrupts.len() == parts.interrupts.len()
        && document
            .stages
            .iter()
            .zip(&parts.stages)
            .all(|(written, stage)| written.readable && written.exits.len() == stage.exits.len())
}

/// A fact is known once somebody says so, which may be never.
fn check_left(compiler: &mut Compiler<'_, '_>, parts: &Parts, position: usize) {
    let (Some(written), Some(stage)) = (compiler.document.stages.get(position), parts.stages.get(position)) else {
        return;
    };
    let open = matches!(stage.course, Course::Open { .. }) && written.readable;
    let known = written.exits.len() == stage.exits.len();
    let leaves = |exit: &crate::playbook::Exit| Possible::of_condition(&exit.condition, |ix| of_atom(compiler, ix)).yes;
    if !open || !known || stage.exits.iter().any(leaves) {
        return;
    }
    let name = ticked(written.name.text);
    let (message, mend) = if stage.exits.is_empty() {
        (format!("{name} has no exit"), "add `exits`, or `final: resolved` if the conversation ends here")
    } else {
        let mend = "add one for when nobody says, such as `when: [stage.turns >= 4]`";
        (format!("every exit of {name} waits for a fact that nobody may ever tell"), mend)
    };
    compiler.findings.add(Finding::error("no-way-out", written.name.span, message).mend(mend));
}
