//! What is on the screen, and what is first on it, as formulas.

use super::encoding::Encoding;
use super::formula::Lit;
use super::gate::{self, Advice, Call, Leave};
use super::truth::{self, Moment};
use super::world::ActionBits;
use crate::playbook::{Action, ActionIx, Candidate, Course, EscalationLevel, StageIx};

/// Factors of a score that are looked at one by one; an action with more can have any score.
const MOST_FACTORS: usize = 6;

/// The screen of a stage that goes on.
pub(super) struct Screen {
    /// What the `first` rules bring, in order.
    ruled: Vec<(ActionIx, Lit)>,
    /// What the stage lists, in order.
    listed: Vec<(ActionIx, Lit)>,
    /// What is shown where nothing else is.
    otherwise: (ActionIx, Lit),
    /// What advice brings.
    advised: Vec<(Call, Lit)>,
    advice: Advice,
}

/// Something that can be first.
#[derive(Debug, Clone, Copy)]
pub(super) struct First {
    pub(super) action: ActionIx,
    pub(super) lit: Lit,
    /// Whether advice that has outlived its cause put it there.
    pub(super) outlives: Lit,
}

/// The screen of `stage`; a final one has none.
pub(super) fn screen(encoding: &mut Encoding<'_>, stage: StageIx) -> Option<Screen> {
    let playbook = encoding.playbook;
    let part = playbook.stage(stage);
    let Course::Open { otherwise } = part.course else { return None };
    let advice = gate::advice(encoding, stage);
    let ruled = ruled(encoding);
    let listed = listed(encoding, &part.candidates);
    let formula = &mut encoding.formula;
    let is_bare = formula.and(ruled.iter().chain(&listed).map(|(_, shown)| !*shown));
    let stands = advice.calls.iter().filter(|call| call.level > EscalationLevel::Offer).copied().collect::<Vec<_>>();
    let placed: Vec<Lit> = stands.iter().map(|call| is_placed(encoding, *call, is_bare)).collect();
    let alone = encoding.formula.or(placed);
    let otherwise = (otherwise, encoding.formula.and([is_bare, !alone]));
    let no_rule = encoding.formula.and(ruled.iter().map(|(_, shown)| !*shown));
    let advised = advice.calls.iter().map(|call| (*call, is_placed(encoding, *call, no_rule))).collect();
    Some(Screen { ruled, listed, otherwise, advised, advice })
}

fn ruled(encoding: &mut Encoding<'_>) -> Vec<(ActionIx, Lit)> {
    let playbook = encoding.playbook;
    let mut ruled = Vec::with_capacity(playbook.first_rules().len());
    for rule in playbook.first_rules() {
        let holds = truth::condition(encoding, &rule.condition, Moment::Now).yes;
        let passes = gate::passes(encoding, rule.action, None, Leave::None);
        ruled.push((rule.action, encoding.formula.and([holds, passes])));
    }
    ruled
}

fn listed(encoding: &mut Encoding<'_>, candidates: &[Candidate]) -> Vec<(ActionIx, Lit)> {
    let mut passes = |candidate: &Candidate| {
        let passes = gate::passes(encoding, candidate.action, Some(&candidate.condition), Leave::None);
        (candidate.action, passes)
    };
    candidates.iter().map(&mut passes).collect()
}

/// Whether the action that advice calls for gets a place. Where there is only one, it must be the first.
fn is_placed(encoding: &mut Encoding<'_>, call: Call, is_free: Lit) -> Lit {
    let worn = is_worn(encoding, call.action);
    let one_place = encoding.world.one_place;
    let formula = &mut encoding.formula;
    match call.level {
        EscalationLevel::Require => call.calls,
        EscalationLevel::Recommend => {
            let first = formula.and([is_free, !worn]);
            let fits = formula.or([!one_place, first]);
            formula.and([call.calls, fits])
        }
        EscalationLevel::Offer | EscalationLevel::None => formula.and([call.calls, !one_place]),
    }
}

/// What was shown long enough steps aside for the rest of the process.
fn is_worn(encoding: &mut Encoding<'_>, action: ActionIx) -> Lit {
    let ActionBits { spent, in_gap, .. } = *gate::bits(encoding, action);
    encoding.formula.or([spent, in_gap])
}

impl Screen {
    /// The advice in the same situation.
    pub(super) fn advice(&self) -> &Advice {
        &self.advice
    }

    /// What the stage lists, in order, and whether each may be shown.
    pub(super) fn listed(&self) -> &[(ActionIx, Lit)] {
        &self.listed
    }

    /// Whether `action` is on the screen, as long as the caller wants enough suggestions.
    pub(super) fn shows(&self, encoding: &mut Encoding<'_>, action: ActionIx) -> Lit {
        let listed = self.ruled.iter().chain(&self.listed).chain([&self.otherwise]);
        let listed = listed.filter(|(shown, _)| *shown == action).map(|(_, is_shown)| *is_shown);
        let advised = self.advised.iter().filter(|(call, _)| call.action == action).map(|(_, placed)| *placed);
        encoding.formula.or(listed.chain(advised))
    }

