//! What must always hold, on the default playbook, at every turn of random conversations with callers of different habits.

use std::collections::BTreeMap;

use composure::engine::{ActionResult, CommitmentStatus, Decision, Observation, Outcome, Reading, Snapshot};
use composure::playbook::{Action, Channel, EscalationLevel, Kind, Level, Playbook, Time};

use crate::session::{Dice, Session, done, shown, with_result};

const CONVERSATIONS: u64 = 1_000;
const TURNS: usize = 12;

/// What the caller tells of what the agent did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// All suggestions were taken.
    Everything,
    /// The first was.
    First,
    /// Two were.
    Two,
    /// Nobody says.
    Nothing,
    /// Some are dismissed or can't be done.
    Dismissals,
}

#[test]
fn laws_hold_when_everything_is_reported() {
    play_all(Habit::Everything);
}

#[test]
fn laws_hold_when_the_first_suggestion_is_reported() {
    play_all(Habit::First);
}

#[test]
fn laws_hold_when_two_suggestions_are_reported() {
    play_all(Habit::Two);
}

#[test]
fn laws_hold_when_nothing_is_reported() {
    play_all(Habit::Nothing);
}

#[test]
fn laws_hold_when_suggestions_are_dismissed() {
    play_all(Habit::Dismissals);
}

fn play_all(habit: Habit) {
    let playbook = crate::default_playbook();
    for seed in 0..CONVERSATIONS {
        play(&playbook, habit, seed);
    }
}

/// What the caller knows, beside what the service does.
#[derive(Default)]
struct Caller<'a> {
    facts: BTreeMap<&'a str, bool>,
    report: Option<Vec<composure::engine::ActionReport<'a>>>,
    firsts: Vec<&'a str>,
    log: Vec<String>,
}

fn play(playbook: &Playbook, habit: Habit, seed: u64) {
    let mut dice = Dice(seed);
    let mut session = Session::new(playbook);
    session.options.channel = dice.one_of(Channel::ALL);
    session.options.max_suggestions = dice.one_of(&[1, 2, 3, 3, 3, 5]);
    let mut caller = Caller::default();
    let mood = dice.below(4);
    for turn in 1..=TURNS {
        session.now = session.now.plus_millis(60_000 * i64::try_from(dice.below(12)).unwrap());
        let observation = observe(playbook, &mut dice, &mut caller, mood);
        caller
            .log
            .push(format!("{turn}: {:?} {:?} did {:?}", observation.signals, observation.facts, observation.report));
        let decision = session.turn(observation);
        caller.log.push(format!(
            "   {} {:?} {:?}",
            decision.stage.id,
            shown(&decision),
            decision.escalation.as_ref().map(|e| (e.level, &e.rule.id))
        ));
        let screen = Screen { decision: &decision, session: &session, caller: &caller };
        if let Err(broken) = screen.check(habit) {
            panic!("habit {habit:?}, seed {seed}: {broken}\n{}", caller.log.join("\n"));
        }
        let calm_advice = decision.escalation.as_ref().is_none_or(|advice| advice.level < EscalationLevel::Require);
        let first = shown(&decision).first().copied().unwrap_or_default();
        let counts = calm_advice && !in_band(&decision, "venting", "high") && !first.is_empty();
        caller.firsts.push(if counts { first } else { "" });
        let stuck =
            caller.firsts.windows(5).any(|five| !five[0].is_empty() && five.iter().all(|first| *first == five[0]));
        assert!(
            habit != Habit::Nothing || !stuck,
            "habit {habit:?}, seed {seed}: the same first suggestion five times\n{}",
            caller.log.join("\n")
        );
        caller.report = report(&decision, habit, &mut dice);
    }
}

