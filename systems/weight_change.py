"""How weights change, within bounds: what the learning systems share."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from runen_ecs.engine import Floats, Int64s, Rows, kernel
from runen_ecs.errors import LearningError

Limits = tuple[float, float, float, float]


@dataclass(frozen=True)
class Bounds:
    """The weights that learning can reach.

    A weight that lies outside is brought to the nearer bound when a neuron at one of its ends first fires.

    Parameters
    ----------
    low, high : float
        [mV]; infinite: no bound.
    soft : bool
        False: a change is clipped. True: it is also the smaller, the nearer the weight is to the bound that it moves
        to: a weakening times (w − low) / (high − low), a strengthening times (high − w) / (high − low).

    *Source*: hard: Song, Miller & Abbott 2000. Soft: Gütig, Aharonov, Rotter & Sompolinsky 2003, with μ = 1; van
    Rossum, Bi & Turrigiano 2000 for weakening alone.
    *Deviation*: soft bounds clip too, because a large change would step over them.

    Raises
    ------
    LearningError
        In the wrong order, or soft and infinite.
    """

    low: float
    high: float
    soft: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise LearningError(f"the bounds of weights are {self.low} … {self.high}; the first must be the lower")
        if self.soft and not self.high - self.low < inf:
            raise LearningError(f"soft bounds must be finite, not {self.low} … {self.high}")


def limits(bounds: Bounds | None, excitatory: bool) -> Limits | None:
    """Return what `weaken` and `strengthen` call bounds: None, unless something bounds a weight.

    Excitatory: only weights of 0 or more learn, and stay so; the lower bound is then 0 or higher.
    """
    if bounds is None and not excitatory:
        return None
    low, high, soft = (bounds.low, bounds.high, bounds.soft) if bounds is not None else (-inf, inf, False)
    floor = 0.0 if excitatory else -inf
    within = Bounds(max(low, floor), high, soft)
    return floor, within.low, within.high, 1.0 / (within.high - within.low) if soft else 0.0


@kernel
def moved(weight: float, step: float, bounds: Limits) -> float:
    """Return a weight after a step, within its bounds.

    w ← clip(w + s d, low, high);  s = (high − w) / (high − low) upwards, (w − low) / (high − low) downwards, if soft

    weight, step : float, w and d [mV]. bounds : the lowest weight that learns, low, high [mV] and, if they are soft,
    1 / (high − low) [1/mV], else 0.
    """
    floor, low, high, softness = bounds
    if weight < floor:
        return weight
    if softness > 0.0:
        step *= (high - weight if step > 0.0 else weight - low) * softness
    return min(max(weight + step, low), high)


@kernel
def weaken(
    row: Rows,
    count: Int64s,
    axon_first: Int64s,
    axon_row: Rows | None,
    target: Rows,
    amplitude: float,
    window: Floats,
    bounds: Limits | None,
    weight: Floats,
) -> None:
    """Weaken the synapses that neurons which fire feed, by the window of their targets.

    w ← w − A W_target, within its bounds

    row, count : who fires. axon_first, axon_row : see `synapses_of_rule`. target : (n_synapses,) int32, rows.
    amplitude : float, A [mV]. window : (n_neurons,) float64, W. bounds : see `moved`; None: no bounds. weight :
    (n_synapses,) float64, in place [mV].
    """
    for j in range(count[0]):
        for m in range(axon_first[row[j]], axon_first[row[j] + 1]):
            k = m if axon_row is None else axon_row[m]
            if bounds is None:  # known when it is compiled
                weight[k] -= amplitude * window[target[k]]
            else:
                weight[k] = moved(weight[k], -amplitude * window[target[k]], bounds)


@kernel
def strengthen(
    row: Rows,
    count: Int64s,
    dendrite_first: Int64s,
    dendrite_row: Rows,
    dendrite_source: Rows,
    amplitude: float,
    window: Floats,
    bounds: Limits | None,
    weight: Floats,
) -> None:
    """Strengthen the synapses that feed neurons which fire, by the window of their sources.

    w ← w + A W_source, within its bounds

    dendrite_first, dendrite_row, dendrite_source : see `synapses_of_rule`. All else : see `weaken`.
    """
    for j in range(count[0]):
        for m in range(dendrite_first[row[j]], dendrite_first[row[j] + 1]):
            k = dendrite_row[m]
            if bounds is None:  # known when it is compiled
                weight[k] += amplitude * window[dendrite_source[m]]
            else:
                weight[k] = moved(weight[k], amplitude * window[dendrite_source[m]], bounds)
