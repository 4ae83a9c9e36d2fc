//! The default playbook: its conversations, and that it holds the whole of the process.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::iter;

use composure::playbook::{Action, Bases, Channel, Course, Ending, Playbook};
use composure::rehearsal;

const SOURCE: &[u8] = include_bytes!("../../playbooks/default.yaml");

/// Points of the five documents.
const POINTS: [(&str, usize); 5] = [("K", 12), ("D", 7), ("A", 10), ("C", 5), ("B", 14)];
/// What must always hold.
const LAWS: (&str, usize) = ("L", 10);

const STAGES: [&str; 13] = [
    "listen",
    "acknowledge",
    "identify",
    "confirm",
    "propose",
    "act",
    "follow_up",
    "closed",
    "hold_boundary",
    "involve_senior",
    "turn_over",
    "call_for_help",
    "part_ways",
];

const ACTIONS: [(&str, &str, &str); 33] = [
    ("steady_yourself", "listening", "K1 D3 A3 C1 B1"),
    ("open_neutrally", "listening", "A2"),
    ("keep_listening", "listening", "K2 D2 A1 C2 B1 B9"),
    ("show_same_side", "empathy", "A2 K5"),
    ("acknowledge_emotion", "empathy", "K3 A3 D5"),
    ("apologize_for_experience", "apology", "B8 K3 K5"),
    ("own_mistake", "admission", "K7 A4 D1"),
    ("affirm_importance", "empathy", "K12"),
    ("ask_for_facts", "question", "K4"),
    ("look_for_missed_point", "question", "D4"),
    ("repeat_back_concerns", "question", "C2 D5"),
    ("ask_desired_outcome", "question", "A6 B10"),
    ("present_solution", "solution", "A5 D3"),
    ("discuss_options", "solution", "C3"),
    ("offer_alternative", "solution", "C3"),
    ("grant_reasonable_request", "concession", "B10"),
    ("commit_to_next_step", "promise", "K8 K9 D6"),
    ("explain_each_step", "update", "A7 C4 D6"),
    ("act_now", "work", "A7 C4 D6 K10"),
    ("give_progress_update", "update", "K11 C4"),
    ("disclose_setback", "update", "C4 D1"),
    ("stay_with_case", "update", "A8 B7"),
    ("check_satisfaction", "question", "A9 C5"),
    ("ask_what_else", "question", "C5"),
    ("thank_customer", "closing", "C5"),
    ("offer_goodwill", "concession", "A10"),
    ("set_boundary", "boundary", "D7"),
    ("move_to_private", "boundary", "D4"),
    ("involve_senior", "handoff", "D4"),
    ("turn_over_warmly", "handoff", "B11 B3"),
    ("ask_team_for_advice", "handoff", "B11"),
    ("call_for_help", "safety", "B9"),
    ("end_contact_respectfully", "closing", "D7 B14"),
];

/// Done in silence, or on spoken channels in silence.
const NOT_SAID: [&str; 2] = ["steady_yourself", "keep_listening"];

const GUARDRAILS: [(&str, &str); 16] = [
    ("no_urging_calm", "K2"),
    ("no_interrupting", "K2 A1 C2 B9"),
    ("no_emotional_reaction", "K1 A3 B1"),
    ("no_arguing", "B1"),
    ("no_taking_personally", "C1 A3 D3"),
    ("no_defensiveness", "B2"),
    ("no_blame", "K6"),
    ("no_excuses", "D3 B5"),
    ("no_downplaying", "B1 B4"),
    ("no_humor", "B6"),
    ("no_ignoring", "B3"),
    ("no_cold_handoff", "B3"),
    ("no_pushing_off", "B7"),
    ("no_lying", "D1"),
    ("no_overpromising", "D6 C3"),
    ("no_jumping_to_conclusions", "A1"),
];

const DELIVERY: [(&str, &str, &str); 3] = [
    ("even_voice", "B13", "voice video in_person"),
    ("open_posture", "B12", "video in_person"),
    ("full_attention", "A1", "voice video in_person chat email social"),
];

const LEVELS: [&str; 13] = [
    "anger",
    "frustration",
    "venting",
    "confusion",
    "distrust",
    "satisfaction",
    "abusive_language",
    "belligerence",
    "threat",
    "unreasonable_demand",
    "playing_to_audience",
    "churn_risk",
    "urgency",
];

