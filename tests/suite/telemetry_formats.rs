//! The two formats of metrics, read by a reader of their own.

use std::collections::{BTreeMap, BTreeSet};

use composure::telemetry::{Decided, Metrics, Observe, PlaybookInfo, Reload};
use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer as _, ServiceExt as _, service_fn};

const OPEN: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What was read: the type of each metric, and the value of each series.
#[derive(Debug, Default, PartialEq)]
struct Read {
    types: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
}

/// Metrics in which something has happened.
async fn metrics() -> Metrics {
    let metrics = Metrics::new();
    metrics.set_playbooks(vec![PlaybookInfo {
        playbook: "default".to_owned(),
        version: "1 \"a\\b\"\nc, d=\"{}\" # e".to_owned(),
        digest: "d1".to_owned(),
    }]);
    metrics.playbook_reload(Reload::Failed);
    metrics.certificate_expires(1_800_000_000);
    metrics.credentials_refused("expired");
    let escalation = Some("offer");
    metrics.decided(Decided { playbook: "default", stage: "listen", action: Some("keep_listening"), escalation });
    let service =
        service_fn(|_: Request<Body>| async { Response::builder().header("grpc-status", 0).body(Body::empty()) });
    let request = Request::builder().uri("/composure.v1.RecommendationService/Recommend");
    let request = request.body(Body::empty()).expect("it is well formed");
    Observe::counting(metrics.clone()).layer(service).oneshot(request).await.expect("it answers");
    metrics
}

/// What processes use changes between two scrapes.
fn holds_still(line: &str) -> bool {
    !line.contains("process_")
}

fn assert_name(name: &str) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    assert!(
        !name.is_empty() && name.chars().all(is_plain) && !name.starts_with(|c: char| c.is_ascii_digit()),
        "{name}"
    );
}

/// Reads `name{labels} value`, strictly; labels have one order from then on.
fn read_series(line: &str) -> (String, String) {
    let end = line.find(['{', ' ']).expect("a line has a value");
    let (name, mut rest) = line.split_at(end);
    assert_name(name);
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (label, quoted) = rest.split_once("=\"").expect("a label has a value in quotes");
            assert_name(label);
            let mut escaped = false;
            let end = quoted.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = end.expect("quotes are closed");
            let (value, after) = quoted.split_at(end);
            assert!(labels.insert(label, value.to_owned()).is_none(), "{line}");
            rest = after.strip_prefix("\",").or(after.strip_prefix('"')).expect("quotes are closed");
        }
        rest = rest.strip_prefix('}').expect("the brace is closed");
    }
    let value = rest.strip_prefix(' ').expect("a space, then the value");
    value.parse::<f64>().unwrap_or_else(|error| panic!("{line}: {error}"));
    // The same number is written in more than one way.
    let value = value.parse::<f64>().expect("it was one").to_string();
    if let Some(bound) = labels.get_mut("le") {
        *bound = bound.parse::<f64>().expect("a bound is a number").to_string();
    }
    (format!("{name}{labels:?}"), value)
}

/// The metric that a series belongs to, by the rules for its type.
fn family<'a>(name: &'a str, types: &BTreeMap<String, String>) -> &'a str {
    let suffixes: &[&str] = &["", "_total", "_bucket", "_sum", "_count"];
    let family = suffixes.iter().filter_map(|suffix| name.strip_suffix(suffix)).find(|name| types.contains_key(*name));
    family.unwrap_or_else(|| panic!("{name} is of no type"))
}

/// Reads a text in which each metric stands in one place, after its type and its help.
fn read(text: &str) -> Read {
    let mut read = Read::default();
    let (mut current, mut done) = (String::new(), BTreeSet::new());
    for line in text.lines().filter(|line| holds_still(line)) {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (word, name, rest) = (words.next(), words.next().expect("a name"), words.next().expect("and more"));
            assert_name(name);
            if name != current {
                assert!(done.insert(name.to_owned()), "{name} comes twice");
                name.clone_into(&mut current);
            }
            match word {
                Some("HELP") => assert!(rest.ends_with('.'), "{line}"),
                Some("TYPE") => assert!(read.types.insert(name.to_owned(), rest.to_owned()).is_none(), "{line}"),
                _ => panic!("{line}"),
            }
        } else {
            let (series, value) = read_series(line);
            let name = series.split('{').next().expect("it has one");
            assert_eq!(family(name, &read.types), current, "{line}");
            assert!(read.values.insert(series, value).is_none(), "{line}");
        }
    }
    read
}

#[tokio::test]
async fn prometheus_text_names_totals_and_has_nothing_of_the_other() {
    let (content_type, text) = metrics().await.render(Some("text/plain"));
    assert_eq!(content_type, PLAIN);
    assert!(text.ends_with('\n') && !text.contains("# EOF") && !text.contains("# UNIT") && !text.contains(" # {"));
    let read = read(&text);
    for (name, kind) in &read.types {
        assert!(["counter", "gauge", "histogram"].contains(&kind.as_str()), "{name} {kind}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name} {kind}");
    }
    assert!(text.contains("# TYPE grpc_server_handled_total counter\n"));
}

#[tokio::test]
async fn open_metrics_names_families_and_has_an_end() {
    let (content_type, text) = metrics().await.render(Some("application/openmetrics-text; version=1.0.0"));
    assert_eq!(content_type, OPEN);
    let body = text.strip_suffix("# EOF\n").expect("it ends");
    let read = read(body);
    for (name, kind) in &read.types {
        assert!(["counter", "gauge", "histogram"].contains(&kind.as_str()), "{name} {kind}");
        assert!(!name.ends_with("_total"), "{name}");
    }
    assert!(text.contains("# TYPE grpc_server_handled counter\n"));
}

#[tokio::test]
async fn both_formats_tell_the_same() {
    let metrics = metrics().await;
    let (_, open) = metrics.render(Some("application/openmetrics-text"));
    let (_, plain) = metrics.render(None);
    let (open, plain) = (read(open.strip_suffix("# EOF\n").expect("it ends")), read(&plain));
    assert_eq!(open.values, plain.values);
    let types = plain.types.iter().map(|(name, kind)| (name.trim_end_matches("_total").to_owned(), kind.clone()));
    assert_eq!(open.types, types.collect());
    assert!(plain.values.len() > 300);
}

#[tokio::test]
async fn buckets_grow_and_end_at_all() {
    let (_, text) = metrics().await.render(None);
    let mut buckets = text.lines().filter_map(|line| {
        let rest = line.strip_prefix("grpc_server_handling_seconds_bucket{")?;
        rest.contains("\"Recommend\"").then(|| rest.split_once("} ").expect("it has a value"))
    });
    let counts: Vec<u64> = buckets.clone().map(|(_, count)| count.parse().expect("it is a number")).collect();
    assert!(counts.is_sorted() && counts.len() == 20 && counts.last() == Some(&1), "{counts:?}");
    assert!(buckets.next_back().expect("there are some").0.contains("le=\"+Inf\""));
}
