//! What happened in a turn: signals, facts, what the agent did, and what else the line tells.

use super::error::{Misread, shown};
use super::line::{WORDS, not_a_name};
use super::names::{self, Named};
use super::words::Word;
use crate::engine::Decision;
use crate::playbook::{
    Action, Channel, DidCase, DidResult, Fact, Kind, Level, Playbook, ReadingCase, Signal, Stretch, Time, TurnCase,
};

/// When a line is typed: what it may refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'m> {
    pub(super) playbook: &'m Playbook,
    /// What is on the screen.
    pub(super) decision: &'m Decision<'m>,
    /// The turn before; `None`: the conversation begins.
    pub(super) last: Option<&'m TurnCase>,
}

impl<'m> Moment<'m> {
    /// The action that `word` means, by its place (with the letter of a phrasing) or its name, and the phrasing.
    pub(super) fn action(self, word: &str) -> Result<(&'m str, Option<String>), Misread> {
        if !word.starts_with(|first: char| first.is_ascii_digit()) {
            return Ok((&names::action(self.playbook, word)?.id, None));
        }
        let (place, letter) = match word.char_indices().next_back() {
            Some((at, last)) if last.is_ascii_lowercase() => (word.get(..at).unwrap_or_default(), Some(last)),
            _ => (word, None),
        };
        self.placed(place, letter).ok_or_else(|| Misread::NotOnScreen(shown(word)))
    }

    fn placed(self, place: &str, letter: Option<char>) -> Option<(&'m str, Option<String>)> {
        let place = place.parse::<usize>().ok()?.checked_sub(1)?;
        let suggestion = self.decision.suggestions.get(place)?;
        let Some(letter) = letter else { return Some((&suggestion.action.id, None)) };
        let phrasing = ('a'..='z').position(|each| each == letter).and_then(|at| suggestion.phrasings.get(at))?;
        Some((&suggestion.action.id, Some(phrasing.text.id.clone())))
    }
}

/// Reads a turn, word by word.
pub(super) struct Reader<'m, 'w> {
    moment: Moment<'m>,
    words: std::slice::Iter<'w, Word>,
    case: TurnCase,
    now: Time,
    promised: Option<Stretch>,
}

impl<'m, 'w> Reader<'m, 'w> {
    pub(super) fn new(moment: Moment<'m>, words: &'w [Word]) -> Self {
        // Texts that were given once are known from then on.
        let values = moment.last.map(|last| last.values.clone()).unwrap_or_default();
        let case = TurnCase { values, ..TurnCase::default() };
        Self { moment, words: words.iter(), case, now: moment.decision.now, promised: None }
    }

    /// What the words say.
    pub(super) fn turn(mut self) -> Result<TurnCase, Misread> {
        while let Some(word) = self.words.next() {
            self.item(word)?;
        }
        if let Some(due) = self.promised {
            self.promise(due)?;
        }
        Ok(self.case)
    }

    fn item(&mut self, word: &Word) -> Result<(), Misread> {
        let text = word.text.as_str();
        if !word.quoted && WORDS.contains(&text) {
            not_a_name(self.moment, text)?;
            return self.keyword(text);
        }
        match text.strip_prefix('!').filter(|_| !word.quoted) {
            Some(denied) => self.denied(denied),
            None => self.observed(text),
        }
    }

    fn keyword(&mut self, word: &str) -> Result<(), Misread> {
        match word {
            "did" => self.did(word, DidResult::Done),
            "dismiss" => self.did(word, DidResult::Dismissed),
            "cannot" => self.did(word, DidResult::Unavailable),
            "next" => self.next_turn(),
            "promise" => self.stretch(word).map(|due| self.promised = Some(due)),
            "at" | "wait" => self.clock(word),
            "channel" => self.channel(),
            "value" => self.value(),
            "fact" | "signal" => {
                let name = self.after(word, "a name")?;
                self.observed(&name)
            }
            _ => Err(Misread::OwnLine(word.to_owned())),
        }
    }

