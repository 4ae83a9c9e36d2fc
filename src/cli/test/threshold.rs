//! How much of a playbook its conversations have to exercise.

use std::str::FromStr;

use super::coverage::percent;
use crate::rehearsal::{Item, Sort, Tally};

/// At least so many percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Threshold {
    of: Of,
    percent: usize,
}

/// Of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Everything,
    Sort(Sort),
}

impl Threshold {
    pub(super) fn is_met(&self, items: &[Item]) -> bool {
        let Tally { covered, total } = self.tally(items);
        covered * 100 >= total * self.percent
    }

    /// Says by how much `items` miss it.
    pub(super) fn missed_by(&self, items: &[Item]) -> String {
        let what = match self.of {
            Of::Everything => "all that can be exercised",
            Of::Sort(sort) => sort.as_str(),
        };
        format!("coverage of {what} is {}, less than {} %", percent(self.tally(items)), self.percent)
    }

    fn tally(&self, items: &[Item]) -> Tally {
        Tally::of(items.iter().filter(|item| match self.of {
            Of::Everything => true,
            Of::Sort(sort) => item.sort == sort,
        }))
    }
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (of, number) = match text.split_once('=') {
            Some((name, number)) => (Of::Sort(sort(name)?), number),
            None => (Of::Everything, text),
        };
        let percent = number.parse().ok().filter(|percent| *percent <= 100);
        let percent = percent.ok_or_else(|| format!("`{number}` is no whole number from 0 to 100"))?;
        Ok(Self { of, percent })
    }
}

fn sort(name: &str) -> Result<Sort, String> {
    let found = Sort::ALL.into_iter().find(|sort| sort.as_str() == name);
    found.ok_or_else(|| {
        let near = Sort::ALL.into_iter().find(|sort| strsim::osa_distance(name, sort.as_str()) <= 2);
        match near {
            Some(sort) => format!("`{name}` is not counted; did you mean `{}`?", sort.as_str()),
            None => format!(
                "`{name}` is not counted; write one of {}",
                Sort::ALL.map(|sort| format!("`{}`", sort.as_str())).join(" ")
            ),
        }
    })
}
