//! From names to indices: what of a request the playbook knows, what it does not, and what makes no sense.

use super::phrase;
use super::request::{ActionReport, Observation, Reading, Request, Violation, Warning, WarningCode};
use super::restore::restore;
use super::situation::Situation;
use super::snapshot::{Commitment, Snapshot};
use super::state::State;
use super::truth::Known;
use crate::playbook::{ActionIx, FactIx, Level, Playbook, Signal, SignalIx, Time, ValueIx};

/// For so many unknown names it is said what was probably meant.
const MOST_GUESSES: usize = 8;

/// A request with its names resolved: everything in it can be decided on.
#[derive(Debug)]
pub struct Input<'a> {
    pub(super) situation: Situation<'a>,
    pub(super) news: News<'a>,
    pub(super) state_is_newer: bool,
    pub(super) warnings: Vec<Warning>,
}

/// What is new, by index.
#[derive(Debug)]
pub(super) struct News<'a> {
    pub(super) turn: Option<u32>,
    pub(super) readings: Vec<(SignalIx, Level)>,
    pub(super) facts: Vec<(FactIx, Option<bool>)>,
    pub(super) report: Option<Vec<(ActionIx, ActionReport<'a>)>>,
    pub(super) commitments: Vec<Commitment<'a>>,
    /// Whether anything was sent that counts as an observation, known to the playbook or not.
    pub(super) observed: bool,
}

/// Resolves a request. The input can be decided on if there are no violations.
#[must_use]
pub fn resolve<'a>(playbook: &'a Playbook, request: Request<'a>) -> (Input<'a>, Vec<Violation>) {
    let Request { snapshot, observation, values, options, now } = request;
    let mut names = Names { playbook, strict: options.strict, warnings: Vec::new(), violations: Vec::new() };
    let state_is_newer = snapshot.as_ref().is_some_and(|snapshot| names.is_newer(snapshot));
    let state = match snapshot {
        Some(snapshot) => restore(playbook, snapshot, &mut names.warnings),
        None => State::fresh(playbook),
    };
    let now = names.not_before(now, state.update_time);
    let locale = names.locale(options.locale);
    let news = names.news(observation);
    let values = names.values(values);
    let excluded = names.excluded(&options.excluded);
    let Names { warnings, violations, .. } = names;
    let situation = Situation {
        playbook,
        state,
        now,
        options,
        locale,
        excluded,
        guardrails: Vec::new(),
        values,
        known: Known::default(),
    };
    (Input { situation, news, state_is_newer, warnings }, violations)
}

struct Names<'a> {
    playbook: &'a Playbook,
    strict: bool,
    warnings: Vec<Warning>,
    violations: Vec<Violation>,
}

impl<'a> Names<'a> {
    fn is_newer(&mut self, snapshot: &Snapshot<'_>) -> bool {
        let newer = snapshot.schema > Snapshot::SCHEMA;
        if newer {
            let message = format!(
                "the state has schema {}, this server writes {}; keep yours, the answer comes without one",
                snapshot.schema,
                Snapshot::SCHEMA
            );
            self.warnings.push(Warning { code: WarningCode::StateNewer, field: "state.schema".to_owned(), message });
        }
        newer
    }

    fn not_before(&mut self, now: Time, state: Time) -> Time {
        if now < state {
            let message = "the time of evaluation is before the state's; the state's was taken".to_owned();
            let field = "evaluation_time".to_owned();
            self.warnings.push(Warning { code: WarningCode::TimeInThePast, field, message });
        }
        now.max(state)
    }

    fn locale(&mut self, wanted: Option<&str>) -> Option<usize> {
        let locale = phrase::locale_of(self.playbook, wanted);
        if let (Some(wanted), None) = (wanted, locale) {
            let spoken = self.playbook.locales().join("`, `");
            let message = format!("the playbook has no words in `{wanted}`, so none are given; it has `{spoken}`");
            let code = WarningCode::LocaleNotSpoken;
            self.warnings.push(Warning { code, field: "locale".to_owned(), message });
        }
        locale
    }

