//! Formulas over variables that are true or false, and the search for values that make them true.
//!
//! Architecture invariant: the solver behind it is private to this file.

use batsat::{ClauseKind, Solver, SolverInterface, SolverOpts, lbool};
use rustc_hash::FxHashMap;

/// Dead ends that a search may run into before it gives up: some seconds of work.
const MOST_DEAD_ENDS: u64 = 200_000;
/// Dead ends of all searches together.
const MOST_IN_ALL: u64 = 10 * MOST_DEAD_ENDS;

/// A variable or its opposite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Lit(batsat::Lit);

impl std::ops::Not for Lit {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0)
    }
}

impl Lit {
    /// Whether it is a variable itself and not the opposite of one.
    pub(super) fn is_plain(self) -> bool {
        self.0.sign()
    }

    /// Itself where it `holds`, else its opposite.
    pub(super) fn so(self, holds: bool) -> Self {
        if holds { self } else { !self }
    }
}

/// What came of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// There are values; [`Formula::value`] tells them.
    Possible,
    /// There are none.
    Impossible,
    /// It took too long to know.
    GaveUp,
}

/// Counts dead ends, and ends a search that runs into too many.
struct Patience {
    left: u64,
}

impl batsat::Callbacks for Patience {
    fn on_new_clause(&mut self, _: &[batsat::Lit], kind: ClauseKind) {
        if kind == ClauseKind::Learnt {
            self.left = self.left.saturating_sub(1);
        }
    }

    fn stop(&self) -> bool {
        self.left == 0
    }
}

/// All variables, and what is required of them.
pub(super) struct Formula {
    solver: Solver<Patience>,
    /// What is left of [`MOST_IN_ALL`].
    patience: u64,
    yes: Lit,
    /// Every conjunction is made once.
    made: FxHashMap<Vec<Lit>, Lit>,
}

impl Formula {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        let mut solver = Solver::new(SolverOpts::default(), Patience { left: MOST_DEAD_ENDS });
        let yes = Lit(batsat::Lit::new(solver.new_var_default(), true));
        let mut formula = Self { solver, patience: MOST_IN_ALL, yes, made: FxHashMap::default() };
        formula.require([yes]);
        formula
    }

    /// A new variable.
    pub(super) fn variable(&mut self) -> Lit {
        Lit(batsat::Lit::new(self.solver.new_var_default(), true))
    }

    /// How many variables there are.
    pub(super) fn size(&self) -> usize {
        usize::try_from(self.solver.num_vars()).unwrap_or(usize::MAX)
    }

    /// What is always true.
    pub(super) fn yes(&self) -> Lit {
        self.yes
    }

    /// What is never true.
    pub(super) fn no(&self) -> Lit {
        !self.yes
    }

    /// All of these.
    pub(super) fn and(&mut self, parts: impl IntoIterator<Item = Lit>) -> Lit {
        let mut parts: Vec<Lit> = parts.into_iter().filter(|part| *part != self.yes).collect();
        parts.sort_unstable();
        parts.dedup();
        // A variable and its opposite stand side by side.
        let contradicts = parts.windows(2).any(|pair| matches!(pair, [one, other] if *one == !*other));
        if contradicts || parts.contains(&self.no()) {
            return self.no();
        }
        match parts.as_slice() {
            [] => self.yes,
            [only] => *only,
            [..] => self.conjunction(parts),
        }
    }

    fn conjunction(&mut self, parts: Vec<Lit>) -> Lit {
        if let Some(made) = self.made.get(&parts) {
            return *made;
        }
        let all = self.variable();
        for part in &parts {
            self.require([!all, *part]);
        }
        self.require(parts.iter().map(|part| !*part).chain([all]));
        self.made.insert(parts, all);
        all
    }

    /// At least one of these.
    pub(super) fn or(&mut self, parts: impl IntoIterator<Item = Lit>) -> Lit {
        !self.and(parts.into_iter().map(|part| !part))
    }

    /// `one` where `which` is true, else `other`.
    pub(super) fn either(&mut self, which: Lit, one: Lit, other: Lit) -> Lit {
        if one == other {
            return one;
        }
        let (one, other) = (self.and([which, one]), self.and([!which, other]));
        self.or([one, other])
    }

    /// From now on, at least one of these is true.
    pub(super) fn require(&mut self, one_of: impl IntoIterator<Item = Lit>) {
        let mut clause: Vec<batsat::Lit> = one_of.into_iter().map(|lit| lit.0).collect();
        self.solver.add_clause_reuse(&mut clause);
    }

    /// Looks for values with which all of `wanted` is true.
    pub(super) fn search(&mut self, wanted: &[Lit]) -> Answer {
        let wanted: Vec<batsat::Lit> = wanted.iter().map(|lit| lit.0).collect();
        let patience = MOST_DEAD_ENDS.min(self.patience);
        self.solver.cb_mut().left = patience;
        let answer = self.solver.solve_limited(&wanted);
        self.patience -= patience.saturating_sub(self.solver.cb().left);
        match answer {
            answer if answer == lbool::TRUE => Answer::Possible,
            answer if answer == lbool::FALSE => Answer::Impossible,
            _ => Answer::GaveUp,
        }
    }

    /// Whether `lit` is true with the values that were found last.
    pub(super) fn value(&self, lit: Lit) -> bool {
        self.solver.value_lit(lit.0) == lbool::TRUE
    }
}
