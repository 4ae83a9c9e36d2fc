//! The five playbooks, each by the document of its author: nothing of it is missing, and conversations show all of it at work.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use composure::laws::{self, Outcome, Proof};
use composure::playbook::{Bases, Channel, Kind, Playbook, SHIPPED};
use composure::rehearsal::{self, Coverage, Sort};

/// A playbook, the letter of its author's points, and how many there are.
const AUTHORS: [(&str, &str, usize); 5] = [
    ("kahle", "K", 12),
    ("difficult_customers", "D", 7),
    ("angry_customers", "A", 10),
    ("connors_frare", "C", 5),
    ("clark", "B", 14),
];
/// What must always hold, whoever is followed.
const LAWS: usize = 10;
const LEAST_CONVERSATIONS: usize = 15;
/// Words that an agent can say in one breath.
const MOST_WORDS: usize = 30;
const LEAST_PHRASINGS: usize = 3;

fn playbook(id: &str) -> Playbook {
    let file = format!("{id}.yaml");
    let source = SHIPPED.iter().find(|(name, _)| *name == file).unwrap_or_else(|| panic!("no {file}")).1;
    let (playbook, report) =
        Playbook::parse(source.as_bytes(), &file, &Bases::shipped()).unwrap_or_else(|report| panic!("{report}"));
    assert!(report.is_empty(), "{report}");
    playbook
}

fn rows(letter: &str, count: usize) -> BTreeSet<String> {
    (1..=count).map(|point| format!("{letter}{point}")).collect()
}

/// What parts of the process go back to; signals and facts are only what it reads.
fn provenance(playbook: &Playbook) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    found.extend(playbook.interrupts().iter().flat_map(|part| part.source.clone()));
    found.extend(playbook.first_rules().iter().flat_map(|part| part.source.clone()));
    found.extend(playbook.stages().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.stages().flat_map(|(_, part)| &part.exits).flat_map(|part| part.source.clone()));
    found.extend(playbook.actions().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.delivery().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.guardrails().flat_map(|(_, part)| part.source.clone()));
    found.extend(playbook.escalations().flat_map(|(_, part)| part.source.clone()));
    found
}

#[test]
fn every_conversation_comes_out_as_the_author_would_have_it() {
    let mut told = String::new();
    for (id, ..) in AUTHORS {
        let playbook = playbook(id);
        let played = rehearsal::rehearse(&playbook);
        for conversation in &played {
            for failure in &conversation.failures {
                let (it, because) = (&conversation.conversation.it, failure.because.join("; "));
                let (line, expected, found) = (failure.line, &failure.expected, &failure.found);
                writeln!(told, "{id}:{line}: {it}: expected {expected}, found {found} ({because})").unwrap();
            }
        }
        assert!(played.len() >= LEAST_CONVERSATIONS, "{id} has {} conversations", played.len());
    }
    assert!(told.is_empty(), "\n{told}");
}

#[test]
fn every_point_of_a_document_is_where_a_part_of_its_playbook_comes_from() {
    for (id, letter, count) in AUTHORS {
        let without: Vec<_> = rows(letter, count).difference(&provenance(&playbook(id))).cloned().collect();
        assert_eq!(without, Vec::<String>::new(), "{id}");
    }
}

#[test]
fn every_part_that_comes_from_a_point_is_exercised_by_a_conversation() {
    let sorts = [
        Sort::Stages,
        Sort::Exits,
        Sort::Interrupts,
        Sort::FirstRules,
        Sort::Actions,
        Sort::Guardrails,
        Sort::Escalations,
        Sort::Laws,
    ];
    for (id, ..) in AUTHORS {
        let playbook = playbook(id);
        let mut coverage = Coverage::none(&playbook);
        for conversation in playbook.tests() {
            let _ = rehearsal::play(&playbook, conversation, &mut coverage);
        }
        let items = coverage.items().into_iter().filter(|item| sorts.contains(&item.sort) && item.count == 0);
        assert_eq!(items.map(|item| item.name).collect::<Vec<_>>(), Vec::<String>::new(), "{id}");
    }
}

#[test]
fn every_point_of_the_author_and_every_law_is_proven_by_a_conversation() {
    for (id, letter, count) in AUTHORS {
        let playbook = playbook(id);
        let proven: BTreeSet<String> = playbook.tests().iter().flat_map(|test| test.proves.iter().cloned()).collect();
        let all: BTreeSet<_> = rows(letter, count).into_iter().chain(rows("L", LAWS)).collect();
        assert_eq!(all.difference(&proven).cloned().collect::<Vec<_>>(), Vec::<String>::new(), "{id}");
    }
}

#[test]
fn a_playbook_holds_no_other_authors_points() {
    for (id, letter, _) in AUTHORS {
        let foreign = |row: &String| !row.starts_with(letter) && !row.starts_with('L');
        let rows: Vec<_> = provenance(&playbook(id)).into_iter().filter(foreign).collect();
        assert_eq!(rows, Vec::<String>::new(), "{id}");
    }
}

#[test]
fn the_authors_differ_where_their_documents_do() {
    let has = |id: &str, action: &str| playbook(id).find_action(action).is_some();
    let repeat_back: Vec<_> = AUTHORS.iter().map(|(id, ..)| *id).filter(|id| has(id, "repeat_back_concerns")).collect();
    assert_eq!(repeat_back, ["connors_frare"], "only they say concerns back");
    let parts: Vec<_> =
        AUTHORS.iter().map(|(id, ..)| *id).filter(|id| playbook(id).find_stage("part_ways").is_some()).collect();
    assert_eq!(
        parts,
        ["difficult_customers", "clark"],
        "who may let a customer go, and who knows that some stay unhappy"
    );
    assert!(!has("clark", "set_boundary") && has("difficult_customers", "set_boundary"));
    assert!(has("angry_customers", "offer_goodwill") && !has("kahle", "offer_goodwill"));
}

#[test]
fn what_is_said_can_be_said_in_three_ways_on_any_channel_and_in_one_breath() {
    for (id, ..) in AUTHORS {
        let playbook = playbook(id);
        for (_, action) in playbook.actions().filter(|(_, action)| !action.say.is_empty()) {
            for channel in Channel::ALL {
                let texts = action.say.iter().filter(|text| text.channels.contains(*channel));
                let openings: BTreeSet<_> = texts.filter_map(|text| text.template.split_whitespace().next()).collect();
                let is_enough = openings.len() >= LEAST_PHRASINGS || openings.is_empty();
                assert!(is_enough, "{id}: {} on {}: {openings:?}", action.id, channel.as_str());
            }
            let long = action.say.iter().find(|text| text.template.split_whitespace().count() > MOST_WORDS);
            assert!(long.is_none(), "{id}: {}: {long:?}", action.id);
        }
    }
}

#[test]
fn every_law_of_the_authors_is_proven_and_each_of_the_first_eight_is_there() {
    for (id, ..) in AUTHORS {
        let playbook = playbook(id);
        for Proof { law, outcome } in laws::prove(&playbook) {
            assert!(matches!(outcome, Outcome::Proven), "{id}: {}: {outcome:?}", law.it);
        }
        let stated: BTreeSet<&str> = playbook.laws().iter().flat_map(|law| &law.source).map(String::as_str).collect();
        // Law 5 speaks of concessions, which not every author makes.
        for row in ["L1", "L2", "L3", "L4", "L6", "L7", "L8"] {
            assert!(stated.contains(row), "{id} says nothing of {row}");
        }
        let concedes = playbook.actions().any(|(_, action)| action.kind == Kind::Concession);
        assert_eq!(stated.contains("L5"), concedes, "{id}");
    }
}
