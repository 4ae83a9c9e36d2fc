//! Requests about playbooks.

use super::violations::Violations;
use crate::grpc::generated as wire;
use crate::service::{Choice, Document, GraphLanguage, ServiceError};

/// Bytes of a document, as loading it from a file would take them.
const MOST_BYTES: usize = 8 * 1024 * 1024;
const FILE_NAME_CHARS: usize = 256;
const FILE_NAME: &str = "playbook.yaml";

/// Which playbook to show.
pub(in crate::grpc) fn choice(request: &wire::GetPlaybookRequest) -> Result<Choice<'_>, ServiceError> {
    let wire::GetPlaybookRequest { playbook, version } = request;
    let mut violations = Violations::default();
    let choice = chosen(&mut violations, playbook, version);
    violations.none_or(choice)
}

/// Which playbook to draw, and how.
pub(in crate::grpc) fn drawing(
    request: &wire::RenderGraphRequest,
) -> Result<(Choice<'_>, GraphLanguage), ServiceError> {
    let wire::RenderGraphRequest { playbook, version, format } = request;
    let mut violations = Violations::default();
    let choice = chosen(&mut violations, playbook, version);
    let language = violations.graph_language(*format, "format");
    violations.none_or((choice, language))
}

/// Which document to check.
pub(in crate::grpc) fn document(request: wire::ValidatePlaybookRequest) -> Result<Document, ServiceError> {
    let wire::ValidatePlaybookRequest { document, file_name } = request;
    let mut violations = Violations::default();
    if document.is_empty() {
        violations.add("document", "must not be empty: send a playbook, as YAML");
    } else if document.len() > MOST_BYTES {
        violations.add("document", format!("must be at most {MOST_BYTES} bytes, not {}", document.len()));
    }
    violations.text(&file_name, FILE_NAME_CHARS, || "file_name");
    let file_name = if file_name.is_empty() { FILE_NAME.to_owned() } else { file_name };
    violations.none_or(Document { text: document, file_name })
}

fn chosen<'a>(v: &mut Violations, playbook: &'a str, version: &'a str) -> Choice<'a> {
    Choice { playbook: v.optional_id(playbook, || "playbook"), version: v.optional_id(version, || "version") }
}
