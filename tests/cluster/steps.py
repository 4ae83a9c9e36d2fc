"""What an operator does on a bad day, one function each, and what must hold while and after it."""

import json
import pathlib
import re
import subprocess
import tempfile

from cluster import PATIENCE, REPOSITORY, Failed, helm, run, until

PLAYBOOK = REPOSITORY / "tests" / "minimal.yaml"


def must(holds, what):
    if not holds:
        raise Failed(what)


def installed_as_documented(namespace):
    """The command of the README, word for word."""
    command = re.search(r"^helm install .*$", (REPOSITORY / "README.md").read_text(), re.MULTILINE)[0]
    must(f"--namespace {namespace} " in command, f"the README installs elsewhere: {command}")
    helm(*command.split()[1:])
    return command


def tested(release):
    """`helm test`, by the program itself."""
    helm("test", release.name, "--namespace", release.namespace, "--timeout", "2m")
    said = release.kubectl("logs", f"{release.name}-test").strip()
    must("healthy, and recommends" in said, f"helm test says: {said}")
    return said


def notes_followed(release):
    """The commands of NOTES.txt, word for word, until they answer."""
    notes = helm("get", "notes", release.name, "--namespace", release.namespace).stdout
    commands = notes.split("Programs inside the cluster call")[0]
    script = "\n".join(line.strip() for line in commands.splitlines() if line.startswith("    "))
    must("grpcurl" in script, f"NOTES.txt has no call:\n{notes}")
    # In a process group of its own, so that what it leaves running can be ended.
    shell = subprocess.Popen(["setsid", "--wait", "bash", "-euc", f"{script}\nkill $!"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    answer, complaint = shell.communicate(timeout=PATIENCE)
    must('"suggestions"' in answer, f"NOTES.txt leads to: {answer}{complaint}")
    first = json.loads(answer[answer.index("{"):])["suggestions"][0]
    return f"{first['action']}: {first['title']}"


def upgraded(release, *values):
    before = release.same()
    release.upgrade(*values)
    must(release.same() != before, "the upgrade changed no pod")


def rolled_back(release):
    before = release.same()
    helm("rollback", release.name, "--namespace", release.namespace, "--wait", "--timeout", "4m")
    until("the pods are those of before", lambda: release.same() != before)


def scaled(release, replicas):
    release.upgrade("--set", f"replicaCount={replicas}")
    until(f"{replicas} pods are there", lambda: len(release.pods()) == replicas == len(release.ready()))


def refused(release):
    """A wrong value changes nothing, and is told of."""
    before = release.kubectl("get", "all", "--output", "name")
    said = release.upgrade("--set", "config.drain.deadline=1m", check=False).stderr
    must("give it more" in said, f"a grace period that is too short is answered with: {said}")
    said = release.upgrade("--set", "config.drains.deadline=1s", check=False).stderr
    must("additional properties 'drains' not allowed" in said, f"an unknown value is answered with: {said}")
    must(release.kubectl("get", "all", "--output", "name") == before, "a refused value changed something")


def killed(release):
    """A pod that ends at once, as when its node is lost: what is under way in it may fail, and nothing else."""
    victim = release.ready()[0]
    release.kubectl("delete", "pod", victim, "--grace-period=0", "--force")
    until("another one is ready", lambda: victim not in release.ready() and len(release.ready()) == 3)


def evict(release, pod):
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": release.namespace}}
    path = f"/api/v1/namespaces/{release.namespace}/pods/{pod}/eviction"
    return kubectl_answer("create", "--raw", path, "--filename", "-", text=json.dumps(eviction))


def kubectl_answer(*arguments, **how):
    ran = run("kubectl", *arguments, check=False, **how)
    return ran.stdout + ran.stderr


def evicted(release):
    """Two pods of three, as a drain does it: the budget lets one go, and the second only when there are three again."""
    first, second = release.ready()[:2]
    must('"Success"' in evict(release, first), "the first eviction was refused")
    answer = evict(release, second)
    must("disruption budget" in answer, f"the budget let two go at once: {answer}")
    until("the budget lets the second one go", lambda: '"Success"' in evict(release, second))
    until("three are ready", lambda: len(release.ready()) == 3 and not {first, second} & set(release.ready()))


def playbook(change=lambda text: text):
    file = pathlib.Path(tempfile.mkdtemp()) / "minimal.yaml"
    file.write_text(change(PLAYBOOK.read_text()))
    return "--set-file", f"playbooks.inline.minimal={file}"


def digests(release):
    """What each ready pod decides by."""
    lines = [line for pod in release.ready() for line in release.measured(pod, 'composure_playbook_info{playbook="minimal"')]
    return [re.search(r'digest="(\w+)"', line)[1] for line in lines]


def answered_digest(release):
    """The digest that an answer carries."""
    with release.forwarded(f"service/{release.name}", "grpc") as port:
        said = run("grpcurl", "-plaintext", "-d", '{"playbook": "minimal", "signals": [{"name": "anger", "level": 0.8}]}',
                   f"127.0.0.1:{port}", "composure.v1.RecommendationService/Recommend").stdout
    return json.loads(said)["playbook"]["digest"]


def playbook_changed(release):
    """A ConfigMap changes, and no pod does: every one of them decides by the new text soon."""
    before, pods = digests(release), release.same()
    must(before and len(set(before)) == 1, f"the pods decide by different playbooks: {before}")
    release.upgrade(*playbook(lambda text: text.replace("title: Listen\n", "title: Listen well\n")))
    until("the new playbook is in force everywhere", lambda: (found := digests(release)) and len(found) == len(pods) and before[0] not in found)
    must(answered_digest(release) in digests(release), "answers carry another digest than the metric")
    must(release.same() == pods, "a pod was restarted for a playbook")


def playbook_broken(release):
    """A broken one: the last good one stays, the pods stay ready, and metric and page say so; repaired, all is as before."""
    before, pods = digests(release), release.same()
    release.upgrade(*playbook(lambda text: text.replace("actions: [listen]", "actions: [lissten]")))
    said = lambda value: all(release.measured(pod, "composure_playbook_reload_failed") == [f"composure_playbook_reload_failed {value}"] for pod in release.ready())
    until("every pod says that it refused it", lambda: said(1))
    must("lissten" in (page := release.page(release.ready()[0], "/readyz")) or "refused" in page, f"/readyz does not tell of it: {page}")
    must(digests(release) == before and release.same() == pods, "the last good playbook did not stay")
    must(len(release.ready()) == len(pods), "a pod is not ready any more")
    release.upgrade(*playbook(lambda text: text.replace("title: Listen\n", "title: Listen well\n")))
    until("the repaired one is in force", lambda: said(0))
    must(digests(release) == before, "the repaired playbook is another one")


def expiry(release):
    """When the certificate of each pod ends, by its own word."""
    return [release.measured(pod, "composure_certificate_expiry_timestamp_seconds") for pod in release.ready()]


def certificate_rotated(release, renew):
    """A Secret changes, and no pod does; connections that are there go on."""
    before, pods = expiry(release), release.same()
    renew()
    until("every pod has the new certificate", lambda: not [end for end in expiry(release) if end in before])
    must(release.same() == pods, "a pod was restarted for a certificate")


def authority(folder, name):
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={name}",
        "-out", certificate, "-keyout", key)


def signed(folder, name, by, days, names):
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
        "-out", folder / f"{name}.csr", "-keyout", folder / f"{name}.key")
    (folder / "extensions").write_text("basicConstraints=critical,CA:FALSE\n" + (f"subjectAltName={','.join('DNS:' + name for name in names)}\n" if names else ""))
    run("openssl", "x509", "-req", "-in", folder / f"{name}.csr", "-CA", folder / f"{by}.crt", "-CAkey", folder / f"{by}.key", "-CAcreateserial",
        "-days", days, "-extfile", folder / "extensions", "-out", folder / f"{name}.crt")


