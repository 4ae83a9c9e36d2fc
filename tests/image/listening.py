"""The TCP ports that a process listens on, from the system's own tables: listening.py PID"""

import pathlib
import re
import sys

process = pathlib.Path("/proc") / sys.argv[1]
sockets = {match[1] for entry in (process / "fd").iterdir() if (match := re.fullmatch(r"socket:\[(\d+)\]", str(entry.readlink())))}
LISTENING = "0A"
rows = [line.split() for table in ("tcp", "tcp6") for line in (process / "net" / table).read_text().splitlines()[1:]]
print(*sorted({int(row[1].rsplit(":", 1)[1], 16) for row in rows if row[3] == LISTENING and row[9] in sockets}))
