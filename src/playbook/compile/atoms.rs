//! The grammar of atoms. Each is kept once, however many conditions contain it.

use std::collections::HashMap;

use super::scope::Scope;
use crate::playbook::condition::{Atom, AtomEntry};
use crate::playbook::document::{Document, Name, Signal, decimal, whole};
use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::ids::{AtomIx, SignalIx};
use crate::playbook::parts::Absent;
use crate::playbook::units::Level;

/// The atoms so far.
#[derive(Debug, Default)]
pub(super) struct Atoms<'t> {
    entries: Vec<AtomEntry>,
    by_text: HashMap<&'t str, AtomIx>,
    by_atom: HashMap<Atom, AtomIx>,
}

/// What an atom is read with.
pub(super) struct Reader<'t, 'r> {
    pub(super) document: &'t Document<'t>,
    pub(super) scope: &'r Scope<'t>,
    pub(super) findings: &'r mut Findings,
}

/// An atom as written: `done.apologize >= 2` is the path `done.apologize` and the text `2`.
struct Written<'t> {
    path: &'t str,
    parts: Vec<&'t str>,
    least: Option<&'t str>,
    name: Name<'t>,
}

impl<'t> Atoms<'t> {
    /// All of them, in the order of their first appearance.
    pub(super) fn into_entries(self) -> Vec<AtomEntry> {
        self.entries
    }

    /// What `ix` stands for.
    pub(super) fn get(&self, ix: AtomIx) -> Option<Atom> {
        self.entries.get(ix.position()).map(|entry| entry.atom)
    }

    /// The atom that `name` spells; reported where it spells none.
    pub(super) fn intern(&mut self, name: Name<'t>, reader: &mut Reader<'t, '_>) -> Option<AtomIx> {
        if let Some(known) = self.by_text.get(name.text) {
            return Some(*known);
        }
        let written = Written::of(name, reader)?;
        let (atom, text) = self.understand(&written, reader)?;
        let ix = self.add(AtomEntry::new(atom, text), name, reader)?;
        self.by_text.insert(name.text, ix);
        Some(ix)
    }

    fn add(&mut self, entry: AtomEntry, name: Name<'t>, reader: &mut Reader<'t, '_>) -> Option<AtomIx> {
        if let Some(known) = self.by_atom.get(&entry.atom) {
            return Some(*known);
        }
        let Some(ix) = AtomIx::new(self.entries.len()) else {
            let finding = Finding::error("too-many", name.span, "a playbook has at most 65,535 different atoms");
            reader.findings.add(finding.mend("split the playbook"));
            return None;
        };
        self.by_atom.insert(entry.atom, ix);
        self.entries.push(entry);
        Some(ix)
    }

    fn understand(&mut self, written: &Written<'t>, reader: &mut Reader<'t, '_>) -> Option<(Atom, String)> {
        let atom = match written.parts.as_slice() {
            ["done", action] => return reader.done(written, action),
            ["stage", "turns"] => return reader.stage_turns(written),
            [signal, "level"] => return reader.at_least(written, signal),
            ["promise", "due"] => Atom::PromiseDue,
            ["promise", "missed"] => Atom::PromiseMissed,
            [word @ ("yes" | "no" | "known" | "unknown"), ..] => self.two_valued(word, written, reader)?,
            [name] => reader.plain(written, name)?,
            [signal, part] => reader.signal_part(written, signal, part)?,
            _ => {
                return reader
                    .malformed(written, "an atom has at most two parts after `yes`, `no`, `known` or `unknown`");
            }
        };
        if written.least.is_some() {
            return reader.malformed(written, "only `done.x`, `stage.turns` and `signal.level` are compared");
        }
        Some((atom, written.path.to_owned()))
    }

    /// `yes.x`, `no.x`, `known.x`, `unknown.x`, of what may be unknown.
    fn two_valued(&mut self, word: &str, written: &Written<'t>, reader: &mut Reader<'t, '_>) -> Option<Atom> {
        let inner = written.path.split_once('.').map_or("", |(_, inner)| inner);
        let parts: Vec<&str> = inner.split('.').collect();
        if let ([signal], "known" | "unknown") = (parts.as_slice(), word)
            && let Some(signal) = reader.scope.signals.find(signal)
        {
            reader.may_be_unknown(written, signal)?;
            return Some(if word == "known" { Atom::SignalKnown(signal) } else { Atom::SignalUnknown(signal) });
        }
        let inside = Written { path: inner, parts, least: None, name: written.name };
        let atom = reader.inner(&inside)?;
        let ix = self.add(AtomEntry::new(atom, inner.to_owned()), written.name, reader)?;
        Some(match word {
            "yes" => Atom::Yes(ix),
            "no" => Atom::No(ix),
            "known" => Atom::Known(ix),
            _ => Atom::Unknown(ix),
        })
    }
}

