"""Whether a network that has run was silent, died, or fired without end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.analysis import SpikeCounts
from runen_ecs.files import RunData

from .language.models import MODELS

__all__ = ["has_membrane", "warnings_of"]

SHORTEST_MS = 100  # in less, a network need not have begun
LEAST_SILENCE_MS = 1000
STORM_HZ = 250


def warnings_of(data: RunData, counts: SpikeCounts) -> list[str]:
    """Say what of a run looks like a mistake; usually nothing.

    Neurons without a membrane, which fire because they are told to, do not count.

    Parameters
    ----------
    data : RunData
        Its spikes are not looked at.
    counts : SpikeCounts
        With those who have a membrane as members.

    Returns
    -------
    list of str
        No neuron fired, one alone aside; none did in the last half and for a second, where they are connected; or the
        mean rate of the last second is above `STORM_HZ`.
    """
    members, dt = has_membrane(data), data.meta["dt_ms"]
    n, connected, length = int(members.sum()), bool(data.synapse_source.size), data.n_ticks * dt
    if not n or length < SHORTEST_MS:
        return []
    spikes = counts.of_members
    if not spikes.any():
        if n == 1 and not connected:
            return []  # a cell by itself may be there to show that it rests
        return [
            f"no neuron fired in {length / 1000:g} s: check that the input reaches them and is strong enough, "
            "and look at a potential (record.traces)"
        ]
    last = float(np.flatnonzero(spikes)[-1] + 1) * dt
    if last <= length / 2 and length - last >= LEAST_SILENCE_MS and connected:
        return [
            f"no neuron fired after {last / 1000:g} s of {length / 1000:g} s: the network died; check what ends there "
            "(input, events), and whether inhibition or learning got the upper hand"
        ]
    window = min(length, LEAST_SILENCE_MS)
    rate = float(spikes[-round(window / dt) :].sum() / n / window * 1000)
    if rate > STORM_HZ:
        return [
            f"nearly everything fires, {rate:.0f} Hz a neuron in the last {window / 1000:g} s: check the size of the "
            "weights and of the input, and the balance of excitation and inhibition"
        ]
    return []


def has_membrane(data: RunData) -> NDArray[np.bool_]:
    """Return which neurons of a run have a membrane, (n_neurons,) bool.

    Sources have none; those of a capacity network, which belong to no population, neither.
    """
    scenario = data.meta["scenario"]
    populations: dict[str, Any] = scenario.get("populations") or {}
    layered = bool(scenario.get("columns")) + sum(bool(part.get("layers")) for part in populations.values())
    without: list[str] = []
    for name, part in populations.items():
        if not MODELS[part["model"]].driven:
            layers = part.get("layers") or {}
            without += [layer if layered == 1 else f"{name}.{layer}" for layer in layers] or [name]
    group = np.append(~np.isin(data.layer_names, without), False)  # the last: in none
    members: NDArray[np.bool_] = group[data.neuron_layer]
    return members
