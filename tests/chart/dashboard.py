"""The dashboard, held against Grafana's own schema as its Go module has it, and what that can't see: units, ids, and the places of panels."""

import itertools
import json
import re
import subprocess
import sys

import chart

FILE = chart.CHART / "dashboards" / "composure.json"
SCHEMA = chart.HERE / "grafana"
MODULE = "github.com/grafana/grafana-foundation-sdk/go"


def main():
    panels = json.loads(FILE.read_text())["panels"]
    wrong = [*unlike(), *units(panels), *places(panels)]
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    print(f"dashboard: {len(panels)} panels and rows, as Grafana's schema has them")
    return 1 if wrong else 0


def unlike():
    """What the schema does not know, or misses."""
    ran = subprocess.run(["go", "run", "-C", SCHEMA, "-mod=readonly", ".", FILE], capture_output=True, text=True, check=False)
    return [line for line in ran.stderr.splitlines() if not line.startswith("exit status")] if ran.returncode else []


def units(panels):
    listed = subprocess.run(["go", "list", "-C", SCHEMA, "-mod=readonly", "-f", "{{.Dir}}", f"{MODULE}/units"], capture_output=True, text=True, check=True)
    file = f"{listed.stdout.strip()}/types_gen.go"
    known = set(re.findall(r'^const \w+ = "(.*)"$', open(file, encoding="utf-8").read(), re.MULTILINE))
    for panel in panels:
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit")
        if unit and unit not in known:
            yield f"panel `{panel['title']}`: Grafana has no unit `{unit}`"


def places(panels):
    if len({panel["id"] for panel in panels}) != len(panels):
        yield "two panels have the same id"
    for one, other in itertools.combinations(panels, 2):
        if overlap(one["gridPos"], other["gridPos"]):
            yield f"panels `{one['title']}` and `{other['title']}` cover each other"
    for panel in panels:
        if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24:
            yield f"panel `{panel['title']}`: it does not fit beside the others"


def overlap(one, other):
    return all(one[start] < other[start] + other[size] and other[start] < one[start] + one[size] for start, size in (("x", "w"), ("y", "h")))


if __name__ == "__main__":
    sys.exit(main())
