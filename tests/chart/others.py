"""Objects of other projects, whose schemas Kubernetes does not ship: the fields that we use, and their types."""

import re

TEXT, NUMBER, TEXTS = str, int, [str]
SHAPES = {
    ("ServiceMonitor", "monitoring.coreos.com/v1"): {
        "selector": {"matchLabels": {"*": TEXT}},
        "namespaceSelector": {"matchNames": TEXTS},
        "endpoints": [{"port": TEXT, "path": TEXT, "interval": TEXT, "scrapeTimeout": TEXT}],
    },
    ("PrometheusRule", "monitoring.coreos.com/v1"): {
        "groups": [{"name": TEXT, "rules": [{"alert": TEXT, "expr": TEXT, "for": TEXT, "labels": {"*": TEXT}, "annotations": {"*": TEXT}}]}],
    },
    ("Certificate", "cert-manager.io/v1"): {
        "secretName": TEXT, "duration": TEXT, "renewBefore": TEXT, "dnsNames": TEXTS, "usages": TEXTS,
        "issuerRef": {"name": TEXT, "kind": TEXT, "group": TEXT},
        "privateKey": {"algorithm": TEXT, "size": NUMBER, "rotationPolicy": TEXT},
    },
    ("GRPCRoute", "gateway.networking.k8s.io/v1"): {
        "parentRefs": [{"name": TEXT, "namespace": TEXT, "sectionName": TEXT, "port": NUMBER, "group": TEXT, "kind": TEXT}],
        "hostnames": TEXTS,
        "rules": [{"backendRefs": [{"name": TEXT, "port": NUMBER}]}],
    },
    ("ScaledObject", "keda.sh/v1alpha1"): {
        "scaleTargetRef": {"name": TEXT}, "minReplicaCount": NUMBER, "maxReplicaCount": NUMBER,
        "pollingInterval": NUMBER, "cooldownPeriod": NUMBER,
        "triggers": [{"type": TEXT, "name": TEXT, "metadata": {"*": TEXT}, "metricType": TEXT}],
    },
}
KINDS = {kind for kind, _ in SHAPES}


def findings(rendered):
    for item in rendered:
        if item["kind"] in KINDS:
            shape = SHAPES.get((item["kind"], item["apiVersion"]))
            where = f"{item['kind']} {item['metadata']['name']}"
            yield from [f"{where}: no such version"] if shape is None else unlike(shape, item["spec"], where)
    for rule in (rule for item in rendered if item["kind"] == "PrometheusRule" for group in item["spec"]["groups"] for rule in group["rules"]):
        if not {"summary", "description"} <= set(rule["annotations"]) or "severity" not in rule["labels"]:
            yield f"alert {rule['alert']}: it says too little"
        if not re.fullmatch(r"Composure[A-Z]\w+", rule["alert"]):
            yield f"alert {rule['alert']}: its name does not tell whose it is"


def unlike(shape, value, where):
    if isinstance(shape, type):
        if type(value) is not shape:
            yield f"{where}: {value!r} is no {shape.__name__}"
    elif type(value) is not type(shape):
        yield f"{where}: {value!r} is no {type(shape).__name__}"
    elif isinstance(shape, list):
        for position, item in enumerate(value):
            yield from unlike(shape[0], item, f"{where}[{position}]")
    else:
        for key, item in value.items():
            part = shape.get(key, shape.get("*"))
            yield from [f"{where}.{key}: no such field"] if part is None else unlike(part, item, f"{where}.{key}")
