//! A request for a recommendation.

use buffa::MapView;

use super::locale::is_language_tag;
use super::promises::{distinct_promises, refuse_far_promises};
use super::state::State;
use super::violations::{ID_CHARS, Violations};
use crate::engine::{ActionReport, Observation, Options, Reading, Request, Snapshot};
use crate::grpc::generated::in_place::{ActionReportView, AgentReportView, RecommendRequestView, SignalView};
use crate::playbook::Time;
use crate::service::{Choice, Question};

const REQUEST_ID_CHARS: usize = 128;
pub(super) const CONVERSATION_ID_CHARS: usize = 128;
const VALUE_CHARS: usize = 2_000;
const MOST_VALUES: usize = 64;
const MOST_EXCLUDED: usize = Snapshot::MAX_ACTIONS;
const MOST_SUGGESTIONS: u32 = 20;

/// What is asked, by name, with everything that is wrong in it; `received` is when the request arrived.
pub(in crate::grpc) fn question<'a>(request: &RecommendRequestView<'a>, received: Time) -> Question<'a> {
    question_of(request, State::sent(request.state.unwrap_or_default()), received)
}

/// What is asked of a conversation that stands as `state` says, whatever the request says of that.
pub(in crate::grpc) fn question_of<'a>(
    request: &RecommendRequestView<'a>,
    state: State<'a>,
    received: Time,
) -> Question<'a> {
    let mut violations = Violations::default();
    let (choice, request) = read(&mut violations, request, (state, received));
    refuse_far_promises(&mut violations, &request);
    Question { choice, request, violations: violations.into_vec() }
}

/// What was asked by a request that was recorded. Without a time of evaluation it is asked when its state was written, or in 1970:
/// how far ahead its promises were when it came is not known any more.
pub(in crate::grpc) fn recorded_question<'a>(request: &RecommendRequestView<'a>) -> Question<'a> {
    let mut violations = Violations::default();
    let (choice, request) =
        read(&mut violations, request, (State::sent(request.state.unwrap_or_default()), Time::default()));
    Question { choice, request, violations: violations.into_vec() }
}

fn read<'a>(
    v: &mut Violations,
    request: &RecommendRequestView<'a>,
    (state, received): (State<'a>, Time),
) -> (Choice<'a>, Request<'a>) {
    let RecommendRequestView {
        request_id,
        state: _,
        turn,
        playbook,
        playbook_version,
        channel,
        locale,
        signals,
        facts,
        unknown_facts,
        values,
        agent_report,
        commitments,
        excluded_actions,
        max_suggestions,
        explain,
        strict,
        evaluation_time,
        conversation_id,
    } = request;
    v.text(request_id, REQUEST_ID_CHARS, || "request_id");
    v.text(conversation_id, CONVERSATION_ID_CHARS, || "conversation_id");
    let State { snapshot, violations } = state;
    v.append(violations);
    let request = Request {
        now: v
            .optional_time(evaluation_time, || "evaluation_time")
            .unwrap_or_else(|| not_before(snapshot.as_ref(), received)),
        snapshot,
        observation: Observation {
            turn: (*turn > 0).then_some(*turn),
            signals: readings(v, signals),
            facts: told(v, facts),
            unknown_facts: names(v, unknown_facts, Snapshot::MAX_FACTS, "unknown_facts"),
            report: agent_report.as_option().map(|report| reports(v, report)),
            commitments: distinct_promises(v, commitments),
        },
        values: texts(v, values),
        options: Options {
            channel: v.channel(channel.to_i32(), "channel"),
            locale: language(v, locale),
            max_suggestions: suggestions(v, *max_suggestions),
            explain: v.explain(explain.to_i32(), "explain"),
            excluded: names(v, excluded_actions, MOST_EXCLUDED, "excluded_actions"),
            strict: *strict,
        },
    };
    let playbook = v.optional_id(playbook, || "playbook");
    (Choice { playbook, version: v.optional_id(playbook_version, || "playbook_version") }, request)
}

/// The clocks of replicas differ: only a caller who names a time is told that it is too early.
fn not_before(state: Option<&Snapshot<'_>>, received: Time) -> Time {
    state.map_or(received, |state| received.max(state.update_time))
}

fn readings<'a>(v: &mut Violations, signals: &[SignalView<'a>]) -> Vec<Reading<'a>> {
    let signals = v.capped(signals, Snapshot::MAX_SIGNALS, "signals").iter().enumerate();
    let reading = |(at, signal): (usize, &SignalView<'a>)| {
        let SignalView { name, level, confidence } = signal;
        Reading {
            name: v.id(name, || format!("signals[{at}].name")),
            level: level.map(|level| v.level(level, || format!("signals[{at}].level"))),
            confidence: confidence.map(|sure| v.level(sure, || format!("signals[{at}].confidence"))),
        }
    };
    signals.map(reading).collect()
}

