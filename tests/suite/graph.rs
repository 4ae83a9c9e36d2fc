//! `composure graph`, as a process: pictures that hold everything, in which nothing stands on anything else.

use std::fs;
use std::process::Output;
use std::sync::LazyLock;

use composure::playbook::{Bases, Destination, Playbook};

use crate::commands::{composure, file, stderr, stdout};

const DEFAULT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/playbooks/default.yaml");

/// Titles of all sorts, a stage that nobody visits, a way back, an interrupt into the main line, and two exits to the same stage.
const ODD: &str = r#"playbook: odd
version: "1"
title: "<Odd> & very long, so long that no page is wide enough for it, and nobody reads to its end, at which there is \"nothing\""
signals:
  anger: {high: {from: 0.6, until: 0.4}}
interrupts:
  - {to: hear, when: [anger.rising]}
  - {to: aside, when: [done.hear >= 9]}
stages:
  hear:
    title: お客様の話を最後まで聞いてください、そして落ち着いて対応してください、よろしくお願いします
    actions: [hear]
    otherwise: hear
    exits:
      - {to: settled, when: [anger.falling]}
      - {to: settle, any: [stage.turns >= 2, done.hear >= 3, done.hear >= 4, done.hear >= 5, done.hear >= 6], unless: [anger.high]}
  settle:
    title: Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichenverordnungsentwurfsbesprechung
    actions: [hear]
    otherwise: hear
    exits:
      - {to: hear, when: [anger.high]}
      - {to: settled, when: [done.hear >= 4]}
      - {to: settled, when: [stage.turns >= 2]}
  settled: {title: "\"A\" <b> & 'B'", final: resolved}
  aside:
    title: Aside
    actions: [hear]
    otherwise: hear
    exits:
      - {to: back, unless: [anger.high]}
      - {to: apart, when: [stage.turns >= 3]}
  apart: {title: Apart, final: abandoned}
actions:
  hear:
    title: Listen
    kind: listening
    why: People want to be heard.
    say: ["Go on."]
tests:
  - it: settles
    turns:
      - {signals: {anger: 0.9}, did: []}
      - {signals: {anger: 0.5}, did: [], expect: {path: [settled]}}
  - it: asks a second time, and a third
    turns:
      - {signals: {anger: 0}, did: []}
      - {did: [], signals: {anger: 0}, expect: {path: [settle]}}
      - {did: [hear], signals: {anger: 0}}
"#;

fn graph(args: &[&str]) -> Output {
    composure(&[&["graph"], args].concat())
}

fn drawn(args: &[&str]) -> String {
    let output = graph(args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stderr.is_empty());
    stdout(&output)
}

/// Written once: tests run side by side.
static ODD_FILE: LazyLock<String> = LazyLock::new(|| file("odd.yaml", ODD));
static MANY_FILE: LazyLock<String> = LazyLock::new(|| file("many.yaml", &many()));

/// Those that come with the program, and the two above.
fn playbooks() -> Vec<String> {
    let shipped = ["default", "kahle", "difficult_customers", "angry_customers", "connors_frare", "clark"];
    let shipped = shipped.map(|id| format!("{}/playbooks/{id}.yaml", env!("CARGO_MANIFEST_DIR")));
    shipped.into_iter().chain([ODD_FILE.clone(), MANY_FILE.clone()]).collect()
}