impl<'t> Written<'t> {
    fn of(name: Name<'t>, reader: &mut Reader<'t, '_>) -> Option<Self> {
        let (path, least) = match name.text.split_once(">=") {
            Some((path, least)) => (path.trim(), Some(least.trim())),
            None => (name.text.trim(), None),
        };
        let written = Self { path, parts: path.split('.').collect(), least, name };
        if path.contains(['<', '>', '=']) || least.is_some_and(|least| least.contains(['<', '>', '='])) {
            return reader.malformed(&written, "`>=` is the only comparison");
        }
        if path.contains(char::is_whitespace) || written.parts.iter().any(|part| part.is_empty()) {
            return reader
                .malformed(&written, "an atom is one test; several go into the list, a negation under `unless`");
        }
        Some(written)
    }
}

impl<'t> Reader<'t, '_> {
    fn malformed<T>(&mut self, written: &Written<'_>, mend: &str) -> Option<T> {
        let message = format!("{} is not an atom", ticked(written.name.text));
        self.findings.add(Finding::error("malformed-atom", written.name.span, message).mend(mend));
        None
    }

    fn signal(&self, ix: SignalIx) -> Option<&'t Signal<'t>> {
        self.document.signals.get(ix.position())
    }

    fn done(&mut self, written: &Written<'t>, action: &str) -> Option<(Atom, String)> {
        let action = self.scope.actions.resolve(Name { text: action, ..written.name }, self.findings)?;
        if written.least.is_none() {
            return Some((Atom::Done(action), written.path.to_owned()));
        }
        let times = self.times(written)?;
        Some((Atom::DoneTimes(action, times), format!("{} >= {times}", written.path)))
    }

    fn stage_turns(&mut self, written: &Written<'t>) -> Option<(Atom, String)> {
        let turns = self.times(written)?;
        Some((Atom::StageTurns(turns), format!("{} >= {turns}", written.path)))
    }

    /// The number after `>=`, from 1: at least 0 would hold always.
    fn times(&mut self, written: &Written<'t>) -> Option<u32> {
        let number = written.least.and_then(whole).filter(|number| *number > 0);
        if number.is_none() {
            let mend = format!("write `{} >= 2` with a whole number from 1", written.path);
            return self.malformed(written, &mend);
        }
        number
    }

    fn at_least(&mut self, written: &Written<'t>, signal: &str) -> Option<(Atom, String)> {
        let signal = self.scope.signals.resolve(Name { text: signal, ..written.name }, self.findings)?;
        self.must_be_level(written, signal)?;
        let number = written.least.and_then(decimal).filter(|number| *number > 0.0);
        let Some(level) = number.and_then(|number| Level::try_from(number).ok()) else {
            let mend = format!("write `{} >= 0.5` with a number above 0 and up to 1", written.path);
            return self.malformed(written, &mend);
        };
        Some((Atom::AtLeast(signal, level), format!("{} >= {}", written.path, level.as_f64())))
    }

    fn must_be_level(&mut self, written: &Written<'t>, signal: SignalIx) -> Option<()> {
        let signal = self.signal(signal)?;
        if signal.flag {
            let message = format!("{} is a flag, up or down, and has no level", ticked(signal.name.text));
            self.findings.add(
                Finding::error("flag-not-level", written.name.span, message)
                    .mend(format!("write `{}`", signal.name.text)),
            );
            return None;
        }
        Some(())
    }

    fn plain(&mut self, written: &Written<'t>, name: &str) -> Option<Atom> {
        let scope = self.scope;
        let fact = scope.facts.find(name).map(Atom::Fact);
        if let Some(atom) = fact.or_else(|| scope.conditions.find(name).map(Atom::Named)) {
            return Some(atom);
        }
        let Some(ix) = scope.signals.find(name) else { return self.unknown(written, name) };
        let signal = self.signal(ix)?;
        if signal.flag {
            return Some(Atom::Flag(ix));
        }
        let message = format!("{} is a level, which holds or not only where a band says so", ticked(name));
        let mend = match signal.bands.first() {
            Some(band) => format!("name a band: `{name}.{}`", band.name.text),
            None => format!(
                "write `{name}.level >= 0.5`, or give it a band: `{name}: {{high: {{from: 0.65, until: 0.45}}}}`"
            ),
        };
        self.findings.add(Finding::error("bare-level", written.name.span, message).mend(mend));
        None
    }

    fn unknown(&mut self, written: &Written<'t>, name: &str) -> Option<Atom> {
        let scope = self.scope;
        let mend = if scope.actions.find(name).is_some() {
            format!("it is an action: write `done.{name}`")
        } else {
            let candidates = scope.facts.texts().chain(scope.signals.texts()).chain(scope.conditions.texts());
            let meant = self.findings.meant(name, candidates);
            meant.unwrap_or_else(|| "declare it under `facts`, `signals` or `conditions`".to_owned())
        };
        let message = format!("{} is no fact, signal or condition", ticked(name));
        self.findings.add(Finding::error("unknown-name", written.name.span, message).mend(mend));
        None
    }

    fn signal_part(&mut self, written: &Written<'t>, signal: &str, part: &str) -> Option<Atom> {
        let Some(ix) = self.scope.signals.find(signal) else { return self.no_parts(written, signal) };
        self.must_be_level(written, ix)?;
        match part {
            "rising" => return Some(Atom::Rising(ix)),
            "falling" => return Some(Atom::Falling(ix)),
            _ => {}
        }
        let bands = &self.signal(ix)?.bands;
        let position = bands.iter().position(|band| band.name.text == part);
        if let Some(position) = position.and_then(|position| u8::try_from(position).ok()) {
            return Some(Atom::Band(ix, position));
        }
        let words = bands.iter().map(|band| band.name.text).chain(["rising", "falling", "level"]);
        let mend = self
            .findings
            .meant(part, words)
            .unwrap_or_else(|| format!("give `{signal}` such a band, or name one that it has"));
        let message = format!("{} has no band {}", ticked(signal), ticked(part));
        self.findings.add(Finding::error("unknown-name", written.name.span, message).mend(mend));
        None
    }

    /// Something with a dot whose first word is no signal.
    fn no_parts(&mut self, written: &Written<'t>, head: &str) -> Option<Atom> {
        let words: &[&str] = match head {
            "promise" => &["promise.due", "promise.missed"],
            "stage" => &["stage.turns >= 2"],
            "kind" => return self.malformed(written, "kinds stand under `forbids` only"),
            _ if self.scope.facts.find(head).is_some() || self.scope.conditions.find(head).is_some() => {
                return self.malformed(written, &format!("only signals have bands: write `{head}`"));
            }
            _ => {
                self.scope.signals.resolve(Name { text: head, ..written.name }, self.findings)?;
                return None;
            }
        };
        let mend = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
        self.malformed(written, &format!("write {mend}"))
    }

    /// What stands after `yes.` and the like.
    fn inner(&mut self, inside: &Written<'t>) -> Option<Atom> {
        let atom = match inside.parts.as_slice() {
            [name] => self.plain(inside, name)?,
            [signal, part] if self.scope.signals.find(signal).is_some() => self.signal_part(inside, signal, part)?,
            _ => {
                return self.malformed(
                    inside,
                    "`yes`, `no`, `known` and `unknown` go before a fact, a condition, or a signal that may be unknown",
                );
            }
        };
        match atom {
            Atom::Flag(signal) | Atom::Band(signal, _) => self.may_be_unknown(inside, signal)?,
            Atom::Rising(_) | Atom::Falling(_) => {
                return self.malformed(inside, "rising and falling are never unknown: write them as they are");
            }
            _ => {}
        }
        Some(atom)
    }

    fn may_be_unknown(&mut self, written: &Written<'t>, signal: SignalIx) -> Option<()> {
        let signal = self.signal(signal)?;
        match signal.absent {
            Absent::Unknown => Some(()),
            Absent::Zero => {
                let name = signal.name.text;
                let message = format!("{} is never unknown: without a reading it is 0, or down", ticked(name));
                let mend = format!("leave out the word before `{name}`, or declare `absent: unknown`");
                self.findings.add(Finding::error("never-unknown", written.name.span, message).mend(mend));
                None
            }
        }
    }
}
