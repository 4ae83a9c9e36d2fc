"""What the chart's NetworkPolicy lets through, and that it lets nothing else through, in a cluster that enforces such."""

import contextlib
import json

from cluster import Release, namespace, run, until

IMAGE = "composure:0.1.0"
# For a way that is open this is long, even here.
SECONDS = "2"


class Neighbour:
    """Another namespace, with a server in it that has no policy."""

    def __init__(self, name):
        self.space = Release("neighbour", name)
        start(self.space, "server", ["serve"])
        until("the neighbour's server is there", lambda: self.address() and reaches(self.space, f"{self.address()}:50051"))

    def address(self):
        return self.space.kubectl("get", "pod", "server", "--output", "jsonpath={.status.podIP}")


@contextlib.contextmanager
def neighbour(name):
    namespace(name)
    try:
        yield Neighbour(name)
    finally:
        run("kubectl", "delete", "namespace", name, "--wait=false")


def findings(release, other):
    """What gets through and must not, or does not and must."""
    host = f"{release.name}{{}}.{release.namespace}.svc"
    ways = [
        ("from its own namespace to gRPC", lambda: reaches(release, host.format("") + ":50051"), True),
        ("from its own namespace to the admin port", lambda: reaches(release, host.format("-admin") + ":9090"), True),
        ("from another namespace to gRPC", lambda: reaches(other.space, host.format("") + ":50051"), True),
        ("from another namespace to the admin port", lambda: reaches(other.space, host.format("-admin") + ":9090"), False),
        ("from a server to another namespace", lambda: server_reaches(release, f"{other.address()}:50051"), False),
    ]
    for way, opens, must in ways:
        if opens() != must:
            yield f"{way} there is {'no way' if must else 'a way'}"


def reaches(release, address):
    """Whether a pod that has no policy gets an answer there."""
    start(release, "probe", ["probe", "--address", address, "--timeout", SECONDS])
    phase = until("the probe has ended", lambda: (now := release.kubectl("get", "pod", "probe", "--output", "jsonpath={.status.phase}")) in ("Succeeded", "Failed") and now)
    return phase == "Succeeded"


def server_reaches(release, address):
    return run("kubectl", "--namespace", release.namespace, "exec", release.ready()[0], "--",
               "/composure", "probe", "--address", address, "--timeout", SECONDS, check=False).returncode == 0


def start(release, name, arguments):
    container = {
        "name": name, "image": IMAGE, "imagePullPolicy": "IfNotPresent", "args": arguments,
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
    }
    spec = {
        "restartPolicy": "Never", "automountServiceAccountToken": False, "enableServiceLinks": False, "containers": [container],
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    release.kubectl("delete", "pod", name, "--ignore-not-found", "--wait")
    release.kubectl("apply", "--filename", "-", text=json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}))
