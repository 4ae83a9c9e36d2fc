//! How it went, for programs.

use serde::Serialize;

use super::Detail;
use super::results::{Conversation, Played, Tested, score};
use crate::cli::finding::{Finding, findings, note_omitted};
use crate::playbook::Identity;
use crate::rehearsal::{Failure, Item, Sort, Tally};

/// Everything.
#[derive(Debug, Serialize)]
pub(super) struct Results<'r> {
    passed: usize,
    failed: usize,
    files: Vec<FileResult<'r>>,
}

#[derive(Debug, Serialize)]
struct FileResult<'r> {
    file: &'r str,
    playbook: Option<PlaybookName<'r>>,
    findings: Vec<Finding<'r>>,
    conversations: Vec<ConversationResult<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<CoverageResult<'r>>,
}

#[derive(Debug, Serialize)]
struct PlaybookName<'r> {
    id: &'r str,
    version: &'r str,
    digest: &'r str,
}

#[derive(Debug, Serialize)]
struct ConversationResult<'r> {
    name: &'r str,
    line: usize,
    passed: bool,
    failures: Vec<FailureResult<'r>>,
}

#[derive(Debug, Serialize)]
struct FailureResult<'r> {
    turn: usize,
    line: usize,
    expected: &'r str,
    found: &'r str,
    because: &'r [String],
}

#[derive(Debug, Serialize)]
struct CoverageResult<'r> {
    all: TallyResult,
    sorts: Vec<SortResult<'r>>,
}

#[derive(Debug, Serialize)]
struct SortResult<'r> {
    sort: &'static str,
    #[serde(flatten)]
    tally: TallyResult,
    items: Vec<ItemResult<'r>>,
}

#[derive(Debug, Serialize)]
struct TallyResult {
    covered: usize,
    total: usize,
    /// Rounded down to tenths.
    percent: f64,
}

#[derive(Debug, Serialize)]
struct ItemResult<'r> {
    name: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    atom: &'r str,
    case: &'static str,
    file: &'r str,
    line: usize,
    count: usize,
}

/// How it went with `all`.
pub(super) fn results(all: &[Tested], detail: Detail) -> Results<'_> {
    let (passed, failed) = score(all);
    Results { passed, failed, files: all.iter().map(|tested| file(tested, detail)).collect() }
}

fn file(tested: &Tested, detail: Detail) -> FileResult<'_> {
    let Tested { file, report, played } = tested;
    note_omitted(report);
    let conversations = played.iter().flat_map(|played| &played.conversations);
    FileResult {
        file,
        playbook: played.as_ref().map(|Played { playbook: Identity { id, version, digest }, .. }| PlaybookName {
            id,
            version,
            digest,
        }),
        findings: findings(report),
        conversations: conversations.map(conversation).collect(),
        coverage: played
            .as_ref()
            .filter(|_| detail == Detail::Coverage)
            .map(|played| coverage(tested, &played.coverage)),
    }
}

fn conversation(conversation: &Conversation) -> ConversationResult<'_> {
    let Conversation { name, line, failures } = conversation;
    ConversationResult {
        name,
        line: *line,
        passed: conversation.passed(),
        failures: failures.iter().map(failure).collect(),
    }
}

fn failure(Failure { turn, line, expected, found, because }: &Failure) -> FailureResult<'_> {
    FailureResult { turn: *turn, line: *line, expected, found, because }
}

fn coverage<'r>(tested: &'r Tested, items: &'r [Item]) -> CoverageResult<'r> {
    let sorts = Sort::ALL.into_iter().map(|sort| {
        let of_sort = || items.iter().filter(move |item| item.sort == sort);
        let told = of_sort().map(|one| item(tested, one)).collect();
        SortResult { sort: sort.as_str(), tally: tally(Tally::of(of_sort())), items: told }
    });
    CoverageResult { all: tally(Tally::of(items)), sorts: sorts.collect() }
}

fn tally(tally: Tally) -> TallyResult {
    let per_mille = u16::try_from(tally.per_mille()).unwrap_or(u16::MAX);
    TallyResult { covered: tally.covered, total: tally.total, percent: f64::from(per_mille) / 10.0 }
}

fn item<'r>(tested: &'r Tested, item: &'r Item) -> ItemResult<'r> {
    let Item { sort: _, name, atom, case, place, count } = item;
    ItemResult { name, atom, case: case.as_str(), file: tested.file_of(item), line: place.line(), count: *count }
}
