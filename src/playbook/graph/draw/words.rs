//! Conditions in words: whole, or cut to the room that there is.

use crate::playbook::Playbook;
use crate::playbook::condition::Condition;
use crate::playbook::ids::AtomIx;

/// Stands for what is not even counted.
const LEFT_OUT: &str = "…";

/// A condition, ready to be said.
#[derive(Debug, Default)]
pub(super) struct Wording<'a> {
    when: Vec<&'a str>,
    any: Vec<&'a str>,
    unless: Vec<&'a str>,
}

/// How many atoms of each list are said.
#[derive(Clone, Copy)]
struct Kept {
    when: usize,
    any: usize,
    unless: usize,
}

impl<'a> Wording<'a> {
    pub(super) fn of(playbook: &'a Playbook, condition: &Condition) -> Self {
        let texts = |atoms: &[AtomIx]| atoms.iter().map(|ix| playbook.atom(*ix).text.as_str()).collect();
        Self { when: texts(&condition.when), any: texts(&condition.any), unless: texts(&condition.unless) }
    }

    /// All of it: `upset and heard_out, unless venting.high`.
    pub(super) fn whole(&self) -> String {
        self.said(self.all())
    }

    /// As much of it as fits; what is left out is counted: `done.involve_senior, unless agreed or 2 more`. Something of each list is
    /// always said.
    pub(super) fn within(&self, fits: impl Fn(&str) -> bool) -> String {
        let mut kept = self.all();
        loop {
            let said = self.said(kept);
            if fits(&said) {
                return said;
            }
            let Some(fewer) = kept.fewer() else { return said };
            kept = fewer;
        }
    }

    fn all(&self) -> Kept {
        Kept { when: self.when.len(), any: self.any.len(), unless: self.unless.len() }
    }

    fn said(&self, kept: Kept) -> String {
        let when = some_of(&self.when, kept.when, " and ");
        let any = some_of(&self.any, kept.any, " or ");
        let any = if self.when.is_empty() || self.any.len() < 2 { any } else { format!("({any})") };
        let unless = some_of(&self.unless, kept.unless, " or ");
        let positive: Vec<String> = [when, any].into_iter().filter(|part| !part.is_empty()).collect();
        match (positive.join(" and "), unless) {
            (positive, unless) if unless.is_empty() => positive,
            (positive, unless) if positive.is_empty() => format!("unless {unless}"),
            (positive, unless) => format!("{positive}, unless {unless}"),
        }
    }
}

impl Kept {
    /// An atom less; what is not to be is left out before what is.
    fn fewer(self) -> Option<Self> {
        let Self { when, any, unless } = self;
        let is_said = when + any > 0;
        match (unless, any, when) {
            (2.., _, _) => Some(Self { unless: unless - 1, ..self }),
            (_, 2.., _) => Some(Self { any: any - 1, ..self }),
            (_, _, 2..) => Some(Self { when: when - 1, ..self }),
            (1, _, _) if is_said => Some(Self { unless: 0, ..self }),
            (_, _, _) => None,
        }
    }
}

fn some_of(atoms: &[&str], kept: usize, between: &str) -> String {
    if kept == 0 && !atoms.is_empty() {
        return LEFT_OUT.to_owned();
    }
    let said = atoms.iter().take(kept).copied().collect::<Vec<_>>().join(between);
    match atoms.len().saturating_sub(kept) {
        0 => said,
        more => format!("{said}{between}{more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::Wording;

    fn wording() -> Wording<'static> {
        Wording { when: vec!["agreed"], any: vec!["b.high", "c", "d"], unless: vec!["venting.high", "upset", "unsure"] }
    }

    #[test]
    fn a_condition_reads_as_a_sentence() {
        assert_eq!(wording().whole(), "agreed and (b.high or c or d), unless venting.high or upset or unsure");
        let unless = Wording { unless: vec!["upset"], ..Wording::default() };
        assert_eq!(unless.whole(), "unless upset");
        let any = Wording { any: vec!["a", "b"], ..Wording::default() };
        assert_eq!(any.whole(), "a or b");
    }

    #[test]
    fn what_does_not_fit_is_counted_and_something_of_each_list_stays() {
        let within = |room: usize| wording().within(|text| text.len() <= room);
        assert_eq!(within(60), "agreed and (b.high or c or d), unless venting.high or 2 more");
        assert_eq!(within(1), "agreed and (b.high or 2 more), unless …");
    }
}