const FLAGS: [&str; 9] = [
    "requests_manager",
    "rejects_solution",
    "accepts_solution",
    "unsure_what_they_want",
    "wants_to_be_heard",
    "repeat_contact",
    "legal_threat",
    "self_harm_risk",
    "silence",
];

const FACTS: [&str; 16] = [
    "grievance_known",
    "understanding_confirmed",
    "mistake_confirmed",
    "demand_stated",
    "demand_reasonable",
    "within_agent_authority",
    "solution_available",
    "solution_agreed",
    "action_started",
    "action_completed",
    "setback",
    "promise_missed",
    "followed_up",
    "satisfaction_confirmed",
    "goodwill_authorized",
    "audience_present",
];

const VALUES: [&str; 11] = [
    "customer_name",
    "agent_name",
    "issue_summary",
    "demand",
    "offer",
    "cannot_offer",
    "next_step",
    "promised_time",
    "progress",
    "setback_summary",
    "colleague_name",
];

/// Words that an agent can say in one breath.
const MOST_WORDS: usize = 30;
/// Phrasings to choose from on any channel, so that nobody hears the same line twice.
const LEAST_PHRASINGS: usize = 3;

fn default_playbook() -> Playbook {
    let (playbook, warnings) =
        Playbook::parse(SOURCE, "playbooks/default.yaml", &Bases::none()).unwrap_or_else(|report| panic!("{report}"));
    assert!(warnings.is_empty(), "{warnings}");
    playbook
}

/// The row ids of `sources`: `K1` to `K12`, and so on.
fn rows(sources: &[(&str, usize)]) -> BTreeSet<String> {
    sources.iter().flat_map(|(source, count)| (1..=*count).map(move |point| format!("{source}{point}"))).collect()
}

fn words(list: &str) -> BTreeSet<&str> {
    list.split_whitespace().collect()
}

fn set(ids: &[String]) -> BTreeSet<&str> {
    ids.iter().map(String::as_str).collect()
}

#[test]
fn every_conversation_comes_out_as_its_author_expects() {
    let playbook = default_playbook();
    let played = rehearsal::rehearse(&playbook);
    let mut told = String::new();
    for conversation in played.iter().filter(|played| !played.passed()) {
        for failure in &conversation.failures {
            let (it, because) = (&conversation.conversation.it, failure.because.join("; "));
            writeln!(
                told,
                "{it} (line {}, turn {}): expected {}, found {} ({because})",
                failure.line, failure.turn, failure.expected, failure.found
            )
            .unwrap();
        }
    }
    assert!(told.is_empty(), "\n{told}");
    assert!(played.len() >= 90, "{} conversations", played.len());
}

#[test]
fn every_point_and_every_law_is_shown_by_a_conversation() {
    let playbook = default_playbook();
    let shown: BTreeSet<String> = playbook.tests().iter().flat_map(|test| test.proves.iter().cloned()).collect();
    let not_shown: Vec<_> = rows(&POINTS).union(&rows(&[LAWS])).filter(|row| !shown.contains(*row)).cloned().collect();
    assert_eq!(not_shown, Vec::<String>::new());
}

#[test]
fn every_point_is_what_some_part_goes_back_to() {
    let playbook = default_playbook();
    let mut found = BTreeSet::new();
    found.extend(playbook.interrupts().iter().flat_map(|part| part.source.clone()));
    found.extend(playbook.first_rules().iter().flat_map(|part| part.source.clone()));
    found.extend(playbook.stages().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.stages().flat_map(|(_, part)| &part.exits).flat_map(|part| part.source.clone()));
    found.extend(playbook.actions().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.signals().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.facts().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.delivery().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.guardrails().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.escalations().flat_map(|(_, part)| part.source.clone()));
    let without: Vec<_> = rows(&POINTS).difference(&found).cloned().collect();
    assert_eq!(without, Vec::<String>::new());
}

#[test]
fn every_point_is_told_in_its_source() {
    let playbook = default_playbook();
    let told: Vec<(&str, usize)> =
        playbook.sources().iter().map(|source| (source.id.as_str(), source.points.len())).collect();
    for (id, count) in POINTS.into_iter().chain([LAWS]) {
        assert!(told.contains(&(id, count)), "{id} has not {count} points: {told:?}");
    }
    for source in playbook.sources() {
        assert!(!source.title.is_empty() && !source.author.is_empty(), "{}", source.id);
    }
}

