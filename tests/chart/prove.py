"""Every values file, with every Helm: lint, render, the schemas of Kubernetes, what must hold between the objects, and upgrades."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import kubernetes_validate

import chart
import keys
import objects
import others
import restricted
import scrape
import upgrades

# An issuer's keys: one, whose point is on the curve.
JWKS = """{"keys": [{"kty": "EC", "crv": "P-256", "kid": "one", "alg": "ES256", "use": "sig",
 "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"""
VERSIONS = ["1.35.0", "1.36.0", "1.37.0"]


def main():
    wrong, seen, renderings = [], 0, []
    for name, files in chart.cases().items():
        for program in chart.helms():
            linted = chart.helm(program, "lint", files)
            wrong += [f"{name}: {program} lint: {linted.stdout}{linted.stderr}"] if linted.returncode else []
            rendered = chart.rendered(program, files)
            seen += len(rendered)
            renderings.append(rendered)
            wrong += [f"{name}: {program}: {sentence}" for sentence in findings(rendered)]
    wrong += keys.findings(renderings)
    wrong += upgrades.findings(findings)
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    known = "shown to the program" if os.environ.get("TESTED_PROGRAM") else "not shown to the program, for want of TESTED_PROGRAM"
    print(f"chart: {len(chart.cases())} sets of values, {seen} objects, {' and '.join(chart.helms())}, "
          f"Kubernetes {', '.join(VERSIONS)}; upgrades from {', '.join(before.name for before in upgrades.versions())}; configurations {known}")
    return 1 if wrong else 0


def findings(rendered):
    yield from valid(rendered)
    yield from others.findings(rendered)
    yield from restricted.findings(rendered)
    yield from objects.findings(rendered)
    yield from accepted(rendered)


def valid(rendered):
    for item in rendered:
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(native(item), version, strict=True)
            except kubernetes_validate.ValidationError as error:
                yield f"{item['kind']} {item['metadata']['name']}, Kubernetes {version}: {error.message}"


def native(item):
    """What Kubernetes itself has a schema of: of others' objects the metadata, which their definitions leave to it."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": item["metadata"]} if item["kind"] in others.KINDS else item


def accepted(rendered):
    """`serve --check-config` takes the configuration that a pod would get, in the environment that it would have."""
    program = os.environ.get("TESTED_PROGRAM")
    if not program:
        return
    with tempfile.TemporaryDirectory() as folder:
        text = objects.configuration_text(rendered).replace("/etc/composure", folder)
        for path in re.findall(re.escape(folder) + r"/\S+", text):
            mounted(pathlib.Path(path))
        file = pathlib.Path(folder) / "composure.yaml"
        file.write_text(text.replace("playbooks: /playbooks\n", ""))
        environment = objects.container(objects.of_kind(rendered, "Deployment")[0])["env"]
        given = {entry["name"]: entry.get("value", "authorization=secret") for entry in environment}
        ran = subprocess.run([program, "serve", "--config", str(file), "--check-config"],
                             env=given, capture_output=True, text=True, check=False)
        if ran.returncode:
            yield f"the configuration is refused: {ran.stdout}{ran.stderr}\n{text}"


def mounted(path):
    """Something that may stand at a path of the configuration."""
    if path.name == "playbooks":
        path.mkdir(parents=True)
        shutil.copy(chart.HERE.parent / "minimal.yaml", path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name in ("tls.crt", "tls.key"):
        scrape.pair(path.parent)
    elif path.name == "ca.crt":
        shutil.copy(scrape.pair(path.parent)[0], path)
    elif path.name == "api-keys.yaml":
        scrape.credentials(path.parent)
    else:
        path.write_text(JWKS)


if __name__ == "__main__":
    sys.exit(main())
