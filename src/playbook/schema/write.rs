//! The format as a JSON Schema.

use serde_json::{Map, Value, json};

use super::header::PLAYBOOK;
use super::part::{Field, Need, Others, Part, Presence, Type};
use crate::playbook::document::LONGEST_TEXT;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const ID: &str = "urn:composure:playbook";

/// Whether a part stands by itself, or adds to an inherited one: then nothing is required of it, and `null` takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Whole,
    Change,
}

/// The JSON Schema of playbook files, for editors: draft 2020-12.
///
/// It sees what shows in one place. Names that lead nowhere, and what YAML alone tells, such as tags, are for `check` to find.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    for reading in [Reading::Whole, Reading::Change] {
        for field in PLAYBOOK.fields {
            define(&mut definitions, field.holds, reading);
        }
    }
    definitions.sort_keys();
    let described = |field: &Field| json!({"description": field.about});
    json!({
        "$schema": DIALECT,
        "$id": ID,
        "title": "Composure playbook",
        "description": PLAYBOOK.about,
        "type": "object",
        "properties": each(PLAYBOOK.fields, described),
        "additionalProperties": false,
        "required": keys(&PLAYBOOK, Presence::Required),
        "allOf": PLAYBOOK.fields.iter().filter(|field| field.presence == Presence::OfWhole).map(of_whole).collect::<Value>(),
        "if": {"required": ["extends"]},
        "then": {"properties": each(PLAYBOOK.fields, with_base)},
        "else": {"properties": each(PLAYBOOK.fields, |field| value(field, Reading::Whole))},
        "examples": examples(&PLAYBOOK),
        "$defs": definitions,
    })
}

/// What `of` says of each field, by its key.
fn each(fields: &[Field], of: impl Fn(&Field) -> Value) -> Value {
    fields.iter().map(|field| (field.key.to_owned(), of(field))).collect()
}

/// A playbook has its own name, whatever it inherits.
fn with_base(field: &Field) -> Value {
    match field.presence {
        Presence::Required => value(field, Reading::Whole),
        Presence::OfWhole | Presence::Optional => value(field, Reading::Change),
    }
}

/// Only who inherits it, or is a fragment, can do without.
fn of_whole(field: &Field) -> Value {
    json!({"anyOf": [
        {"required": [field.key]},
        {"required": ["extends"]},
        {"required": ["fragment"], "properties": {"fragment": {"const": true}}},
    ]})
}

/// What `holds` refers to, and what that refers to.
fn define(definitions: &mut Map<String, Value>, holds: Type, reading: Reading) {
    match holds {
        Type::Part(part) => {
            let name = name(part, reading);
            if !definitions.contains_key(&name) {
                definitions.insert(name, described(part, reading));
                part.fields.iter().for_each(|field| define(definitions, field.holds, reading));
                if let Others::Names(holds) = part.others {
                    define(definitions, holds, reading);
                }
            }
        }
        // A list is never merged: what stands in it is whole.
        Type::List(of) | Type::Some(of) => define(definitions, *of, Reading::Whole),
        Type::Map(_, of) => define(definitions, *of, reading),
        Type::Either(types) => types.iter().for_each(|of| define(definitions, *of, reading)),
        Type::Text
        | Type::Label
        | Type::Pattern(..)
        | Type::Words(_)
        | Type::Flag
        | Type::Number(..)
        | Type::Count(_) => {}
    }
}

/// `an action` is `action`, and `action_change` where it adds to an inherited one.
fn name(part: &Part, reading: Reading) -> String {
    let words: Vec<&str> = part.what.split([' ', '`']).filter(|word| !["a", "an", ""].contains(word)).collect();
    match reading {
        Reading::Whole => words.join("_"),
        Reading::Change => words.join("_") + "_change",
    }
}

fn described(part: &Part, reading: Reading) -> Value {
    let mut described = Map::new();
    let mut say = |key: &str, value: Value| described.insert(key.to_owned(), value);
    say("title", part.what.into());
    say("description", part.about.into());
    say("type", "object".into());
    say("properties", each(part.fields, |field| value(field, reading)));
    say("examples", examples(part));
    if let Others::Names(holds) = part.others {
        say("propertyNames", schema_of(super::part::ID, reading));
        say("additionalProperties", nullable(schema_of(holds, reading), reading));
    } else {
        say("additionalProperties", false.into());
    }
    if reading == Reading::Whole {
        say("required", keys(part, Presence::Required));
        // A schema may not list no requirements.
        if !part.needs.is_empty() {
            say("allOf", part.needs.iter().map(need).collect());
        }
    }
    described.into()
}

fn need(need: &Need) -> Value {
    let each = |keys: &[&str]| keys.iter().map(|key| json!({"required": [key]})).collect::<Value>();
    match need {
        Need::AnyOf(keys) => json!({"anyOf": each(keys)}),
        Need::OneOf(keys) => json!({"oneOf": each(keys)}),
        Need::With(key, given) => json!({
            "if": {"required": [given], "properties": {*given: {"const": true}}},
            "then": {"required": [key]},
        }),
    }
}

fn keys(part: &Part, presence: Presence) -> Value {
    part.fields.iter().filter(|field| field.presence == presence).map(|field| field.key).collect()
}

fn examples(part: &Part) -> Value {
    // A test sees that it is JSON.
    json!([serde_json::from_str::<Value>(part.example).unwrap_or_default()])
}

/// What `field` holds, with what an editor shows of it.
fn value(field: &Field, reading: Reading) -> Value {
    let mut schema = nullable(schema_of(field.holds, reading), reading);
    if let Some(said) = schema.as_object_mut() {
        said.insert("description".to_owned(), field.about.into());
    }
    schema
}

fn nullable(schema: Value, reading: Reading) -> Value {
    match reading {
        Reading::Whole => schema,
        Reading::Change => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

fn schema_of(holds: Type, reading: Reading) -> Value {
    match holds {
        Type::Text => json!({"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}),
        Type::Label => json!({"type": ["string", "number"], "minLength": 1}),
        Type::Pattern(pattern, example) => json!({"type": "string", "pattern": pattern, "examples": [example]}),
        Type::Words(words) => json!({"enum": words()}),
        Type::Flag => json!({"type": "boolean"}),
        Type::Number(least, most) => json!({"type": "number", "minimum": least, "maximum": most}),
        Type::Count(least) => json!({"type": "integer", "minimum": least}),
        Type::List(of) => json!({"type": "array", "items": schema_of(*of, Reading::Whole)}),
        Type::Some(of) => json!({"type": "array", "items": schema_of(*of, Reading::Whole), "minItems": 1}),
        Type::Map(names, of) => json!({
            "type": "object",
            "propertyNames": schema_of(*names, Reading::Whole),
            "additionalProperties": nullable(schema_of(*of, reading), reading),
        }),
        Type::Part(part) => json!({"$ref": format!("#/$defs/{}", name(part, reading))}),
        Type::Either(types) => json!({"anyOf": types.iter().map(|of| schema_of(*of, reading)).collect::<Value>()}),
    }
}
