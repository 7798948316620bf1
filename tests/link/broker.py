"""Mosquitto as the peer of our ingest: vehicles come over TLS 1.3 with certificates of the same authority, and one subscriber stands for the centre that
would work on what they say. Both are counted: a broker by itself dispatches nobody."""

import shutil
import statistics
import subprocess
import time

from fleet import Usage
from machine import free_port
from overload import on_core

SETTINGS = """
per_listener_settings true
user root
persistence false
log_type error
max_queued_messages 100000
max_inflight_messages 1000

listener {vehicles} 127.0.0.1
allow_anonymous true
cafile {certificates}/authority.pem
certfile {certificates}/centre.pem
keyfile {certificates}/centre.key
require_certificate true
tls_version tlsv1.3

listener {inside} 127.0.0.1
allow_anonymous true
"""
TOPIC = "positions/#"


def program(name):
    """Where it is; some paths lack the folder of servers."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")


def missing():
    return [package for name, package in (("mosquitto", "mosquitto"), ("mosquitto_sub", "mosquitto-clients")) if program(name) is None]


class Broker:
    def __init__(self, folder, certificates, core):
        self.folder, self.core = folder, core
        self.vehicles, self.inside = free_port(), free_port()
        self.config = folder / "mosquitto.conf"
        self.config.write_text(SETTINGS.format(vehicles=self.vehicles, inside=self.inside, certificates=certificates))
        self.processes = []

    def start(self):
        self.broker = self.run([program("mosquitto"), "-c", self.config], "mosquitto.log")
        # It listens within a moment, or has said in its log why not.
        time.sleep(1)
        if self.broker.poll() is not None:
            raise SystemExit(f"Mosquitto does not start: see {self.folder / 'mosquitto.log'}")
        self.subscriber = self.subscribe([], "subscriber.log")

    def subscribe(self, more, out):
        return self.run([program("mosquitto_sub"), "-h", "127.0.0.1", "-p", self.inside, "-q", 1, "-t", TOPIC, *more], out)

    def run(self, command, out):
        # What a subscriber prints costs it as little as can be, unless somebody wants to read it.
        target = subprocess.DEVNULL if out == "subscriber.log" else open(self.folder / out, "wb")
        process = subprocess.Popen(on_core(self.core, command), stdout=target, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def delays_s(self, seconds):
        """How long messages were under way to a subscriber that says when it got each; in order."""
        self.subscriber.kill()
        process = self.subscribe(["-F", "%U %p"], "delays.txt")
        time.sleep(seconds)
        process.kill()
        process.wait()
        lines = (line.split() for line in (self.folder / "delays.txt").read_text(errors="replace").splitlines())
        return sorted(float(parts[0]) - float(parts[1]) for parts in lines if len(parts) == 3)

    def usage(self):
        return Usage(self.broker.pid), Usage(self.subscriber.pid)

    def stop(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def summary(delays_s):
    """Median and p99 in ms."""
    return (statistics.median(delays_s) * 1e3, delays_s[int(0.99 * (len(delays_s) - 1))] * 1e3) if delays_s else (0.0, 0.0)