def secret(release, name, files):
    arguments = [f"--from-file={key}={path}" for key, path in files.items()]
    made = release.kubectl("create", "secret", "generic", name, *arguments, "--dry-run=client", "--output", "yaml")
    release.kubectl("apply", "--filename", "-", text=made)


def certificates(release, folder, days):
    """The Secrets that values-mtls.yaml names."""
    names = [f"{release.name}{suffix}.{release.namespace}.svc{domain}" for suffix in ("", "-headless") for domain in ("", ".cluster.local")]
    signed(folder, "server", "authority", days, names)
    secret(release, "composure-tls", {"tls.crt": folder / "server.crt", "tls.key": folder / "server.key", "ca.crt": folder / "authority.crt"})


def mtls_installed(release, folder):
    authority(folder, "authority")
    authority(folder, "callers")
    signed(folder, "caller", "callers", 10, [])
    certificates(release, folder, 5)
    secret(release, "composure-clients", {"ca.crt": folder / "callers.crt"})
    secret(release, "composure-client", {"tls.crt": folder / "caller.crt", "tls.key": folder / "caller.key", "ca.crt": folder / "authority.crt"})
    chart = REPOSITORY / "helm" / "composure"
    helm("install", release.name, chart, "--namespace", release.namespace, "--values", chart / "values-mtls.yaml", "--wait", "--timeout", "3m")


def redis_installed(release):
    """As values-redis.yaml has it, by a user who may do what the README says and no more."""
    chart = REPOSITORY / "helm" / "composure"
    helm("install", release.name, chart, "--namespace", release.namespace, "--values", chart / "values-redis.yaml",
         "--set", "redis.username=composure", "--wait", "--timeout", "3m")


def replaced(release, *values):
    """Upgraded, and each of the pods before has ended."""
    names = lambda: {pod["metadata"]["name"] for pod in release.all_pods()}
    before = names()
    upgraded(release, *values)
    until("the pods of before have ended", lambda: not before & names())


def streams_are_open(release, count):
    """By the word of the servers."""
    opened = lambda: sum(int(line.split()[1]) for pod in release.ready() for line in release.measured(pod, "composure_streams_open "))
    until(f"{count} streams are open", lambda: opened() == count)
