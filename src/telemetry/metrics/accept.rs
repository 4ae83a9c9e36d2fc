//! Which of the two formats whoever scrapes wants.

/// What metrics are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exposition {
    /// Prometheus' own, which everything reads.
    Prometheus,
    /// With exemplars.
    OpenMetrics,
}

/// The one that an `Accept` header wants most; Prometheus' own where it doesn't say.
pub(super) fn wanted(accept: Option<&str>) -> Exposition {
    let accept = accept.unwrap_or_default();
    let open = weight(accept, "application/openmetrics-text").unwrap_or(0.0);
    let text = ["text/plain", "text/*", "*/*"].into_iter().find_map(|name| weight(accept, name)).unwrap_or(0.0);
    if open > 0.0 && open >= text { Exposition::OpenMetrics } else { Exposition::Prometheus }
}

/// The largest weight that `accept` gives to media type `name`; `None`: it doesn't name it.
fn weight(accept: &str, name: &str) -> Option<f64> {
    let weights = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_meant = parts.next().is_some_and(|media| media.eq_ignore_ascii_case(name));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_meant.then(|| weight.map_or(Some(1.0), |weight| weight.parse().ok()).unwrap_or(0.0))
    });
    weights.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_the_one_that_is_wanted_most() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;\
                          q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, exposition) in [
            (None, Exposition::Prometheus),
            (Some(""), Exposition::Prometheus),
            (Some("*/*"), Exposition::Prometheus),
            (Some("text/plain"), Exposition::Prometheus),
            (Some("application/json"), Exposition::Prometheus),
            (Some("application/openmetrics-text"), Exposition::OpenMetrics),
            (Some("application/openmetrics-text; version=1.0.0, text/plain;q=0.5"), Exposition::OpenMetrics),
            (Some("text/plain;q=0.9, application/openmetrics-text;q=0.1"), Exposition::Prometheus),
            (Some("application/openmetrics-text;q=0"), Exposition::Prometheus),
            (Some(prometheus), Exposition::OpenMetrics),
        ] {
            assert_eq!(wanted(accept), exposition, "{accept:?}");
        }
    }
}
