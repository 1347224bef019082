"""Recorded runs for the analysis tools that work on Neo's objects.

Garcia et al., "Neo: an object model for handling electrophysiology data in multiple formats", Frontiers in
Neuroinformatics 2014.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .faults import RunFolderError
from .sonata import Places

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["block_of"]


def block_of(recording: Recording) -> Any:
    """Return a recording as a `neo.Block` of one segment.

    Its spike trains [ms] are those of all neurons of populations, silent ones included, annotated with ``neuron``,
    ``population``, ``column`` and ``layer``. Its analog signals are the traces [mV], and each field that was recorded,
    in its unit; the numbers of whom they are of are array annotations.

    Raises
    ------
    RunFolderError
        If neo is missing.
    FileError
        If the recording cannot be read.
    """
    try:
        import neo
        import quantities as pq
    except ImportError:
        problem = "neo is missing; install it with: pip install 'runen-ecs[neo]'"
        raise RunFolderError(recording.path, problem) from None
    network, places, end = recording.network, Places.of(recording), (recording.tick + 1) * recording.dt_ms
    block = neo.Block(name=network.meta["scenario"]["title"], seed=recording.manifest.seed)
    segment = neo.Segment(name="run")
    block.segments.append(segment)
    time, neuron = recording.spikes(0, end)
    order = np.argsort(neuron, kind="stable")
    first = np.searchsorted(neuron[order], np.arange(places.population.size + 1))
    for number in np.flatnonzero(places.population < len(recording.manifest.populations)).tolist():
        layer = network.neuron_layer[number] if number < network.neuron_layer.size else -1
        train = neo.SpikeTrain(
            time[order[first[number] : first[number + 1]]],
            units=pq.ms,
            t_stop=recording.duration_ms,
            neuron=number,
            population=places.names[places.population[number]],
            column=int(network.neuron_column[number]) if number < network.neuron_column.size else -1,
            layer=str(network.layer_names[layer]) if layer >= 0 else "",
        )
        segment.spiketrains.append(train)
    signals = [("v", "mV", network.trace_neuron, *recording.traces(0, end))]
    signals += [(x.field, x.unit, x.number, *recording.values(x.field, 0, end)) for x in network.values]
    for name, unit, numbers, moment, value in signals:
        if not value.size:
            continue
        period = (moment[1] - moment[0]) if moment.size > 1 else recording.dt_ms
        signal = neo.AnalogSignal(
            value,
            units=_unit(pq, unit),
            sampling_period=period * pq.ms,
            t_start=moment[0] * pq.ms,
            name=name,
            array_annotations={"number": numbers},
        )
        segment.analogsignals.append(signal)
    return block


def _unit(pq: Any, unit: str) -> Any:
    """Return a unit of quantities; none for one that it does not know."""
    try:
        return pq.Quantity(1.0, unit or "dimensionless").units
    except LookupError:
        return pq.dimensionless
