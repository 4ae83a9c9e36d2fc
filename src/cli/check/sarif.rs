//! SARIF 2.1.0: the format in which code scanners exchange what they found. Only the part of it that findings need.
//!
//! See <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::env;
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::playbook::{Code, Diagnostic, Report};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What stands for something else in the path of a URI.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A file of results.
#[derive(Debug, Serialize)]
pub(super) struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Outcome<'r>>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text<'static>,
}

#[derive(Debug, Serialize)]
struct Text<'r> {
    text: std::borrow::Cow<'r, str>,
}

/// A result, in SARIF's words.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'r> {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<'r>,
    locations: [Location; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Debug, Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

/// What `reports` hold.
pub(super) fn log<'r>(reports: impl Iterator<Item = &'r Report>) -> Log<'r> {
    let results = reports.flat_map(Report::diagnostics).map(outcome);
    let run = Run { tool: tool(), column_kind: "unicodeCodePoints", results: results.collect() };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

fn tool() -> Tool {
    let rule = |code: &Code| Rule { id: code.id, short_description: Text { text: code.about.into() } };
    let rules = Code::ALL.iter().map(rule).collect();
    Tool { driver: Driver { name: "composure", semantic_version: env!("CARGO_PKG_VERSION"), rules } }
}

fn outcome(diagnostic: &Diagnostic) -> Outcome<'_> {
    let Diagnostic { file, severity, code, message, help, line, column, end_line, end_column, .. } = diagnostic;
    let text = if help.is_empty() { message.into() } else { format!("{message}\nhelp: {help}").into() };
    let region = Region { start_line: *line, start_column: *column, end_line: *end_line, end_column: *end_column };
    let artifact_location = ArtifactLocation { uri: uri(file) };
    Outcome {
        rule_id: code,
        rule_index: Code::ALL.iter().position(|known| known.id == *code),
        level: severity.as_str(),
        message: Text { text },
        locations: [Location { physical_location: PhysicalLocation { artifact_location, region } }],
    }
}

/// Relative to where the command runs, if the file is below; else absolute.
fn uri(file: &str) -> String {
    let path = Path::new(file);
    let here = env::current_dir().ok();
    let path = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    let path = path.strip_prefix(".").unwrap_or(path);
    let encoded = utf8_percent_encode(&path.to_string_lossy(), RESERVED).to_string();
    if path.is_absolute() { format!("file://{encoded}") } else { encoded }
}
