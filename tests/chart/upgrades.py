"""Upgrades with `--reuse-values`: a newer chart is given the defaults of the version that it replaces, and whatever was chosen.

Of each version, previous/ holds the defaults, values.yaml, and what its chart made of them, objects.yaml: the output of
`helm template composure helm/composure --namespace support --kube-version 1.36.0`. A newer chart may make more of them, and
must neither lose nor change anything, but for the version itself.
"""

import re

import yaml

import chart

# What tells the version, or follows from something that is compared.
OF_VERSION = {"helm.sh/chart", "app.kubernetes.io/version", "checksum/config"}


def findings(check):
    """What is wrong with an upgrade from any version; `check` is what must hold of any rendering."""
    for before in versions():
        made = [document for document in yaml.safe_load_all((before / "objects.yaml").read_text()) if document]
        with chart.with_values(before / "values.yaml") as reused:
            for program in chart.helms():
                for sentence in lost(comparable(made), comparable(chart.rendered(program, [], reused)), program):
                    yield f"from {before.name}: {sentence}"
                for name, files in chart.cases().items():
                    for sentence in check(chart.rendered(program, files, reused)):
                        yield f"from {before.name}: {name}: {program}: {sentence}"


def versions():
    return sorted((chart.HERE / "previous").iterdir())


def comparable(rendered):
    """Objects by kind and name, the configuration as what it says and not as text."""
    return {f"{item['kind']} {item['metadata']['name']}": item | read(item) for item in rendered}


def read(item):
    text = item.get("data", {}).get("composure.yaml")
    return {"data": {"composure.yaml": yaml.safe_load(text)}} if text else {}


def lost(before, now, where):
    """What was there and is not, or is different."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in (key for key in before if key not in OF_VERSION):
            yield from lost(before[key], now[key], f"{where}: {key}") if key in now else [f"{where}: `{key}` is gone"]
    elif isinstance(before, list) and isinstance(now, list):
        named = {item["name"]: item for item in now if isinstance(item, dict) and "name" in item}
        for item in before:
            if isinstance(item, dict) and item.get("name") in named:
                yield from lost(item, named[item["name"]], f"{where}: {item['name']}")
            elif all(any(lost(item, other, where)) for other in now):
                yield f"{where}: `{item}` is gone or different"
    elif without_version(before) != without_version(now):
        yield f"{where}: `{now}`, and it was `{before}`"


def without_version(value):
    """The image's tag is the version where nobody chose another."""
    return re.sub(r"^(composure):\S+$", r"\1", value) if isinstance(value, str) else value