fn told<'a>(v: &mut Violations, facts: &MapView<'a, &'a str, bool>) -> Vec<(&'a str, bool)> {
    let facts = entries(v, facts, Snapshot::MAX_FACTS, "facts");
    facts.into_iter().map(|(name, value)| (key(v, name, "facts"), value)).collect()
}

fn texts<'a>(v: &mut Violations, values: &MapView<'a, &'a str, &'a str>) -> Vec<(&'a str, &'a str)> {
    let values = entries(v, values, MOST_VALUES, "values");
    let read = |(name, text)| (key(v, name, "values"), v.text(text, VALUE_CHARS, || entry("values", name)));
    values.into_iter().map(read).collect()
}

/// The first `most` entries of a map, which should be all of it.
fn entries<'a, T: Copy>(
    v: &mut Violations,
    map: &MapView<'a, &'a str, T>,
    most: usize,
    field: &str,
) -> Vec<(&'a str, T)> {
    let mut entries = in_order(map);
    v.count(entries.len(), most, field);
    entries.truncate(most);
    entries
}

/// The entries of a map by their keys: they come in any order, and where a key comes twice, the later entry counts.
pub(in crate::grpc) fn in_order<'a, T: Copy>(map: &MapView<'a, &'a str, T>) -> Vec<(&'a str, T)> {
    let mut entries: Vec<_> = map.iter().copied().collect();
    entries.sort_by_key(|(name, _)| *name);
    entries.dedup_by(|later, earlier| {
        let is_again = later.0 == earlier.0;
        if is_again {
            *earlier = *later;
        }
        is_again
    });
    entries
}

fn key<'a>(v: &mut Violations, name: &'a str, map: &str) -> &'a str {
    v.id(name, || entry(map, name))
}

/// The path of an entry of a map, without the whole of a key that is too long.
fn entry(map: &str, name: &str) -> String {
    match name.char_indices().nth(ID_CHARS) {
        Some((end, _)) => format!("{map}[{}...]", name.get(..end).unwrap_or_default()),
        None => format!("{map}[{name}]"),
    }
}

fn names<'a>(v: &mut Violations, names: &[&'a str], most: usize, field: &str) -> Vec<&'a str> {
    let names = v.capped(names, most, field).iter().enumerate();
    names.map(|(at, name)| v.id(name, || format!("{field}[{at}]"))).collect()
}

fn reports<'a>(v: &mut Violations, report: &AgentReportView<'a>) -> Vec<ActionReport<'a>> {
    let AgentReportView { actions } = report;
    let actions = v.capped(actions, Snapshot::MAX_ACTIONS, "agent_report.actions").iter().enumerate();
    actions.map(|(at, action)| action_report(v, action, at)).collect()
}

fn action_report<'a>(v: &mut Violations, report: &ActionReportView<'a>, at: usize) -> ActionReport<'a> {
    let ActionReportView { action, phrasing, result, due_time, commitment_id } = report;
    let field = |name: &str| format!("agent_report.actions[{at}].{name}");
    ActionReport {
        action: v.id(action, || field("action")),
        phrasing: v.optional_id(phrasing, || field("phrasing")),
        result: v.result(result.to_i32(), || field("result")),
        due: v.optional_time(due_time, || field("due_time")),
        commitment_id: v.optional_id(commitment_id, || field("commitment_id")),
    }
}

fn language<'a>(v: &mut Violations, locale: &'a str) -> Option<&'a str> {
    if locale.is_empty() {
        return None;
    }
    if !is_language_tag(locale) {
        v.add("locale", "must be a BCP 47 language tag, such as `en` or `pt-BR`");
    }
    Some(locale)
}

fn suggestions(v: &mut Violations, most: u32) -> usize {
    match most {
        0 => Options::DEFAULT_SUGGESTIONS,
        1..=MOST_SUGGESTIONS => most as usize,
        more => {
            v.add("max_suggestions", format!("must be from 1 to {MOST_SUGGESTIONS}, or 0 for the default, not {more}"));
            Options::DEFAULT_SUGGESTIONS
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_by_its_keys_and_the_later_entry_of_two_counts() {
        let map = MapView::new(vec![("b", 1), ("c", 2), ("a", 3), ("b", 4)]);
        assert_eq!(in_order(&map), [("a", 3), ("b", 4), ("c", 2)]);
    }
}
