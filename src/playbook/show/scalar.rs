//! Single words and texts as YAML.

use crate::playbook::document::decimal;
use crate::playbook::yaml::Scalar;

/// What may stand in plain text beside letters and digits, and means nothing to YAML there.
const HARMLESS: &str = "_.- >='?!()/;%@+";

/// A value. What had quotes keeps them, for `"1"` is a text and `1` a number.
pub(super) fn scalar(scalar: &Scalar<'_>) -> String {
    let text = scalar.text.as_ref();
    let plain = text.starts_with(char::is_alphanumeric) && text.chars().all(is_harmless) || decimal(text).is_some();
    if scalar.plain && plain { text.to_owned() } else { quoted(text) }
}

/// A key.
pub(super) fn key(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    if plain { text.to_owned() } else { quoted(text) }
}

fn is_harmless(character: char) -> bool {
    character.is_alphanumeric() || HARMLESS.contains(character)
}

/// In double quotes; what JSON escapes, YAML reads in the same way.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
