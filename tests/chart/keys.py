"""Everything that can be chosen of the server can be chosen in the chart: each key of its reference is in some configuration, or in the
environment of some container, of those that are rendered here."""

import re

import chart
import objects

REFERENCE = chart.HERE.parent.parent / "src" / "config" / "reference.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \| `(COMPOSURE_[A-Z_]+)` \|", re.MULTILINE)


def findings(renderings):
    chosen, variables = set(), set()
    for rendered in renderings:
        chosen |= set(paths(objects.configuration(rendered)))
        [deployment] = objects.of_kind(rendered, "Deployment")
        variables |= {entry["name"] for entry in objects.container(deployment)["env"]}
    rows = ROW.findall(REFERENCE.read_text())
    if not rows:
        yield "the reference of the configuration can't be read any more"
    for key, variable in rows:
        if key not in chosen and variable not in variables:
            yield f"`{key}` can't be chosen in the chart"


def paths(part, before=""):
    for key, value in part.items():
        yield before + key
        if isinstance(value, dict):
            yield from paths(value, f"{before}{key}.")
