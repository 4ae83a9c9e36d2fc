"""The table of values in the chart's README, from the comments in values.yaml.

    table.py --write    puts it there
    table.py --check    says whether it is there, and whether schema and values have the same keys
"""

import json
import re
import sys

import yaml

import chart

README = chart.CHART / "README.md"
BEGIN, END = "<!-- values: begin -->\n", "<!-- values: end -->\n"
KEY = re.compile(r"^( *)([A-Za-z_]\w*):")


def main():
    text = (chart.CHART / "values.yaml").read_text()
    values = yaml.safe_load(text)
    schema = json.loads((chart.CHART / "values.schema.json").read_text())
    before, rest = README.read_text().split(BEGIN)
    there, after = rest.split(END)
    table = "".join(line + "\n" for line in rows(text, values))
    if "--write" in sys.argv:
        README.write_text(before + BEGIN + table + END + after)
        return 0
    wrong = list(differences(schema, schema, values, ""))
    wrong += [] if there == table else ["README.md: its table is not that of values.yaml; run tests/chart/table.py --write"]
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    print(f"table: {table.count(chr(10)) - 2} values described")
    return 1 if wrong else 0


def rows(text, values):
    yield "| value | default | |"
    yield "|---|---|---|"
    told = described(text)
    for path, description in told.items():
        deeper = any(other.startswith(path + ".") for other in told)
        yield f"| `{path}` | {'' if deeper else default(values, path)} | {description} |"


def described(text):
    """Path to the comment above it, in the file's order; what has none is told of with what it is part of."""
    found, above, path = {}, [], []
    for line in text.splitlines():
        key = KEY.match(line)
        if line.lstrip().startswith("#"):
            above.append(line.strip("# ").strip())
        elif key:
            depth = len(key[1]) // 2
            path = path[:depth] + [key[2]]
            if above:
                found[".".join(path)] = " ".join(above).replace("|", "\\|")
            above = []
        else:
            above = []
    return found


def default(values, path):
    value = values
    for key in path.split("."):
        value = value[key]
    return f"`{json.dumps(value)}`".replace("|", "\\|")


def differences(schema, part, value, where):
    part = resolved(schema, part)
    known = part.get("properties")
    if known is None or not isinstance(value, dict) or not value:
        return
    for key in value.keys() - known.keys():
        yield f"values.schema.json does not know {where}{key}"
    # What Kubernetes lets one choose beyond our defaults stands in the schema alone.
    if part.get("additionalProperties") is False and where.split(".")[0] not in ("podSecurityContext", "securityContext", "resources", "autoscaling"):
        for key in known.keys() - value.keys():
            yield f"values.yaml does not have {where}{key}"
    for key in value.keys() & known.keys():
        yield from differences(schema, known[key], value[key], f"{where}{key}.")


def resolved(schema, part):
    return schema["$defs"][part["$ref"].split("/")[-1]] if "$ref" in part else part


if __name__ == "__main__":
    sys.exit(main())
