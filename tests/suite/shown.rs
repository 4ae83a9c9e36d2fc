//! What `composure show` prints: the same playbook, whole, and where each part comes from.

use composure::playbook::{Bases, DEFAULT, Playbook, Whole};
use proptest::prelude::{ProptestConfig, Strategy as _, any, prop, prop_assert_eq, proptest};

use crate::random_playbooks;
use crate::session::Dice;

const MINIMAL: &str = include_str!("../minimal.yaml");
const HARBOR: &str = "\
playbook: harbor
version: \"3\"
title: Harbor support
extends: minimal@1
signals:
  threat: {high: {until: 0.1}}
  venting: {high: {from: 0.6, until: 0.4}}
first:
  - {action: fix, when: [venting.high]}
actions:
  fix:
    say: [\"It's done, and paid: all of it.\"]
tests:
  - it: hears them
    turns: [{signals: {anger: 0.9}, expect: {stage: hear}}]
";

fn minimal() -> Bases {
    let mut bases = Bases::none();
    bases.add("minimal.yaml", MINIMAL.as_bytes());
    bases
}

fn shown(text: &str, bases: &Bases) -> String {
    let (whole, _) =
        Whole::read(text.as_bytes(), "read.yaml", bases).unwrap_or_else(|report| panic!("{report}\n{text}"));
    whole.to_yaml()
}

fn playbook(text: &str, bases: &Bases) -> Playbook {
    Playbook::parse(text.as_bytes(), "read.yaml", bases).unwrap_or_else(|report| panic!("{report}\n{text}")).0
}

/// Whether what is shown of `text` is the same playbook by itself.
fn comes_back(text: &str, bases: &Bases) {
    let (before, after) = (playbook(text, bases), playbook(&shown(text, bases), &Bases::none()));
    assert_eq!(before.identity(), after.identity());
    assert_eq!(before.tests().len(), after.tests().len());
}

#[test]
fn what_is_shown_is_the_same_playbook() {
    comes_back(MINIMAL, &Bases::none());
    comes_back(DEFAULT, &Bases::none());
    comes_back(HARBOR, &minimal());
    let whole = shown(&shown(HARBOR, &minimal()), &Bases::none());
    assert_eq!(shown(&whole, &Bases::none()), whole);
}

#[test]
fn what_comes_from_where_stands_above_it() {
    let text = shown(HARBOR, &minimal());
    let expected = "\
# minimal@1 and this file
signals:
  # minimal@1
  anger: {high: {from: 0.65, until: 0.45}}
  # minimal@1 and this file
  threat:
    # minimal@1 and this file
    high:
      # minimal@1
      from: 0.5
      # this file
      until: 0.1
    # minimal@1
    lasts: conversation
    min_confidence: 0.2
  # minimal@1
  satisfaction: {absent: unknown, high: {from: 0.6, until: 0.45}}
  # this file
  venting: {high: {from: 0.6, until: 0.4}}
";
    assert!(text.contains(expected), "{text}");
    assert!(
        text.starts_with(
            "# this file\nplaybook: harbor\nversion: \"3\"\ntitle: Harbor support\n# minimal@1\nsources:\n"
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "first:\n  # minimal@1\n  - {action: listen, when: [anger.rising], source: [S1]}\n  # this file\n  - {"
        ),
        "{text}"
    );
    assert!(!shown(DEFAULT, &Bases::none()).lines().any(|line| line.trim_start().starts_with('#')));
}

#[test]
fn as_data_every_part_says_where_it_is_from() {
    let bases = minimal();
    let (whole, _) = Whole::read(HARBOR.as_bytes(), "harbor.yaml", &bases).unwrap();
    let (document, origins) = (whole.to_json(), whole.origins_to_json());
    assert_eq!(document["signals"]["threat"]["high"], serde_json::json!({"from": 0.5, "until": 0.1}));
    assert_eq!((&document["version"], &document["actions"]["fix"]["limit"]["times"]), (&"3".into(), &3.into()));
    for (part, from) in [
        ("/title", "this file"),
        ("/channels", "minimal@1"),
        ("/signals/anger", "minimal@1"),
        ("/signals/threat/high/from", "minimal@1"),
        ("/signals/threat/high/until", "this file"),
        ("/signals/venting", "this file"),
        ("/first/0", "minimal@1"),
        ("/first/1", "this file"),
        ("/actions/fix/say", "this file"),
        ("/actions/fix/why", "minimal@1"),
    ] {
        assert_eq!(origins[part], from, "{part}");
        assert!(document.pointer(part).is_some(), "{part}");
    }
    let parts = origins.as_object().unwrap();
    assert!(parts.keys().all(|part| document.pointer(part).is_some()), "{parts:?}");
    let order: Vec<&String> = document["stages"].as_object().unwrap().keys().collect();
    assert_eq!(order, ["hear", "repair", "call_for_help", "closed"]);
}

#[test]
fn a_fragment_is_shown_as_it_is() {
    let text = "fragment: true\nplaybook: house\nversion: '1'\ntitle: \"House\"\nsignals: {anger: {high: {from: .6, until: +0.4}}}\n";
    let shown = shown(text, &Bases::none());
    let expected = "fragment: true\nplaybook: house\nversion: \"1\"\ntitle: \"House\"\nsignals:\n  anger: {high: {from: .6, until: +0.4}}\n";
    assert_eq!(shown, expected);
}

/// Texts that YAML could take for something else.
fn awkward() -> impl proptest::strategy::Strategy<Value = String> {
    let words = [
        "true",
        "null",
        "~",
        "7",
        "1e3",
        "- a",
        "? b",
        "a: b",
        "a #b",
        "'",
        "\"",
        "\\",
        "[",
        "]",
        "{",
        ",",
        "&x",
        "*y",
        "!z",
        "%",
        "@",
        "`",
        "|",
        ">",
        "ä",
        "🙂",
        "\n",
        "  ",
        "x",
        "Yes, I see",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "---",
        "...",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 1..6).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_back_as_it_was(text in awkward()) {
        let quoted = serde_json::to_string(&text).unwrap();
        let source = MINIMAL.replace("title: A small process", &format!("title: {quoted}"));
        if let Ok((before, _)) = Playbook::parse(source.as_bytes(), "read.yaml", &Bases::none()) {
            let after = playbook(&shown(&source, &Bases::none()), &Bases::none());
            prop_assert_eq!(before.title(), after.title());
            prop_assert_eq!(before.identity(), after.identity());
        }
    }

    #[test]
    fn every_playbook_comes_back_as_it_was(seed in any::<u64>()) {
        comes_back(&random_playbooks::text(&mut Dice(seed)), &Bases::none());
    }
}