    fn news(&mut self, observation: Observation<'a>) -> News<'a> {
        let Observation { turn, signals, facts, unknown_facts, report, commitments } = observation;
        let observed = !signals.is_empty()
            || !facts.is_empty()
            || !unknown_facts.is_empty()
            || !commitments.is_empty()
            || report.is_some();
        News {
            turn,
            readings: self.readings(&signals),
            facts: self.facts(&facts, &unknown_facts),
            report: report.map(|actions| self.report(actions)),
            commitments,
            observed,
        }
    }

    fn readings(&mut self, readings: &[Reading<'a>]) -> Vec<(SignalIx, Level)> {
        let mut resolved = Vec::with_capacity(readings.len());
        for (at, reading) in readings.iter().enumerate() {
            if readings.iter().take(at).any(|earlier| earlier.name == reading.name) {
                let description =
                    format!("signal `{}` is in this request twice; send its latest reading", reading.name);
                self.violations.push(Violation { field: format!("signals[{at}].name"), description });
            } else if let Some(signal) = self.playbook.find_signal(reading.name) {
                resolved.extend(self.reading(at, signal, reading).map(|level| (signal, level)));
            } else if !reading.name.is_empty() {
                let known = self.playbook.signals().map(|(_, part)| &part.id);
                self.unknown(
                    UnknownName { sort: SIGNAL, field: format!("signals[{at}].name"), name: reading.name },
                    known,
                );
            }
        }
        resolved
    }

    fn reading(&mut self, at: usize, signal: SignalIx, reading: &Reading<'_>) -> Option<Level> {
        let signal = self.playbook.signal(signal);
        let level = match level_of(signal, reading.level) {
            Ok(level) => level,
            Err(description) => {
                self.violations.push(Violation { field: format!("signals[{at}].level"), description });
                return None;
            }
        };
        if reading.confidence.is_some_and(|confidence| confidence < signal.min_confidence) {
            let message = format!(
                "a reading of `{}` below its confidence of {} was ignored",
                signal.id,
                signal.min_confidence.as_f64()
            );
            let field = format!("signals[{at}].confidence");
            self.warnings.push(Warning { code: WarningCode::LowConfidence, field, message });
            return None;
        }
        Some(level)
    }

    fn facts(&mut self, told: &[(&'a str, bool)], unknown: &[&'a str]) -> Vec<(FactIx, Option<bool>)> {
        let mut resolved = Vec::with_capacity(told.len() + unknown.len());
        for (name, value) in told {
            match self.playbook.find_fact(name) {
                Some(fact) => resolved.push((fact, Some(*value))),
                None => self.unknown_fact(format!("facts[{name}]"), name),
            }
        }
        for (at, name) in unknown.iter().enumerate() {
            let field = || format!("unknown_facts[{at}]");
            match self.playbook.find_fact(name) {
                Some(fact) if resolved.iter().any(|(told, value)| *told == fact && value.is_some()) => {
                    let description = format!("fact `{name}` is told in `facts` and unknown here; send one of the two");
                    self.violations.push(Violation { field: field(), description });
                }
                Some(fact) => resolved.push((fact, None)),
                None => self.unknown_fact(field(), name),
            }
        }
        resolved
    }

    fn report(&mut self, actions: Vec<ActionReport<'a>>) -> Vec<(ActionIx, ActionReport<'a>)> {
        let mut resolved = Vec::with_capacity(actions.len());
        for (at, mut report) in actions.into_iter().enumerate() {
            let field = |part| format!("agent_report.actions[{at}].{part}");
            let Some(action) = self.playbook.find_action(report.action) else {
                self.unknown_action(field("action"), report.action);
                continue;
            };
            let says = self.playbook.action(action).say.iter().any(|text| text.id == report.phrasing);
            if !report.phrasing.is_empty() && !says {
                let known = self.playbook.action(action).say.iter().map(|text| &text.id);
                self.unknown(UnknownName { sort: PHRASING, field: field("phrasing"), name: report.phrasing }, known);
                report.phrasing = "";
            }
            resolved.push((action, report));
        }
        resolved
    }

    fn values(&mut self, values: Vec<(&'a str, &'a str)>) -> Vec<(ValueIx, &'a str)> {
        let mut resolved = Vec::with_capacity(values.len());
        for (name, text) in values {
            if let Some(value) = self.playbook.find_value(name) {
                resolved.push((value, text));
            } else {
                let known = self.playbook.values().map(|(_, part)| &part.id);
                self.unknown(UnknownName { sort: VALUE, field: format!("values[{name}]"), name }, known);
            }
        }
        resolved.sort_unstable_by_key(|(value, _)| *value);
        resolved
    }

    fn excluded(&mut self, names: &[&'a str]) -> Vec<ActionIx> {
        let mut resolved = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            match self.playbook.find_action(name) {
                Some(action) => resolved.push(action),
                None => self.unknown_action(format!("excluded_actions[{at}]"), name),
            }
        }
        resolved
    }

    fn unknown_fact(&mut self, field: String, name: &str) {
        let known = self.playbook.facts().map(|(_, part)| &part.id);
        self.unknown(UnknownName { sort: FACT, field, name }, known);
    }

    fn unknown_action(&mut self, field: String, name: &str) {
        let known = self.playbook.actions().map(|(_, part)| &part.id);
        self.unknown(UnknownName { sort: ACTION, field, name }, known);
    }

    /// Notes a name that the playbook does not know; `known` are those that could have been meant.
    fn unknown<'k>(&mut self, unknown: UnknownName<'_>, known: impl Iterator<Item = &'k String>) {
        let UnknownName { sort, field, name } = unknown;
        // Looking for what was meant is dear: a client that sends hundreds of wrong names is told of the first ones.
        let may_look = self.warnings.len() + self.violations.len() < MOST_GUESSES;
        let nearest = if may_look { nearest(name, known) } else { None };
        let meant = nearest.map_or_else(String::new, |id| format!(", did you mean `{id}`?"));
        let description = format!("unknown {} `{name}`{meant}", sort.noun);
        if self.strict {
            self.violations.push(Violation { field, description });
        } else {
            let message = format!("{description}; it was ignored");
            self.warnings.push(Warning { code: sort.code, field, message });
        }
    }
}

/// A name that the playbook does not know, and where it stands.
struct UnknownName<'n> {
    sort: Sort,
    field: String,
    name: &'n str,
}

/// A sort of name, and the warning about one that is not known.
#[derive(Clone, Copy)]
struct Sort {
    noun: &'static str,
    code: WarningCode,
}

const SIGNAL: Sort = Sort { noun: "signal", code: WarningCode::UnknownSignal };
const FACT: Sort = Sort { noun: "fact", code: WarningCode::UnknownFact };
const ACTION: Sort = Sort { noun: "action", code: WarningCode::UnknownAction };
const PHRASING: Sort = Sort { noun: "phrasing", code: WarningCode::UnknownPhrasing };
const VALUE: Sort = Sort { noun: "value", code: WarningCode::UnknownValue };

fn level_of(signal: &Signal, level: Option<Level>) -> Result<Level, String> {
    match (signal.flag, level) {
        (true, None) => Ok(Level::ONE),
        (true, Some(level)) if level == Level::ZERO || level == Level::ONE => Ok(level),
        (true, Some(level)) => {
            let (id, level) = (&signal.id, level.as_f64());
            Err(format!("`{id}` is a flag: send no level or 1 for up, 0 for down, not {level}"))
        }
        (false, Some(level)) => Ok(level),
        (false, None) => Err(format!("`{}` is not a flag: send its level, from 0 to 1", signal.id)),
    }
}

/// The id that was probably meant, if one is close.
fn nearest<'a>(name: &str, ids: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let scored = ids.map(|id| (strsim::jaro_winkler(name, id), id.as_str()));
    let close = scored.filter(|(score, _)| *score >= 0.85);
    close.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1))).map(|(_, id)| id)
}