    /// What can be first; one of them is.
    pub(super) fn firsts(&self, encoding: &mut Encoding<'_>) -> Vec<First> {
        let no = encoding.formula.no();
        let mut firsts = Vec::new();
        let required = self.calls(encoding, |level| level == EscalationLevel::Require);
        firsts.extend(required.iter().map(Called::first));
        let mut above = !encoding.formula.or(required.iter().map(|called| called.lit));
        for (action, shown) in &self.ruled {
            let lit = encoding.formula.and([above, *shown]);
            firsts.push(First { action: *action, lit, outlives: no });
            above = encoding.formula.and([above, !*shown]);
        }
        let recommended = self.recommended(encoding, above);
        firsts.extend(recommended.iter().map(Called::first));
        above = encoding.formula.and(recommended.iter().map(|called| !called.lit).chain([above]));
        firsts.extend(self.best_listed(encoding, above));
        let bare = encoding.formula.and(self.listed.iter().map(|(_, shown)| !*shown).chain([above]));
        firsts.extend(self.last_resorts(encoding, bare));
        firsts
    }

    fn calls(&self, encoding: &mut Encoding<'_>, at: impl Fn(EscalationLevel) -> bool) -> Vec<Called> {
        let yes = encoding.formula.yes();
        self.advice.calls.iter().filter(|call| at(call.level)).map(|call| Called::of(encoding, *call, yes)).collect()
    }

    /// Advice that recommends comes after the `first` rules, unless its action is worn.
    fn recommended(&self, encoding: &mut Encoding<'_>, above: Lit) -> Vec<Called> {
        let recommended = self.advice.calls.iter().filter(|call| call.level == EscalationLevel::Recommend);
        let mut called = Vec::new();
        for call in recommended {
            let worn = is_worn(encoding, call.action);
            let now = encoding.formula.and([above, !worn]);
            called.push(Called::of(encoding, *call, now));
        }
        called
    }

    /// The listed action with the best score; of equals the first listed.
    fn best_listed(&self, encoding: &mut Encoding<'_>, above: Lit) -> Vec<First> {
        let no = encoding.formula.no();
        let mut firsts = Vec::with_capacity(self.listed.len());
        for (position, (action, shown)) in self.listed.iter().enumerate() {
            let mut needs = vec![above, *shown];
            for (at, (rival, is_there)) in self.listed.iter().enumerate().filter(|(_, (rival, _))| rival != action) {
                let beats = beats(encoding, *action, *rival, position < at);
                needs.push(encoding.formula.or([!*is_there, beats]));
            }
            firsts.push(First { action: *action, lit: encoding.formula.and(needs), outlives: no });
        }
        firsts
    }

    /// A worn recommendation that stands alone, else `otherwise`.
    fn last_resorts(&self, encoding: &mut Encoding<'_>, bare: Lit) -> Vec<First> {
        let many = !encoding.world.one_place;
        let alone = encoding.formula.and([bare, many]);
        let recommended = self.advice.calls.iter().filter(|call| call.level == EscalationLevel::Recommend);
        let called: Vec<Called> = recommended.map(|call| Called::of(encoding, *call, alone)).collect();
        let rest = encoding.formula.and(called.iter().map(|called| !called.lit).chain([bare]));
        let no = encoding.formula.no();
        let otherwise = First { action: self.otherwise.0, lit: rest, outlives: no };
        called.iter().map(Called::first).chain([otherwise]).collect()
    }
}

/// A call of advice, at a place where it is first.
struct Called {
    action: ActionIx,
    lit: Lit,
    outlives: Lit,
}

impl Called {
    fn of(encoding: &mut Encoding<'_>, call: Call, here: Lit) -> Self {
        let lit = encoding.formula.and([call.calls, here]);
        Self { action: call.action, lit, outlives: encoding.formula.and([call.outlives, here]) }
    }

    fn first(&self) -> First {
        First { action: self.action, lit: self.lit, outlives: self.outlives }
    }
}

/// Whether an action scores higher than a rival, or as high where it is `listed_first`.
pub(super) fn beats(encoding: &mut Encoding<'_>, action: ActionIx, rival: ActionIx, listed_first: bool) -> Lit {
    let (Some(mine), Some(theirs)) = (scores(encoding, action), scores(encoding, rival)) else {
        return encoding.formula.variable();
    };
    let mut wins = Vec::new();
    for (score, holds) in &mine {
        for (other, other_holds) in &theirs {
            let order = score.total_cmp(other);
            if order.is_gt() || (order.is_eq() && listed_first) {
                wins.push(encoding.formula.and([*holds, *other_holds]));
            }
        }
    }
    encoding.formula.or(wins)
}

/// The scores that an action can have, and when it has which.
fn scores(encoding: &mut Encoding<'_>, action: ActionIx) -> Option<Vec<(f64, Lit)>> {
    let part: &Action = encoding.playbook.action(action);
    if part.prefer.len() > MOST_FACTORS {
        return None;
    }
    // Multiplied in the engine's order, so that what is equal there is equal here.
    let mut scores = vec![([part.value.as_f64()].into_iter().product::<f64>(), encoding.formula.yes())];
    for preference in &part.prefer {
        let holds = truth::condition(encoding, &preference.condition, Moment::Now).yes;
        let factor = preference.by.as_f64();
        let mut more = Vec::with_capacity(scores.len() * 2);
        for (score, so_far) in scores {
            more.push((score, encoding.formula.and([so_far, !holds])));
            more.push((score * factor, encoding.formula.and([so_far, holds])));
        }
        scores = more;
    }
    Some(scores)
}
