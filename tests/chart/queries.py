"""Compares the queries of the dashboard and the alerts with what the program measures.

    queries.py FILE     the text of /metrics; - reads it from standard input

A metric that a query names must be in the scrape, with every label that the query names, and each value that a query compares a label
with must be one that the program has for it; the other way round, each family of the scrape must be in some query. What Prometheus
adds itself (namespace, pod, service) is known here. A family that the scrape shows without a sample, because nothing of that
sort has happened, has no labels to compare.
"""

import json
import re
import sys

import promql_parser as promql

import chart

ADDED = {"namespace", "pod", "service", "job", "instance", "container", "endpoint", "__name__"}
SAMPLE = re.compile(r"^([a-zA-Z_:]\w*)(?:\{(.*?)\})? \S+")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def main():
    text = sys.stdin.read() if sys.argv[1] == "-" else open(sys.argv[1], encoding="utf-8").read()
    families, measured = scraped(text)
    queries = dict(dashboard()) | dict(alerts())
    wrong, unseen, asked = [], set(), set()
    for where, query in queries.items():
        for name, grouped, matchers in uses(promql.parse(plain(query))):
            asked.add(family(name))
            unseen |= {name} if name not in measured and family(name) in families else set()
            wrong += [f"{where}: {sentence}" for sentence in findings(name, grouped, matchers, families, measured)]
    wrong += [f"no panel and no alert shows `{name}`" for name in sorted(families - asked)]
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    print(f"queries: {len(queries)} compared with {len(measured)} metrics; without a sample yet: {', '.join(sorted(unseen)) or 'none'}")
    return 1 if wrong else 0


def findings(name, grouped, matchers, families, measured):
    """What a query asks of a metric and the program does not have."""
    if name not in measured:
        if family(name) not in families:
            yield f"nothing measures `{name}`"
        return
    there = measured[name]
    if missing := (grouped | {matcher.name for matcher in matchers}) - there.keys() - ADDED:
        yield f"`{name}` has no label {sorted(missing)}, but {sorted(there)}"
    for matcher in matchers:
        values = there.get(matcher.name)
        for wanted in alternatives(matcher) if values and matcher.name not in ADDED else []:
            if not any(re.fullmatch(wanted, value) for value in values):
                yield f"`{matcher.name}` of `{name}` is never `{wanted}`, but one of {sorted(values)}"


def alternatives(matcher):
    """Regular expressions of which each is to match something; an alternative that never does is a slip."""
    if matcher.op in (promql.MatchOp.Re, promql.MatchOp.NotRe):
        return matcher.value.split("|")
    return [re.escape(matcher.value)]


def scraped(text):
    """Names of families, and sample names to their labels, each with its values."""
    families = {family(line.split()[2]) for line in text.splitlines() if line.startswith("# TYPE ")}
    measured = {}
    for name, labels in (match.groups() for match in map(SAMPLE.match, text.splitlines()) if match):
        there = measured.setdefault(name, {})
        for label, value in LABEL.findall(labels or ""):
            there.setdefault(label, set()).add(value)
    return families | {family(name) for name in measured}, measured


def family(name):
    return re.sub(r"_(total|bucket|sum|count)$", "", name)


def plain(query):
    """Grafana's variables, with something in their place that PromQL can read."""
    return query.replace("$__rate_interval", "5m").replace("$__range", "1h").replace("$namespace", "n").replace("$service", "s")


def dashboard():
    board = json.loads((chart.CHART / "dashboards" / "composure.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield f"panel `{panel['title']}` {target['refId']}", target["expr"]
    for variable in board["templating"]["list"]:
        inside = re.fullmatch(r"label_values\((.*), (\w+)\)", variable.get("definition", ""))
        if inside:
            yield f"variable `{variable['name']}`", inside[1]


def alerts():
    rendered = chart.rendered(chart.helms()[0], [chart.CHART / "values-monitoring.yaml"])
    [rules] = [item for item in rendered if item["kind"] == "PrometheusRule"]
    for rule in (rule for group in rules["spec"]["groups"] for rule in group["rules"]):
        yield f"alert `{rule['alert']}`", rule["expr"]


def uses(expression, grouped=frozenset()):
    """Metrics, with the labels that what stands around asks of them, and what is asked here."""
    if isinstance(expression, promql.VectorSelector):
        yield expression.name, grouped, expression.matchers.matchers
        return
    if isinstance(expression, promql.AggregateExpr) and expression.modifier:
        grouped = grouped | set(expression.modifier.labels)
    for part in parts(expression):
        yield from uses(part, grouped)


def parts(expression):
    match expression:
        case promql.MatrixSelector():
            return [expression.vector_selector]
        case promql.Call():
            return expression.args
        case promql.BinaryExpr():
            return [expression.lhs, expression.rhs]
        case promql.AggregateExpr() | promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return [expression.expr]
        case _:
            return []


if __name__ == "__main__":
    sys.exit(main())
