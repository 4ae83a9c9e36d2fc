//! What takes how many turns: for each thing that turns bring about, a law that it makes last longer, or break sooner.
//!
//! What the agent dismisses or can't do is not among them: what the caller leaves out is as silent, and takes no turn. That all of it
//! goes on as in the engine is seen in `law_formulas`, which follows whole conversations.

use composure::laws::{self, Length};

use crate::random_playbooks::parse;

/// Two stages, a way from the first to the `room` that is still to be told, and no law yet. Nobody else offers a `fix`.
const HOUSE: &str = "
playbook: house
version: \"1\"
title: A house
signals:
  lasting: {high: {from: 0.6, until: 0.3}, lasts: conversation, absent: unknown}
  brief: {high: {from: 0.6, until: 0.3}, lasts: 2, absent: unknown}
  cleared: {high: {from: 0.6, until: 0.3}, lasts: conversation, absent: unknown, cleared_by: [ask]}
  fresh: {flag: true, lasts: 1}
  alarm: {flag: true, lasts: conversation, absent: unknown}
  detour: {flag: true, lasts: conversation, absent: unknown}
  danger: {high: {from: 0.6, until: 0.55}, lasts: conversation}
  worry: {high: {from: 0.6, until: 0.55}, lasts: conversation}
facts:
  told: Is it told?
  forgotten: Is it forgotten?
  moot: {ask: Is it moot?, cleared_by: [ask]}
interrupts:
  - {to: aside, when: [alarm]}
stages:
  hall:
    title: The hall
    actions: [ask]
    otherwise: listen
    exits: [{to: room, WAY}, {to: passage, when: [fresh]}, {to: end, when: [stage.turns >= 30]}]
  room:
    title: The room
    forget: [ask, once, paced, forgotten]
    actions: [fix, once, paced, senior, thank, seniors, thanks]
    otherwise: listen
    exits: [{to: end, when: [stage.turns >= 30]}]
  passage:
    title: A passage
    actions: [leave]
    otherwise: listen
    exits: [{to: hall, when: [told]}, {to: aside, when: [detour]}, {to: end, any: [promise.due, stage.turns >= 2]}]
  aside:
    title: Aside
    actions: [listen]
    otherwise: listen
    exits: [{to: back, unless: [yes.detour]}, {to: end, when: [stage.turns >= 30]}]
  end: {title: End, final: resolved}
actions:
  listen: {title: Listen, kind: listening, why: It helps., say: [Words.]}
  ask: {title: Ask, kind: question, why: It helps., say: [Words.]}
  fix: {title: Fix, kind: solution, why: It helps., say: [Words.]}
  leave: {title: Leave, kind: closing, why: It helps., say: [Words.]}
  once: {title: Once, kind: question, why: It helps., limit: {times: 1}, say: [Words.]}
  paced: {title: Paced, kind: question, why: It helps., limit: {times: 5, gap: 2}, say: [Words.]}
  senior: {title: Senior, kind: handoff, why: It helps., limit: {times: 1}, confirm: true, say: [Words.]}
  thank: {title: Thank, kind: closing, why: It helps., after: [senior], say: [Words.]}
  seniors: {title: Seniors, kind: handoff, why: It helps., limit: {times: 2}, confirm: true, say: [Words.]}
  thanks: {title: Thanks, kind: closing, why: It helps., after: [seniors], say: [Words.]}
  call: {title: Call, kind: safety, why: It helps., say: [Words.]}
escalations:
  danger: {level: require, target: security, urgency: now, why: So., when: [danger.high], action: call, else_action: senior}
  worry: {level: offer, target: supervisor, urgency: soon, why: So., when: [worry.high], action: ask}
laws:
  - {LAW}
";

/// Of each: what it is about, the way to the room, the law, and in how many turns it breaks; `-`: not in eight.
const READINGS: &str = "
a reading lasts      | when: [lasting.high] | never: [fix], unless: [known.lasting] | -
or runs out          | when: [brief.high] | never: [fix], unless: [known.brief] | 3
or is cleared        | when: [cleared.high] | never: [fix], unless: [known.cleared] | 2
a band is left late  | when: [lasting.level >= 0.6] | never: [fix], when: [yes.lasting.high], unless: [lasting.level >= 0.6] | 2
but it is left       | when: [lasting.high] | never: [fix], when: [yes.lasting.high], unless: [lasting.level >= 0.3] | -
and starts over      | when: [cleared.high] | never: [fix], when: [yes.cleared.high, done.ask], unless: [cleared.level >= 0.6] | 3
a rise compares      | when: [lasting.rising] | never: [fix] | 2
and takes room       | when: [lasting.rising], unless: [lasting.level >= 0.15] | never: [fix] | -
a fall compares      | when: [lasting.falling] | never: [fix] | 2
and takes room       | when: [lasting.falling, lasting.level >= 0.86] | never: [fix] | -
a trend stays        | when: [brief.rising] | never: [fix], when: [brief.rising, stage.turns >= 3] | 4
";

