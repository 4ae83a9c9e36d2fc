//! The one way to get a playbook.

use super::compile::compile;
use super::diagnostic::Report;
use super::digest::digest;
use super::document;
use super::finding::Findings;
use super::graph::Playbook;
use super::yaml;

impl Playbook {
    /// The playbook in `source`, and what its author may want to hear; `file_name` is only for the report.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn parse(source: &[u8], file_name: &str) -> Result<(Self, Report), Report> {
        let mut findings = Findings::none();
        let text = yaml::text_of(source, &mut findings);
        let playbook = text.and_then(|text| read(text, &mut findings));
        let failed = findings.failed();
        let report = Report::new(file_name, text.unwrap_or_default(), findings);
        match playbook {
            Some(playbook) if !failed => Ok((playbook, report)),
            _ => Err(report),
        }
    }
}

fn read(text: &str, findings: &mut Findings) -> Option<Playbook> {
    let root = yaml::parse(text, findings)?;
    let document = document::read(&root, findings)?;
    compile(&document, digest(&root), findings)
}
