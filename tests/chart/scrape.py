"""Starts the program with TLS, has it give a recommendation, refuse a caller, and load its content anew; prints /metrics.

    scrape.py PROGRAM
"""

import pathlib
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
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = pair(pathlib.Path(folder))
        listen, admin = (f"127.0.0.1:{port}" for port in free_ports())
        server = subprocess.Popen(
            [program, "serve", "--listen", listen, "--admin", admin, "--tls-certificate", certificate, "--tls-key", key],
            stdout=sys.stderr, stderr=sys.stderr)
        try:
            wait_for(f"http://{admin}/readyz", server)
            asked = [program, "probe", "--address", listen, "--ca", certificate, "--server-name", "localhost", "--recommend"]
            subprocess.run(asked, check=True, stdout=sys.stderr)
            with socket.create_connection(listen.split(":")) as stranger:
                stranger.sendall(b"no TLS\r\n\r\n")
                stranger.recv(64)
            read(f"http://{admin}/-/reload", method="POST")
            print(read(f"http://{admin}/metrics"), end="")
        finally:
            server.terminate()
            server.wait(PATIENCE)


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
