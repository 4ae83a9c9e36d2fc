//! What of a playbook was exercised, as a table, and what never, as a list.

use super::results::Tested;
use crate::cli::output;
use crate::rehearsal::{Case, Item, Sort, Tally};

/// Writes both.
pub(super) fn tell(tested: &Tested, items: &[Item]) {
    output::line(format_args!("{}: coverage", tested.file));
    for sort in Sort::ALL {
        let of_sort = items.iter().filter(|item| item.sort == sort);
        row(sort.as_str(), Tally::of(of_sort));
    }
    row("all", Tally::of(items));
    let mut missed: Vec<&Item> = items.iter().filter(|item| item.count == 0).collect();
    missed.sort_by_key(|item| (item.sort, item.place.is_inherited(), item.place.line()));
    let is_same =
        |one: &&Item, other: &&Item| (&one.name, one.place, one.sort) == (&other.name, other.place, other.sort);
    for same in missed.chunk_by(is_same) {
        if let Some(first) = same.first() {
            let (file, line) = (tested.file_of(first), first.place.line());
            output::line(format_args!("{file}:{line}: {}: {}", first.name, never(same)));
        }
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

/// What never happened with one thing: `never taken`.
fn never(items: &[&Item]) -> String {
    let cases = [
        Case::Entered,
        Case::Taken,
        Case::Suggested,
        Case::Fired,
        Case::InForce,
        Case::Lifted,
        Case::Applied,
        Case::True,
        Case::False,
        Case::Shown,
    ];
    let missed = cases.into_iter().filter_map(|case| {
        let of_case: Vec<&Item> = items.iter().copied().filter(|item| item.case == case).collect();
        (!of_case.is_empty()).then(|| format!("never {}{}", case.as_str(), atoms(&of_case)))
    });
    missed.collect::<Vec<_>>().join("; ")
}

/// The atoms that the items are about, if they are about atoms.
fn atoms(items: &[&Item]) -> String {
    let atoms: Vec<String> =
        items.iter().filter(|item| !item.atom.is_empty()).map(|item| format!("`{}`", item.atom)).collect();
    if atoms.is_empty() { String::new() } else { format!(": {}", atoms.join(", ")) }
}