    fn observed(&mut self, word: &str) -> Result<(), Misread> {
        if let Some((signal, band)) = word.split_once('.') {
            return self.band(signal, band);
        }
        match names::observed(self.moment.playbook, word)? {
            Named::Signal(signal) => {
                let level = self.level(signal)?;
                self.reading(signal, level)
            }
            Named::Fact(fact) => {
                let value = self.truth();
                self.told(fact, value)
            }
            Named::Action(action) => Err(Misread::BareAction(action.id.clone())),
        }
    }

    fn denied(&mut self, word: &str) -> Result<(), Misread> {
        match names::observed(self.moment.playbook, word)? {
            Named::Signal(signal) => self.reading(signal, Level::ZERO),
            Named::Fact(fact) => self.told(fact, Some(false)),
            Named::Action(action) => Err(Misread::BareAction(action.id.clone())),
        }
    }

    /// `anger.high`: where the band begins.
    fn band(&mut self, word: &str, band: &str) -> Result<(), Misread> {
        let unknown = || names::unknown(self.moment.playbook, &format!("{word}.{band}"));
        let Ok(Named::Signal(signal)) = names::observed(self.moment.playbook, word) else { return Err(unknown()) };
        let from = band_of(signal, band).ok_or_else(unknown)?;
        self.reading(signal, from)
    }

    /// The level that follows a signal; without one it is there in full.
    fn level(&mut self, signal: &Signal) -> Result<Level, Misread> {
        let Some(word) = self.peek() else { return Ok(Level::ONE) };
        let level = match word {
            "yes" | "up" => Some(Level::ONE),
            "no" | "down" => Some(Level::ZERO),
            _ => band_of(signal, word).filter(|_| !names::is_observed(self.moment.playbook, word)),
        };
        if let Some(level) = level {
            self.words.next();
            return Ok(level);
        }
        let Some(number) = number(word) else { return Ok(Level::ONE) };
        self.words.next();
        Level::try_from(number).map_err(|error| Misread::Level { signal: signal.id.clone(), error })
    }

    /// Whether the fact before is so; without a word it is.
    fn truth(&mut self) -> Option<bool> {
        let told = match self.peek() {
            Some("yes" | "true") => Some(Some(true)),
            Some("no" | "false") => Some(Some(false)),
            Some("unknown") => Some(None),
            Some(_) | None => None,
        };
        told.map_or(Some(true), |told| {
            self.words.next();
            told
        })
    }

    fn reading(&mut self, signal: &Signal, level: Level) -> Result<(), Misread> {
        if self.case.signals.iter().any(|case| case.signal == signal.id) {
            return Err(Misread::Twice(signal.id.clone()));
        }
        self.case.signals.push(ReadingCase { signal: signal.id.clone(), level, confidence: None });
        Ok(())
    }

    fn told(&mut self, fact: &Fact, value: Option<bool>) -> Result<(), Misread> {
        if self.case.facts.iter().any(|(told, _)| *told == fact.id) {
            return Err(Misread::Twice(fact.id.clone()));
        }
        self.case.facts.push((fact.id.clone(), value));
        Ok(())
    }

    /// One action or several, or `nothing`.
    fn did(&mut self, after: &str, result: DidResult) -> Result<(), Misread> {
        let first = self.after(after, "an action, its place on the screen, or `nothing`")?;
        if first == "nothing" && result == DidResult::Done {
            self.case.did.get_or_insert_default();
            return Ok(());
        }
        self.report(&first, result)?;
        while let Some(word) = self.peek() {
            let is_place = word.starts_with(|first: char| first.is_ascii_digit());
            if !is_place && !names::continues_actions(self.moment.playbook, word)? {
                break;
            }
            let word = word.to_owned();
            self.words.next();
            self.report(&word, result)?;
        }
        Ok(())
    }

    fn report(&mut self, word: &str, result: DidResult) -> Result<(), Misread> {
        let (action, phrasing) = self.moment.action(word)?;
        let did = self.case.did.get_or_insert_default();
        if did.iter().any(|case| case.action == action) {
            return Err(Misread::Twice(action.to_owned()));
        }
        did.push(DidCase { action: action.to_owned(), result, phrasing, due: None });
        Ok(())
    }

