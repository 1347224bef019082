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


def merged(recording: Recording, *, whole: bool = True) -> RunData:
    """Return the network of a recording, with all that was recorded until its tick, or stimuli and outputs alone."""
    network, dt = recording.network, recording.dt_ms
    stop = None if recording.manifest.closed else recording.tick + 1

    def rows(stream: str) -> NDArray[Any]:
        return recording.streams[stream].rows(0, stop)

    changed: dict[str, Any] = {}
    if whole:
        spikes = rows("spikes")
        time, weight = recording.weights(0, None if stop is None else stop * dt)
        changed |= {"spike_tick": spikes["tick"].astype(np.int32), "spike_neuron": spikes["neuron"].astype(np.int32)}
        changed |= {"weight_tick": np.rint(time / dt).astype(np.int32), "weight_snapshot": weight}
        changed["values"] = [
            replace(values, tick=found["tick"].astype(np.int32), value=found["value"])
            for number, values in enumerate(network.values)
            for found in (rows(f"values-{number}"),)
        ]
    if whole and "traces" in recording.streams:
        changed["trace_v"] = rows("traces")["v"]
    for stream, event in EVENTS.items():
        if stream in recording.streams and (whole or stream == "outputs"):
            found = rows(stream)
            changed |= {f"{event}_{name}": found[name].copy() for name in found.dtype.names or ()}
    if "stimuli" in recording.streams:
        changed |= _came_in(recording, stop)
    if not recording.manifest.closed:
        n = network.neuron_column.size
        last = [int(part["neuron"].max()) for part in recording.streams["spikes"].chunks(0, stop)]
        created = max(last, default=-1) + 1 - n
        changed |= {
            name: np.append(getattr(network, name), np.full(max(created, 0), -1, np.int32))
            for name in ("neuron_column", "neuron_layer")
        }
        changed["meta"] = network.meta | {"ticks": recording.tick, "partial": True}
    return replace(network, **changed)


def _came_in(recording: Recording, stop: int | None) -> dict[str, NDArray[Any]]:
    """Return what came in through ports, and what spiking neurons brought in their place, in the order of ticks."""
    bridged = dict(recording.manifest.bridged)
    stimuli, hits = recording.streams["stimuli"].rows(0, stop), recording.streams["hits"]
    parts = [part[np.isin(part["synapse"], list(bridged))] for part in hits.chunks(0, stop)] if bridged else []
    brought = np.concatenate([np.empty(0, hits.dtype), *parts])
    ports = [bridged[synapse] for synapse in brought["synapse"].tolist()]
    order = np.argsort(np.concatenate([stimuli["tick"], brought["tick"]]), kind="stable")
    return {
        "stimulus_tick": np.concatenate([stimuli["tick"], brought["tick"]]).astype(np.int32)[order],
        "stimulus_port": np.concatenate([stimuli["port"], ports]).astype(np.int32)[order],
        "stimulus_size": np.concatenate([stimuli["size"], brought["size"]])[order],
    }
