//! The compiled playbook: one immutable decision graph.
//!
//! There is one way to get one, [`Playbook::parse`](super::Playbook::parse), and it fails with everything that is wrong. A graph that exists
//! is valid: every reference leads somewhere, every stage that is not final has something to show.
//!
//! Architecture invariant: petgraph is private to this module and its children.

mod draw;
mod flow;
mod order;

use rustc_hash::FxHashMap;

use super::condition::{AtomEntry, Condition};
use super::conversation::Conversation;
use super::ids::{
    ActionIx, AtomIx, ConditionIx, DeliveryIx, EscalationIx, FactIx, GuardrailIx, SignalIx, StageIx, ValueIx,
};
use super::law::Law;
use super::lint::Allowance;
use super::parts::{
    Action, Delivery, Escalation, Fact, FirstRule, Guardrail, Identity, Interrupt, NamedCondition, Signal, Source,
    Stage, Value,
};
use super::vocabulary::ChannelSet;

pub use draw::{Overlay, Traffic};
pub(super) use flow::Flow;
pub(super) use order::order;

/// Everything that a playbook is made of, with references resolved and not yet looked up by name.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) identity: Identity,
    pub(super) title: String,
    pub(super) channels: ChannelSet,
    pub(super) locales: Vec<String>,
    pub(super) sources: Vec<Source>,
    pub(super) renamed: Vec<(String, String)>,
    pub(super) values: Vec<Value>,
    pub(super) signals: Vec<Signal>,
    pub(super) facts: Vec<Fact>,
    pub(super) atoms: Vec<AtomEntry>,
    pub(super) conditions: Vec<NamedCondition>,
    pub(super) interrupts: Vec<Interrupt>,
    pub(super) first: Vec<FirstRule>,
    pub(super) stages: Vec<Stage>,
    pub(super) actions: Vec<Action>,
    pub(super) delivery: Vec<Delivery>,
    pub(super) guardrails: Vec<Guardrail>,
    pub(super) escalations: Vec<Escalation>,
    pub(super) laws: Vec<Law>,
    pub(super) allowances: Vec<Allowance>,
    pub(super) tests: Vec<Conversation>,
}

/// A de-escalation process, compiled.
#[derive(Debug)]
pub struct Playbook {
    parts: Parts,
    start: StageIx,
    flow: Flow,
    names: Names,
    /// For each fact and each signal: the actions whose condition reads it and that a guardrail or an order can hold
    /// back, so that "why not the fix that I have?" costs what the case holds and not what the playbook holds.
    asks_fact: Vec<Vec<ActionIx>>,
    asks_signal: Vec<Vec<ActionIx>>,
    /// For each action: the guardrails that forbid it.
    forbidden_by: Vec<Vec<GuardrailIx>>,
}

#[derive(Debug)]
struct Names {
    stages: FxHashMap<String, StageIx>,
    actions: FxHashMap<String, ActionIx>,
    signals: FxHashMap<String, SignalIx>,
    facts: FxHashMap<String, FactIx>,
    values: FxHashMap<String, ValueIx>,
    renamed: FxHashMap<String, String>,
}

/// The part at `position`. Indices are made by the playbook that they are used with, and parts never go away.
#[expect(clippy::indexing_slicing, reason = "an index exists only for a part of this playbook")]
fn at<T>(parts: &[T], position: usize) -> &T {
    &parts[position]
}

fn indexed<Ix>(make: fn(usize) -> Option<Ix>, count: usize) -> impl Iterator<Item = Ix> {
    (0..count).filter_map(make)
}

fn by_name<'a, Ix>(make: fn(usize) -> Option<Ix>, ids: impl Iterator<Item = &'a String>) -> FxHashMap<String, Ix> {
    ids.enumerate().filter_map(|(position, id)| Some((id.clone(), make(position)?))).collect()
}