fn observe<'a>(playbook: &'a Playbook, dice: &mut Dice, caller: &mut Caller<'a>, mood: usize) -> Observation<'a> {
    let mut observation = Observation { report: caller.report.take(), ..Observation::default() };
    for (_, signal) in playbook.signals() {
        let often = match signal.id.as_str() {
            "anger" => 1,
            "venting" | "frustration" => 3,
            "threat" | "belligerence" | "self_harm_risk" => 40,
            _ => 8 + 4 * mood,
        };
        if dice.one_in(often) {
            let level = if signal.flag { 1000 } else { level(dice, mood) };
            let level = Level::try_from(f64::from(level) / 1000.0).ok();
            observation.signals.push(Reading { name: &signal.id, level, confidence: None });
        }
    }
    for (_, fact) in playbook.facts() {
        if dice.one_in(6) {
            let value = !dice.one_in(4);
            caller.facts.insert(&fact.id, value);
            observation.facts.push((&fact.id, value));
        }
    }
    observation
}

fn level(dice: &mut Dice, mood: usize) -> u32 {
    let any = u32::try_from(dice.below(1001)).unwrap();
    if mood == 0 { any / 2 } else { any }
}

fn report<'a>(
    decision: &Decision<'a>,
    habit: Habit,
    dice: &mut Dice,
) -> Option<Vec<composure::engine::ActionReport<'a>>> {
    let take = |count| shown(decision).into_iter().take(count).map(done).collect::<Vec<_>>();
    let mut report = match habit {
        Habit::Everything => take(20),
        Habit::First => take(1),
        Habit::Two => take(2),
        Habit::Nothing => return None,
        Habit::Dismissals => {
            let results =
                [ActionResult::Dismissed, ActionResult::Dismissed, ActionResult::Unavailable, ActionResult::Done];
            shown(decision).into_iter().take(2).map(|action| with_result(action, dice.one_of(&results))).collect()
        }
    };
    for entry in report.iter_mut().filter(|entry| entry.action == "commit_to_next_step") {
        let minutes = i64::try_from(dice.below(40)).unwrap();
        entry.due = Some(Time::from_millis(decision.now.millis() + minutes * 60_000));
    }
    Some(report)
}

fn in_band(decision: &Decision<'_>, signal: &str, band: &str) -> bool {
    let readings = &decision.explanation.as_ref().unwrap().readings;
    readings.iter().any(|reading| reading.signal == signal && reading.bands.contains(&band))
}

fn flag_up(decision: &Decision<'_>, signal: &str) -> bool {
    let readings = &decision.explanation.as_ref().unwrap().readings;
    readings.iter().any(|reading| reading.signal == signal && reading.level == Some(1.0))
}

struct Screen<'s, 'a> {
    decision: &'s Decision<'a>,
    session: &'s Session<'a>,
    caller: &'s Caller<'a>,
}

type Law = Result<(), String>;

fn law(holds: bool, name: &str) -> Law {
    if holds { Ok(()) } else { Err(name.to_owned()) }
}

