"""Saved runs: written to a temporary name and renamed, read again for plots."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from .errors import FileError

__all__ = ["NO_RUN", "RunData", "Values", "export", "is_whole", "load_run", "save_run", "write_atomically"]


def _no_numbers() -> NDArray[np.int32]:
    return np.empty(0, np.int32)


def _no_sizes() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass
class Values:
    """A field of a component, recorded at intervals.

    Attributes
    ----------
    field : str
        Component and field: ``Recovery.u``.
    unit : str
        Its unit; empty for a pure number.
    of : str
        The selection, or the projections, as the scenario says it.
    number : (n,) int32
        Which neurons or synapses, by order of creation from 0.
    tick : (n_ticks,) int32
        When.
    value : (n_ticks, n) float64
        NaN once an entity is deleted.
    """

    field: str
    unit: str
    of: str
    number: NDArray[np.int32]
    tick: NDArray[np.int32]
    value: NDArray[np.float64]


@dataclass
class RunData:
    """What a run has left: all that the summary and the pictures are made from.

    Attributes
    ----------
    spike_tick, spike_neuron : (n_spikes,) int32
        Tick (the first is 1) and neuron (by order of creation, from 0) of each spike.
    neuron_column, neuron_layer : (n_neurons,) int32
        Where each neuron lies, or lay until it was deleted; -1 in no column, and in no population.
    layer_names : (n_layers,) str
    synapse_source, synapse_target, synapse_delay : (n_synapses,) int32
        Neurons, and the delay [ticks].
    weight_initial, weight : (n_synapses,) float64
        [mV]
    trace_neuron : (n,) int32
    trace_v : (n_ticks, n) float64
        [mV]
    weight_tick : (n_snapshots,) int32
    weight_snapshot : (n_snapshots, n_synapses) float64
        All weights at intervals [mV].
    stimulus_tick, stimulus_port : (n_stimuli,) int32
        When which input port was given a signal.
    stimulus_size : (n_stimuli,) float64
    output_tick, output_port : (n_outputs,) int32
        When a signal came out of which output port.
    output_size : (n_outputs,) float64
    hit_tick, hit_synapse : (n_hits,) int32
        When a signal arrived at which synapse, in order of arrival; synapses of a capacity network are counted from 0
        over its neurons, and over the inputs of each.
    hit_size, hit_passed : (n_hits,) float64
        What arrived, and what the capacity let through.
    hit_level, hit_accumulator : (n_hits,) float64
        Level of the synapse and accumulator of its neuron at the end of that tick.
    emission_tick, emission_neuron : (n_emissions,) int32
        When which neuron of the capacity network sent a signal; neurons are counted from 0.
    emission_size : (n_emissions,) float64
    initial_level : (n_capacity_synapses,) float64
        Levels before the first tick.
    initial_accumulator : (n_capacity_neurons,) float64
        Accumulators before the first tick.
    projection_names : (n_projections,) str
    synapse_projection : (n_synapses,) int32
        Which projection each synapse belongs to; -1: none.
    values : list of Values
        Recorded fields of components.
    meta : dict
        Scenario, seed, versions, ticks, figures, and under ``network`` the description of the capacity network as a
        JSON file would hold it, if there is one; JSON text in a file.
    """

    spike_tick: NDArray[np.int32]
    spike_neuron: NDArray[np.int32]
    neuron_column: NDArray[np.int32]
    neuron_layer: NDArray[np.int32]
    layer_names: NDArray[np.str_]
    synapse_source: NDArray[np.int32]
    synapse_target: NDArray[np.int32]
    synapse_delay: NDArray[np.int32]
    weight_initial: NDArray[np.float64]
    weight: NDArray[np.float64]
    trace_neuron: NDArray[np.int32]
    trace_v: NDArray[np.float64]
    weight_tick: NDArray[np.int32]
    weight_snapshot: NDArray[np.float64]
    stimulus_tick: NDArray[np.int32] = field(default_factory=_no_numbers)
    stimulus_port: NDArray[np.int32] = field(default_factory=_no_numbers)
    stimulus_size: NDArray[np.float64] = field(default_factory=_no_sizes)
    output_tick: NDArray[np.int32] = field(default_factory=_no_numbers)
    output_port: NDArray[np.int32] = field(default_factory=_no_numbers)
    output_size: NDArray[np.float64] = field(default_factory=_no_sizes)
    hit_tick: NDArray[np.int32] = field(default_factory=_no_numbers)
    hit_synapse: NDArray[np.int32] = field(default_factory=_no_numbers)
    hit_size: NDArray[np.float64] = field(default_factory=_no_sizes)
    hit_passed: NDArray[np.float64] = field(default_factory=_no_sizes)
    hit_level: NDArray[np.float64] = field(default_factory=_no_sizes)
    hit_accumulator: NDArray[np.float64] = field(default_factory=_no_sizes)
    emission_tick: NDArray[np.int32] = field(default_factory=_no_numbers)
    emission_neuron: NDArray[np.int32] = field(default_factory=_no_numbers)
    emission_size: NDArray[np.float64] = field(default_factory=_no_sizes)
    initial_level: NDArray[np.float64] = field(default_factory=_no_sizes)
    initial_accumulator: NDArray[np.float64] = field(default_factory=_no_sizes)
    projection_names: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, np.str_))
    synapse_projection: NDArray[np.int32] = field(default_factory=_no_numbers)
    values: list[Values] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)

    def values_of(self, name: str) -> Values | None:
        """Return what was recorded first of a field, ``Recovery.u``; None if nothing was."""
        return next((values for values in self.values if values.field == name), None)

    @property
    def n_ticks(self) -> int:
        """How many ticks have run."""
        return int(self.meta["ticks"])


def export(folder: Path) -> str:
    """Return the command that makes a file of a run folder."""
    return f"runen export {shlex.quote(str(folder))} run.npz"


NO_RUN = "is no saved run; make one with: runen run columnar --save x.npz"
EVENTS = ("stimulus", "output", "hit", "emission")
ARRAYS = tuple(f.name for f in fields(RunData) if f.name not in ("values", "meta"))
VALUE_ARRAYS = ("number", "tick", "value")
VALUE_WORDS = ("field", "unit", "of")


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    FileError
        If it cannot be written; what was there before is still there.
    """
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                write(file)
                file.close()
                Path(file.name).chmod(0o666 & ~_umask())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise FileError(path, f"cannot be written: {error.strerror or error}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def save_run(data: RunData, path: Path) -> list[Path]:
    """Save a run.

    Parameters
    ----------
    data : RunData
    path : Path
        ``x.npz``: one file with all arrays. ``x.csv``: the spikes, and beside it ``x.traces.csv``, ``x.synapses.csv``,
        ``x.weights.csv``, ``x.neurons.csv`` and ``x.meta.json``; ``x.values.csv`` if fields were recorded; with
        a capacity network also ``x.stimulus.csv``, ``x.output.csv``, ``x.hit.csv`` and ``x.emission.csv``.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileError
        For another ending, or if it cannot be written.
    """
    if path.suffix == ".npz":
        arrays = {name: getattr(data, name) for name in ARRAYS}
        for n, values in enumerate(data.values):
            arrays |= {f"values_{n}_{name}": getattr(values, name) for name in VALUE_ARRAYS}
        words = [{name: getattr(values, name) for name in VALUE_WORDS} for values in data.values]
        meta = np.array(json.dumps(data.meta | {"values": words}))
        write_atomically(path, lambda file: np.savez(file, meta=meta, **arrays))
        return [path]
    if path.suffix != ".csv":
        raise FileError(path, "must end in .npz or .csv")
    synapses = ("source", "target", "delay_ticks", "weight_initial_mV", "weight_mV")
    traces = (f"v_{neuron}_mV" for neuron in data.trace_neuron.tolist())
    ticks = range(1, len(data.trace_v) + 1)
    layer = [data.layer_names[i] if i >= 0 else "" for i in data.neuron_layer]
    tables: list[tuple[str, tuple[str, ...], Any]] = [
        (".csv", ("tick", "neuron"), zip(data.spike_tick.tolist(), data.spike_neuron.tolist(), strict=True)),
        (".traces.csv", ("tick", *traces), ([t, *row] for t, row in zip(ticks, data.trace_v.tolist(), strict=True))),
        (".neurons.csv", ("column", "layer"), zip(data.neuron_column.tolist(), layer, strict=True)),
        (
            ".synapses.csv",
            synapses,
            zip(
                data.synapse_source.tolist(),
                data.synapse_target.tolist(),
                data.synapse_delay.tolist(),
                data.weight_initial.tolist(),
                data.weight.tolist(),
                strict=True,
            ),
        ),
    ]
    moments = zip(data.weight_tick.tolist(), data.weight_snapshot, strict=True)
    snapshots = ((t, k, w) for t, weights in moments for k, w in enumerate(weights.tolist()))
    tables.append((".weights.csv", ("tick", "synapse", "weight_mV"), snapshots))
    if data.values:
        rows = (
            (x.field, x.of, t, n, v)
            for x in data.values
            for t, row in zip(x.tick.tolist(), x.value, strict=True)
            for n, v in zip(x.number.tolist(), row.tolist(), strict=True)
        )
        tables.append((".values.csv", ("field", "of", "tick", "number", "value"), rows))
    if "network" in data.meta:
        tables += [_events_of(data, event) for event in EVENTS]
    written = []
    for suffix, heading, rows in tables:
        written.append(path.with_suffix(suffix))
        write_atomically(written[-1], partial(_write_csv, heading=heading, rows=rows))
    written.append(path.with_suffix(".meta.json"))
    write_atomically(written[-1], lambda file: file.write(json.dumps(data.meta, indent=1).encode()))
    return written


def _events_of(data: RunData, event: str) -> tuple[str, tuple[str, ...], Any]:
    """Return the name, the heading and the rows of a table of events of a capacity network."""
    names = [name for name in ARRAYS if name.startswith(f"{event}_")]
    rows = zip(*(getattr(data, name).tolist() for name in names), strict=True)
    return f".{event}.csv", tuple(name.removeprefix(f"{event}_") for name in names), rows


def _write_csv(file: IO[bytes], heading: tuple[str, ...], rows: Any) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    text.flush()
    text.detach()


def load_run(path: Path) -> RunData:
    """Read a run that was saved as ``.npz``.

    Raises
    ------
    FileError
        If it is not there, or is something else.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            if not {*ARRAYS, "meta"} <= set(file.files):
                raise FileError(path, NO_RUN)
            meta = json.loads(str(file["meta"]))
            values = [
                Values(
                    **{name: words[name] for name in VALUE_WORDS}, **{x: file[f"values_{n}_{x}"] for x in VALUE_ARRAYS}
                )
                for n, words in enumerate(meta.pop("values", []))
            ]
            data = RunData(**{name: file[name] for name in ARRAYS}, values=values, meta=meta)
    except (KeyError, ValueError, BadZipFile, EOFError, AttributeError, TypeError):
        raise FileError(path, NO_RUN) from None
    except FileError:
        raise
    except IsADirectoryError:
        raise FileError(path, f"is a folder; a run folder is exported first: {export(path)}") from None
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror or error}") from None
    return data


def is_whole(data: RunData) -> bool:
    """Whether the parts of a run fit together, so that it can be drawn."""
    n, meta = data.neuron_column.size, data.meta
    return (
        isinstance(meta, dict)
        and {"scenario", "seed", "phases", "ticks", "dt_ms", "partial", "versions"} <= meta.keys()
        and all(getattr(data, name).dtype.kind == "i" for name in ("spike_tick", "spike_neuron", "neuron_layer"))
        and data.spike_tick.shape == data.spike_neuron.shape == (data.spike_tick.size,)
        and (not data.spike_tick.size or (data.spike_tick.min() >= 1 and data.spike_tick.max() <= meta["ticks"]))
        and data.neuron_layer.shape == (n,)
        and _within(data.neuron_layer, -1, data.layer_names.size)
        and data.weight_initial.shape == data.weight.shape == (data.weight.size,)
        and data.weight_snapshot.shape == (data.weight_tick.size, data.weight.size)
        and data.synapse_source.shape == data.synapse_target.shape == data.weight.shape
        and data.synapse_projection.shape in ((0,), data.weight.shape)
        and _within(data.synapse_projection, -1, data.projection_names.size)
        and (not data.trace_neuron.size or data.trace_v.shape == (meta["ticks"], data.trace_neuron.size))
        and all(not x.size or (x.min() >= 0 and x.max() < n) for x in (data.spike_neuron, data.trace_neuron))
        and all(_whole_values(values) for values in data.values)
        and _signals_fit(data)
    )


def _whole_values(values: Values) -> bool:
    return values.value.dtype.kind == "f" and values.value.shape == (values.tick.size, values.number.size)


def _signals_fit(data: RunData) -> bool:
    """Whether the parts of a run that are about its capacity network fit together."""
    ticks = [getattr(data, f"{event}_tick") for event in EVENTS]
    if "network" not in data.meta:
        return not any(tick.size for tick in ticks)
    if not isinstance(data.meta["network"], dict):
        return False
    numbers = (data.stimulus_port, data.output_port, data.hit_synapse, data.emission_neuron)
    most = (2**31, 2**31, data.initial_level.size, data.initial_accumulator.size)
    values = [getattr(data, name) for name in ARRAYS if name.endswith("_size") or name.startswith(("hit_", "initial_"))]
    return (
        all(tick.dtype.kind == "i" == number.dtype.kind for tick, number in zip(ticks, numbers, strict=True))
        and all(tick.ndim == 1 and _within(tick, 1, data.n_ticks + 1) for tick in ticks)
        and all(
            tick.shape == array.shape
            for event, tick in zip(EVENTS, ticks, strict=True)
            for array in (getattr(data, name) for name in ARRAYS if name.startswith(f"{event}_"))
        )
        and all(_within(number, 0, limit) for number, limit in zip(numbers, most, strict=True))
        and all(value.dtype.kind in "if" and value.ndim == 1 for value in values)
    )


def _within(array: NDArray[Any], low: int, above: int) -> bool:
    return not array.size or bool(array.min() >= low and array.max() < above)
