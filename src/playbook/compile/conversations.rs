//! The playbook's own tests: their names are looked up like all others.

use std::collections::HashSet;

use super::Compiler;
use super::advice::known_kind;
use super::scope::{Table, report_twice};
use crate::playbook::conversation::{Conversation, DidCase, Expectation, ReadingCase, TurnCase};
use crate::playbook::document::{self, Name, Strength};
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::units::Level;
use crate::playbook::vocabulary::Channel;
use crate::playbook::yaml::Span;

/// The conversations, in order.
pub(super) fn conversations(compiler: &mut Compiler<'_, '_>) -> Vec<Conversation> {
    compiler.document.tests.iter().map(|test| conversation(compiler, test)).collect()
}

fn conversation(compiler: &mut Compiler<'_, '_>, written: &document::Conversation<'_>) -> Conversation {
    if let Some(tag) = written.locale {
        super::texts::locale(compiler, tag);
    }
    check_times(compiler, written);
    Conversation {
        it: written.it.to_owned(),
        proves: compiler.rows(&written.proves),
        channel: channel(compiler, written.channel),
        locale: written.locale.map(|tag| tag.text.to_owned()),
        turns: written.turns.iter().map(|turn| self::turn(compiler, turn)).collect(),
        line: written.line,
    }
}

/// Time does not run backwards.
fn check_times(compiler: &mut Compiler<'_, '_>, written: &document::Conversation<'_>) {
    let mut latest = TurnCase::START;
    for turn in &written.turns {
        let Some(at) = turn.at else { continue };
        if at < latest {
            let message = "this turn is earlier than one before it";
            compiler.findings.add(
                Finding::error("out-of-range", turn.place, message)
                    .mend("`at` counts from the start of the conversation"),
            );
        }
        latest = latest.max(at);
    }
}

fn channel(compiler: &mut Compiler<'_, '_>, written: Option<(Channel, Span)>) -> Option<Channel> {
    let (channel, span) = written?;
    if !compiler.document.channels.contains(channel) {
        let message = format!("{} is no channel of this playbook", ticked(channel.as_str()));
        compiler
            .findings
            .add(Finding::error("unknown-name", span, message).mend("add it to `channels`, or name another"));
    }
    Some(channel)
}

fn turn(compiler: &mut Compiler<'_, '_>, written: &document::Turn<'_>) -> TurnCase {
    TurnCase {
        signals: written.signals.iter().filter_map(|reading| self::reading(compiler, reading)).collect(),
        facts: pairs(&written.facts, |name| compiler.scope.facts.resolve(name, compiler.findings).is_some()),
        values: pairs(&written.values, |name| compiler.scope.values.resolve(name, compiler.findings).is_some()),
        channel: channel(compiler, written.channel),
        did: written.did.as_ref().map(|did| did.iter().map(|done| self::did(compiler, done)).collect()),
        promises: written.promises.iter().map(|(id, due)| (id.text.to_owned(), *due)).collect(),
        at: written.at,
        exclude: actions(compiler, &written.exclude),
        max: written.max,
        expect: expectation(compiler, &written.expect),
        line: written.place.line(),
    }
}

