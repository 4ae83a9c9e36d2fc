"""Pod Security, level *restricted*, for every pod that the chart makes, and what else no pod of ours may have."""

import objects


def findings(rendered):
    for kind, pod in objects.pods(rendered).items():
        for sentence in pod_findings(pod["spec"]):
            yield f"{kind}: {sentence}"
    for item in rendered:
        if item["kind"] in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"):
            yield f"{item['kind']}: it needs no rights in the cluster"
        if item["kind"] == "ServiceAccount" and item.get("automountServiceAccountToken") is not False:
            yield "ServiceAccount: its token would be mounted"
        hook = item["metadata"].get("annotations", {}).get("helm.sh/hook", "test")
        if hook != "test":
            yield f"{item['kind']}: a hook that is no test ({hook}) can hold up an installation for ever"


def pod_findings(spec):
    if spec.get("automountServiceAccountToken") is not False:
        yield "a service account's token is mounted"
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield f"{key} is set"
    for volume in spec.get("volumes", []):
        if not set(volume) - {"name"} <= {"configMap", "secret", "emptyDir", "projected", "downwardAPI", "csi", "ephemeral", "persistentVolumeClaim"}:
            yield f"the volume {volume['name']} is of a kind that is not allowed"
    for container in spec["containers"] + spec.get("initContainers", []):
        yield from container_findings(spec.get("securityContext", {}), container)


def container_findings(of_pod, container):
    own = container.get("securityContext", {})
    both = of_pod | own
    name = container["name"]
    if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
        yield f"{name} may run as root"
    if both.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield f"{name} has no seccomp profile"
    if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
        yield f"{name} may gain privileges"
    if "ALL" not in own.get("capabilities", {}).get("drop", []) or own["capabilities"].get("add"):
        yield f"{name} keeps capabilities"
    if own.get("readOnlyRootFilesystem") is not True:
        yield f"{name} may write to its root"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield f"{name} takes a port of the host"
