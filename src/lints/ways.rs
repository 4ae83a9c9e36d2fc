//! Ways between stages: those that are never taken, and those that are taken when they should not be.

use super::screens::{always_possible, suggested_nowhere};
use super::{Found, on_line};
use crate::laws::{Situations, Way};
use crate::playbook::{
    Atom, AtomIx, Condition, Course, Destination, Exit, Lint, Place, Playbook, SignalIx, Stage, StageIx,
};

/// The signal whose strongest band says that the customer is angry.
const ANGER: &str = "anger";

/// Tells `situations` what agents do who follow the suggestions.
pub(super) fn assume_usual(playbook: &Playbook, situations: &mut Situations<'_>) {
    for action in suggested_nowhere(playbook, situations) {
        situations.usually_done_at_most(action, 0);
    }
    let unlimited = always_possible(playbook);
    for (ix, action) in playbook.actions().filter(|(ix, _)| !unlimited.contains(ix)) {
        if let Some(times) = action.limit.times {
            situations.usually_done_at_most(ix, times);
        }
    }
}

/// `never-taken` and `never-left`.
pub(super) fn never_taken(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, interrupt) in playbook.interrupts().iter().enumerate() {
        let (way, condition) = (Way::Interrupt(at), &interrupt.condition);
        let why =
            why_never(playbook, situations, Looked { stage: playbook.start(), way, condition, place: interrupt.place });
        let of = &playbook.stage(interrupt.to).id;
        found.extend(why.map(|why| is_never_taken(of, interrupt.place, &format!("this interrupt is {why}"))));
    }
    for (ix, stage) in playbook.stages() {
        for (at, exit) in stage.exits.iter().enumerate() {
            let (way, condition) = (Way::Exit(at), &exit.condition);
            let why = why_never(playbook, situations, Looked { stage: ix, way, condition, place: exit.place });
            found.extend(why.map(|why| is_never_taken(&stage.id, exit.place, &format!("this exit is {why}"))));
        }
        found.extend(is_never_left(playbook, situations, (ix, stage)));
    }
    found
}

fn is_never_taken(of: &str, place: Place, message: &str) -> Found {
    let help = "put the narrower way first, or look at what this one waits for";
    Found { lint: Lint::NeverTaken, of: of.to_owned(), place, message: message.to_owned(), help }
}

/// A way that is looked at.
#[derive(Clone, Copy)]
struct Looked<'p> {
    stage: StageIx,
    way: Way,
    condition: &'p Condition,
    place: Place,
}

/// `never taken: …`, unless it can be, or its condition is true in no situation, which is told anyway.
fn why_never(playbook: &Playbook, situations: &mut Situations<'_>, looked: Looked<'_>) -> Option<String> {
    let Looked { stage, way, condition, place } = looked;
    if situations.can_usually_take(stage, way) || !situations.can_hold(condition) {
        return None;
    }
    if situations.can_take(stage, way) {
        return Some("never taken: it waits for what agents do not do who follow the suggestions".to_owned());
    }
    let mut before = before(playbook, looked);
    let cause = before.find(|before| !situations.can_hold_without(condition, before.condition));
    Some(match cause {
        Some(Before { what, more, place: other, .. }) => {
            format!("never taken: the {what}{}{more} holds whenever it does", on_line(other, place))
        }
        None => "never taken: one of the ways before it holds whenever it does".to_owned(),
    })
}

/// A way that is looked at before another one.
struct Before<'p> {
    what: &'static str,
    more: &'static str,
    condition: &'p Condition,
    place: Place,
}

/// The ways that are looked at before this one.
fn before<'p>(playbook: &'p Playbook, Looked { stage, way, .. }: Looked<'_>) -> impl Iterator<Item = Before<'p>> {
    let (interrupts, exits) = match way {
        Way::Interrupt(at) => (at, 0),
        Way::Exit(at) => (usize::MAX, at),
    };
    let interrupts = playbook.interrupts().iter().take(interrupts).map(move |part| {
        let keeps = matches!(way, Way::Exit(_)) && part.to == stage;
        let more = if keeps { ", which keeps the conversation here," } else { "" };
        Before { what: "interrupt", more, condition: &part.condition, place: part.place }
    });
    let exits = playbook.stage(stage).exits.iter().take(exits);
    let exits = exits.map(|part| Before { what: "exit", more: "", condition: &part.condition, place: part.place });
    interrupts.chain(exits)
}

