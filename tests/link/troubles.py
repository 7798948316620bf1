"""What is done to a vehicle's line, and who gets what: troubles one after the other on each vehicle, with a rest of chance between them, by seed.
Long tunnels run beside short ones on other vehicles."""

import random
from dataclasses import dataclass
from typing import Callable

FLAP_ON_S, FLAP_OFF_S = 1.0, 3.0
LOSS = 0.2
REST_S = (9.0, 19.0)


@dataclass(frozen=True)
class Trouble:
    name: str
    seconds: float
    # Called with the vehicle, the seconds, and how to wait.
    do: Callable
    # Whether it must have swallowed something, or else proves nothing.
    swallows: bool = True
    wants_namespaces: bool = False
    # Whether the line is sound when it is over, so that the law on the gap holds.
    is_sound_after: bool = True


def cut(*ways):
    def do(vehicle, seconds, wait):
        vehicle.line.cut(*ways)
        wait(seconds)
        vehicle.line.mend()

    return do


def modem_off(vehicle, seconds, wait):
    vehicle.line.cut()
    vehicle.ground.modem(vehicle.unit, "down")
    wait(seconds)
    vehicle.ground.modem(vehicle.unit, "up")
    vehicle.line.mend()


def move(vehicle, seconds, wait):
    vehicle.ground.move(vehicle.unit)


def rebind(vehicle, seconds, wait):
    vehicle.line.rebind()


def flap(vehicle, seconds, wait):
    for _ in range(round(seconds / (FLAP_ON_S + FLAP_OFF_S))):
        vehicle.line.mend()
        wait(FLAP_ON_S)
        vehicle.line.cut()
        wait(FLAP_OFF_S)
    vehicle.line.mend()


def lose(vehicle, seconds, wait):
    vehicle.line.lose(LOSS)
    wait(seconds)
    vehicle.line.lose(0.0)


def tunnel_with_loss(vehicle, seconds, wait):
    """A tunnel with a bad cell at its end."""
    vehicle.line.lose(LOSS)
    cut()(vehicle, seconds, wait)


def tunnel(seconds):
    return Trouble(f"tunnel, {seconds} s", seconds, cut())


def modem(seconds):
    return Trouble(f"modem off, {seconds} s", seconds, modem_off, wants_namespaces=True, swallows=False)


def one_way(way, seconds):
    return Trouble(f"{'vehicle to centre' if way == 'out' else 'centre to vehicle'} cut, {seconds} s", seconds, cut(way))


def loss(seconds):
    return Trouble(f"{LOSS:.0%} lost both ways, {seconds} s", seconds, lose, swallows=False)


def flapping(seconds):
    return Trouble(f"flapping 1 s on, 3 s off, {seconds} s", seconds, flap)


MOVE = Trouble("the vehicle's address changes", 0, move, swallows=False, wants_namespaces=True)
REBIND = Trouble("its port at the centre changes", 0, rebind, swallows=False)
LOSSY_TUNNEL = Trouble("tunnel, 20 s, then 20% lost", 20, tunnel_with_loss, is_sound_after=False)

# One line a vehicle; some 330 s each.
LONG = [
    [tunnel(300)],
    [modem(300)],
    [tunnel(50)] * 5,
    [modem(50)] * 5,
    [tunnel(20)] * 10,
    [tunnel(20), modem(20)] * 5,
    [tunnel(5)] * 18,
    [modem(5), tunnel(5)] * 9,
    [one_way("out", 20), one_way("out", 5)] * 6,
    [one_way("in", 20), one_way("in", 5)] * 6,
    [MOVE] * 12 + [REBIND] * 12,
    [flapping(60)] * 4,
    [loss(60)] * 4,
    [LOSSY_TUNNEL] * 9,
]
# What a continuous integration has time for.
SHORT = [
    [tunnel(5), tunnel(5)],
    [tunnel(20)],
    [one_way("out", 8), one_way("in", 8)],
    [MOVE, REBIND, MOVE],
    [flapping(12), REBIND],
    [loss(20)],
]


def lanes(kind, seed, has_namespaces, only=None):
    """For each vehicle its troubles, each with the rest before it. `only`: those whose names have this in them."""
    chance = random.Random(seed)
    planned = [[(chance.uniform(*REST_S), trouble) for trouble in lane] for lane in kind]
    if kind is SHORT:
        planned = [[(rest_s / 5, trouble) for rest_s, trouble in lane] for lane in planned]
    fit = [[(rest_s, it) for rest_s, it in lane if has_namespaces or not it.wants_namespaces] for lane in planned]
    return [lane for lane in ([one for one in lane if only is None or only in one[1].name] for lane in fit) if lane]
