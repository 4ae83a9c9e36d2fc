//! The formulas that laws are proven with say the same as the engine, for random playbooks and conversations.

use composure::engine::{
    ActionEntry, ActionResult, CommitmentStatus, Decision, EscalationEntry, Observation, Options, Snapshot,
};
use composure::laws::{self, Deeds, Detected, Happened, Picture, Trend, foretell};
use composure::playbook::{ActionIx, EscalationLevel, Lasts, Level, Playbook};
use proptest::prelude::{ProptestConfig, any, proptest};

use crate::random_playbooks::{observe, playbook};
use crate::session::{Dice, Session, shown};

/// What a decision was made from, as seen from outside.
struct View<'s, 'a> {
    playbook: &'a Playbook,
    before: Option<EscalationEntry<'a>>,
    now: &'s Snapshot<'a>,
    options: &'s Options<'a>,
    decision: &'s Decision<'a>,
}

impl View<'_, '_> {
    fn entry(&self, action: ActionIx) -> Option<&ActionEntry<'_>> {
        let id = &self.playbook.action(action).id;
        self.now.actions.iter().find(|entry| entry.name == id)
    }

    fn done_after(&self, actions: &[ActionIx], turn: u32) -> bool {
        actions.iter().any(|action| self.entry(*action).is_some_and(|entry| entry.done_turn > turn))
    }

    fn picture(&self) -> Picture {
        let open = |status| matches!(status, CommitmentStatus::Open | CommitmentStatus::Missed);
        let promises = || self.decision.commitments.iter().filter(|promise| open(promise.status));
        let now = self.decision.now.millis();
        let (kept, taken) = self.kept();
        Picture {
            stage: self.playbook.find_stage(self.now.stage).unwrap(),
            turns: self.now.turn - self.now.stage_since_turn + 1,
            facts: self.facts(),
            signals: self.signals(),
            actions: self.playbook.actions().map(|(ix, _)| (ix, self.deeds(ix))).collect(),
            due: promises().any(|promise| now >= promise.due.millis() - 600_000),
            missed: promises().any(|promise| promise.status == CommitmentStatus::Missed),
            kept,
            taken,
            one_place: self.options.max_suggestions == 1,
        }
    }

    fn facts(&self) -> Vec<(composure::playbook::FactIx, bool)> {
        let known = self.now.facts.iter().filter(|entry| !entry.forgotten).filter_map(|entry| {
            let fact = self.playbook.find_fact(entry.name)?;
            let cleared = self.done_after(&self.playbook.fact(fact).cleared_by, entry.turn);
            Some((fact, entry.value.filter(|_| !cleared)?))
        });
        known.collect()
    }

    fn signals(&self) -> Vec<(composure::playbook::SignalIx, Detected)> {
        let live = self.now.signals.iter().filter_map(|entry| {
            let signal = self.playbook.find_signal(entry.name)?;
            let part = self.playbook.signal(signal);
            let lasts = match part.lasts {
                Lasts::Conversation => true,
                Lasts::Turns(turns) => self.now.turn - entry.turn < turns,
            };
            let thousandths = |level: Level| i32::from(level.thousandths());
            let moved = entry.previous.map_or(0, |previous| thousandths(entry.level) - thousandths(previous));
            let trend = match moved {
                150.. => Trend::Rising,
                ..=-150 => Trend::Falling,
                _ => Trend::Steady,
            };
            let holds = lasts && !self.done_after(&part.cleared_by, entry.turn);
            holds.then_some((signal, Detected { level: entry.level, held: entry.bands_before, trend }))
        });
        live.collect()
    }

    fn deeds(&self, action: ActionIx) -> Deeds {
        let excluded = self.options.excluded.contains(&self.playbook.action(action).id.as_str());
        let Some(entry) = self.entry(action) else { return Deeds { excluded, ..Deeds::default() } };
        let limit = self.playbook.action(action).limit;
        Deeds {
            done: entry.done,
            times: entry.count,
            spent: limit.times.is_some_and(|times| entry.used >= times),
            in_gap: entry.used > 0 && entry.used_turn + limit.gap > self.now.turn,
            dismissed: entry.dismissed_until > self.now.turn,
            unavailable: entry.unavailable,
            excluded,
        }
    }

    /// The advice that may not fall yet, and whether it was taken.
    fn kept(&self) -> (Option<composure::playbook::EscalationIx>, bool) {
        let Some(before) = self.before else { return (None, false) };
        let (ix, rule) = self.playbook.escalations().find(|(_, rule)| rule.id == before.rule).unwrap();
        let actions: Vec<ActionIx> = [rule.action, rule.else_action].into_iter().flatten().collect();
        let taken = self.done_after(&actions, before.since_turn);
        let without_cause = self.now.turn - before.cause_turn;
        let falls = match before.level {
            EscalationLevel::Require => without_cause >= 5 || (without_cause >= 2 && taken),
            EscalationLevel::None | EscalationLevel::Offer | EscalationLevel::Recommend => without_cause >= 2,
        };
        (Some(ix).filter(|_| !falls), without_cause > 0 && taken)
    }
}

/// What the engine answered, as far as the formulas tell it.
struct Answer {
    picture: Picture,
    first: Option<String>,
    /// All of the screen, if there were places for it.
    shown: Option<Vec<String>>,
    level: EscalationLevel,
}

impl Answer {
    fn of(view: &View<'_, '_>) -> Self {
        let mut on_screen: Vec<String> = shown(view.decision).into_iter().map(str::to_owned).collect();
        let first = on_screen.first().cloned();
        on_screen.sort_unstable();
        Self {
            picture: view.picture(),
            first,
            shown: (view.options.max_suggestions == 20).then_some(on_screen),
            level: view.decision.escalation.as_ref().map_or(EscalationLevel::None, |advice| advice.level),
        }
    }
}

