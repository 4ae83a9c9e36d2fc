"""A Redis in the cluster, out of the program that is installed on this machine: no image of one can be pulled everywhere."""

import json
import pathlib
import re
import secrets
import shutil
import socket

from cluster import REPOSITORY, Failed, run, until

IMAGE = "composure-redis:proof"
# Nobody may come in by it, and it may do all: Redis reads its log as this user when it starts, and drops what it may not do.
DEFAULT = "off ~* &* +@all"
# May end the server, and nothing else.
OPERATOR = "resetchannels -@all +shutdown"
RESTRICTED = {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"}}


def build(folder):
    """The image's archive: the server and the libraries that it is linked with."""
    program = shutil.which("redis-server")
    if not program:
        raise Failed("there is no redis-server to put into the cluster; on Debian: apt-get install redis-server")
    root = folder / "redis"
    libraries = re.findall(r"(/\S+) \(0x", run("ldd", program).stdout)
    for file in (program, *libraries):
        (root / file[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pathlib.Path(file).resolve(), root / file[1:])
    (folder / "Redisfile").write_text(f'FROM scratch\nCOPY redis /\nENTRYPOINT ["{program}"]\n')
    buildah = ["buildah", "--storage-driver", "vfs"]
    run(*buildah, "bud", "--isolation", "chroot", "--quiet", "--tag", f"localhost/{IMAGE}", "--file", folder / "Redisfile", folder)
    run(*buildah, "push", "--quiet", f"localhost/{IMAGE}", f"docker-archive:{folder}/redis.tar:{IMAGE}")
    return folder / "redis.tar"


def rule():
    """What the README says that our user needs."""
    text = (REPOSITORY / "README.md").read_text()
    return " ".join(re.search(r"^ACL SETUSER composure on >PASSWORD (.*?)\n```", text, re.MULTILINE | re.DOTALL)[1].split())


class Redis:
    """One server behind `redis:6379`, as values-redis.yaml has it, which writes each change to a file that goes with its pod."""

    def __init__(self, release):
        self.release, self.operator, password = release, secrets.token_hex(16), secrets.token_hex(16)
        users = [f"user default {DEFAULT}", f"user composure on >{password} {rule()}", f"user operator on >{self.operator} {OPERATOR}"]
        for item in (secret("composure-redis", {"password": password}), secret("redis-users", {"users.acl": "\n".join(users) + "\n"}),
                     service(), deployment()):
            release.kubectl("apply", "--filename", "-", text=json.dumps(item))
        release.kubectl("rollout", "status", "deployment/redis", "--timeout", "3m")

    def pod(self):
        found = json.loads(self.release.kubectl("get", "pods", "--selector", "app=redis", "--output", "json"))["items"]
        [pod] = [pod for pod in found if "deletionTimestamp" not in pod["metadata"]] or [None]
        return pod

    def end(self):
        """It ends at once; the kubelet starts it again, with what is in its file."""
        before = restarts(self.pod())
        with self.release.forwarded("deployment/redis", "redis") as port, socket.create_connection(("127.0.0.1", port)) as asked:
            asked.sendall(f"AUTH operator {self.operator}\r\n".encode())
            if (told := asked.makefile().readline().strip()) != "+OK":
                raise Failed(f"Redis says {told}")
            asked.sendall(b"SHUTDOWN NOSAVE NOW FORCE\r\n")
            # It answers nothing but an error, and the connection ends with it.
            if told := asked.makefile().readline().strip():
                raise Failed(f"Redis does not end, but says {told}")
        until("Redis is back", lambda: (pod := self.pod()) and restarts(pod) > before and ready(pod))

    def lose(self):
        """Its pod is gone at once, and its file with it; the Deployment makes another, which is empty."""
        before = self.pod()["metadata"]["name"]
        self.release.kubectl("delete", "pod", before, "--grace-period=0", "--force")
        until("another Redis is there", lambda: (pod := self.pod()) and pod["metadata"]["name"] != before and ready(pod))


def restarts(pod):
    return sum(status["restartCount"] for status in pod["status"].get("containerStatuses", []))


def ready(pod):
    return any(status.get("ready") for status in pod["status"].get("containerStatuses", []))


def secret(name, texts):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": texts}


def service():
    ports = [{"name": "redis", "port": 6379, "targetPort": "redis"}]
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "redis"}, "spec": {"selector": {"app": "redis"}, "ports": ports}}


def deployment():
    container = {
        "name": "redis", "image": IMAGE, "imagePullPolicy": "IfNotPresent", "ports": [{"name": "redis", "containerPort": 6379}],
        "args": ["--aclfile", "/users/users.acl", "--dir", "/data", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"],
        "readinessProbe": {"tcpSocket": {"port": "redis"}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "users", "mountPath": "/users", "readOnly": True}, {"name": "data", "mountPath": "/data"}],
    }
    spec = {
        "automountServiceAccountToken": False, "enableServiceLinks": False, "securityContext": RESTRICTED, "containers": [container],
        "volumes": [{"name": "users", "secret": {"secretName": "redis-users", "defaultMode": 0o440}}, {"name": "data", "emptyDir": {}}],
    }
    template = {"metadata": {"labels": {"app": "redis"}}, "spec": spec}
    # Never two at once, which would not know of each other.
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "redis"},
            "spec": {"replicas": 1, "strategy": {"type": "Recreate"}, "selector": {"matchLabels": {"app": "redis"}}, "template": template}}