#[test]
fn stages_are_those_of_the_process_and_in_its_order() {
    let playbook = default_playbook();
    let stages: Vec<&str> = playbook.stages().map(|(_, stage)| stage.id.as_str()).collect();
    assert_eq!(stages, STAGES);
    let endings: Vec<(&str, Ending)> = playbook
        .stages()
        .filter_map(|(_, stage)| match stage.course {
            Course::Final(ending) => Some((stage.id.as_str(), ending)),
            Course::Open { .. } => None,
        })
        .collect();
    assert_eq!(endings, [("closed", Ending::Resolved), ("part_ways", Ending::Parted)]);
    assert_eq!(playbook.stage(playbook.start()).id, "listen");
}

#[test]
fn actions_have_the_kinds_and_the_points_of_the_process() {
    let playbook = default_playbook();
    for (id, kind, points) in ACTIONS {
        let action = playbook.action(playbook.find_action(id).unwrap_or_else(|| panic!("no action {id}")));
        assert_eq!(action.kind.as_str(), kind, "{id}");
        assert!(set(&action.source).is_superset(&words(points)), "{id}: {:?}", action.source);
    }
    assert_eq!(playbook.actions().count(), ACTIONS.len());
}

#[test]
fn guardrails_have_the_points_of_the_process() {
    let playbook = default_playbook();
    for (id, points) in GUARDRAILS {
        let found = playbook.guardrails().find(|(_, guardrail)| guardrail.id == id);
        let (_, guardrail) = found.unwrap_or_else(|| panic!("no guardrail {id}"));
        assert!(set(&guardrail.source).is_superset(&words(points)), "{id}: {:?}", guardrail.source);
    }
}

#[test]
fn delivery_guides_hold_on_the_channels_of_the_process() {
    let playbook = default_playbook();
    for (id, points, channels) in DELIVERY {
        let found = playbook.delivery().find(|(_, guide)| guide.id == id);
        let (_, guide) = found.unwrap_or_else(|| panic!("no delivery guide {id}"));
        let on: BTreeSet<&str> = guide.channels.iter().map(Channel::as_str).collect();
        assert_eq!(on, words(channels), "{id}");
        assert!(set(&guide.source).is_superset(&words(points)), "{id}: {:?}", guide.source);
    }
}

#[test]
fn signals_facts_and_values_are_those_of_the_process() {
    let playbook = default_playbook();
    for (id, flag) in LEVELS.iter().zip(iter::repeat(false)).chain(FLAGS.iter().zip(iter::repeat(true))) {
        let signal = playbook.signal(playbook.find_signal(id).unwrap_or_else(|| panic!("no signal {id}")));
        assert_eq!(signal.flag, flag, "{id}");
    }
    let facts: BTreeSet<&str> = playbook.facts().map(|(_, fact)| fact.id.as_str()).collect();
    assert_eq!(facts, BTreeSet::from(FACTS));
    let values: BTreeSet<&str> = playbook.values().map(|(_, value)| value.id.as_str()).collect();
    assert_eq!(values, BTreeSet::from(VALUES));
    assert_eq!(playbook.signals().count(), LEVELS.len() + FLAGS.len());
}

#[test]
fn it_is_written_for_every_channel_in_english() {
    let playbook = default_playbook();
    assert_eq!(playbook.channels().iter().collect::<Vec<_>>(), Channel::ALL);
    assert_eq!(playbook.locales(), ["en"]);
    assert_eq!(playbook.identity().id, "default");
}

#[test]
fn what_is_said_can_be_said_in_three_ways_on_any_channel() {
    let playbook = default_playbook();
    let said = playbook.actions().map(|(_, action)| action).filter(|action| !NOT_SAID.contains(&action.id.as_str()));
    for action in said {
        for channel in Channel::ALL {
            let openings = openings(action, *channel);
            assert!(openings.len() >= LEAST_PHRASINGS, "{} on {}: {openings:?}", action.id, channel.as_str());
        }
    }
}

/// The first words of what can be said on `channel`.
fn openings(action: &Action, channel: Channel) -> BTreeSet<&str> {
    let texts = action.say.iter().filter(|text| text.channels.contains(channel));
    texts.filter_map(|text| text.template.split_whitespace().next()).collect()
}

#[test]
fn nothing_to_say_is_longer_than_a_breath() {
    let playbook = default_playbook();
    for (_, action) in playbook.actions() {
        for text in &action.say {
            let count = text.template.split_whitespace().count();
            assert!(count <= MOST_WORDS, "{}/{}: {count} words", action.id, text.id);
        }
    }
}
