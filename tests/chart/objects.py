"""What must hold between the objects of one rendering."""

import re

import yaml

# What the admin port answers, and what leads there by name.
PAGES = {"/livez", "/readyz", "/metrics", "/version", "/-/reload"}
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def pods(rendered):
    """The pods by the kind that makes them: one Deployment, and the pod of `helm test` where there is one."""
    found = {"Deployment": item["spec"]["template"] for item in rendered if item["kind"] == "Deployment"}
    return found | {"Pod": item for item in rendered if item["kind"] == "Pod"}


def of_kind(rendered, kind):
    return [item for item in rendered if item["kind"] == kind]


def findings(rendered):
    [deployment] = of_kind(rendered, "Deployment")
    for check in (unique, selectors, services, probes, policy, stop, budget, scale, held, mounts, routes, spread):
        yield from check(rendered, deployment)


def unique(rendered, _deployment):
    names = [(item["kind"], item["metadata"]["name"]) for item in rendered]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"there are two of {name}"
    for item in rendered:
        if item["metadata"].get("namespace") != "support":
            yield f"{item['kind']} {item['metadata']['name']}: not in the release's namespace"
        if len(item["metadata"]["name"]) > 63:
            yield f"{item['kind']}: its name is too long"


def chosen(selector, labels):
    return selector.items() <= labels.items()


def selectors(rendered, deployment):
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    tested = [pod["metadata"]["labels"] for kind, pod in pods(rendered).items() if kind == "Pod"]
    found = [("Deployment", deployment["spec"]["selector"]["matchLabels"])]
    found += [("Service", item["spec"]["selector"]) for item in of_kind(rendered, "Service")]
    found += [("NetworkPolicy", item["spec"]["podSelector"]["matchLabels"]) for item in of_kind(rendered, "NetworkPolicy")]
    found += [("PodDisruptionBudget", item["spec"]["selector"]["matchLabels"]) for item in of_kind(rendered, "PodDisruptionBudget")]
    for kind, selector in found:
        if not selector or not chosen(selector, labels):
            yield f"{kind}: its selector {selector} misses the pods"
        if any(chosen(selector, other) for other in tested):
            yield f"{kind}: its selector {selector} takes the pod of `helm test` for a server"
    for monitor in of_kind(rendered, "ServiceMonitor"):
        hit = [item for item in of_kind(rendered, "Service") if chosen(monitor["spec"]["selector"]["matchLabels"], item["metadata"]["labels"])]
        if [port["name"] for item in hit for port in item["spec"]["ports"]] != [end["port"] for end in monitor["spec"]["endpoints"]]:
            yield "ServiceMonitor: it does not find exactly the admin port of one Service"


def container(deployment):
    [only] = deployment["spec"]["template"]["spec"]["containers"]
    return only


def ports(deployment):
    return {port["name"]: port["containerPort"] for port in container(deployment)["ports"]}


def services(rendered, deployment):
    known = ports(deployment)
    environment = {entry["name"]: entry.get("value") for entry in container(deployment)["env"]}
    for variable, name in (("COMPOSURE_LISTEN", "grpc"), ("COMPOSURE_ADMIN", "admin")):
        if not environment[variable].endswith(f":{known[name]}"):
            yield f"{variable}: {environment[variable]} is not the container's port {name}"
    for item in of_kind(rendered, "Service"):
        for port in item["spec"]["ports"]:
            if port["targetPort"] not in known:
                yield f"Service {item['metadata']['name']}: no port {port['targetPort']} on the container"
            if item["spec"].get("clusterIP") == "None" and port["port"] != known.get(port["targetPort"]):
                yield f"Service {item['metadata']['name']}: it has no address, so {port['port']} must be the container's port"
            if port["targetPort"] == "admin" and len(item["spec"]["ports"]) > 1:
                yield f"Service {item['metadata']['name']}: the admin port stands beside that of the callers"


def probes(_rendered, deployment):
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        probe = container(deployment)[name]["httpGet"]
        if probe["path"] not in PAGES or probe["port"] != "admin":
            yield f"{name}: the program has no page {probe['path']} on its port {probe['port']}"


def policy(rendered, deployment):
    for item in of_kind(rendered, "NetworkPolicy"):
        open_ports = {port["port"] for rule in item["spec"]["ingress"] for port in rule["ports"]}
        if open_ports != set(ports(deployment)):
            yield f"NetworkPolicy: it opens {open_ports}"
        for rule in item["spec"]["ingress"]:
            if {"port": "admin", "protocol": "TCP"} in rule["ports"] and not rule.get("from"):
                yield "NetworkPolicy: the admin port is open to everybody"
        out = {port["port"] for rule in item["spec"].get("egress") or [] for port in rule.get("ports", [])}
        for url in re.findall(r"https?://[^\s\"']+", yaml.safe_dump(configuration(rendered).get("otlp", {})) + jwks(rendered)):
            if not out & {port_of(url)} or 53 not in out:
                yield f"NetworkPolicy: no way out to {url}"
        redis = configuration(rendered).get("redis", {})
        wanted = {int(address.rpartition(":")[2]) for address in redis.get("addresses", [])}
        wanted |= {6379} if redis.get("mode") == "sentinel" else set()
        if wanted - out or wanted and 53 not in out:
            yield f"NetworkPolicy: no way out to Redis on {sorted(wanted)}"


def configuration_text(rendered):
    [text] = [item["data"]["composure.yaml"] for item in of_kind(rendered, "ConfigMap") if "composure.yaml" in item["data"]]
    return text


