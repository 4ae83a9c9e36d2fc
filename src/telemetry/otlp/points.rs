//! Metrics as OTLP says them.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum,
};

use super::exposition::{Family, Sample, families};

/// The label with the upper end of a bucket.
const BOUND: &str = "le";

/// When counting began; each message tells, so that a collector sees where a server was started again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    start: u64,
}

impl Moments {
    pub(super) fn start() -> Self {
        Self { start: now() }
    }
}

/// The metrics in a text of `OpenMetrics`, as they are now.
pub(super) fn points(text: &str, moments: Moments) -> Vec<Metric> {
    let span = Span { start: moments.start, now: now() };
    families(text).into_iter().filter_map(|family| metric(&family, span)).collect()
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: u64,
    now: u64,
}

fn metric(family: &Family<'_>, span: Span) -> Option<Metric> {
    let cumulative = AggregationTemporality::Cumulative.into();
    let numbers = || family.samples.iter().map(|sample| number(sample, span)).collect::<Vec<_>>();
    let data = match family.kind {
        _ if family.samples.is_empty() => return None,
        "counter" => Data::Sum(Sum { data_points: numbers(), aggregation_temporality: cumulative, is_monotonic: true }),
        "gauge" => Data::Gauge(Gauge { data_points: numbers() }),
        "histogram" => Data::Histogram(Histogram {
            data_points: histograms(&family.samples, span),
            aggregation_temporality: cumulative,
        }),
        _ => return None,
    };
    Some(Metric {
        name: family.name.to_owned(),
        description: family.help.to_owned(),
        data: Some(data),
        ..Metric::default()
    })
}

fn number(sample: &Sample<'_>, span: Span) -> NumberDataPoint {
    NumberDataPoint {
        attributes: attributes(sample),
        start_time_unix_nano: span.start,
        time_unix_nano: span.now,
        value: Some(Value::AsDouble(sample.value)),
        ..NumberDataPoint::default()
    }
}

/// One a set of labels: its lines stand together.
fn histograms(samples: &[Sample<'_>], span: Span) -> Vec<HistogramDataPoint> {
    let same = |a: &Sample<'_>, b: &Sample<'_>| plain_labels(a).eq(plain_labels(b));
    samples.chunk_by(same).map(|lines| histogram(lines, span)).collect()
}

fn histogram(lines: &[Sample<'_>], span: Span) -> HistogramDataPoint {
    let mut point = HistogramDataPoint {
        attributes: lines.first().map(attributes).unwrap_or_default(),
        start_time_unix_nano: span.start,
        time_unix_nano: span.now,
        ..HistogramDataPoint::default()
    };
    let mut below = 0;
    for line in lines {
        match line.suffix {
            "_bucket" => {
                // Each line counts what is below its bound, each bucket what is between its bounds.
                let count = whole(line.value);
                point.bucket_counts.push(count.saturating_sub(below));
                below = count;
                point.explicit_bounds.extend(bound(line).filter(|bound| bound.is_finite()));
            }
            "_sum" => point.sum = Some(line.value),
            "_count" => point.count = whole(line.value),
            _ => {}
        }
    }
    point
}

fn bound(line: &Sample<'_>) -> Option<f64> {
    line.labels.iter().find(|(name, _)| *name == BOUND)?.1.parse().ok()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are whole, and small enough to be written as they are"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

fn attributes(sample: &Sample<'_>) -> Vec<KeyValue> {
    let text = |value: &String| AnyValue { value: Some(any_value::Value::StringValue(value.clone())) };
    plain_labels(sample)
        .map(|(name, value)| KeyValue { key: (*name).to_owned(), value: Some(text(value)), ..KeyValue::default() })
        .collect()
}

/// Without the bound of a bucket.
fn plain_labels<'a>(sample: &'a Sample<'_>) -> impl Iterator<Item = &'a (&'a str, String)> {
    sample.labels.iter().filter(|(name, _)| *name != BOUND)
}

#[expect(clippy::disallowed_methods, reason = "a collector wants to know when something was counted")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::metrics::Metrics;

    #[test]
    fn a_histogram_tells_what_is_between_its_bounds() {
        let text = "# HELP a A.\n# TYPE a histogram\n\
                    a_bucket{le=\"0.5\",x=\"1\"} 2\na_bucket{le=\"1.0\",x=\"1\"} 3\na_bucket{le=\"+Inf\",x=\"1\"} 7\n\
                    a_sum{x=\"1\"} 9.5\na_count{x=\"1\"} 7\n\
                    a_sum{x=\"2\"} 0.0\na_count{x=\"2\"} 0\na_bucket{le=\"+Inf\",x=\"2\"} 0\n# EOF\n";
        let metrics = points(text, Moments::start());
        let Some(Data::Histogram(Histogram { data_points, .. })) = metrics.first().and_then(|a| a.data.clone()) else {
            panic!("it is a histogram: {metrics:?}");
        };
        let [one, two] = data_points.as_slice() else { panic!("there are two: {data_points:?}") };
        assert_eq!(one.explicit_bounds, [0.5, 1.0]);
        assert_eq!((one.bucket_counts.as_slice(), one.count, one.sum), ([2, 1, 4].as_slice(), 7, Some(9.5)));
        assert_eq!(one.attributes.len(), 1);
        assert_eq!((two.bucket_counts.as_slice(), two.count), ([0].as_slice(), 0));
    }

    #[test]
    fn everything_that_is_scraped_is_pushed() {
        let (_, text) = Metrics::new().render(Some("application/openmetrics-text"));
        let metrics = points(&text, Moments::start());
        let told = metrics.iter().map(|metric| match &metric.data {
            Some(Data::Sum(sum)) => sum.data_points.len(),
            Some(Data::Gauge(gauge)) => gauge.data_points.len(),
            // A sum, a count, all bounds and one without end.
            Some(Data::Histogram(of)) => of.data_points.iter().map(|point| point.bucket_counts.len() + 2).sum(),
            other => panic!("nobody writes {other:?}"),
        });
        assert_eq!(told.sum::<usize>(), text.lines().filter(|line| !line.starts_with('#')).count());
    }
}
