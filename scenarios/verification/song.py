"""Song, Miller & Abbott's competition of synapses: rates and weights, for slow and for fast inputs."""

from __future__ import annotations

from runen_ecs.components import Weight
from runen_ecs.network import Populations, Selection
from runen_ecs.recording import SpikeRecord

from ..building import build
from ..loading import load
from .check import Check

__all__ = ["checks", "song_miller_abbott"]

PART_S = 20
NEAR = 0.1  # the rates of seeds scatter by 5 %, and go on drifting: down with slow inputs, up with fast ones


def song_miller_abbott(input_hz: float, seed: int, span_s: tuple[int, int]) -> dict[str, float]:
    """Let a neuron's inputs compete; return how fast it fires, and which shares of the synapses are weak and strong.

    Parameters
    ----------
    input_hz : float
        Rate of the excitatory inputs [Hz]; the inhibitory ones fire at 10 Hz.
    seed : int
    span_s : (int, int)
        From when to when its spikes are counted [s], multiples of 20; the weights are those of the end.
    """
    keys = {"seed": seed, "populations.excitatory.parameters.rate": input_hz, "record.weights": False}
    simulation = build(load("song-miller-abbott", keys))
    world, (begin, end) = simulation.world, span_s
    neuron = world.resource(Populations).select(world, Selection("neuron"))
    record, spikes, largest = world.resource(SpikeRecord), 0, float(simulation.weight_initial.max())
    for second in range(0, end, PART_S):
        simulation.run(round(PART_S * 1000 / world.clock.dt))
        spikes += int((record.events()["entity"] == neuron[0]).sum()) * (second >= begin)
        record.forget()  # the inputs' spikes are many, and nobody asks for them
    weight = world.storage(Weight).array["value"]
    share = weight[weight >= 0] / largest
    return {
        "rate_hz": spikes / (end - begin),
        "below_0.2": float((share < 0.2).mean()),
        "above_0.8": float((share > 0.8).mean()),
    }


def _check(input_hz: int, low: float, high: float, span_s: tuple[int, int]) -> Check:
    """Return a check: at these inputs the neuron of another program fires at low … high [Hz]."""
    return Check(
        f"network/song-miller-abbott/{input_hz}",
        "Song, Miller & Abbott 2000; rates measured with another program",
        f"{low}-{high} Hz, to 10 %, at {span_s[0]}-{span_s[1]} s; most weights below 0.2 or above 0.8",
        lambda: song_miller_abbott(input_hz, 1, span_s),
        lambda m: (
            (1 - NEAR) * low <= m["rate_hz"] <= (1 + NEAR) * high
            and min(m["below_0.2"], m["above_0.8"]) >= 0.05
            and m["below_0.2"] + m["above_0.8"] >= 0.75
        ),
        slow=True,
    )


def checks() -> list[Check]:
    """Return the checks: a neuron keeps firing at a moderate rate, whether its inputs are slow or fast."""
    return [_check(10, 13.9, 14.8, (1500, 2000)), _check(40, 19.4, 19.8, (500, 1000))]