impl<'a> Screen<'_, 'a> {
    fn check(&self, habit: Habit) -> Law {
        self.never_empty()?;
        self.safety_first()?;
        self.listening_while_venting()?;
        self.no_solution_before_its_time()?;
        self.admissions_and_concessions()?;
        self.ask_before_proposing_again()?;
        self.promises_come_first(habit)?;
        self.a_manager_is_never_refused()?;
        self.advice_is_on_the_screen()?;
        self.nothing_is_both_shown_and_held_back()?;
        self.words_do_not_wear_out()?;
        self.nobody_is_closed_on_while_angry()
    }

    fn snapshot(&self) -> &Snapshot<'a> {
        self.session.snapshot.as_ref().unwrap()
    }

    fn count(&self, action: &str) -> u32 {
        self.snapshot().actions.iter().find(|entry| entry.name == action).map_or(0, |entry| entry.count)
    }

    fn told(&self, fact: &str) -> bool {
        self.caller.facts.get(fact) == Some(&true)
    }

    fn actions(&self) -> impl Iterator<Item = &'a Action> {
        self.decision.suggestions.iter().map(|suggestion| suggestion.action)
    }

    fn first(&self) -> &'a str {
        self.actions().next().map_or("", |action| &action.id)
    }

    fn shows(&self, kind: Kind) -> bool {
        self.actions().any(|action| action.kind == kind)
    }

    fn is_unsafe(&self) -> bool {
        let unsafe_now = ["threat", "belligerence"].iter().any(|signal| in_band(self.decision, signal, "high"));
        unsafe_now || flag_up(self.decision, "self_harm_risk")
    }

    fn is_venting(&self) -> bool {
        in_band(self.decision, "venting", "high")
    }

    fn never_empty(&self) -> Law {
        law(self.decision.outcome != Outcome::Open || !self.decision.suggestions.is_empty(), "the screen is empty")
    }

    fn safety_first(&self) -> Law {
        if !self.is_unsafe() {
            return Ok(());
        }
        let advice = self.decision.escalation.as_ref().ok_or("1: no advice while unsafe")?;
        law(advice.level == EscalationLevel::Require, "1: help is not required while unsafe")?;
        let none_can_help = ["call_for_help", "involve_senior"].iter().all(|action| self.is_unavailable(action));
        let is_first = advice.action.is_some_and(|action| action.id == self.first());
        law(is_first || none_can_help, "1: help is not first while unsafe")?;
        let self_harm = flag_up(self.decision, "self_harm_risk");
        let parting = self.actions().any(|action| action.id == "end_contact_respectfully");
        law(!self_harm || !parting, "1: parting from somebody at risk")?;
        let security = advice.rule.target == composure::playbook::EscalationTarget::Security;
        law(!self_harm || !security, "1: security for somebody at risk")
    }

    fn listening_while_venting(&self) -> Law {
        if !self.is_venting() || self.decision.suggestions.is_empty() {
            return Ok(());
        }
        let required = self.decision.escalation.as_ref().is_some_and(|advice| advice.level == EscalationLevel::Require);
        law(
            required || self.first() == "keep_listening" || self.is_silenced("keep_listening"),
            "2: not listening first",
        )?;
        law(!self.shows(Kind::Solution) && !self.shows(Kind::Concession), "2: a solution while venting")
    }

    /// Whether the agent has refused it.
    fn is_silenced(&self, action: &str) -> bool {
        let turn = self.decision.turn;
        let entry = self.snapshot().actions.iter().find(|entry| entry.name == action);
        entry.is_some_and(|entry| entry.unavailable || entry.dismissed_until > turn)
    }

    fn no_solution_before_its_time(&self) -> Law {
        if !self.shows(Kind::Solution) {
            return Ok(());
        }
        let heated = in_band(self.decision, "anger", "high") || in_band(self.decision, "frustration", "high");
        let acknowledged = self.count("acknowledge_emotion") + self.count("apologize_for_experience") > 0;
        law(!heated || acknowledged, "3: a solution before the emotion")?;
        law(self.told("grievance_known"), "3: a solution for an unknown grievance")?;
        let repeated = self.count("repeat_back_concerns") > 0 || self.told("understanding_confirmed");
        law(repeated, "3: a solution before repeating back")
    }

    fn admissions_and_concessions(&self) -> Law {
        let missed = self.decision.commitments.iter().any(|promise| promise.status == CommitmentStatus::Missed);
        for action in self.actions() {
            match action.id.as_str() {
                "own_mistake" => {
                    let known = self.told("mistake_confirmed") || self.told("promise_missed") || missed;
                    law(known, "4: owning a mistake that is not known")?;
                }
                "grant_reasonable_request" => {
                    let ours = self.told("demand_reasonable") && self.told("within_agent_authority");
                    law(ours, "5: granting what is not ours to grant")?;
                }
                "offer_goodwill" => law(self.told("goodwill_authorized"), "5: goodwill that nobody authorized")?,
                _ => {}
            }
        }
        Ok(())
    }

    fn ask_before_proposing_again(&self) -> Law {
        for signal in ["rejects_solution", "unsure_what_they_want"] {
            let solution = self.decision.suggestions.iter().position(|s| s.action.kind == Kind::Solution);
            let Some(solution) = solution.filter(|_| flag_up(self.decision, signal)) else {
                continue;
            };
            let asked_above = shown(self.decision).iter().take(solution).any(|action| *action == "ask_desired_outcome");
            let told = self.snapshot().signals.iter().find(|entry| entry.name == signal).map_or(0, |entry| entry.turn);
            let asked = self.snapshot().actions.iter().find(|entry| entry.name == "ask_desired_outcome");
            let asked_since = asked.is_some_and(|entry| entry.done_turn > told);
            let refused = self.is_silenced("ask_desired_outcome");
            law(asked_above || asked_since || refused, "6: another solution before asking what they want")?;
        }
        Ok(())
    }

    fn promises_come_first(&self, habit: Habit) -> Law {
        let advice = self.decision.escalation.as_ref().map_or(EscalationLevel::None, |advice| advice.level);
        let lower_law = self.is_venting() || advice == EscalationLevel::Require;
        if lower_law || self.decision.suggestions.is_empty() || habit == Habit::Dismissals {
            return Ok(());
        }
        let open = |status| self.decision.commitments.iter().any(|promise| promise.status == status);
        let due = self.decision.commitments.iter().any(|promise| {
            promise.status == CommitmentStatus::Open && promise.due.millis() - self.decision.now.millis() <= 600_000
        });
        if open(CommitmentStatus::Missed) {
            let first = ["own_mistake", "give_progress_update"].contains(&self.first());
            let owned = self.count("own_mistake") > 0 || self.first() == "own_mistake" || habit == Habit::Nothing;
            return law(first && owned, "7: a missed promise is not owned first");
        }
        law(
            !due || self.first() == "give_progress_update" || self.first() == "own_mistake",
            "7: a due promise is not first",
        )
    }

    fn a_manager_is_never_refused(&self) -> Law {
        let advised = self.decision.escalation.is_some();
        law(!flag_up(self.decision, "requests_manager") || advised, "8: a manager was asked for, and no advice")
    }

    fn advice_is_on_the_screen(&self) -> Law {
        let Some(advice) = &self.decision.escalation else {
            return Ok(());
        };
        let action = advice.action.filter(|action| !self.is_unavailable(&action.id));
        let places = self.session.options.max_suggestions > 1 && !self.decision.suggestions.is_empty();
        let shown = action.is_none_or(|action| self.actions().any(|shown| shown.id == action.id));
        law(!places || shown, "8: what the advice names is not on the screen")
    }

    fn is_unavailable(&self, action: &str) -> bool {
        self.snapshot().actions.iter().any(|entry| entry.name == action && entry.unavailable)
    }

    fn nothing_is_both_shown_and_held_back(&self) -> Law {
        let both = self.decision.suppressed.iter().find(|held| self.actions().any(|shown| shown.id == held.action.id));
        law(both.is_none(), "an action is suggested and suppressed")
    }

    fn words_do_not_wear_out(&self) -> Law {
        for suggestion in &self.decision.suggestions {
            let entry = self.snapshot().actions.iter().find(|entry| entry.name == suggestion.action.id);
            let used = |id: &str| {
                entry.and_then(|entry| entry.phrasings.iter().find(|used| used.id == id)).map_or(0, |used| used.count)
            };
            let channel = self.session.options.channel;
            let says = suggestion.action.say.iter();
            // No values were sent: what has a placeholder is not ready to say.
            let ready = says.filter(|text| text.channels.contains(channel) && text.pieces.len() == 1);
            let least = ready.map(|text| used(&text.id)).min().unwrap_or(0);
            let worn = suggestion
                .phrasings
                .iter()
                .any(|phrasing| phrasing.unfilled.is_empty() && used(&phrasing.text.id) > least);
            law(!worn, "9: a used phrasing is offered while another is left")?;
        }
        Ok(())
    }

    fn nobody_is_closed_on_while_angry(&self) -> Law {
        let closed = self.decision.outcome != Outcome::Open && self.decision.outcome != Outcome::Parted;
        law(!closed || !in_band(self.decision, "anger", "high"), "closed on an angry customer")
    }
}
