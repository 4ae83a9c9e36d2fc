"""Compares the queries of the dashboard and the alerts with what the program measures.

    queries.py FILE     the text of /metrics; - reads it from standard input

A metric that a query names must be in the scrape, with every label that the query names. What Prometheus adds itself
(namespace, pod, service) is known here. A family that the scrape shows without a sample, because nothing of that sort
has happened, has no labels to compare.
"""

import json
import re
import sys

import promql_parser as promql

import chart

ADDED = {"namespace", "pod", "service", "job", "instance", "container", "endpoint", "__name__"}
SAMPLE = re.compile(r"^([a-zA-Z_:]\w*)(?:\{(.*?)\})? \S+")
LABEL = re.compile(r'(\w+)="(?:[^"\\]|\\.)*"')


def main():
    text = sys.stdin.read() if sys.argv[1] == "-" else open(sys.argv[1], encoding="utf-8").read()
    families, measured = scraped(text)
    queries = dict(dashboard()) | dict(alerts())
    wrong, unseen = [], set()
    for where, query in queries.items():
        for name, labels in uses(promql.parse(plain(query))):
            if name not in measured:
                unseen |= {name} if family(name) in families else set()
                wrong += [] if family(name) in families else [f"{where}: nothing measures `{name}`"]
            elif labels - measured[name] - ADDED:
                wrong.append(f"{where}: `{name}` has no label {sorted(labels - measured[name] - ADDED)}, but {sorted(measured[name])}")
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    print(f"queries: {len(queries)} compared with {len(measured)} metrics; without a sample yet: {', '.join(sorted(unseen)) or 'none'}")
    return 1 if wrong else 0


def scraped(text):
    """Names of families, and sample names to their labels."""
    families = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    measured = {}
    for name, labels in (match.groups() for match in map(SAMPLE.match, text.splitlines()) if match):
        measured.setdefault(name, set()).update(LABEL.findall(labels or ""))
    return families | {family(name) for name in families}, measured


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
    """Metrics, with the labels that are asked of them here and by what stands around."""
    if isinstance(expression, promql.VectorSelector):
        yield expression.name, {matcher.name for matcher in expression.matchers.matchers} | grouped
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