fn pairs<T: Clone, U: From<T>>(written: &[(Name<'_>, T)], mut known: impl FnMut(Name<'_>) -> bool) -> Vec<(String, U)> {
    written
        .iter()
        .filter(|(name, _)| known(*name))
        .map(|(name, value)| (name.text.to_owned(), value.clone().into()))
        .collect()
}

fn reading(compiler: &mut Compiler<'_, '_>, written: &document::Reading<'_>) -> Option<ReadingCase> {
    let ix = compiler.scope.signals.resolve(written.signal, compiler.findings)?;
    let flag = compiler.document.signals.get(ix.position())?.flag;
    let level = match written.strength? {
        Strength::Flag(true) => Level::ONE,
        Strength::Flag(false) => Level::ZERO,
        Strength::Level(level) => level,
    };
    let name = ticked(written.signal.text);
    let wrong = match (flag, written.strength?) {
        (true, Strength::Flag(_) | Strength::Level(Level::ZERO | Level::ONE)) | (false, Strength::Level(_)) => None,
        (true, Strength::Level(_)) => Some((format!("{name} is a flag"), "write `true` for up, `false` for down")),
        (false, Strength::Flag(_)) => Some((format!("{name} is a level"), "write a number from 0 to 1")),
    };
    if let Some((message, mend)) = wrong {
        compiler.findings.add(Finding::error("wrong-type", written.at, message).mend(mend));
    }
    Some(ReadingCase { signal: written.signal.text.to_owned(), level, confidence: written.confidence })
}

fn did(compiler: &mut Compiler<'_, '_>, written: &document::Did<'_>) -> DidCase {
    let action = compiler.scope.actions.resolve(written.action, compiler.findings);
    if let (Some(ix), Some(phrasing)) = (action, written.phrasing) {
        let action = compiler.document.actions.get(ix.position());
        let own: Vec<String> = action.map(phrasing_ids).unwrap_or_default();
        check_phrasing(compiler, phrasing, &own);
    }
    DidCase {
        action: written.action.text.to_owned(),
        result: written.result,
        phrasing: written.phrasing.map(|name| name.text.to_owned()),
        due: written.due,
    }
}

fn phrasing_ids(action: &document::Action<'_>) -> Vec<String> {
    let id = |(position, text): (usize, &document::Text<'_>)| {
        text.id.map_or_else(|| format!("say_{}", position + 1), |id| id.text.to_owned())
    };
    action.say.iter().enumerate().map(id).collect()
}

fn check_phrasing(compiler: &mut Compiler<'_, '_>, name: Name<'_>, known: &[String]) {
    if !known.iter().any(|id| id == name.text) {
        let message = format!("unknown phrasing {}", ticked(name.text));
        let mend = compiler.findings.meant(name.text, known.iter().map(String::as_str));
        let mend = mend.unwrap_or_else(|| "name a phrasing of the action".to_owned());
        compiler.findings.add(Finding::error("unknown-name", name.span, message).mend(mend));
    }
}

/// The names, of which those that lead nowhere are reported.
fn known<Ix: Copy + PartialEq>(
    table: &Table<'_, Ix>,
    names: &[Name<'_>],
    findings: &mut crate::playbook::finding::Findings,
) -> Vec<String> {
    table.resolve_all(names, findings);
    names.iter().map(|name| name.text.to_owned()).collect()
}

fn actions(compiler: &mut Compiler<'_, '_>, names: &[Name<'_>]) -> Vec<String> {
    known(&compiler.scope.actions, names, compiler.findings)
}

fn action(compiler: &mut Compiler<'_, '_>, name: Option<Name<'_>>) -> Option<String> {
    compiler.scope.actions.resolve(name?, compiler.findings);
    Some(name?.text.to_owned())
}

fn stage(compiler: &mut Compiler<'_, '_>, name: Option<Name<'_>>) -> Option<String> {
    compiler.scope.stages.resolve(name?, compiler.findings);
    Some(name?.text.to_owned())
}

fn guardrails(compiler: &mut Compiler<'_, '_>, names: &[Name<'_>]) -> Vec<String> {
    known(&compiler.scope.guardrails, names, compiler.findings)
}

/// Actions and kinds.
fn never(compiler: &mut Compiler<'_, '_>, names: &[Name<'_>]) -> Vec<String> {
    for name in names {
        match name.text.strip_prefix("kind.") {
            Some(word) => {
                known_kind(compiler, Name { text: word, ..*name });
            }
            None => {
                compiler.scope.actions.resolve(*name, compiler.findings);
            }
        }
    }
    names.iter().map(|name| name.text.to_owned()).collect()
}

fn path(compiler: &mut Compiler<'_, '_>, names: &[Name<'_>]) -> Vec<String> {
    names.iter().filter_map(|name| stage(compiler, Some(*name))).collect()
}

/// Phrasings of whatever action comes first, so of any.
fn phrasings(compiler: &mut Compiler<'_, '_>, expected: &document::Expectation<'_>) -> Vec<String> {
    let first = expected.first.and_then(|name| compiler.scope.actions.find(name.text));
    let own = first.and_then(|ix| compiler.document.actions.get(ix.position())).map(phrasing_ids);
    let mut seen = HashSet::new();
    for name in &expected.says_one_of {
        if !seen.insert(name.text) {
            report_twice(*name, compiler.findings);
        }
        if let Some(own) = &own {
            check_phrasing(compiler, *name, own);
        }
    }
    expected.says_one_of.iter().map(|name| name.text.to_owned()).collect()
}

fn suppressed(compiler: &mut Compiler<'_, '_>, written: &[(Name<'_>, String)]) -> Vec<(String, String)> {
    pairs(written, |name| compiler.scope.actions.resolve(name, compiler.findings).is_some())
}

fn expectation(compiler: &mut Compiler<'_, '_>, written: &document::Expectation<'_>) -> Expectation {
    Expectation {
        stage: stage(compiler, written.stage),
        path: written.path.as_ref().map(|names| path(compiler, names)),
        first: action(compiler, written.first),
        top: actions(compiler, &written.top),
        includes: actions(compiler, &written.includes),
        never: never(compiler, &written.never),
        escalation: written.escalation.clone(),
        target: written.target.clone(),
        urgency: written.urgency.clone(),
        call: action(compiler, written.call),
        outcome: written.outcome.clone(),
        guardrails: guardrails(compiler, &written.guardrails),
        lifted: guardrails(compiler, &written.lifted),
        missing: known(&compiler.scope.facts, &written.missing, compiler.findings),
        suppressed: suppressed(compiler, &written.suppressed),
        up_next: stage(compiler, written.up_next),
        delivery: known(&compiler.scope.delivery, &written.delivery, compiler.findings),
        brief_tried: actions(compiler, &written.tried),
        brief_avoid: guardrails(compiler, &written.avoid),
        brief_commitments: written.commitments.and_then(|number| usize::try_from(number).ok()),
        promises: counted(&written.promises),
        says_one_of: phrasings(compiler, written),
        unchanged: written.unchanged,
    }
}

fn counted(promises: &[(String, u32)]) -> Vec<(String, usize)> {
    let counted = |(status, number): &(String, u32)| Some((status.clone(), usize::try_from(*number).ok()?));
    promises.iter().filter_map(counted).collect()
}
