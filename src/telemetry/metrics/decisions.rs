//! What was decided, counted by the names that playbooks use. Playbooks come and go while a server runs, so the number of series
//! has an end.

use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::{Equivalent, HashMap};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use rustc_hash::FxBuildHasher;

/// Series of suggestions and escalations together; what is new after that is counted under `other`.
const MOST_SERIES: usize = 2_000;
const OTHER: &str = "other";

/// What of a decision is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided<'a> {
    /// Id of the playbook that decided.
    pub playbook: &'a str,
    /// Id of the stage that the conversation is in.
    pub stage: &'a str,
    /// Id of the first action; `None`: nothing was suggested.
    pub action: Option<&'a str>,
    /// Level of the advice to bring in people; `None`: there is none.
    pub escalation: Option<&'a str>,
}

/// Counters of decisions.
#[derive(Debug)]
pub(super) struct Decisions {
    suggestions: Bounded<Suggestion>,
    escalations: Bounded<Escalation>,
}

/// A family of counters that stops growing when there is no room any more.
#[derive(Debug)]
struct Bounded<K> {
    family: Family<K, Counter>,
    /// Handles that were resolved. Written only for what is new: readers don't wait for each other.
    known: RwLock<HashMap<K, Counter, FxBuildHasher>>,
    other: K,
    /// For how many more series, in all families that share it.
    room: Arc<AtomicUsize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Suggestion {
    playbook: String,
    stage: String,
    action: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Escalation {
    playbook: String,
    level: String,
}

/// The same names, borrowed: they hash alike.
#[derive(Clone, Copy, Hash)]
struct SuggestionOf<'a> {
    playbook: &'a str,
    stage: &'a str,
    action: &'a str,
}

#[derive(Clone, Copy, Hash)]
struct EscalationOf<'a> {
    playbook: &'a str,
    level: &'a str,
}

impl Decisions {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let room = Arc::new(AtomicUsize::new(MOST_SERIES));
        let other = SuggestionOf { playbook: OTHER, stage: OTHER, action: OTHER };
        let suggestions = Bounded::new(other.into(), Arc::clone(&room));
        let escalations = Bounded::new(EscalationOf { playbook: OTHER, level: OTHER }.into(), room);
        registry.register("composure_suggestions", "First suggestions of answers", suggestions.family.clone());
        let help = "Answers that advise to bring in people";
        registry.register("composure_escalations", help, escalations.family.clone());
        Self { suggestions, escalations }
    }

    pub(super) fn count(&self, decided: Decided<'_>) {
        let Decided { playbook, stage, action, escalation } = decided;
        if let Some(action) = action {
            self.suggestions.count(SuggestionOf { playbook, stage, action });
        }
        if let Some(level) = escalation {
            self.escalations.count(EscalationOf { playbook, level });
        }
    }
}

impl<K: Clone + Hash + Eq> Bounded<K> {
    fn new(other: K, room: Arc<AtomicUsize>) -> Self {
        Self { family: Family::default(), known: RwLock::default(), other, room }
    }

    fn count<Q: Copy + Hash + Equivalent<K> + Into<K>>(&self, of: Q) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = known.get(&of) {
            counter.inc();
            return;
        }
        drop(known);
        self.resolve(of).inc();
    }

    /// The counter of what was not known a moment ago.
    #[cold]
    fn resolve<Q: Copy + Hash + Equivalent<K> + Into<K>>(&self, of: Q) -> Counter {
        if self.room.load(Ordering::Relaxed) == 0 {
            return self.family.get_or_create_owned(&self.other);
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = known.get(&of) {
            return counter.clone();
        }
        let room = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(1));
        if room.is_err() {
            return self.family.get_or_create_owned(&self.other);
        }
        let key: K = of.into();
        let counter = self.family.get_or_create_owned(&key);
        known.insert(key, counter.clone());
        counter
    }
}

impl Equivalent<Suggestion> for SuggestionOf<'_> {
    fn equivalent(&self, key: &Suggestion) -> bool {
        self.action == key.action && self.stage == key.stage && self.playbook == key.playbook
    }
}

impl Equivalent<Escalation> for EscalationOf<'_> {
    fn equivalent(&self, key: &Escalation) -> bool {
        self.level == key.level && self.playbook == key.playbook
    }
}

impl From<SuggestionOf<'_>> for Suggestion {
    fn from(SuggestionOf { playbook, stage, action }: SuggestionOf<'_>) -> Self {
        Self { playbook: playbook.to_owned(), stage: stage.to_owned(), action: action.to_owned() }
    }
}

impl From<EscalationOf<'_>> for Escalation {
    fn from(EscalationOf { playbook, level }: EscalationOf<'_>) -> Self {
        Self { playbook: playbook.to_owned(), level: level.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    fn decided<'a>(stage: &'a str, action: &'a str, level: &'a str) -> Decided<'a> {
        Decided { playbook: "default", stage, action: Some(action), escalation: Some(level) }
    }

    #[test]
    fn names_that_are_invented_end_up_together() {
        let mut registry = Registry::default();
        let decisions = Decisions::register(&mut registry);
        decisions.count(decided("listen", "keep_listening", "offer"));
        for name in (0..10_000).map(|number| format!("invented_{number}")) {
            decisions.count(decided(&name, &name, &name));
        }
        decisions.count(decided("listen", "keep_listening", "offer"));
        let mut text = String::new();
        encode(&mut text, &registry).expect("strings take all");
        assert_eq!(text.lines().filter(|line| line.contains('{')).count(), MOST_SERIES + 2);
        let known = r#"composure_suggestions_total{playbook="default",stage="listen",action="keep_listening"} 2"#;
        let other = r#"composure_suggestions_total{playbook="other",stage="other",action="other"} 9001"#;
        assert!(text.lines().any(|line| line == known) && text.lines().any(|line| line == other), "{text}");
    }

    #[test]
    fn where_nothing_is_decided_nothing_is_counted() {
        let mut registry = Registry::default();
        let decisions = Decisions::register(&mut registry);
        decisions.count(Decided { playbook: "default", stage: "closed", action: None, escalation: None });
        let mut text = String::new();
        encode(&mut text, &registry).expect("strings take all");
        assert_eq!(text.lines().filter(|line| line.contains('{')).count(), 0, "{text}");
    }
}
