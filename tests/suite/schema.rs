//! `composure schema`: what editors get says the same as what reads playbooks, and as the guide.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use composure::playbook::{Bases, Code, Playbook, Report, schema, tables};
use jsonschema::Validator;
use serde_json::Value;

use crate::commands::{composure, stdout};

const GUIDE: &str = include_str!("../../playbooks/README.md");
const FOR_EDITORS: &str = include_str!("../../playbooks/schema.json");
const MODELINE: &str = "# yaml-language-server: $schema=";
/// What broken playbooks are refused for that does not show in one place, or only in YAML.
const UNSEEN: [&str; 39] = [
    "alias",
    "anchor",
    "avoided-words",
    "band-upside-down",
    "bare-level",
    "cut-text",
    "cycle",
    "duplicate-entry",
    "duplicate-key",
    "extends-twice",
    "final-start",
    "flag-not-level",
    "forbidden",
    "fragment",
    "malformed-atom",
    "malformed-placeholder",
    "merge-key",
    "missing-field",
    "name-clash",
    "never-holds",
    "never-kept",
    "never-unknown",
    "never-used",
    "no-action",
    "no-final-stage",
    "no-way-out",
    "not-always-possible",
    "nothing-to-remove",
    "nothing-to-show",
    "out-of-range",
    "reserved-word",
    "tag",
    "too-long",
    "too-many",
    "unknown-name",
    "unknown-word",
    "unreachable-stage",
    "unused",
    "wrong-type",
];

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

/// The YAML files in a folder of the repository.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

fn playbooks() -> Vec<PathBuf> {
    [files("playbooks"), files("playbooks/examples")].concat()
}

/// The file as an editor reads it, without knowing of playbooks.
fn data(file: &Path) -> Option<Value> {
    // YAML 1.2, as editors read it: `yes` is a word.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(&fs::read_to_string(file).unwrap(), options).ok()
}

fn complaints(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn what_is_printed_is_the_file_that_playbooks_name() {
    let output = composure(&["schema"]);
    assert!(output.status.success());
    assert_eq!(stdout(&output), FOR_EDITORS, "write the file anew: composure schema > playbooks/schema.json");
}

#[test]
fn help_says_how_an_editor_finds_it() {
    let told = stdout(&composure(&["schema", "--help"]));
    assert!(told.contains("composure schema > schema.json") && told.contains(MODELINE), "{told}");
}

#[test]
fn it_is_a_schema_itself() {
    jsonschema::meta::validate(&schema()).unwrap();
    assert_eq!(schema()["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn every_playbook_keeps_to_the_schema_and_names_it_in_its_first_line() {
    let validator = validator();
    for file in playbooks() {
        assert_eq!(complaints(&validator, &data(&file).unwrap()), Vec::<String>::new(), "{}", file.display());
        let text = fs::read_to_string(&file).unwrap();
        let named = text.lines().next().unwrap().strip_prefix(MODELINE).unwrap_or_else(|| panic!("{}", file.display()));
        let named = fs::read_to_string(file.with_file_name(named)).unwrap();
        assert_eq!(named, FOR_EDITORS, "{}", file.display());
    }
    let minimal = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/minimal.yaml");
    assert_eq!(complaints(&validator, &data(&minimal).unwrap()), Vec::<String>::new());
}

fn report(file: &Path) -> Report {
    let mut bases = Bases::none();
    for base in files("tests/invalid/bases") {
        bases.add(base.file_name().unwrap().to_str().unwrap(), fs::read(&base).unwrap());
    }
    bases.add("minimal.yaml", include_bytes!("../minimal.yaml").to_vec());
    match Playbook::parse(&fs::read(file).unwrap(), "broken.yaml", &bases) {
        Ok((_, report)) | Err(report) => report,
    }
}

#[test]
fn broken_playbooks_are_refused_but_for_what_no_schema_can_see() {
    let validator = validator();
    let mut passed = BTreeMap::new();
    let (mut refused, mut all) = (0, files("tests/invalid"));
    // What is wrong with an inherited part stands in another file.
    all.retain(|file| !file.file_stem().unwrap().to_string_lossy().starts_with("extends"));
    for file in &all {
        if data(file).is_none_or(|data| !validator.is_valid(&data)) {
            refused += 1;
            continue;
        }
        for found in report(file).diagnostics() {
            passed.insert(found.code, file.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    passed.retain(|code, _| !UNSEEN.contains(code));
    assert!(passed.is_empty(), "{refused}: {passed:#?}");
    assert!(refused * 3 > all.len(), "only {refused} of {} are refused", all.len());
}

#[test]
fn what_no_schema_can_see_is_a_list_of_codes() {
    for code in UNSEEN {
        assert!(Code::ALL.iter().any(|known| known.id == code), "{code}");
    }
}

/// The keys of each part, by what messages call it, as the decoder's source has them.
fn decoded() -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/playbook/document");
    let sources = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let mut shapes = BTreeMap::new();
    for source in sources {
        for shape in source.split("what: \"").skip(1) {
            let (what, rest) = shape.split_once('"').unwrap();
            let keys = rest.split_once("keys: &[").unwrap().1.split(']').next().unwrap();
            let keys = keys.split('"').skip(1).step_by(2).map(str::to_owned).collect();
            shapes.insert(what.to_owned(), keys);
        }
    }
    shapes
}

fn keys(part: &Value) -> BTreeSet<String> {
    part["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn it_has_the_keys_that_the_decoder_knows() {
    let schema = schema();
    let mut described = BTreeMap::from([("a playbook".to_owned(), keys(&schema))]);
    for part in schema["$defs"].as_object().unwrap().values() {
        let keys = keys(part);
        let same = described.insert(part["title"].as_str().unwrap().to_owned(), keys.clone());
        assert!(same.is_none_or(|other| other == keys), "{part}");
    }
    assert_eq!(described, decoded());
}

#[test]
fn its_examples_are_right() {
    let schema = schema();
    for (name, part) in schema["$defs"].as_object().unwrap().iter().chain([(&"playbook".to_owned(), &schema)]) {
        let mut alone = schema.clone();
        if name != "playbook" {
            alone = serde_json::json!({"$ref": format!("#/$defs/{name}"), "$defs": schema["$defs"]});
        }
        let example = &part["examples"][0];
        assert!(example.is_object(), "{name}");
        assert_eq!(complaints(&jsonschema::draft202012::new(&alone).unwrap(), example), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_guide_explains_every_key_in_the_same_words() {
    let missing: String = tables().into_iter().map(|(_, table)| table).filter(|table| !GUIDE.contains(table)).collect();
    assert!(missing.is_empty(), "the guide lacks:\n{missing}");
}

#[test]
fn what_is_inherited_can_be_taken_away_and_need_not_be_said_again() {
    let change = |text: &str| {
        let head = "playbook: harbor\nversion: \"1\"\ntitle: Harbor\n";
        validator().is_valid(&serde_saphyr::from_str(&format!("{head}{text}")).unwrap())
    };
    assert!(change("extends: default@1\nguardrails: {no_humor: null}\nsignals: {anger: {high: {from: 0.6}}}\n"));
    assert!(!change("guardrails: {no_humor: null}\nextends: default\n"));
    assert!(!change("extends: default@1\nstages: {listen: {exits: [{to: null}]}}\n"));
    assert!(change("fragment: true\nfacts: {known: Is it known?}\n"));
    assert!(!change("facts: {known: Is it known?}\n"));
}
