//! From files to a set of playbooks.

use std::cmp::Ordering;
use std::sync::Arc;

use tracing::warn;

use super::bases::given;
use super::check::{Known, examine};
use super::refusal::Refusal;
use super::sources::Source;
use crate::playbook::{Bases, Content, Report, Severity, Style};
use crate::service::{Document, Loaded, Playbooks, base_of};

/// The set of the playbooks in `sources` and of those that are `shipped`; what `loaded` has already is neither compiled nor
/// proven again.
pub(super) fn set(sources: &[Source], shipped: &[Arc<Loaded>], loaded: &Playbooks) -> Result<Playbooks, Refusal> {
    let mut bases = given(sources.iter());
    bases.add_all(&Bases::shipped());
    let (mut known, mut own, mut wrong) = (Known::default(), Vec::new(), Vec::new());
    for source in sources {
        match playbook(source, &bases, (&mut known, loaded)) {
            Ok(playbook) => own.extend(playbook),
            Err(report) => wrong.push(report),
        }
    }
    if !wrong.is_empty() {
        return Err(refusal(&wrong, sources.len()));
    }
    own.sort_by(|a, b| by_version(&a.playbook.identity().version, &b.playbook.identity().version));
    let is_own = |shipped: &Loaded| own.iter().any(|own| same_name(own, shipped));
    let mut all: Vec<_> = shipped.iter().filter(|shipped| !is_own(shipped)).cloned().collect();
    all.extend(own);
    Ok(Playbooks::new(all, bases))
}

/// The playbook in `source`; a fragment is none.
fn playbook(
    source: &Source,
    bases: &Bases,
    (known, loaded): (&mut Known, &Playbooks),
) -> Result<Option<Arc<Loaded>>, Report> {
    let name = source.name();
    if let Some(same) = loaded.all().into_iter().find(|loaded| loaded.is_from(&source.bytes, bases)) {
        known.note(&source.bytes, &name)?;
        return Ok(Some(Arc::clone(same)));
    }
    let (whole, warnings) = known.read(&source.bytes, &name, bases)?;
    let report = examine(&whole, warnings).report;
    if report.count(Severity::Error) > 0 {
        return Err(report);
    }
    log(&report);
    let base = base_of(&whole, bases);
    Ok(match whole.content {
        Content::Fragment(_) => None,
        Content::Playbook(playbook) => {
            let text = String::from_utf8_lossy(&source.bytes).into_owned();
            Some(Arc::new(Loaded::new(*playbook, Document { text, file_name: name }, base)))
        }
    })
}

/// What its author may want to hear.
fn log(report: &Report) {
    for found in report.diagnostics() {
        warn!(file = found.file, line = found.line, code = found.code, message = found.message, "playbook warning");
    }
}

fn refusal(wrong: &[Report], files: usize) -> Refusal {
    let names: Vec<String> = wrong.iter().map(|report| format!("`{}`", report.file())).collect();
    let reports: Vec<String> = wrong.iter().map(|report| report.render(Style::Plain)).collect();
    let summary = format!("{} of {files} playbook files cannot be loaded: {}", wrong.len(), names.join(", "));
    Refusal { summary, report: reports.join("\n\n") }
}

fn same_name(one: &Loaded, other: &Loaded) -> bool {
    let (one, other) = (one.playbook.identity(), other.playbook.identity());
    (&one.id, &one.version) == (&other.id, &other.version)
}

/// Numbers in versions count as numbers: 10 is newer than 9.
fn by_version(one: &str, other: &str) -> Ordering {
    parts(one).cmp(parts(other)).then_with(|| one.cmp(other))
}

/// Runs of digits, without zeros in front and the longer the greater, and what stands between them.
fn parts(version: &str) -> impl Iterator<Item = (usize, &[u8])> {
    let runs = version.as_bytes().chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit());
    runs.map(|run| match run.iter().position(|byte| *byte != b'0') {
        _ if !run.iter().all(u8::is_ascii_digit) => (0, run),
        Some(first) => (run.len() - first, run.get(first..).unwrap_or_default()),
        None => (0, [].as_slice()),
    })
}
