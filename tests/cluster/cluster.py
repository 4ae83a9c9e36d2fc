"""kubectl and helm, and what a proof asks of them."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PATIENCE = 120


class Failed(Exception):
    """What was to be proved does not hold."""


def run(*command, check=True, text=None, timeout=300, **environment):
    ran = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True, check=False,
                         timeout=timeout, cwd=REPOSITORY, env=os.environ | environment)
    if check and ran.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{ran.stdout}{ran.stderr}")
    return ran


def kubectl(*arguments, **how):
    return run("kubectl", *arguments, **how).stdout


def helm(*arguments, **how):
    return run(os.environ.get("HELM", "helm"), *arguments, **how)


def until(what, holds, patience=PATIENCE):
    """Looks again and again; returns what holds, once it does."""
    end = time.monotonic() + patience
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"after {patience} s it still does not hold that {what}")
        time.sleep(0.3)


class Release:
    """One installation of the chart."""

    def __init__(self, name, namespace):
        self.name, self.namespace = name, namespace

    def kubectl(self, *arguments, **how):
        return kubectl("--namespace", self.namespace, *arguments, **how)

    def upgrade(self, *values, check=True):
        chart = REPOSITORY / "helm" / "composure"
        return helm("upgrade", self.name, chart, "--namespace", self.namespace, "--reuse-values", "--wait", "--timeout", "4m", *values, check=check)

    def pods(self):
        """Pods that serve and are not about to end."""
        return [pod for pod in self.all_pods() if "deletionTimestamp" not in pod["metadata"]]

    def all_pods(self):
        selector = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/component=server"
        return json.loads(self.kubectl("get", "pods", "--selector", selector, "--output", "json"))["items"]

    def ready(self):
        return [pod["metadata"]["name"] for pod in self.pods()
                if any(status.get("ready") for status in pod["status"].get("containerStatuses", []))]

    def same(self):
        """What changes when a pod is replaced or restarted."""
        return sorted((pod["metadata"]["uid"], pod["status"]["containerStatuses"][0]["restartCount"]) for pod in self.pods())

    def measured(self, pod, metric):
        """Lines of /metrics of one pod that begin so."""
        return [line for line in self.page(pod, "/metrics").splitlines() if line.startswith(metric)]

    def page(self, pod, path):
        with self.forwarded(f"pod/{pod}", "admin") as port:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as refused:
                return refused.read().decode()

    @contextlib.contextmanager
    def forwarded(self, to, port):
        """A port of this machine that leads there."""
        forward = subprocess.Popen(["kubectl", "--namespace", self.namespace, "port-forward", to, f":{port}"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            line = forward.stdout.readline()
            found = re.search(r"127\.0\.0\.1:(\d+)", line)
            if not found:
                raise Failed(f"no way to {to}: {line}{forward.stderr.read()}")
            yield int(found[1])
        finally:
            forward.terminate()
            forward.wait()


def namespace(name):
    """A namespace that takes nothing but what Pod Security restricted allows. What is there already is never touched."""
    if run("kubectl", "get", "namespace", name, check=False).returncode == 0:
        raise Failed(f"there is a namespace `{name}` in this cluster; take another cluster, or delete it yourself")
    kubectl("create", "namespace", name)
    kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
