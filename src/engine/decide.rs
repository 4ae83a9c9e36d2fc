//! One decision, step by step.

use super::decision::{Decision, NextState, Outcome, Phrasing, Standing, Suggestion, SuppressionReason, Truth};
use super::digest::digest;
use super::escalate::{self, Advice};
use super::fold::{Folded, fold};
use super::missing::missing;
use super::phrase;
use super::rank::{Ranked, Ranking, rank, rank_among, terms};
use super::request::{Explain, Warning, WarningCode};
use super::resolve::Input;
use super::settle::{settle, settle_by_interrupts};
use super::situation::{Situation, next_check};
use super::state::ActionState;
use super::trace::{Trace, Unwatched, Witness};
use super::{explain, restore};
use crate::playbook::{
    Condition, Course, Delivery, DeliveryIx, Ending, Exit, FactIx, Guardrail, GuardrailIx, Kind, Playbook, StageIx,
};

/// Decides what the agent should do next. Total: every input has an answer.
#[must_use]
pub fn decide<'a>(playbook: &'a Playbook, input: Input<'a>) -> Decision<'a> {
    decide_watched(playbook, input, &mut Unwatched)
}

/// Decides the same, and tells by which way.
#[must_use]
pub fn decide_traced<'a>(playbook: &'a Playbook, input: Input<'a>) -> (Decision<'a>, Trace) {
    let mut trace = Trace::default();
    let decision = decide_watched(playbook, input, &mut trace);
    (decision, trace)
}

fn decide_watched<'a>(playbook: &'a Playbook, input: Input<'a>, witness: &mut impl Witness) -> Decision<'a> {
    let Input { mut situation, news, state_is_newer, mut warnings } = input;
    let folded = fold(&mut situation, news, &mut warnings);
    situation.remember();
    if folded != Folded::Nothing {
        settle(&mut situation, witness);
    }
    witness.settled(&situation);
    situation.guardrails = in_force(&situation);
    let advice = escalate::advise(&situation);
    let (mut decision, asked) = answer(playbook, &situation, advice, Screen::of(&situation, advice));
    decision.warnings = warnings;
    let digest = digest(&decision);
    decision.answer_digest = digest;
    decision.unchanged = situation.state.turn > 0 && situation.state.answer_digest == digest;
    decision.state = match folded {
        _ if state_is_newer => NextState::Withheld,
        Folded::Nothing => NextState::Same,
        Folded::SameTurn | Folded::NewTurn => {
            keep(&mut situation, &decision, digest, advice);
            note_asked(&mut situation, &asked);
            let (snapshot, is_whole) = restore::snapshot(playbook, situation.state);
            if !is_whole {
                decision.warnings.push(state_is_full());
            }
            NextState::New(Box::new(snapshot))
        }
    };
    decision
}

/// Decides by what `input` itself holds, in a conversation whose past can't be read: it is not taken to begin, and nothing is made
/// up. What the present alone brings about stands: interrupts, `first` rules, guardrails, and advice to bring in people. Exits and
/// actions of the start would lead on from what nobody knows here; it shows what it has otherwise. There is no state to keep.
#[must_use]
pub fn decide_without_past<'a>(playbook: &'a Playbook, input: Input<'a>) -> Decision<'a> {
    let Input { mut situation, news, state_is_newer: _, mut warnings } = input;
    let turn = news.turn.unwrap_or(0);
    fold(&mut situation, news, &mut warnings);
    situation.remember();
    let is_interrupted = settle_by_interrupts(&mut situation);
    situation.guardrails = in_force(&situation);
    let advice = escalate::advise(&situation);
    let screen =
        if is_interrupted { Screen::of(&situation, advice) } else { Screen::of_the_present(&situation, advice) };
    let (mut decision, _) = answer(playbook, &situation, advice, screen);
    decision.suppressed.retain(|held| held.reason == SuppressionReason::Guardrail);
    warnings.push(past_is_unknown());
    if let Some(escalation) = &mut decision.escalation {
        escalation.brief.turns = turn;
    }
    Decision { turn, warnings, state: NextState::Withheld, ..decision }
}

fn past_is_unknown() -> Warning {
    let message =
        "what happened before can't be read at the moment: this is what the request alone calls for; send `state` to \
                   go on from there"
            .to_owned();
    Warning { code: WarningCode::PastUnknown, field: "conversation_id".to_owned(), message }
}

/// Where the conversation of `input` stands; what `input` observes is not looked at.
#[must_use]
pub fn standing<'a>(playbook: &'a Playbook, input: Input<'a>) -> Standing<'a> {
    let Input { mut situation, .. } = input;
    situation.remember();
    let guardrails: Vec<_> = in_force(&situation).into_iter().map(|ix| playbook.guardrail(ix)).collect();
    let commitments = escalate::commitments(&situation);
    Standing {
        playbook: playbook.identity(),
        outcome: outcome(&situation),
        brief: escalate::brief(&situation, &guardrails, &commitments),
        next_check: next_check(&commitments, situation.now),
    }
}

/// What is shown, and which ways lead on.
struct Screen<'a> {
    ranking: Ranking<'a>,
    onward: Vec<(&'a Exit, StageIx)>,
}

impl<'a> Screen<'a> {
    fn of(situation: &Situation<'a>, advice: Option<Advice>) -> Self {
        Self { ranking: rank(situation, advice), onward: explain::exits_onward(situation) }
    }

    /// Without what depends on what happened before.
    fn of_the_present(situation: &Situation<'a>, advice: Option<Advice>) -> Self {
        Self { ranking: rank_among(situation, &[], advice), onward: Vec::new() }
    }
}

