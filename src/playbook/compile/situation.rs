//! Signals and facts.

use super::Compiler;
use crate::playbook::document::{self, Band, MOST_BANDS};
use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::parts;

/// What may stand after the dot beside bands.
const NO_BANDS: &[&str] = &["rising", "falling", "level"];

/// The signals, in order.
pub(super) fn signals(compiler: &mut Compiler<'_, '_>) -> Vec<parts::Signal> {
    compiler.document.signals.iter().map(|signal| lowered(compiler, signal)).collect()
}

fn lowered(compiler: &mut Compiler<'_, '_>, signal: &document::Signal<'_>) -> parts::Signal {
    check(signal, compiler.findings);
    parts::Signal {
        id: signal.name.text.to_owned(),
        title: signal.title.to_owned(),
        flag: signal.flag,
        bands: signal.bands.iter().map(band).collect(),
        lasts: signal.lasts,
        cleared_by: compiler.scope.actions.resolve_all(&signal.cleared_by, compiler.findings),
        min_confidence: signal.min_confidence,
        absent: signal.absent,
        source: compiler.rows(&signal.source),
    }
}

fn band(band: &Band<'_>) -> parts::Band {
    parts::Band {
        id: band.name.text.to_owned(),
        from: band.from,
        until: band.until,
        place: parts::Place::of(band.name.span),
    }
}

fn check(signal: &document::Signal<'_>, findings: &mut Findings) {
    if let Some(band) = signal.bands.get(MOST_BANDS) {
        let message = format!("{} has more than {MOST_BANDS} bands", ticked(signal.name.text));
        findings.add(Finding::error("too-many", band.name.span, message).mend("merge some"));
    }
    if let Some(band) = signal.bands.first().filter(|_| signal.flag) {
        let message = format!("{} is a flag, up or down, and has no bands", ticked(signal.name.text));
        findings
            .add(Finding::error("flag-not-level", band.name.span, message).mend("remove the band, or `flag: true`"));
    }
    for band in &signal.bands {
        check_band(band, findings);
    }
}

fn check_band(band: &Band<'_>, findings: &mut Findings) {
    let name = band.name;
    if NO_BANDS.contains(&name.text) {
        let message = format!("{} means something else after the name of a signal", ticked(name.text));
        findings.add(Finding::error("reserved-word", name.span, message).mend("give the band another name"));
    }
    if band.until > band.from {
        let message = format!(
            "{} would end at {} before it starts at {}",
            ticked(name.text),
            band.until.as_f64(),
            band.from.as_f64()
        );
        findings.add(
            Finding::error("band-upside-down", name.span, message).mend("`until` must not be above `from`: swap them"),
        );
    }
    if band.from.thousandths() == 0 && !findings.failed() {
        let message = format!("every reading is in {}", ticked(name.text));
        findings.add(Finding::warning("always-holds", name.span, message).mend("start it above 0"));
    }
}

/// The facts, in order.
pub(super) fn facts(compiler: &mut Compiler<'_, '_>) -> Vec<parts::Fact> {
    let lowered = |fact: &document::Fact<'_>| parts::Fact {
        id: fact.name.text.to_owned(),
        question: fact.question.to_owned(),
        cleared_by: compiler.scope.actions.resolve_all(&fact.cleared_by, compiler.findings),
        source: compiler.rows.check(&fact.source, compiler.findings),
        place: parts::Place::of(fact.name.span),
    };
    compiler.document.facts.iter().map(lowered).collect()
}
