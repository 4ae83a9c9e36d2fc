//! A conversation with the engine: the state is passed along as a caller would pass it.

use composure::engine::{
    self, ActionReport, ActionResult, Decision, Explain, NextState, Observation, Options, Request, Snapshot,
};
use composure::playbook::{Playbook, Time};

/// When sessions start.
pub(crate) const START: Time = Time::from_millis(1_767_225_600_000);

/// Where a conversation stands.
pub(crate) struct Session<'a> {
    pub(crate) playbook: &'a Playbook,
    pub(crate) snapshot: Option<Snapshot<'a>>,
    pub(crate) options: Options<'a>,
    pub(crate) now: Time,
}

impl<'a> Session<'a> {
    pub(crate) fn new(playbook: &'a Playbook) -> Self {
        let options = Options { explain: Explain::Full, ..Options::default() };
        Self { playbook, snapshot: None, options, now: START }
    }

    /// Asks, and keeps the state.
    pub(crate) fn turn(&mut self, observation: Observation<'a>) -> Decision<'a> {
        let decision = self.ask(observation);
        if let NextState::New(snapshot) = &decision.state {
            self.snapshot = Some((**snapshot).clone());
        }
        decision
    }

    /// Asks, and does not keep the state.
    pub(crate) fn ask(&self, observation: Observation<'a>) -> Decision<'a> {
        let (input, violations) = engine::resolve(self.playbook, self.request(observation));
        assert!(violations.is_empty(), "{violations:?}");
        engine::decide(self.playbook, input)
    }

    /// What is asked.
    pub(crate) fn request(&self, observation: Observation<'a>) -> Request<'a> {
        Request {
            snapshot: self.snapshot.clone(),
            observation,
            values: Vec::new(),
            options: self.options.clone(),
            now: self.now,
        }
    }
}

/// A report that this was done.
pub(crate) fn done(action: &str) -> ActionReport<'_> {
    with_result(action, ActionResult::Done)
}

/// A report with a result.
pub(crate) fn with_result(action: &str, result: ActionResult) -> ActionReport<'_> {
    ActionReport { action, phrasing: "", result, due: None, commitment_id: "" }
}

/// The ids on the screen, best first.
pub(crate) fn shown<'a>(decision: &Decision<'a>) -> Vec<&'a str> {
    decision.suggestions.iter().map(|suggestion| suggestion.action.id.as_str()).collect()
}

/// Small, fast and the same everywhere: `SplitMix64`.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll() % (sides.max(1) as u64)).unwrap()
    }

    /// True once in `times`.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub(crate) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}