const FACTS: &str = "
what is known is so  | when: [told] | never: [fix], unless: [known.told] | 2
a stage forgets, and what is told again is no news | when: [forgotten] | never: [fix], when: [yes.forgotten] | 3
so does a way        | when: [told], forget: [told] | never: [fix], when: [yes.told] | 3
an action clears     | when: [moot] | never: [fix], when: [yes.moot, done.ask] | 3
";

const DEEDS: &str = "
a mark is forgotten  | when: [done.ask] | never: [fix], when: [done.ask] | 2
not if it is spent   | when: [done.once] | never: [fix], when: [done.once] | 1
and not in a gap     | when: [done.paced] | never: [fix], when: [done.paced] | 1
counts stay          | when: [done.ask >= 2] | never: [fix], unless: [done.ask >= 2] | -
a limit ends it      | when: [told] | never: [once], when: [done.once] | -
a gap passes         | when: [told] | never: [paced], when: [done.paced] | 3
what is shown first is used up | when: [told] | never: [thank], before: [senior] | 2
time by time         | when: [told] | never: [thanks], before: [seniors] | 3
twice in one turn    | when: [done.ask >= 2] | never: [fix] | 1
who reports nothing did nothing | when: [told] | never: [thank], before: [senior], when: [done.ask] | 3
what is done is used | when: [told] | never: [seniors], when: [done.seniors >= 2] | -
";

const WAYS: &str = "
turns are counted    | when: [told] | never: [fix], when: [stage.turns >= 4] | 4
a turn leads on      | when: [fresh] | never: [fix] | 1
to no stage twice    | when: [moot] | never: [leave], when: [yes.told] | 1
an interrupt leads back | when: [moot] | never: [leave], unless: [fresh, known.detour] | 3
so does an exit      | when: [moot] | never: [leave], unless: [fresh, known.alarm] | 2
time goes on while nobody speaks | when: [moot] | never: [leave], when: [promise.due], unless: [yes.told] | 2
and promises are missed | when: [moot] | never: [leave], when: [promise.missed], unless: [yes.told] | 2
";

const ADVICE: &str = "
what was taken falls | when: [told] | escalation: require, when: [danger.falling, danger.level >= 0.45] | 3
by the other action  | when: [told] | escalation: require, when: [danger.falling, danger.level >= 0.45], unless: [done.call] | 3
what was not lasts   | when: [told] | escalation: require, when: [danger.falling, danger.level >= 0.45], unless: [done.call, done.senior] | 6
an offer falls       | when: [told] | escalation: offer, when: [worry.falling, worry.level >= 0.45], unless: [done.ask] | 3
a cause keeps it     | when: [told] | escalation: require, when: [danger.high] | -
";

/// All of `cases` that turn out differently.
fn wrong(cases: &str) -> String {
    cases.trim().lines().filter_map(differs).collect()
}

fn differs(case: &str) -> Option<String> {
    let [what, way, law, turns] = case.split('|').map(str::trim).collect::<Vec<_>>()[..] else { panic!("{case}") };
    let playbook = parse(&HOUSE.replace("WAY", way).replace("LAW", law));
    let (found, length) = laws::shorter(&playbook, &playbook.laws()[0], 9);
    let found_in = found.as_ref().map_or("-".to_owned(), |found| found.turns.len().to_string());
    let is_as_told = (found_in.as_str(), length) == (turns, Length::Shortest);
    let test = found.map(|found| laws::as_test(&playbook, &found)).unwrap_or_default();
    (!is_as_told).then(|| format!("{what}: {found_in} and not {turns}, {length:?}\n{test}\n"))
}

#[test]
fn readings_take_their_turns() {
    assert_eq!(wrong(READINGS), "");
}

#[test]
fn facts_take_their_turns() {
    assert_eq!(wrong(FACTS), "");
}

#[test]
fn deeds_take_their_turns() {
    assert_eq!(wrong(DEEDS), "");
}

#[test]
fn ways_take_their_turns() {
    assert_eq!(wrong(WAYS), "");
}

#[test]
fn advice_takes_its_turns() {
    assert_eq!(wrong(ADVICE), "");
}
