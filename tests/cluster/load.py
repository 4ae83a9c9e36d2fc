"""Constant load from inside the cluster, through the headless Service, and what became of every call."""

import json
import time

from cluster import Failed, until

IMAGE = "composure-load:proof"
# How long a screen may be behind where nothing is the matter.
FRESH_MS = 1000
# As many as load/screens.go has.
SCREENS = 6
COUNTS = dict.fromkeys(("turns", "degraded", "began_anew", "told_to_leave", "resumed_elsewhere", "stayed", "snapshots", "fell", "again", "forgotten"), 0) | {
    "broken": {}, "errors": {}}


class Load:
    """A pod that calls Recommend, and that goes on until it is ended."""

    def __init__(self, release, rate, secret=None, more=()):
        self.release = release
        kubernetes = release.kubectl
        kubernetes("delete", "pod", "load", "--ignore-not-found", "--wait")
        kubernetes("apply", "--filename", "-", text=json.dumps(pod(release, rate, secret, more)))
        until("the load has begun", lambda: self.lines() and self.lines()[-1]["codes"].get("OK"))

    def lines(self, tail=30):
        text = self.release.kubectl("logs", "load", "--tail", str(tail), check=False)
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
        lines = [line for line in self.lines(-1) if before["started"] < line["started"] <= after["started"]]
        return done, {"seconds": time.monotonic() - began} | self.figures(before, after, lines)

    def figures(self, before, after, lines):
        codes = grown(before["codes"], after["codes"])
        failed = {code: count for code, count in codes.items() if code != "OK"}
        return {"calls": sum(codes.values()), "failed": failed, "longest_ms": max(line["longest_ms"] for line in lines),
                "first_failure": after.get("first_failure", "") if failed else ""}

    def end(self):
        self.release.kubectl("delete", "pod", "load", "--wait")


class HeldLoad(Load):
    """One that writes to conversations which are held, by several agents at once, and shows them on streams that stay open."""

    def __init__(self, release, rate, conversations):
        super().__init__(release, rate, more=["--conversations", str(conversations)])
        until("the screens are on", lambda: self.lines()[-1]["held"]["opened"] >= SCREENS)

    def figures(self, before, after, lines):
        held = grown(before["held"], after["held"])
        held |= {"stale_ms": max(line["held"]["stale_ms"] for line in lines), "stale_at_last_ms": after["held"]["stale_ms"]}
        return super().figures(before, after, lines) | COUNTS | held

    def wrong(self, figures, may):
        """What must not be; `may` says what may all the same: `calls fail`, `streams break`, `degraded`, `forgotten`."""
        forbidden = {"calls fail": ["failed"], "streams break": ["broken"], "degraded": ["degraded", "errors"], "forgotten": ["began_anew", "forgotten", "fell"]}
        for key in ["stayed", "again"] + [key for excuse, keys in forbidden.items() if excuse not in may for key in keys]:
            if figures[key]:
                yield f"{key}: {figures[key]}"
        if figures["told_to_leave"] != figures["resumed_elsewhere"]:
            yield f"of {figures['told_to_leave']} streams that were told to leave {figures['resumed_elsewhere']} resumed elsewhere"
        if figures["stale_at_last_ms"] > FRESH_MS:
            yield f"screens are {figures['stale_at_last_ms']:.0f} ms behind"

    def recovered(self):
        """Until what is held can be asked again: no answer of two seconds is degraded, and turns are acknowledged."""
        until("answers are not degraded any more", lambda: self.is_well(*self.lines()[-3::2]))

    def is_well(self, before, after):
        held = grown(before["held"], after["held"])
        return held.get("turns") and not held.get("degraded") and after["held"]["stale_ms"] < FRESH_MS

    def settle(self):
        """Has it end its turns, and compare: what was acknowledged with what is held, and that with what screens show."""
        self.release.kubectl("exec", "load", "--", "/load", "settle")
        found = until("the load has settled", lambda: [line["settled"] for line in self.lines() if "settled" in line])[0]
        if found["wrong"] or found["acknowledged"] != found["held"]:
            raise Failed(f"what is held is not what was acknowledged: {found}")
        return found


def grown(before, after):
    """By how much each number has grown, if it has."""
    growth = {}
    for key, now in after.items():
        more = grown(before.get(key, {}), now) if isinstance(now, dict) else now - before.get(key, 0)
        growth |= {key: more} if more else {}
    return growth


def pod(release, rate, secret, more):
    arguments = ["--target", f"dns:///{release.name}-headless.{release.namespace}.svc.cluster.local:50051", "--rate", str(rate), *more]
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