    /// The customer spoke and nothing was detected; the first suggestion was followed.
    fn next_turn(&mut self) -> Result<(), Misread> {
        let did = self.case.did.get_or_insert_default();
        match self.moment.decision.suggestions.first() {
            Some(first) if did.is_empty() => self.report(&first.action.id, DidResult::Done),
            _ => Ok(()),
        }
    }

    /// Something was promised for then: by the promise that the line tells of, or the first that can be meant.
    fn promise(&mut self, stretch: Stretch) -> Result<(), Misread> {
        let due = Some(self.now.plus_millis(stretch.millis()));
        let playbook = self.moment.playbook;
        let promises = |action: &Action| action.kind == Kind::Promise;
        let is_promise = |id: &str| playbook.find_action(id).is_some_and(|action| promises(playbook.action(action)));
        let did = self.case.did.get_or_insert_default();
        if let Some(case) = did.iter_mut().find(|case| is_promise(&case.action)) {
            case.due = due;
            return Ok(());
        }
        let shown = self.moment.decision.suggestions.iter().map(|suggestion| suggestion.action);
        let action = shown.chain(playbook.actions().map(|(_, action)| action)).find(|action| promises(action));
        let action = action.ok_or(Misread::NoPromise)?.id.clone();
        did.push(DidCase { action, result: DidResult::Done, phrasing: None, due });
        Ok(())
    }

    fn clock(&mut self, word: &str) -> Result<(), Misread> {
        let stretch = self.stretch(word)?;
        let start = if word == "at" { TurnCase::START } else { self.now };
        let time = start.plus_millis(stretch.millis());
        if time < self.now {
            return Err(Misread::Past(stretch.to_string()));
        }
        (self.now, self.case.at) = (time, Some(time));
        Ok(())
    }

    fn stretch(&mut self, after: &str) -> Result<Stretch, Misread> {
        let wanted = "a time such as `90s`, `5m`, `2h` or `1d`";
        let word = self.after(after, wanted)?;
        Stretch::from_word(&word).ok_or_else(|| expected(after, wanted, Some(&word)))
    }

    fn channel(&mut self) -> Result<(), Misread> {
        let all: Vec<&str> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
        let wanted = format!("one of {}", all.join(", "));
        let word = self.after("channel", &wanted)?;
        let channel = Channel::from_word(&word).ok_or_else(|| expected("channel", &wanted, Some(&word)))?;
        self.case.channel = Some(channel);
        Ok(())
    }

    fn value(&mut self) -> Result<(), Misread> {
        let id = self.after("value", "the name of a value")?;
        let known: Vec<&str> = self.moment.playbook.values().map(|(_, value)| value.id.as_str()).collect();
        if !known.contains(&id.as_str()) {
            let wanted = format!("the name of a value ({})", known.join(", "));
            return Err(expected("value", &wanted, Some(&id)));
        }
        let Some(text) = self.words.next().map(|word| word.text.clone()) else {
            return Err(expected(&id, "a text", None));
        };
        self.case.values.retain(|(value, _)| *value != id);
        self.case.values.push((id, text));
        Ok(())
    }

    /// The word that has to follow.
    fn after(&mut self, after: &str, wanted: &str) -> Result<String, Misread> {
        let word = self.words.next().map(|word| word.text.clone());
        word.ok_or_else(|| expected(after, wanted, None))
    }

    /// The next word, unless it is a quoted text.
    fn peek(&self) -> Option<&'w str> {
        self.words.as_slice().first().filter(|word| !word.quoted).map(|word| word.text.as_str())
    }
}

fn expected(after: &str, wanted: &str, found: Option<&str>) -> Misread {
    let found = found.map_or_else(|| "the end of the line".to_owned(), |word| format!("`{}`", shown(word)));
    Misread::Expected { after: after.to_owned(), wanted: wanted.to_owned(), found }
}

fn band_of(signal: &Signal, band: &str) -> Option<Level> {
    signal.bands.iter().find(|each| each.id == band).map(|band| band.from)
}

/// What begins like a number, and is one.
fn number(word: &str) -> Option<f64> {
    let begins = word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '.' | '-' | '+'));
    if begins { word.parse().ok() } else { None }
}
