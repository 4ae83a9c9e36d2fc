"""Starts the program with TLS and API keys, has it answer and refuse, and load its content anew; prints /metrics.

    scrape.py PROGRAM
"""

import hashlib
import os
import pathlib
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = 30


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificate, key = pair(folder)
        keys, token = credentials(folder)
        listen, admin = (f"127.0.0.1:{port}" for port in free_ports())
        server = subprocess.Popen(
            [program, "serve", "--listen", listen, "--admin", admin, "--tls-certificate", certificate, "--tls-key", key,
             "--auth-api-keys", keys], env=without_ours(), stdout=sys.stderr, stderr=sys.stderr)
        try:
            wait_for(f"http://{admin}/readyz", server)
            happen(program, listen, certificate, token)
            read(f"http://{admin}/-/reload", method="POST")
            print(read(f"http://{admin}/metrics"), end="")
        finally:
            server.terminate()
            server.wait(PATIENCE)


def happen(program, listen, certificate, token):
    """What there are metrics of: a recommendation, a caller without a key, a threat that asks for people, a stranger."""
    probe = [program, "probe", "--address", listen, "--ca", certificate, "--server-name", "localhost", "--recommend"]
    subprocess.run([*probe, "--token-file", token], check=True, stdout=sys.stderr, env=without_ours())
    subprocess.run(probe, check=False, stdout=sys.stderr, stderr=sys.stderr, env=without_ours())
    threat = ["-d", '{"signals": [{"name": "threat", "level": 0.9}]}', listen, "composure.v1.RecommendationService/Recommend"]
    bearer = f"authorization: Bearer {pathlib.Path(token).read_text()}"
    subprocess.run(["grpcurl", "-cacert", certificate, "-authority", "localhost", "-H", bearer, *threat], check=True, capture_output=True)
    with socket.create_connection(listen.split(":")) as stranger:
        stranger.sendall(b"no TLS\r\n\r\n")
        stranger.recv(64)


def credentials(folder):
    """A file of API keys with one in it, and a file with that key."""
    key = secrets.token_hex(32)
    (folder / "token").write_text(key)
    (folder / "api-keys.yaml").write_text(entry(hashlib.sha256(key.encode()).hexdigest()))
    return str(folder / "api-keys.yaml"), str(folder / "token")


def entry(digest):
    return f"- {{id: test, sha256: {digest}, tenant: test, roles: [recommend, read_playbooks]}}\n"


def without_ours():
    """The environment without variables that choose what is served."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COMPOSURE_")}


def pair(folder):
    certificate, key = str(folder / "tls.crt"), str(folder / "tls.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
                    "-out", certificate, "-keyout", key], check=True, capture_output=True)
    return certificate, key


def free_ports():
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def wait_for(url, server):
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return read(url)
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"the program did not get ready at {url}") from None
            time.sleep(0.1)


def read(url, method="GET"):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=PATIENCE) as answer:
        return answer.read().decode()


if __name__ == "__main__":
    sys.exit(main())
