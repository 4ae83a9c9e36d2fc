//! What came of many conversations.

use std::collections::BTreeMap;

use serde::Serialize;

use super::laws::LAWS;
use super::talk::{Ended, Talk};
use super::temper::TEMPERS;

/// How conversations ended, as numbers by name.
pub type Endings = BTreeMap<&'static str, u32>;

/// A sum of conversations.
#[derive(Debug)]
pub struct Tally {
    conversations: u32,
    endings: Endings,
    tempers: Vec<TemperCount>,
    laws: Vec<LawCount>,
    calm: Vec<u32>,
    upset: u32,
    dead_ends: BTreeMap<(String, String), u32>,
    worst: Vec<Talk>,
    most_shown: usize,
}

/// What a law came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LawCount {
    /// Its number, from 1.
    pub law: usize,
    /// What it says.
    pub says: &'static str,
    /// In how many answers it held.
    pub held: u32,
    /// In how many it was broken.
    pub broken: u32,
}

/// How one sort of customer fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemperCount {
    /// The sort.
    pub temper: &'static str,
    /// How many came.
    pub conversations: u32,
    /// How their conversations ended.
    pub endings: Endings,
}

/// How long it took upset customers to become calm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Calm {
    /// How many were upset.
    pub upset: u32,
    /// How many of them never became calm.
    pub never: u32,
    /// Half of those who did were calm by this turn.
    pub median: Option<u32>,
    /// Nine in ten of them by this.
    pub nine_in_ten: Option<u32>,
}

/// Where conversations went nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadEnd {
    /// The stage.
    pub stage: String,
    /// The first suggestion, turn after turn.
    pub first: String,
    /// How many conversations.
    pub conversations: u32,
}

impl Tally {
    /// No conversation yet; of those to come the `most_shown` worst are kept.
    #[must_use]
    pub fn new(most_shown: usize) -> Self {
        let temper = |name| TemperCount { temper: name, conversations: 0, endings: Endings::new() };
        let law = |(law, says)| LawCount { law, says, held: 0, broken: 0 };
        Self {
            conversations: 0,
            endings: Endings::new(),
            tempers: TEMPERS.iter().map(|each| temper(each.name)).collect(),
            laws: (1..).zip(LAWS.iter().map(|each| each.says)).map(law).collect(),
            calm: Vec::new(),
            upset: 0,
            dead_ends: BTreeMap::new(),
            worst: Vec::new(),
            most_shown,
        }
    }

    /// Adds a conversation.
    pub fn add(&mut self, talk: Talk) {
        self.conversations += 1;
        *self.endings.entry(talk.ended.as_str()).or_default() += 1;
        for temper in self.tempers.iter_mut().filter(|temper| temper.temper == talk.temper.name) {
            temper.conversations += 1;
            *temper.endings.entry(talk.ended.as_str()).or_default() += 1;
        }
        for (count, judged) in self.laws.iter_mut().zip(talk.laws) {
            count.held += judged.held;
            count.broken += judged.broken;
        }
        self.upset += u32::from(talk.was_upset);
        self.calm.extend(talk.calm_after);
        if let Some(place) = talk.stuck_at.clone() {
            *self.dead_ends.entry(place).or_default() += 1;
        }
        self.keep_if_worse(talk);
    }

    /// How many conversations there were.
    #[must_use]
    pub fn conversations(&self) -> u32 {
        self.conversations
    }

    /// How they ended.
    #[must_use]
    pub fn endings(&self) -> &Endings {
        &self.endings
    }

    /// By sort of customer.
    #[must_use]
    pub fn tempers(&self) -> &[TemperCount] {
        &self.tempers
    }

    /// By law.
    #[must_use]
    pub fn laws(&self) -> &[LawCount] {
        &self.laws
    }

    /// How long it took to become calm.
    #[must_use]
    pub fn calm(&self) -> Calm {
        let mut calm = self.calm.clone();
        calm.sort_unstable();
        let by = |tenths: usize| calm.get((calm.len() * tenths).div_ceil(10).saturating_sub(1)).copied();
        let became = u32::try_from(calm.len()).unwrap_or(u32::MAX);
        Calm { upset: self.upset, never: self.upset.saturating_sub(became), median: by(5), nine_in_ten: by(9) }
    }

    /// Where they went nowhere, the most frequent first.
    #[must_use]
    pub fn dead_ends(&self) -> Vec<DeadEnd> {
        let each = |((stage, first), conversations): (&(String, String), &u32)| DeadEnd {
            stage: stage.clone(),
            first: first.clone(),
            conversations: *conversations,
        };
        let mut all: Vec<DeadEnd> = self.dead_ends.iter().map(each).collect();
        all.sort_by_key(|dead_end| std::cmp::Reverse(dead_end.conversations));
        all
    }

    /// The worst, the very worst first: those that broke a law, went nowhere, or left a customer angry, and the longest of each.
    #[must_use]
    pub fn worst(&self) -> &[Talk] {
        &self.worst
    }

    /// Whether the playbook did something that it never should: a law was broken, or a conversation came to nothing.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        let nowhere = [Ended::DeadEnd, Ended::NoEnd].iter().any(|ended| self.endings.contains_key(ended.as_str()));
        nowhere || self.laws.iter().any(|law| law.broken > 0)
    }

    fn keep_if_worse(&mut self, talk: Talk) {
        let badness = badness(&talk);
        // Of two that are as bad the earlier one stays.
        let at = self.worst.partition_point(|kept| self::badness(kept) >= badness);
        if badness > (0, 0) && at < self.most_shown {
            self.worst.insert(at, talk);
            self.worst.truncate(self.most_shown);
        }
    }
}

/// How bad a conversation was; nothing is wrong with the zeroth sort.
fn badness(talk: &Talk) -> (u32, u32) {
    let broken: u32 = talk.laws.iter().map(|judged| judged.broken).sum();
    let sort = match talk.ended {
        _ if broken > 0 => 4,
        Ended::DeadEnd => 3,
        Ended::NoEnd => 2,
        Ended::LeftAngry | Ended::Abandoned => 1,
        Ended::Resolved | Ended::ResolvedAfterHandoff | Ended::Parted => return (0, 0),
    };
    (sort, talk.turns)
}
