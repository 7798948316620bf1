"""A fleet of thousands beside a centre: its units in the centre's configuration, and the process that drives them (`sim vehicles`)."""

import json
import re
import threading
from pathlib import Path

PREFIX = "V"


def enlist(config, count):
    """Adds as many units to a centre's configuration, at its first station."""
    path = Path(config)
    text = path.read_text()
    station = re.search(r'(?m)^\[\[stations\]\]\nid = "([^"]+)"', text).group(1)
    units = "".join(f'\n[[units]]\nid = "{PREFIX}{number:05}"\nstation = "{station}"\n' for number in range(1, count + 1))
    path.write_text(text + units)


class Fleet(threading.Thread):
    """Reads what the fleet's process tells each second."""

    def __init__(self, process, path):
        super().__init__(daemon=True)
        self.process, self.path, self.last = process, Path(path), {}

    def run(self):
        with open(self.path, "a", buffering=1) as file:
            for line in self.process.stdout:
                file.write(line)
                self.last = json.loads(line)

    def linked(self):
        return self.last.get("linked", 0)


class Usage:
    """What a process has used of the machine."""

    TICKS_A_SECOND = 100

    def __init__(self, pid):
        self.pid = pid

    def cpu_s(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / self.TICKS_A_SECOND

    def resident_mb(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024