/// Many stages, each with a way ahead, one back, one to the side and one to a stage that half of them lead to.
fn many() -> String {
    let mut stages = String::new();
    let stage = |id: &str, exits: &str| {
        format!("  {id}:\n    title: Stage {id}\n    actions: [hear]\n    otherwise: hear\n    exits: [{exits}]\n")
    };
    for at in 0..40 {
        let (next, earlier) = (if at == 39 { "settled".to_owned() } else { format!("main_{}", at + 1) }, at / 2);
        let back = if at > 1 { format!("{{to: main_{earlier}, when: [anger.rising]}}, ") } else { String::new() };
        let aside = format!("{{to: side_{}, when: [anger.falling]}}, {{to: team, when: [done.hear >= 7]}}", at % 7);
        stages += &stage(&format!("main_{at}"), &format!("{back}{aside}, {{to: {next}, when: [stage.turns >= 2]}}"));
    }
    for at in 0..7 {
        stages += &stage(&format!("side_{at}"), &format!("{{to: main_{}, when: [stage.turns >= 2]}}", at * 5));
    }
    stages += &stage("team", "{to: back, when: [stage.turns >= 2]}, {to: side_3, when: [anger.rising]}");
    let (before, after) = ODD.split_once("interrupts:").unwrap();
    let (_, actions) = after.split_once("actions:\n  hear:").unwrap();
    let (actions, _) = actions.split_once("tests:").unwrap();
    let end = "  settled: {title: Settled, final: resolved}\n";
    format!("{before}stages:\n{stages}{end}actions:\n  hear:{actions}")
}

/// An element with its attributes and the text that it begins with.
struct Element<'a> {
    name: &'a str,
    attributes: &'a str,
    text: &'a str,
}

impl<'a> Element<'a> {
    fn get(&self, attribute: &str) -> Option<&'a str> {
        let (_, rest) = self.attributes.split_once(&format!(" {attribute}=\""))?;
        rest.split('"').next()
    }

    fn number(&self, attribute: &str) -> i32 {
        self.get(attribute).unwrap().parse().unwrap()
    }

    fn has_class(&self, class: &str) -> bool {
        self.get("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
    }
}

fn elements(svg: &str) -> Vec<Element<'_>> {
    let opened = svg.split('<').filter(|piece| piece.starts_with(|c: char| c.is_ascii_lowercase()));
    let parsed = opened.map(|piece| {
        let (tag, text) = piece.split_once('>').unwrap();
        let name = tag.split([' ', '/']).next().unwrap();
        Element { name, attributes: tag.strip_prefix(name).unwrap(), text }
    });
    parsed.collect()
}

/// Left, top, right and bottom.
type Area = [i32; 4];

fn cards(svg: &str) -> Vec<Area> {
    let rects = elements(svg).into_iter().filter(|element| element.has_class("card"));
    rects
        .map(|rect| {
            let (x, y) = (rect.number("x"), rect.number("y"));
            [x, y, x + rect.number("width"), y + rect.number("height")]
        })
        .collect()
}

/// Where text stands, by the widest usual letters; wide characters are as wide as they are high.
fn texts(svg: &str) -> Vec<Area> {
    let texts = elements(svg).into_iter().filter(|element| element.name == "text");
    texts
        .map(|text| {
            let size = [("heading", 21), ("title", 15), ("note", 11), ("number", 11)];
            let size = size.iter().find(|(class, _)| text.has_class(class)).map_or(12, |(_, size)| *size);
            let words =
                text.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&quot;", "\"");
            // So wide is English in the narrowest of the common fonts, on average; bold is wider.
            let per_hundred = if size > 12 { 57 } else { 51 };
            let width = words.chars().map(|c| if c > '\u{2e80}' { 100 } else { per_hundred }).sum::<i32>() * size / 100;
            let (x, y) = (text.number("x"), text.number("y"));
            let left = if text.has_class("goal") { x - width } else { x };
            [left, y - size, left + width, y + size / 3]
        })
        .collect()
}

fn overlap(a: &Area, b: &Area) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

fn holds(outer: &Area, inner: &Area) -> bool {
    outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3]
}

fn page(svg: &str) -> Area {
    let elements = elements(svg);
    let root = elements.first().unwrap();
    [0, 0, root.number("width"), root.number("height")]
}

