//! What of a playbook was exercised, as a table, and what never, as a list.

use crate::cli::output;
use crate::rehearsal::{Case, Item, Sort, Tally};

/// Writes both.
pub(super) fn tell(file: &str, items: &[Item]) {
    output::line(format_args!("{file}: coverage"));
    for sort in Sort::ALL {
        let of_sort = items.iter().filter(|item| item.sort == sort);
        row(sort.as_str(), Tally::of(of_sort));
    }
    row("all", Tally::of(items));
    let mut missed: Vec<&Item> = items.iter().filter(|item| item.count == 0).collect();
    missed.sort_by_key(|item| (item.sort, item.line));
    for same in missed.chunk_by(|one, other| (&one.name, one.line, one.sort) == (&other.name, other.line, other.sort)) {
        output::line(format_args!("{file}:{}", never(same)));
    }
}

fn row(what: &str, tally: Tally) {
    output::line(format_args!("  {what:<12} {:>5} of {:>5} {:>8}", tally.covered, tally.total, percent(tally)));
}

/// `66.6 %`, rounded down: 100 % is all of it.
pub(super) fn percent(tally: Tally) -> String {
    let per_mille = tally.per_mille();
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

/// What never happened with one thing: ``12: exit from `a` to `b`: never taken``.
fn never(items: &[&Item]) -> String {
    let cases = [
        Case::Entered,
        Case::Taken,
        Case::Suggested,
        Case::Fired,
        Case::InForce,
        Case::Lifted,
        Case::True,
        Case::False,
        Case::Shown,
    ];
    let missed = cases.into_iter().filter_map(|case| {
        let of_case: Vec<&Item> = items.iter().copied().filter(|item| item.case == case).collect();
        (!of_case.is_empty()).then(|| format!("never {}{}", case.as_str(), atoms(&of_case)))
    });
    let missed: Vec<String> = missed.collect();
    let place = items.first().map(|item| format!("{}: {}", item.line, item.name)).unwrap_or_default();
    format!("{place}: {}", missed.join("; "))
}

/// The atoms that the items are about, if they are about atoms.
fn atoms(items: &[&Item]) -> String {
    let atoms: Vec<String> =
        items.iter().filter(|item| !item.atom.is_empty()).map(|item| format!("`{}`", item.atom)).collect();
    if atoms.is_empty() { String::new() } else { format!(": {}", atoms.join(", ")) }
}