/// A stage that goes on, and that neither an exit nor an interrupt leads out of.
fn is_never_left(
    playbook: &Playbook,
    situations: &mut Situations<'_>,
    (ix, stage): (StageIx, &Stage),
) -> Option<Found> {
    if let Course::Final(_) = stage.course {
        return None;
    }
    let away = playbook.interrupts().iter().enumerate().filter(|(_, interrupt)| interrupt.to != ix);
    let interrupts = away.map(|(at, _)| Way::Interrupt(at));
    let mut ways = (0..stage.exits.len()).map(Way::Exit).chain(interrupts);
    if ways.any(|way| situations.can_usually_take(ix, way)) {
        return None;
    }
    Some(Found {
        lint: Lint::NeverLeft,
        of: stage.id.clone(),
        place: stage.place,
        message: format!("a conversation that comes to `{}` stays there", stage.id),
        help: "give it an exit that what its own actions do, or time, can open",
    })
}

/// `back-and-forth`: two stages with exits to each other that can both hold, and stay so.
pub(super) fn back_and_forth(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (ix, stage) in playbook.stages() {
        for (at, there) in stage.exits.iter().enumerate() {
            let Destination::Stage(to) = there.to else { continue };
            let other = playbook.stage(to);
            let returns = |exit: &Exit| exit.to == Destination::Stage(ix);
            let mut backs = other.exits.iter().enumerate().filter(|(_, exit)| ix < to && returns(exit));
            let alternates = backs.find(|(back_at, back)| {
                let dropped = [&there.forget, &other.forget, &back.forget, &stage.forget];
                situations.can_alternate((ix, Way::Exit(at)), (to, Way::Exit(*back_at)), &dropped)
            });
            found.extend(alternates.map(|(_, back)| alternating(stage, there, other, back)));
        }
    }
    found
}

fn alternating(stage: &Stage, there: &Exit, other: &Stage, back: &Exit) -> Found {
    let (one, two, line) = (&stage.id, &other.id, on_line(back.place, there.place));
    Found {
        lint: Lint::BackAndForth,
        of: one.clone(),
        place: there.place,
        message: format!(
            "`{one}` and `{two}` can hand a conversation back and forth at every turn: the exit{line} can hold along with this one"
        ),
        help: "let one of the two wait for what the other excludes, or forget on the way what opened it",
    }
}

/// `closes-on-anger`: a timeout into a final stage that anger does not stop, and where it does not lead out again.
pub(super) fn closes_on_anger(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    let Some(anger) = strongest_anger(playbook) else { return Vec::new() };
    let mut found = Vec::new();
    for (ix, stage) in playbook.stages() {
        for (at, exit) in stage.exits.iter().enumerate().filter(|(_, exit)| is_timeout(playbook, &exit.condition)) {
            let Destination::Stage(to) = exit.to else { continue };
            let ends = matches!(playbook.stage(to).course, Course::Final(_));
            if ends && situations.can_end_in_band(ix, at, anger) {
                found.push(closing(playbook, stage, exit, anger));
            }
        }
    }
    found
}

/// The band of anger that starts highest.
fn strongest_anger(playbook: &Playbook) -> Option<(SignalIx, u8)> {
    let signal = playbook.find_signal(ANGER)?;
    let bands = (0..).zip(&playbook.signal(signal).bands);
    bands.max_by_key(|(_, band)| band.from).map(|(at, _)| (signal, at))
}

fn closing(playbook: &Playbook, stage: &Stage, exit: &Exit, (signal, band): (SignalIx, u8)) -> Found {
    let signal = playbook.signal(signal);
    let band = signal.bands.get(usize::from(band)).map_or("", |band| band.id.as_str());
    Found {
        lint: Lint::ClosesOnAnger,
        of: stage.id.clone(),
        place: exit.place,
        message: format!("this timeout can end the conversation while `{}.{band}` holds", signal.id),
        help: "add the band to its `unless`, or give the final stage an exit that it opens",
    }
}

/// Whether turns in the stage are among what can open it.
fn is_timeout(playbook: &Playbook, condition: &Condition) -> bool {
    condition.when.iter().chain(&condition.any).any(|atom| reads_turns(playbook, *atom))
}

fn reads_turns(playbook: &Playbook, atom: AtomIx) -> bool {
    match playbook.atom(atom).atom {
        Atom::StageTurns(turns) => turns > 1,
        Atom::Named(named) => is_timeout(playbook, &playbook.condition(named).condition),
        Atom::Yes(inner) => reads_turns(playbook, inner),
        Atom::Fact(_)
        | Atom::Flag(_)
        | Atom::Band(..)
        | Atom::Rising(_)
        | Atom::Falling(_)
        | Atom::AtLeast(..)
        | Atom::Done(_)
        | Atom::DoneTimes(..)
        | Atom::PromiseDue
        | Atom::PromiseMissed
        | Atom::SignalKnown(_)
        | Atom::SignalUnknown(_)
        | Atom::No(_)
        | Atom::Known(_)
        | Atom::Unknown(_) => false,
    }
}