macro_rules! parts {
    ($($(#[$doc:meta])* $one:ident, $all:ident : $ix:ident => $part:ty);+ $(;)?) => {
        impl Playbook {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $one(&self, ix: $ix) -> &$part {
                    at(&self.parts.$all, ix.position())
                }

                #[doc = concat!("All of its ", stringify!($all), ", in document order.")]
                pub fn $all(&self) -> impl Iterator<Item = ($ix, &$part)> {
                    indexed($ix::new, self.parts.$all.len()).zip(&self.parts.$all)
                }
            )+
        }
    };
}

parts! {
    /// A stage.
    stage, stages: StageIx => Stage;
    /// An action.
    action, actions: ActionIx => Action;
    /// A signal.
    signal, signals: SignalIx => Signal;
    /// A fact.
    fact, facts: FactIx => Fact;
    /// A value.
    value, values: ValueIx => Value;
    /// A named condition.
    condition, conditions: ConditionIx => NamedCondition;
    /// An atom.
    atom, atoms: AtomIx => AtomEntry;
    /// A delivery guide.
    delivery_guide, delivery: DeliveryIx => Delivery;
    /// A guardrail.
    guardrail, guardrails: GuardrailIx => Guardrail;
    /// An escalation rule.
    escalation, escalations: EscalationIx => Escalation;
}

impl Playbook {
    /// Builds the lookups; `parts` is checked, `start` is one of its stages, and `flow` leads through them.
    pub(super) fn assemble(parts: Parts, start: StageIx, flow: Flow) -> Self {
        let names = Names::of(&parts);
        let forbidden_by = forbidden_by(&parts);
        let forbidden = |action: ActionIx| !at(&forbidden_by, action.position()).is_empty();
        let asks_fact = readers(&parts, forbidden, parts.facts.len(), |condition, seen| {
            seen.extend(condition.facts.iter().map(|fact| fact.position()));
        });
        let asks_signal = readers(&parts, forbidden, parts.signals.len(), |condition, seen| {
            seen.extend(condition.signals.iter().map(|signal| signal.position()));
        });
        Self { parts, start, flow, names, asks_fact, asks_signal, forbidden_by }
    }

    /// Which playbook this is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.parts.identity
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.parts.title
    }

    /// The channels it is written for.
    #[must_use]
    pub fn channels(&self) -> ChannelSet {
        self.parts.channels
    }

    /// Its locales, as BCP 47 tags; the first is the default.
    #[must_use]
    pub fn locales(&self) -> &[String] {
        &self.parts.locales
    }

    /// The documents that it follows.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.parts.sources
    }

    /// What must hold in every situation, in order.
    #[must_use]
    pub fn laws(&self) -> &[Law] {
        &self.parts.laws
    }

    /// What lints are to say nothing of, in order.
    #[must_use]
    pub fn allowances(&self) -> &[Allowance] {
        &self.parts.allowances
    }

    /// The conversations that it must get right.
    #[must_use]
    pub fn tests(&self) -> &[Conversation] {
        &self.parts.tests
    }

    /// The stage where a conversation starts.
    #[must_use]
    pub fn start(&self) -> StageIx {
        self.start
    }

    /// Ways into a stage from everywhere, in order.
    #[must_use]
    pub fn interrupts(&self) -> &[Interrupt] {
        &self.parts.interrupts
    }

    /// What goes above every score, in order.
    #[must_use]
    pub fn first_rules(&self) -> &[FirstRule] {
        &self.parts.first
    }

    /// How many atoms its conditions are made of.
    #[must_use]
    pub fn atom_count(&self) -> usize {
        self.parts.atoms.len()
    }

    /// How many facts it asks about.
    #[must_use]
    pub fn fact_count(&self) -> usize {
        self.parts.facts.len()
    }

    /// The guardrails that forbid an action, in order.
    #[must_use]
    pub fn forbidden_by(&self, action: ActionIx) -> &[GuardrailIx] {
        at(&self.forbidden_by, action.position()).as_slice()
    }

    /// The actions whose condition reads `fact` and that a guardrail or an order can hold back, in order.
    #[must_use]
    pub fn actions_asking_fact(&self, fact: FactIx) -> &[ActionIx] {
        at(&self.asks_fact, fact.position()).as_slice()
    }

    /// The actions whose condition reads `signal` and that a guardrail or an order can hold back, in order.
    #[must_use]
    pub fn actions_asking_signal(&self, signal: SignalIx) -> &[ActionIx] {
        at::<Vec<ActionIx>>(&self.asks_signal, signal.position()).as_slice()
    }

    /// The stage of this name, or of the name that took its place.
    #[must_use]
    pub fn find_stage(&self, id: &str) -> Option<StageIx> {
        self.names.find(&self.names.stages, id)
    }

    /// The action of this name, or of the name that took its place.
    #[must_use]
    pub fn find_action(&self, id: &str) -> Option<ActionIx> {
        self.names.find(&self.names.actions, id)
    }

    /// The signal of this name, or of the name that took its place.
    #[must_use]
    pub fn find_signal(&self, id: &str) -> Option<SignalIx> {
        self.names.find(&self.names.signals, id)
    }

    /// The fact of this name, or of the name that took its place.
    #[must_use]
    pub fn find_fact(&self, id: &str) -> Option<FactIx> {
        self.names.find(&self.names.facts, id)
    }

    /// The value of this name, or of the name that took its place.
    #[must_use]
    pub fn find_value(&self, id: &str) -> Option<ValueIx> {
        self.names.find(&self.names.values, id)
    }
}

impl Names {
    fn of(parts: &Parts) -> Self {
        Self {
            stages: by_name(StageIx::new, parts.stages.iter().map(|part| &part.id)),
            actions: by_name(ActionIx::new, parts.actions.iter().map(|part| &part.id)),
            signals: by_name(SignalIx::new, parts.signals.iter().map(|part| &part.id)),
            facts: by_name(FactIx::new, parts.facts.iter().map(|part| &part.id)),
            values: by_name(ValueIx::new, parts.values.iter().map(|part| &part.id)),
            renamed: parts.renamed.iter().cloned().collect(),
        }
    }

    fn find<Ix: Copy>(&self, of: &FxHashMap<String, Ix>, id: &str) -> Option<Ix> {
        of.get(id).or_else(|| of.get(self.renamed.get(id)?)).copied()
    }
}

fn forbidden_by(parts: &Parts) -> Vec<Vec<GuardrailIx>> {
    let mut by_action = vec![Vec::new(); parts.actions.len()];
    for (ix, guardrail) in indexed(GuardrailIx::new, parts.guardrails.len()).zip(&parts.guardrails) {
        for action in &guardrail.forbids {
            if let Some(list) = by_action.get_mut(action.position()) {
                list.push(ix);
            }
        }
    }
    by_action
}

fn readers(
    parts: &Parts,
    forbidden: impl Fn(ActionIx) -> bool,
    count: usize,
    mut reads: impl FnMut(&Condition, &mut Vec<usize>),
) -> Vec<Vec<ActionIx>> {
    let mut by_part = vec![Vec::new(); count];
    let mut seen = Vec::new();
    for (ix, action) in indexed(ActionIx::new, parts.actions.len()).zip(&parts.actions) {
        if action.after.is_empty() && !forbidden(ix) {
            continue;
        }
        seen.clear();
        reads(&action.condition, &mut seen);
        seen.sort_unstable();
        seen.dedup();
        for position in &seen {
            if let Some(list) = by_part.get_mut(*position) {
                list.push(ix);
            }
        }
    }
    by_part
}