#[test]
fn no_card_stands_on_another_and_every_text_is_inside_the_page() {
    for path in &playbooks() {
        for args in [vec![path.as_str()], vec![path, "--coverage"]] {
            let svg = drawn(&args);
            let (page, cards, texts) = (page(&svg), cards(&svg), texts(&svg));
            assert!(cards.len() > 4 && texts.len() > cards.len());
            for (at, card) in cards.iter().enumerate() {
                assert!(holds(&page, card), "{path}: {card:?}");
                assert!(cards.iter().skip(at + 1).all(|other| !overlap(card, other)), "{path}: {card:?}");
            }
            for (at, text) in texts.iter().enumerate() {
                assert!(holds(&page, text), "{path}: {text:?}");
                assert!(cards.iter().all(|card| !overlap(card, text) || holds(card, text)), "{path}: {text:?}");
                assert!(texts.iter().skip(at + 1).all(|other| !overlap(text, other)), "{path}: {text:?}");
            }
        }
    }
}

/// The points that a path goes through, bends taken as corners.
fn corners(path: &str) -> Vec<(i32, i32)> {
    let (mut at, mut corners) = ((0, 0), Vec::new());
    let commands: Vec<(usize, &str)> = path.match_indices(|c: char| c.is_ascii_alphabetic()).collect();
    let numbers = path.split(|c: char| c.is_ascii_alphabetic()).skip(1);
    for ((_, command), numbers) in commands.into_iter().zip(numbers) {
        let numbers: Vec<i32> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
        match (command, numbers.as_slice()) {
            ("M", [x, y]) => at = (*x, *y),
            ("H", [x]) => at.0 = *x,
            ("V", [y]) => at.1 = *y,
            ("Q", [x, y, to_x, to_y]) => {
                corners.push((*x, *y));
                at = (*to_x, *to_y);
            }
            other => panic!("{other:?} in {path}"),
        }
        corners.push(at);
    }
    corners
}

#[test]
fn no_way_runs_through_a_card_or_along_a_way_to_another_stage() {
    for path in &playbooks() {
        let svg = drawn(&[path]);
        let cards = cards(&svg);
        let mut runs: Vec<(String, Area)> = Vec::new();
        for way in elements(&svg).iter().filter(|element| element.has_class("way")) {
            let corners = corners(way.get("d").unwrap());
            for pair in corners.windows(2) {
                let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
                let run = [x.min(to_x), y.min(to_y), x.max(to_x), y.max(to_y)];
                assert!(cards.iter().all(|card| !overlap(card, &run)), "{path}: {run:?}");
                runs.push((way.get("data-to").unwrap().to_owned(), run));
            }
        }
        for (at, (to, run)) in runs.iter().enumerate() {
            let along = |other: &Area| {
                let upright = run[0] == run[2] && other[0] == run[0] && other[2] == run[0];
                let level = run[1] == run[3] && other[1] == run[1] && other[3] == run[1];
                (upright && run[1] < other[3] && other[1] < run[3]) || (level && run[0] < other[2] && other[0] < run[2])
            };
            let clash = runs.iter().skip(at + 1).find(|(other_to, other)| other_to != to && along(other));
            assert!(clash.is_none(), "{path}: {to} {run:?} and {clash:?}");
        }
    }
}

#[test]
fn every_stage_exit_and_interrupt_is_in_the_picture_once() {
    let mut bases = Bases::none();
    bases.add("house.yaml", include_bytes!("../../playbooks/house.yaml").to_vec());
    for path in &playbooks() {
        let playbook = Playbook::parse(&fs::read(path).unwrap(), path, &bases).unwrap().0;
        let svg = drawn(&[path]);
        let elements = elements(&svg);
        let mut wanted: Vec<(&str, String, &str)> = Vec::new();
        for (_, stage) in playbook.stages() {
            assert_eq!(elements.iter().filter(|element| element.get("data-stage") == Some(&stage.id)).count(), 1);
            for (number, exit) in (1..).zip(&stage.exits) {
                let to = match exit.to {
                    Destination::Stage(to) => playbook.stage(to).id.as_str(),
                    Destination::Back => "back",
                };
                wanted.push((&stage.id, format!("{number}"), to));
            }
        }
        for (number, interrupt) in (1..).zip(playbook.interrupts()) {
            wanted.push(("anywhere", format!("{number}"), &playbook.stage(interrupt.to).id));
        }
        let exits = elements.iter().filter(|element| element.has_class("exit"));
        let named = |element: &Element<'_>| {
            let attribute = |name| element.get(name).unwrap().to_owned();
            (attribute("data-from"), attribute("data-number"), attribute("data-to"))
        };
        let mut drawn: Vec<_> = exits.map(named).collect();
        let mut wanted: Vec<_> =
            wanted.into_iter().map(|(from, by, to)| (from.to_owned(), by, to.to_owned())).collect();
        drawn.sort();
        wanted.sort();
        assert_eq!(drawn, wanted, "{path}");
        for way in elements.iter().filter(|element| element.has_class("way") || element.has_class("down")) {
            assert!(way.get("data-to").is_none() || drawn.contains(&named(way)), "{path}");
        }
    }
}

