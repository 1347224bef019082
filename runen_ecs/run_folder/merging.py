"""All of a recorded run in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..files import RunData

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["merged"]

EVENTS = {"outputs": "output", "hits": "hit", "emissions": "emission"}


def merged(recording: Recording) -> RunData:
    """Return the network of a recording with all its events, traces and values, until its tick."""
    network, dt = recording.network, recording.dt_ms
    stop = None if recording.manifest.closed else recording.tick + 1

    def rows(stream: str) -> NDArray[Any]:
        return recording.streams[stream].rows(0, stop)

    spikes = rows("spikes")
    time, weight = recording.weights(0, None if stop is None else stop * dt)
    values = [
        replace(values, tick=found["tick"].astype(np.int32), value=found["value"])
        for number, values in enumerate(network.values)
        for found in (rows(f"values-{number}"),)
    ]
    changed: dict[str, Any] = {
        "spike_tick": spikes["tick"].astype(np.int32),
        "spike_neuron": spikes["neuron"].astype(np.int32),
        "weight_tick": np.rint(time / dt).astype(np.int32),
        "weight_snapshot": weight,
        "values": values,
    }
    if "traces" in recording.streams:
        changed["trace_v"] = rows("traces")["v"]
    for stream, event in EVENTS.items():
        if stream in recording.streams:
            found = rows(stream)
            changed |= {f"{event}_{name}": found[name].copy() for name in found.dtype.names or ()}
    if "stimuli" in recording.streams:
        changed |= _came_in(rows("stimuli"), rows("hits"), dict(recording.manifest.bridged))
    if not recording.manifest.closed:
        created = int(changed["spike_neuron"].max(initial=-1)) + 1 - network.neuron_column.size
        changed |= {
            name: np.append(getattr(network, name), np.full(max(created, 0), -1, np.int32))
            for name in ("neuron_column", "neuron_layer")
        }
        changed["meta"] = network.meta | {"ticks": recording.tick, "partial": True}
    return replace(network, **changed)


def _came_in(stimuli: NDArray[Any], hits: NDArray[Any], bridged: dict[int, int]) -> dict[str, NDArray[Any]]:
    """Return what came in through ports, and what spiking neurons brought in their place, in the order of ticks."""
    brought = hits[np.isin(hits["synapse"], list(bridged))]
    ports = [bridged[synapse] for synapse in brought["synapse"].tolist()]
    order = np.argsort(np.concatenate([stimuli["tick"], brought["tick"]]), kind="stable")
    return {
        "stimulus_tick": np.concatenate([stimuli["tick"], brought["tick"]]).astype(np.int32)[order],
        "stimulus_port": np.concatenate([stimuli["port"], ports]).astype(np.int32)[order],
        "stimulus_size": np.concatenate([stimuli["size"], brought["size"]])[order],
    }
