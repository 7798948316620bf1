"""A campaign that cannot fail proves nothing: the same campaign over a centre with a fault put in on purpose must find it. Prints how many harms
each of the faults needed; ends with 1 when one was not found.

    python3 tests/crash/mutants.py --binaries target/mutants --folder target/crash-mutants
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

# The fault, and the harms among which it can show.
MUTANTS = {
    "acknowledge-early": ["leader"],
    "no-fence": ["pause"],
    "endless-grant": ["split"],
    "lost-outbox": ["leader", "follower"],
}
STEP = 2


def kills_needed(mutant, harms, arguments):
    """How many harms until the checker found something; `None` when it did not."""
    folder = arguments.folder / mutant
    shutil.rmtree(folder, ignore_errors=True)
    for kills in range(STEP, arguments.kills_max + 1, STEP):
        command = [sys.executable, Path(__file__).with_name("campaign.py"), "--binaries", arguments.binaries, "--folder", folder, "--kills", str(kills), "--only", *harms, "--busy", "3"]
        done = subprocess.run(command, env={**os.environ, "JICHI_MUTANT": mutant}, capture_output=True, text=True)
        if done.returncode == 1 and "laws broken" in done.stdout:
            found = [line.strip() for line in done.stdout.splitlines() if "✗" in line]
            return kills, found[0] if found else ""
        if done.returncode != 0:
            raise SystemExit(f"{mutant}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return None, ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder with a dispatchd built with --features mutants, vehicle-agent and sim")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--kills-max", type=int, default=40)
    parser.add_argument("--only", nargs="*", choices=sorted(MUTANTS), help="only these faults")
    arguments = parser.parse_args()
    escaped = 0
    for mutant, harms in MUTANTS.items():
        if arguments.only and mutant not in arguments.only:
            continue
        kills, found = kills_needed(mutant, harms, arguments)
        escaped += kills is None
        print(f"{mutant:<20}{'NOT FOUND' if kills is None else f'found within {kills} harms'}   {found}", flush=True)
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main())