def configuration(rendered):
    return yaml.safe_load(configuration_text(rendered))


def jwks(rendered):
    return configuration(rendered).get("auth", {}).get("jwt", {}).get("jwks", "")


def port_of(url):
    port = re.search(r"//[^/]*:(\d+)", url)
    return int(port[1]) if port else {"https": 443, "http": 80}[url.split(":")[0]]


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()
    return int(number) * UNITS[unit]


def stop(rendered, deployment):
    drain = configuration(rendered)["drain"]
    before = container(deployment).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    needed = before + seconds(drain["wait"]) + seconds(drain["deadline"])
    if deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] <= needed:
        yield f"a pod is killed before the {needed} s that it needs to stop"
    if deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] != 0:
        yield "a rollout takes pods away before there are new ones"


def fewest(rendered, deployment):
    scaled = [item["spec"]["minReplicas"] for item in of_kind(rendered, "HorizontalPodAutoscaler")]
    scaled += [item["spec"]["minReplicaCount"] for item in of_kind(rendered, "ScaledObject")]
    return scaled[0] if scaled else deployment["spec"]["replicas"]


def budget(rendered, deployment):
    found = of_kind(rendered, "PodDisruptionBudget")
    if found and fewest(rendered, deployment) < 2:
        yield "PodDisruptionBudget: with one replica it would keep the node from ever being drained"


def scale(rendered, deployment):
    scalers = of_kind(rendered, "HorizontalPodAutoscaler") + of_kind(rendered, "ScaledObject")
    if len(scalers) > 1:
        yield "two scalers pull at one Deployment"
    for scaler in scalers:
        if scaler["spec"]["scaleTargetRef"]["name"] != deployment["metadata"]["name"]:
            yield "the scaler means another Deployment"
        if "replicas" in deployment["spec"]:
            yield "an upgrade would undo what the scaler did"


def held(rendered, deployment):
    """Conversations in a pod's memory are for one pod; a password is no part of the configuration."""
    store = configuration(rendered)["conversations"]["store"]
    scaled = of_kind(rendered, "HorizontalPodAutoscaler") + of_kind(rendered, "ScaledObject")
    if store == "memory" and (scaled or deployment["spec"]["replicas"] > 1):
        yield "conversations are held in each pod's memory, and there are several pods"
    if (store == "redis") != ("redis" in configuration(rendered)):
        yield f"conversations are held in {store}, and the configuration of Redis does not fit that"
    if "password" in configuration(rendered).get("redis", {}):
        yield "the password of Redis can be read in a ConfigMap"
    for entry in container(deployment)["env"]:
        if entry["name"] == "COMPOSURE_REDIS_PASSWORD" and (store != "redis" or "secretKeyRef" not in entry.get("valueFrom", {})):
            yield "COMPOSURE_REDIS_PASSWORD: it comes from a Secret, and only where Redis is used"


def mounts(rendered, deployment):
    spec = deployment["spec"]["template"]["spec"]
    folders = {mount["name"]: mount["mountPath"] for mount in container(deployment)["volumeMounts"]}
    if set(folders) != {volume["name"] for volume in spec["volumes"]}:
        yield "volumes and mounts differ"
    for mount in container(deployment)["volumeMounts"]:
        if "subPath" in mount or not mount["readOnly"]:
            yield f"{mount['name']}: a file mounted alone never changes, and nothing is to be written"
    for path in re.findall(r"/etc/composure/\S+", yaml.safe_dump(configuration(rendered))):
        if not any(path == folder or path.startswith(folder + "/") for folder in folders.values()):
            yield f"the configuration names {path}, and nothing is mounted there"
    made = {item["metadata"]["name"] for item in of_kind(rendered, "ConfigMap")}
    for volume in spec["volumes"]:
        name = volume.get("configMap", {}).get("name", "")
        if name.startswith(deployment["metadata"]["name"] + "-") and name not in made:
            yield f"the ConfigMap {name} is mounted and not made"
    annotated = set(deployment["spec"]["template"]["metadata"]["annotations"])
    if {name for name in annotated if name.startswith("checksum/")} != {"checksum/config"}:
        yield "only a changed configuration needs a restart"


def routes(rendered, _deployment):
    offered = {(item["metadata"]["name"], port["port"]) for item in of_kind(rendered, "Service") for port in item["spec"]["ports"]}
    named = {(item["metadata"]["name"], port["name"]) for item in of_kind(rendered, "Service") for port in item["spec"]["ports"]}
    for item in of_kind(rendered, "GRPCRoute"):
        for end in (end for rule in item["spec"]["rules"] for end in rule["backendRefs"]):
            if (end["name"], end["port"]) not in offered or end["name"].endswith("-admin"):
                yield f"GRPCRoute: it leads to {end}"
    for item in of_kind(rendered, "Ingress"):
        for path in (path for rule in item["spec"]["rules"] for path in rule["http"]["paths"]):
            end = path["backend"]["service"]
            if (end["name"], end["port"]["name"]) not in named or end["name"].endswith("-admin"):
                yield f"Ingress: it leads to {end}"


def spread(_rendered, deployment):
    template = deployment["spec"]["template"]
    for rule in template["spec"].get("topologySpreadConstraints", []):
        if not chosen(rule["labelSelector"]["matchLabels"], template["metadata"]["labels"]):
            yield "the pods are spread by a selector that misses them"
