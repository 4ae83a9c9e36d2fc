//! A playbook that two files hold: of several files, and so no matter of parsing one.

use super::diagnostic::{File, Files, Report};
use super::finding::{Finding, Findings};
use super::yaml::{self, Content, Origin, Span};

impl Report {
    /// What is to be said of the playbook in `source` where the file `first` holds it already, in the same version.
    #[must_use]
    pub fn held_twice(source: &[u8], file_name: &str, first: &str) -> Self {
        let mut findings = Findings::none();
        let text = yaml::text_of(source, Origin::This, &mut findings).unwrap_or_default();
        let message = format!("`{first}` holds this playbook in this version already");
        let finding = Finding::error("duplicate-playbook", place_of_id(text), message);
        findings.add(finding.mend("give this one another id or another version, or keep only one of the files"));
        Self::new(&Files { this: File { name: file_name, text }, base: None }, findings)
    }
}

fn place_of_id(text: &str) -> Span {
    let tree = yaml::parse(text, Origin::This, &mut Findings::none());
    let id = tree.and_then(|tree| match tree.root.content {
        Content::Mapping(entries) => entries.into_iter().find(|entry| entry.key.text == "playbook"),
        Content::Sequence(_) | Content::Scalar(_) | Content::Refused => None,
    });
    id.map_or(Span::START, |entry| entry.value.span)
}