/// What is known of `condition` where `input` leads to; it is a condition of the playbook that the input was resolved for.
#[must_use]
pub fn truth(input: Input<'_>, condition: &Condition) -> Truth {
    let Input { mut situation, news, state_is_newer: _, mut warnings } = input;
    let folded = fold(&mut situation, news, &mut warnings);
    situation.remember();
    if folded != Folded::Nothing {
        settle(&mut situation, &mut Unwatched);
    }
    situation.truth(condition)
}

fn answer<'a>(
    playbook: &'a Playbook,
    situation: &Situation<'a>,
    advice: Option<Advice>,
    screen: Screen<'a>,
) -> (Decision<'a>, Vec<FactIx>) {
    let explain = situation.options.explain;
    let Screen { ranking, onward } = screen;
    let guardrails: Vec<_> = situation.guardrails.iter().map(|ix| playbook.guardrail(*ix)).collect();
    let commitments = escalate::commitments(situation);
    let (asked, missing) = missing(situation, &onward, &ranking.held).into_iter().unzip();
    let suppressed = match explain {
        Explain::None => Vec::new(),
        Explain::Summary | Explain::Full => explain::suppressed(situation, &ranking),
    };
    let decision = Decision {
        playbook: playbook.identity(),
        turn: situation.state.turn,
        stage: playbook.stage(situation.state.stage),
        path: situation.state.path.iter().map(|stage| playbook.stage(*stage)).collect(),
        outcome: outcome(situation),
        suggestions: ranking.shown.into_iter().map(|ranked| suggestion(situation, ranked)).collect(),
        up_next: explain::up_next(situation, &onward),
        escalation: advice.map(|advice| escalate::escalation(situation, advice, &guardrails, &commitments)),
        guardrails,
        suppressed,
        missing,
        next_check: next_check(&commitments, situation.now),
        commitments,
        warnings: Vec::new(),
        unchanged: false,
        answer_digest: 0,
        now: situation.now,
        explanation: (explain == Explain::Full).then(|| explain::explanation(situation)),
        state: NextState::Same,
    };
    (decision, asked)
}

/// Guardrails in force: only false lifts one, what is unknown keeps it.
fn in_force(situation: &Situation<'_>) -> Vec<GuardrailIx> {
    let lifted = |guardrail: &Guardrail| situation.truth(&guardrail.condition) == Truth::False;
    situation.playbook.guardrails().filter(|(_, guardrail)| !lifted(guardrail)).map(|(ix, _)| ix).collect()
}

fn state_is_full() -> Warning {
    let message = "the state has no room for all that is known; what is oldest was dropped".to_owned();
    Warning { code: WarningCode::StateFull, field: "state".to_owned(), message }
}

fn outcome(situation: &Situation<'_>) -> Outcome {
    let playbook = situation.playbook;
    let handed_off = || {
        let is_handoff = |entry: &&ActionState<'_>| playbook.action(entry.action).kind == Kind::Handoff;
        situation.state.actions.iter().filter(is_handoff).any(|entry| entry.count > 0)
    };
    match playbook.stage(situation.state.stage).course {
        Course::Open { .. } => Outcome::Open,
        Course::Final(Ending::Resolved) if handed_off() => Outcome::ResolvedAfterHandoff,
        Course::Final(Ending::Resolved) => Outcome::Resolved,
        Course::Final(Ending::Parted) => Outcome::Parted,
        Course::Final(Ending::Abandoned) => Outcome::Abandoned,
    }
}

fn suggestion<'a>(situation: &Situation<'a>, ranked: Ranked<'a>) -> Suggestion<'a> {
    let Ranked { action: ix, placed, score, rule_sources } = ranked;
    let action = situation.playbook.action(ix);
    let terms = match situation.options.explain {
        Explain::None => Vec::new(),
        Explain::Summary | Explain::Full => terms(situation, ix),
    };
    let delivery = delivery(situation, &action.delivery);
    let mut sources: Vec<&str> = Vec::with_capacity(action.source.len() + rule_sources.len());
    let rows = action.source.iter().chain(rule_sources).chain(delivery.iter().flat_map(|guide| &guide.source));
    for row in rows {
        if !sources.contains(&row.as_str()) {
            sources.push(row);
        }
    }
    let (phrasings, cues) = (phrase::phrasings(situation, ix), phrase::cues(situation, ix));
    Suggestion { action, placed, score, terms, phrasings, cues, delivery, sources }
}

fn delivery<'a>(situation: &Situation<'a>, guides: &[DeliveryIx]) -> Vec<&'a Delivery> {
    let guides = guides.iter().map(|guide| situation.playbook.delivery_guide(*guide));
    guides.filter(|guide| guide.channels.contains(situation.options.channel)).collect()
}

/// What the next turn needs to know of this answer.
fn keep<'a>(situation: &mut Situation<'a>, decision: &Decision<'a>, digest: u64, advice: Option<Advice>) {
    let first = decision.suggestions.first();
    let phrasing = first.and_then(|suggestion| suggestion.phrasings.first());
    let state = &mut situation.state;
    state.revision = state.revision.saturating_add(1);
    state.first_action = first.and_then(|suggestion| situation.playbook.find_action(&suggestion.action.id));
    state.first_phrasing = phrasing.map_or("", |Phrasing { text, .. }| &text.id);
    state.answer_digest = digest;
    state.escalation = advice.map(|advice| advice.held);
    state.update_time = situation.now;
}

/// Counts in how many turns each fact was asked for.
fn note_asked(situation: &mut Situation<'_>, asked: &[FactIx]) {
    let turn = situation.state.turn;
    for fact in asked {
        if let Some(entry) = situation.state.fact_mut(*fact)
            && entry.asked_turn != turn
        {
            entry.asked = entry.asked.saturating_add(1);
            entry.asked_turn = turn;
        }
    }
}
