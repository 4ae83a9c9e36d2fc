"""Objects of other projects, held against the schemas of those projects: the definitions that a cluster would be given.

They come with the Go modules of the projects, in the versions below. Fields that a definition does not have are refused, where
a cluster would drop them in silence. What the definitions say beyond that in CEL is not evaluated here.
"""

import functools
import json
import pathlib
import re
import subprocess

import jsonschema
import yaml

# Module and version, its sum, and the file of each definition that is used.
MODULES = {
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": ("h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=", {
        "ServiceMonitor": "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        "PrometheusRule": "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    }),
    "sigs.k8s.io/gateway-api@v1.6.3": ("h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=", {
        "GRPCRoute": "config/crd/standard/gateway.networking.k8s.io_grpcroutes.yaml",
    }),
    "github.com/kedacore/keda/v2@v2.21.0": ("h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=", {
        "ScaledObject": "config/crd/bases/keda.sh_scaledobjects.yaml",
    }),
    "github.com/cert-manager/cert-manager@v1.21.2": ("h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=", {
        "Certificate": "deploy/crds/cert-manager.io_certificates.yaml",
    }),
}
KINDS = {kind for _, definitions in MODULES.values() for kind in definitions}


def findings(rendered):
    for item in (item for item in rendered if item["kind"] in KINDS):
        for sentence in unlike(item):
            yield f"{item['kind']} {item['metadata']['name']}: {sentence}"
    for rule in (rule for item in rendered if item["kind"] == "PrometheusRule" for group in item["spec"]["groups"] for rule in group["rules"]):
        if not {"summary", "description"} <= set(rule["annotations"]) or "severity" not in rule["labels"]:
            yield f"alert {rule['alert']}: it says too little"
        if not re.fullmatch(r"Composure[A-Z]\w+", rule["alert"]):
            yield f"alert {rule['alert']}: its name does not tell whose it is"


def unlike(item):
    definition = versions(item["kind"]).get(item["apiVersion"])
    if definition is None:
        yield f"no such version as {item['apiVersion']}"
        return
    for error in definition.iter_errors(item):
        yield f"{error.json_path}: {error.message}"


@functools.cache
def versions(kind):
    """The versions that a cluster serves, each with what checks an object of it."""
    [(module, total, file)] = [(module, total, files[kind]) for module, (total, files) in MODULES.items() if kind in files]
    definition = yaml.load((folder(module, total) / file).read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))["spec"]
    return {
        f"{definition['group']}/{version['name']}": jsonschema.Draft4Validator(strict(version["schema"]["openAPIV3Schema"]))
        for version in definition["versions"] if version["served"]
    }


@functools.cache
def folder(module, total):
    ran = subprocess.run(["go", "mod", "download", "-json", module], capture_output=True, text=True, check=False)
    told = json.loads(ran.stdout or "{}")
    if ran.returncode or told["Sum"] != total:
        raise SystemExit(f"{module}: {told.get('Error') or ran.stderr or 'it is not the one with the sum ' + total}")
    return pathlib.Path(told["Dir"])


def strict(schema):
    """The schema, refusing what a cluster would drop."""
    part = dict(schema)
    if part.pop("x-kubernetes-int-or-string", False):
        part["type"] = ["integer", "string"]
    if "items" in part:
        part["items"] = strict(part["items"])
    if "properties" in part:
        part["properties"] = {key: strict(value) for key, value in part["properties"].items()}
    if isinstance(part.get("additionalProperties"), dict):
        part["additionalProperties"] = strict(part["additionalProperties"])
    if "properties" in part and not part.get("x-kubernetes-preserve-unknown-fields"):
        part.setdefault("additionalProperties", False)
    return part
