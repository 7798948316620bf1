"""The peer of the proposal benchmark: OSRM's table of every unit to each incident, asked over HTTP and in this process.

Usage: osrm_table.py EXTRACT FOLDER POINTS ANSWER
FOLDER keeps OSRM's own files between runs. POINTS: {"units": [[lon, lat]…], "incidents": [[lon, lat]…], "sets": [500, …]}.
ANSWER: {"version", "sets": [{"units", "http_ms": […], "inside_ms": […], "durations_s": [[…] for each incident]}]}.
Wants Python 3.12 with the wheel `osrm-bindings`.
"""

import json
import pathlib
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version

import osrm

PORT = 18_951
ASKED = 20


def main() -> None:
    extract, folder, points, answer = map(pathlib.Path, sys.argv[1:5])
    programs = pathlib.Path(osrm.__file__).parent
    base = prepare(extract.resolve(), folder, programs)
    asked = json.loads(points.read_text())
    engine = osrm.OSRM(storage_config=str(base), use_shared_memory=False, algorithm="CH", max_locations_distance_table=100_000)
    server = subprocess.Popen(
        [programs / "bin" / "osrm-routed", "--algorithm", "ch", "--ip", "127.0.0.1", "--port", str(PORT),
         "--max-table-size", "100000", "--threads", "1", base],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(server, asked["units"][0])
        sets = [one_set(engine, asked["units"][:count], asked["incidents"][:ASKED]) for count in asked["sets"]]
    finally:
        server.terminate()
        server.wait()
    answer.write_text(json.dumps({"version": version("osrm-bindings"), "sets": sets}))


def prepare(extract: pathlib.Path, folder: pathlib.Path, programs: pathlib.Path) -> pathlib.Path:
    """Extracts and contracts once for each extract."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / extract.name
    base = folder / (extract.name.removesuffix(".osm.pbf") + ".osrm")
    stamp = folder / "stamp"
    state = f"{extract} {extract.stat().st_size} {version('osrm-bindings')}"
    if stamp.exists() and stamp.read_text() == state:
        return base
    link.unlink(missing_ok=True)
    link.symlink_to(extract)
    profile = programs / "share" / "profiles" / "car.lua"
    for command in (["osrm-extract", "-p", profile, link], ["osrm-contract", base]):
        subprocess.run([programs / "bin" / command[0], *command[1:]], check=True, stdout=subprocess.DEVNULL)
    stamp.write_text(state)
    return base


def wait_for(server: subprocess.Popen, place: list) -> None:
    for _ in range(600):
        if server.poll() is not None:
            sys.exit(f"osrm-routed ended with {server.returncode}")
        try:
            fetch(f"nearest/v1/driving/{place[0]},{place[1]}")
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("osrm-routed does not answer")


def fetch(path: str) -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/{path}", timeout=60) as reply:
        return json.load(reply)


def one_set(engine, units: list, incidents: list) -> dict:
    result = {"units": len(units), "http_ms": [], "inside_ms": [], "durations_s": []}
    sources = ";".join(str(number) for number in range(1, len(units) + 1))
    for incident in incidents:
        places = [incident, *units]
        path = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in places)
        begun = time.perf_counter()
        table = fetch(f"table/v1/driving/{path}?sources={sources}&destinations=0")
        result["http_ms"].append((time.perf_counter() - begun) * 1e3)
        result["durations_s"].append([row[0] for row in table["durations"]])
        parameters = osrm.TableParameters(
            coordinates=[tuple(place) for place in places],
            sources=list(range(1, len(places))),
            destinations=[0],
        )
        begun = time.perf_counter()
        engine.Table(parameters)
        result["inside_ms"].append((time.perf_counter() - begun) * 1e3)
    return result


main()
