//! What is written on the cards: a stage and its exits, cut to the width of their column.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;

use super::cut;
use super::{GRID, Overlay, Tally};
use crate::playbook::Playbook;
use crate::playbook::graph::flow::Point;
use crate::playbook::vocabulary::Ending;

/// From so many stages on, an exit that they share is a common one.
const COMMON: usize = 3;
const ELSEWHERE: char = '→';

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Main,
    Side,
}

/// What a card is, as far as it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Stage,
    Start,
    Settled,
    Ended,
    Anywhere,
    Back,
}

/// A stage, or what is not one.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) point: Point,
    pub(super) column: Column,
    /// What people call it.
    pub(super) name: String,
    /// Its id; its look, where it is not a stage.
    pub(super) id: String,
    pub(super) look: Look,
    /// The colour of the lane that leads to it.
    pub(super) hue: Option<usize>,
    pub(super) title: Vec<String>,
    pub(super) note: String,
    pub(super) rows: Vec<Row>,
    pub(super) tally: Tally,
    /// The next card of the main line.
    pub(super) next: Option<NodeIndex>,
    pub(super) top: i32,
    pub(super) left: i32,
    pub(super) width: i32,
    /// How much of it the counts of its rows take.
    pub(super) count_width: i32,
}

/// A way out.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) position: usize,
    pub(super) to: NodeIndex,
    /// The condition, as far as it has room.
    pub(super) words: String,
    pub(super) arrow: char,
    /// Where it leads, as far as that has room.
    pub(super) goal: String,
    /// All of it, as a sentence.
    pub(super) whole: String,
    pub(super) tally: Tally,
    pub(super) is_common: bool,
}

impl Row {
    /// Where it leads, with the arrow.
    pub(super) fn goal_text(&self) -> String {
        format!("{} {}", self.arrow, self.goal)
    }
}

impl Card {
    pub(super) fn height(&self) -> i32 {
        GRID * (count(&self.title) + 2 + count(&self.rows))
    }

    /// Where ways come in.
    pub(super) fn entry(&self) -> i32 {
        self.top + GRID
    }

    /// Where the way at `row` goes out.
    pub(super) fn exit(&self, row: usize) -> i32 {
        self.top + GRID * (count(&self.title) + 2 + i32::try_from(row).unwrap_or(0))
    }

    pub(super) fn bottom(&self) -> i32 {
        self.top + self.height()
    }
}

fn count<T>(items: &[T]) -> i32 {
    i32::try_from(items.len()).unwrap_or(i32::MAX)
}

/// The cards of all points, by node; those of `main` stand in the main column.
pub(super) fn cards(playbook: &Playbook, overlay: Overlay<'_>, main: &[NodeIndex]) -> Vec<Card> {
    let mut cards: Vec<Card> = playbook.points().map(|(node, point)| card(playbook, overlay, node, point)).collect();
    let mut places = vec![None; cards.len()];
    for (place, node) in main.iter().enumerate() {
        places.get_mut(node.index()).into_iter().for_each(|there| *there = Some(place));
    }
    for (place, node) in main.iter().enumerate() {
        if let Some(card) = cards.get_mut(node.index()) {
            card.column = Column::Main;
            card.next = main.get(place + 1).copied();
            for row in &mut card.rows {
                row.arrow = arrow(place, places.get(row.to.index()).copied().flatten());
            }
        }
    }
    mark_common(&mut cards);
    cut::to_size(&mut cards, playbook);
    cards
}

/// Where a way out of the main line leads as one looks at it: on, back up, or elsewhere.
fn arrow(place: usize, there: Option<usize>) -> char {
    match there {
        Some(there) if there == place + 1 => '↓',
        Some(there) if there < place => '↑',
        Some(_) | None => ELSEWHERE,
    }
}

/// A card with everything on it, however long.
fn card(playbook: &Playbook, overlay: Overlay<'_>, node: NodeIndex, point: Point) -> Card {
    let row = |(position, to): (usize, NodeIndex)| {
        let name = playbook.flow.graph.node_weight(to).map_or("", |to| playbook.name_of(*to));
        let words = playbook.wording_of(point, position).whole();
        let tally = overlay.way(point, position);
        let (goal, whole) = (capital(name), format!("{words}: {name}"));
        Row { position, to, words, arrow: ELSEWHERE, goal, whole, tally, is_common: false }
    };
    let (name, look) = (capital(playbook.name_of(point)), Look::of(playbook, point));
    Card {
        point,
        column: Column::Side,
        title: vec![name.clone()],
        name,
        id: playbook.stage_id(point).unwrap_or(look.as_str()).to_owned(),
        look,
        hue: None,
        note: note(playbook, overlay, point),
        rows: playbook.ways(node).into_iter().map(row).collect(),
        tally: overlay.point(point),
        next: None,
        top: 0,
        left: 0,
        width: 0,
        count_width: 0,
    }
}

impl Look {
    fn of(playbook: &Playbook, point: Point) -> Self {
        match (point, playbook.ending(point)) {
            (Point::Anywhere, _) => Self::Anywhere,
            (Point::Back, _) => Self::Back,
            (Point::Stage(_), Some(Ending::Resolved)) => Self::Settled,
            (Point::Stage(_), Some(Ending::Parted | Ending::Abandoned)) => Self::Ended,
            (Point::Stage(_), None) if playbook.is_start(point) => Self::Start,
            (Point::Stage(_), None) => Self::Stage,
        }
    }

    /// Its class in the style sheet.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Start => "start",
            Self::Settled => "settled",
            Self::Ended => "ended",
            Self::Anywhere => "anywhere",
            Self::Back => "back",
        }
    }

    pub(super) fn is_stage(self) -> bool {
        !matches!(self, Self::Anywhere | Self::Back)
    }

    pub(super) fn is_end(self) -> bool {
        matches!(self, Self::Settled | Self::Ended)
    }
}

/// What stands below the title.
fn note(playbook: &Playbook, overlay: Overlay<'_>, point: Point) -> String {
    let id = match point {
        Point::Anywhere => "at every turn, before any exit",
        Point::Back => "the last stage that no interrupt led to",
        Point::Stage(_) => playbook.stage_id(point).unwrap_or_default(),
    };
    let start = playbook.is_start(point).then(|| "start".to_owned());
    let end = playbook.ending(point).map(|ending| {
        format!(
            "end: {}",
            match ending {
                Ending::Resolved => "settled",
                Ending::Parted => "contact ended",
                Ending::Abandoned => "customer gone",
            }
        )
    });
    let entered = match overlay.point(point) {
        Tally::Untold => None,
        Tally::Never => Some("never entered".to_owned()),
        Tally::Times(times) => Some(format!("entered {times}×")),
    };
    [Some(id.to_owned()), start, end, entered].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn capital(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

/// Marks the exits that several stages share: who looks for what is special about a stage may pass them over.
fn mark_common(cards: &mut [Card]) {
    let mut shared: BTreeMap<(NodeIndex, String), usize> = BTreeMap::new();
    for row in cards.iter().flat_map(|card| &card.rows) {
        *shared.entry((row.to, row.words.clone())).or_default() += 1;
    }
    for row in cards.iter_mut().flat_map(|card| &mut card.rows) {
        row.is_common = shared.get(&(row.to, row.words.clone())).is_some_and(|stages| *stages >= COMMON);
    }
}
