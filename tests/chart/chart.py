"""The chart and how it is rendered: what every check here starts from."""

import contextlib
import pathlib
import shutil
import subprocess
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
CHART = HERE.parent.parent / "helm" / "composure"
# A Helm that `go install` made takes the cluster for an ancient one when it is told nothing.
KUBERNETES = ["--kube-version", "1.36.0"]


def helms():
    found = [name for name in ("helm3", "helm4", "helm") if shutil.which(name)]
    if not found:
        raise SystemExit("there is no helm3, helm4 or helm in the PATH")
    return found[:2]


def cases():
    """Name to values files: the defaults, what the chart ships, and the matrix."""
    files = {"defaults": []}
    files |= {path.stem.removeprefix("values-"): [path] for path in sorted(CHART.glob("values-*.yaml"))}
    files["production"] = [CHART / f"values-{name}.yaml" for name in ("ha", "redis", "mtls", "monitoring")]
    files |= {path.stem: [path] for path in sorted((HERE / "cases").glob("*.yaml"))}
    return files


def helm(program, verb, files, chart=CHART):
    command = [program, verb, *(["composure"] if verb == "template" else []), str(chart), *KUBERNETES]
    command += ["--strict"] if verb == "lint" else ["--namespace", "support"]
    for file in files:
        command += ["--values", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def rendered(program, files, chart=CHART):
    ran = helm(program, "template", files, chart)
    if ran.returncode:
        raise SystemExit(f"{program} template: {ran.stderr}")
    return [document for document in yaml.safe_load_all(ran.stdout) if document]


@contextlib.contextmanager
def with_values(file):
    """The chart with these defaults: as `--reuse-values` renders it, with those of the version before."""
    with tempfile.TemporaryDirectory() as folder:
        chart = pathlib.Path(folder) / "composure"
        shutil.copytree(CHART, chart)
        shutil.copy(file, chart / "values.yaml")
        yield chart