#[test]
fn the_same_playbook_gives_the_same_bytes() {
    for format in ["svg", "dot", "mermaid"] {
        for overlay in [&[][..], &["--coverage"]] {
            let args = [&["--format", format, DEFAULT], overlay].concat();
            assert_eq!(drawn(&args), drawn(&args));
        }
    }
}

#[test]
fn coverage_counts_what_was_taken_and_tells_exits_to_the_same_stage_apart() {
    let svg = drawn(&["--coverage", &ODD_FILE]);
    assert!(svg.contains("3 of 5 stages entered, 3 of 7 exits and 0 of 2 interrupts taken, by 2 tests"), "{svg}");
    let count = |from: &str, number: &str| {
        let elements = elements(&svg);
        let is = |element: &Element<'_>| {
            element.has_class("exit")
                && element.get("data-from") == Some(from)
                && element.get("data-number") == Some(number)
        };
        let at = elements.iter().position(is).unwrap();
        let goals: Vec<_> = elements[at..].iter().filter(|element| element.has_class("goal")).take(2).collect();
        (elements[at].has_class("never"), goals[1].text.to_owned())
    };
    assert_eq!(count("hear", "1"), (false, "1×".to_owned()));
    assert_eq!(count("hear", "2"), (false, "1×".to_owned()));
    assert_eq!(count("settle", "2"), (true, "never".to_owned()));
    assert_eq!(count("settle", "3"), (false, "1×".to_owned()));
    assert_eq!(count("anywhere", "1"), (true, "never".to_owned()));
}

#[test]
fn dot_and_mermaid_are_on_offer_and_svg_is_what_comes() {
    assert!(drawn(&[DEFAULT]).starts_with("<svg "));
    assert_eq!(drawn(&[DEFAULT]), drawn(&["--format", "svg", DEFAULT]));
    assert!(drawn(&["--format", "dot", DEFAULT]).starts_with("digraph {\n"));
    assert!(drawn(&["--format", "mermaid", DEFAULT]).starts_with("flowchart TD\n"));
}

#[test]
fn a_playbook_with_errors_is_not_drawn() {
    let path = file("not_drawn.yaml", &ODD.replace("otherwise: hear", "otherwise: heer"));
    let output = graph(&[&path]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(told.contains(&format!("{path}:13:")) && told.contains("did you mean `hear`?"), "{told}");
    assert!(told.ends_with(&format!("{path}: not drawn, for it has errors\n")), "{told}");
}

#[test]
fn a_fragment_and_a_folder_have_no_picture() {
    let fragment = concat!(env!("CARGO_MANIFEST_DIR"), "/playbooks/house.yaml");
    for (path, wanted) in [(fragment, "is a fragment"), (env!("CARGO_TARGET_TMPDIR"), "is a folder")] {
        let output = graph(&[path]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
        assert!(stderr(&output).contains(wanted), "{}", stderr(&output));
    }
}

#[test]
fn a_file_that_cannot_be_read_and_a_format_that_is_not_known_are_usage_errors() {
    let output = graph(&["nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(told.starts_with("error: cannot read `nowhere.yaml`: "), "{told}");
    let output = graph(&["--format", "png", DEFAULT]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("possible values: svg, dot, mermaid"));
}