/// A turn, and what was answered to it, and to whoever looked again.
struct Turn {
    happened: Happened,
    answers: Vec<Answer>,
}

/// A random conversation of so many turns.
fn converse(playbook: &Playbook, turns: u32, dice: &mut Dice) -> Vec<Turn> {
    let mut session = Session::new(playbook);
    let mut last: Option<Decision<'_>> = None;
    let mut conversation = Vec::new();
    for turn in 1..=turns {
        session.now = session.now.plus_millis(i64::try_from(dice.below(900_000)).unwrap());
        session.options.max_suggestions = dice.one_of(&[1, 2, 3, 20, 20, 20]);
        let ids = playbook.actions().map(|(_, action)| action.id.as_str());
        session.options.excluded = ids.filter(|_| dice.one_in(12)).collect();
        let mut observation: Observation<'_> = observe(playbook, last.as_ref(), dice);
        observation.turn = Some(turn);
        let before = session.snapshot.as_ref().and_then(|snapshot| snapshot.escalation);
        let decision = session.turn(observation.clone());
        let now = session.snapshot.as_ref().unwrap();
        let answer = Answer::of(&View { playbook, before, now, options: &session.options, decision: &decision });
        let answers: Vec<Answer> = std::iter::once(answer).chain(look_again(&mut session, dice)).collect();
        conversation.push(Turn { happened: happened(playbook, &observation, last.as_ref(), &answers), answers });
        last = Some(decision);
    }
    conversation
}

/// What took place in the turn of `observation`, to which this was answered.
fn happened(
    playbook: &Playbook,
    observation: &Observation<'_>,
    last: Option<&Decision<'_>>,
    answers: &[Answer],
) -> Happened {
    let fact = |id: &str| playbook.find_fact(id).unwrap();
    let action = |id: &str| playbook.find_action(id).unwrap();
    let told = observation.facts.iter().map(|(id, value)| (fact(id), Some(*value)));
    let unknown = observation.unknown_facts.iter().map(|id| (fact(id), None));
    let first = last.and_then(|last| last.suggestions.first()).map(|first| first.action);
    let first = first.filter(|_| observation.report.is_none());
    let reported = observation.report.iter().flatten().map(|entry| (action(entry.action), entry.result));
    let assumed = first.filter(|first| !first.confirm).map(|first| (action(&first.id), ActionResult::Done));
    let mut pictures = answers.iter().map(|answer| answer.picture.clone());
    Happened {
        facts: told.chain(unknown).collect(),
        signals: observation.signals.iter().map(|reading| playbook.find_signal(reading.name).unwrap()).collect(),
        did: reported.chain(assumed).collect(),
        used_up: first.filter(|first| first.confirm).map(|first| action(&first.id)),
        then: pictures.next().unwrap(),
        later: pictures.collect(),
    }
}

/// Time goes on, and somebody looks without telling anything new.
fn look_again(session: &mut Session<'_>, dice: &mut Dice) -> Option<Answer> {
    if !dice.one_in(3) {
        return None;
    }
    session.now = session.now.plus_millis(i64::try_from(dice.below(3_600_000)).unwrap());
    let decision = session.ask(Observation::default());
    let now = session.snapshot.as_ref()?;
    let (playbook, before) = (session.playbook, now.escalation);
    Some(Answer::of(&View { playbook, before, now, options: &session.options, decision: &decision }))
}

fn compare(playbook: &Playbook, conversation: &[Turn]) {
    let answers = || conversation.iter().flat_map(|turn| &turn.answers);
    let pictures: Vec<Picture> = answers().map(|answer| answer.picture.clone()).collect();
    for (answer, foretold) in answers().zip(foretell(playbook, &pictures)) {
        let picture = &answer.picture;
        let Some(foretold) = foretold else { panic!("the formulas call this impossible: {picture:?}") };
        let id = |action: &ActionIx| playbook.action(*action).id.clone();
        assert_eq!(foretold.level, answer.level, "{picture:?}");
        assert_eq!(foretold.first.as_ref().map(id), answer.first, "{picture:?}");
        if let Some(shown) = &answer.shown {
            let mut ids: Vec<String> = foretold.shown.iter().map(id).collect();
            ids.sort_unstable();
            assert_eq!(&ids, shown, "{picture:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_formulas_foretell_every_answer(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let playbook = playbook(&mut dice);
        compare(&playbook, &converse(&playbook, 12, &mut dice));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_formulas_follow_every_conversation(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let playbook = playbook(&mut dice);
        follow(&playbook, &converse(&playbook, 8, &mut dice));
    }
}

/// Turn by turn, all that is so follows from what is told, and from what was so before.
fn follow(playbook: &Playbook, conversation: &[Turn]) {
    let turns: Vec<Happened> = conversation.iter().map(|turn| turn.happened.clone()).collect();
    if let Some(stray) = laws::stray(playbook, &turns) {
        panic!("{stray:#?}\nwhere this took place: {:#?}", turns[stray.turn - 1]);
    }
}

#[test]
fn the_formulas_foretell_the_answers_of_the_default_playbook() {
    let playbook = crate::default_playbook();
    for seed in 0..30 {
        compare(&playbook, &converse(&playbook, 12, &mut Dice(seed)));
    }
}

#[test]
fn the_formulas_follow_conversations_by_the_default_playbook() {
    let playbook = crate::default_playbook();
    for seed in 0..4 {
        follow(&playbook, &converse(&playbook, 6, &mut Dice(seed)));
    }
}
