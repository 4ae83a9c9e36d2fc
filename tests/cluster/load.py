"""Constant load from inside the cluster, through the headless Service, and what became of every call."""

import json
import time

from cluster import until

IMAGE = "composure-load:proof"


class Load:
    """A pod that calls Recommend, and that goes on until it is ended."""

    def __init__(self, release, rate, secret=None):
        self.release = release
        kubernetes = release.kubectl
        kubernetes("delete", "pod", "load", "--ignore-not-found", "--wait")
        kubernetes("apply", "--filename", "-", text=json.dumps(pod(release, rate, secret)))
        until("the load has begun", lambda: self.lines() and self.lines()[-1]["codes"].get("OK"))

    def lines(self):
        text = self.release.kubectl("logs", "load", "--tail", "30", check=False)
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def now(self):
        """The numbers at a moment that is not before this one."""
        before = self.lines()[-1]["started"]
        until("the load goes on", lambda: self.lines()[-1]["started"] > before)
        return self.lines()[-1]

    def during(self, act, settle=3):
        """What became of the calls while something was done, and for a little while after."""
        before = self.now()
        began = time.monotonic()
        done = act()
        time.sleep(settle)
        after = self.now()
        codes = {code: count - before["codes"].get(code, 0) for code, count in after["codes"].items()}
        calls, failed = sum(codes.values()), {code: count for code, count in codes.items() if count and code != "OK"}
        return done, {"seconds": time.monotonic() - began, "calls": calls, "failed": failed, "longest_ms": self.longest(before, after),
                      "first_failure": after.get("first_failure", "") if failed else ""}

    def longest(self, before, after):
        text = self.release.kubectl("logs", "load", "--tail", "-1")
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return max(line["longest_ms"] for line in lines if before["started"] < line["started"] <= after["started"])

    def end(self):
        self.release.kubectl("delete", "pod", "load", "--wait")


def pod(release, rate, secret):
    arguments = ["--target", f"dns:///{release.name}-headless.{release.namespace}.svc.cluster.local:50051", "--rate", str(rate)]
    container = {
        "name": "load", "image": IMAGE, "imagePullPolicy": "IfNotPresent", "args": arguments,
        "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
    }
    spec = {
        "restartPolicy": "Never", "automountServiceAccountToken": False, "enableServiceLinks": False, "containers": [container],
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    if secret:
        arguments += ["--tls", "/tls", "--name", f"{release.name}.{release.namespace}.svc"]
        container["volumeMounts"] = [{"name": "tls", "mountPath": "/tls", "readOnly": True}]
        spec["volumes"] = [{"name": "tls", "secret": {"secretName": secret}}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "load"}, "spec": spec}
