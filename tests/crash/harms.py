"""What is done to a centre during a campaign: processes are killed and suspended, lines between its machines are cut."""

import random
import time

from clients import ask

READY_S = 90

NAMES = {
    "leader": "SIGKILL of the leader",
    "follower": "SIGKILL of the follower",
    "postgres": "SIGKILL of PostgreSQL's primary",
    "pause": "leader suspended",
    "database": "leader cut from PostgreSQL",
    "database-out": "… only what it sends to PostgreSQL",
    "database-in": "… only what PostgreSQL sends it",
    "standby": "leader cut from the follower",
    "standby-out": "… only what it sends to the follower",
    "standby-in": "… only what the follower sends it",
    "vehicles": "leader cut from the vehicles",
    "vehicles-out": "… only what it sends to the vehicles",
    "vehicles-in": "… only what the vehicles send it",
    "island": "leader cut from PostgreSQL and follower",
    "alone": "leader cut from PostgreSQL, follower, vehicles",
    "split": "PostgreSQL away, then the leader",
}
# What is cut, and for how long: a vehicle gives up a line on which three seconds nothing came.
CUTS = {"database": (1.0, 4.0), "standby": (1.0, 4.0), "vehicles": (3.0, 8.0)}
# Of thirteen: a process that is killed, one that is suspended, cables that are cut.
ON_LOOPBACK = ["leader"] * 4 + ["follower"] * 2 + ["postgres"] * 2 + ["pause", "pause", "database", "island", "split"]
# Where a line can be cut one way: every harm alike.
IN_NAMESPACES = list(NAMES)
LEAVE_ASIDE = ("island", "alone", "split")
VEHICLES_CUT_OFF = ("vehicles", "vehicles-out", "vehicles-in", "alone")


def standing(centre, node):
    status, answer = ask(centre.api(node) + "/api/v1/leadership", timeout=1)
    return answer["state"] if status == 200 else None


def wait_for(condition, seconds=READY_S):
    begun = time.time()
    while time.time() - begun < seconds:
        if condition():
            return True
        time.sleep(0.02)
    return False


def do_harm(centre, harm, leader, history):
    """Does one harm, and leaves what it takes for the centre to become whole again."""
    history.note(kind="kill", victim=harm, node=leader + 1)
    if harm in KILLS:
        KILLS[harm](centre, leader, history)
    else:
        cut(centre, harm, leader)
        history.note(kind="mended", victim=harm, dropped=centre.ground.mend())


def kill_leader(centre, leader, _):
    centre.nodes[leader].kill()
    wait_for(lambda: standing(centre, 1 - leader) == "normal")
    centre.nodes[leader].start()


def kill_follower(centre, leader, _):
    centre.nodes[1 - leader].kill()
    centre.nodes[1 - leader].start()


def kill_postgres(centre, _, history):
    history.note(kind="postgres", how=centre.postgres.harm())


def suspend_leader(centre, leader, _):
    # Longer than a lease, shorter than those wait who asked it something.
    centre.nodes[leader].pause(random.uniform(3.4, 4.8))


KILLS = {"leader": kill_leader, "follower": kill_follower, "postgres": kill_postgres, "pause": suspend_leader}


def cut(centre, harm, leader):
    """Cuts lines for a while; the caller mends them."""
    ground, own, other = centre.ground, f"node-{leader + 1}", f"node-{2 - leader}"
    if harm == "split":
        # Nobody reaches PostgreSQL and the follower grants; then the leader loses everybody, and the follower sees PostgreSQL again.
        ground.cut(own, "database")
        ground.cut(other, "database")
        wait_for(lambda: standing(centre, leader) == "journal", 5)
        ground.cut(own, other)
        ground.mend(other, "database")
        time.sleep(random.uniform(5.0, 8.0))
    elif harm in ("island", "alone"):
        for there in ["database", other] + ["vehicles"] * (harm == "alone"):
            ground.cut(own, there)
        time.sleep(random.uniform(2.0, 6.0))
    else:
        there, _, way = harm.partition("-")
        ground.cut(own, other if there == "standby" else there, way or "both")
        time.sleep(random.uniform(*CUTS[there]))
