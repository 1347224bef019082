"""Saved runs: what is saved is read again to the bit, under names that scripts rely on, whole or not at all."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import stat
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from runen_ecs.errors import FileError
from runen_ecs.files import RunData, load_run, save_run, write_atomically
from runen_ecs.scenarios import Simulation, build, load

NAMES = [
    "spike_tick",
    "spike_neuron",
    "neuron_column",
    "neuron_layer",
    "layer_names",
    "synapse_source",
    "synapse_target",
    "synapse_delay",
    "weight_initial",
    "weight",
    "trace_neuron",
    "trace_v",
    "weight_tick",
    "weight_snapshot",
    "stimulus_tick",
    "stimulus_port",
    "stimulus_size",
    "output_tick",
    "output_port",
    "output_size",
    "hit_tick",
    "hit_synapse",
    "hit_size",
    "hit_passed",
    "hit_level",
    "hit_accumulator",
    "emission_tick",
    "emission_neuron",
    "emission_size",
    "initial_level",
    "initial_accumulator",
    "projection_names",
    "synapse_projection",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | TEXT,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXT, below, max_size=3),
    max_leaves=6,
)


def ints(*shape: int) -> st.SearchStrategy[Any]:
    """Arrays as of ticks and neurons."""
    return npst.arrays(np.int32, shape, elements=st.integers(-1, 2**31 - 1))


def floats(*shape: int) -> st.SearchStrategy[Any]:
    """Arrays as of potentials, with all that is no number, too."""
    return npst.arrays(np.float64, shape, elements=st.floats(width=64))


@st.composite
def runs(draw: st.DrawFn) -> RunData:
    """Draw a small run, its parts of fitting sizes."""
    neurons, synapses, spikes, traces, ticks, snapshots = (draw(st.integers(0, 4)) for _ in range(6))
    layer_names = draw(st.lists(TEXT, min_size=1, max_size=3))
    return RunData(
        spike_tick=draw(ints(spikes)),
        spike_neuron=draw(ints(spikes)),
        neuron_column=draw(ints(neurons)),
        neuron_layer=draw(npst.arrays(np.int32, neurons, elements=st.integers(-1, len(layer_names) - 1))),
        layer_names=np.array(layer_names),
        synapse_source=draw(ints(synapses)),
        synapse_target=draw(ints(synapses)),
        synapse_delay=draw(ints(synapses)),
        weight_initial=draw(floats(synapses)),
        weight=draw(floats(synapses)),
        trace_neuron=draw(ints(traces)),
        trace_v=draw(floats(ticks, traces)),
        weight_tick=draw(ints(snapshots)),
        weight_snapshot=draw(floats(snapshots, synapses)),
        meta={**draw(st.dictionaries(TEXT, JSON, max_size=3)), "ticks": ticks},
    )


def bits(data: RunData) -> dict[str, Any]:
    """Return all that a run holds, so that it can be compared to the bit, NaN and minus zero included."""
    arrays = {name: getattr(data, name) for name in NAMES}
    return {"meta": data.meta} | {name: (a.dtype, a.shape, a.tobytes()) for name, a in arrays.items()}


PROPERTY: dict[str, Any] = {
    "max_examples": 60,
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}


@settings(**PROPERTY)
@given(data=runs())
def test_a_saved_run_is_read_again_to_the_bit(data: RunData, tmp_path: Path) -> None:
    """What `load_run` reads is what `save_run` was given: types, shapes and bits."""
    written = save_run(data, tmp_path / "x.npz")

    assert [tmp_path / "x.npz"] == written
    assert bits(data) == bits(load_run(tmp_path / "x.npz"))


@settings(**PROPERTY)
@given(data=runs())
def test_the_same_run_gives_the_same_bytes(data: RunData, tmp_path: Path) -> None:
    """A file depends on the run alone, not on when or where it is written."""
    names = ["x.npz", "x.csv"]
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir(exist_ok=True)
        for name in names:
            save_run(data, folder / name)

    assert {p.name: p.read_bytes() for p in first.iterdir()} == {p.name: p.read_bytes() for p in second.iterdir()}


@settings(**PROPERTY)
@given(data=runs())
def test_csv_loses_no_digit(data: RunData, tmp_path: Path) -> None:
    """The numbers of the tables are those of the arrays, to the last bit but for the signs of NaN."""
    written = save_run(data, tmp_path / "x.csv")
    tables = {path.name: list(csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))) for path in written[:-1]}
    spikes, traces, neurons, synapses, weights = (table[1:] for table in tables.values())
    whole = [data.synapse_source, data.synapse_target, data.synapse_delay]
    names = ["x.csv", "x.traces.csv", "x.neurons.csv", "x.synapses.csv", "x.weights.csv", "x.meta.json"]

    assert names == [path.name for path in written]
    assert np.column_stack([data.spike_tick, data.spike_neuron]).tolist() == [[int(v) for v in row] for row in spikes]
    assert [[t, *map(repr, row)] for t, row in enumerate(data.trace_v.tolist(), 1)] == [
        [int(row[0]), *(repr(float(v)) for v in row[1:])] for row in traces
    ]
    assert [str(data.layer_names[i]) if i >= 0 else "" for i in data.neuron_layer] == [row[1] for row in neurons]
    assert data.neuron_column.tolist() == [int(row[0]) for row in neurons]
    assert np.column_stack(whole).tolist() == [[int(v) for v in row[:3]] for row in synapses]
    assert [repr(w) for w in data.weight_initial.tolist()] == [repr(float(row[3])) for row in synapses]
    assert [repr(w) for w in data.weight.tolist()] == [repr(float(row[4])) for row in synapses]
    assert [
        [tick, synapse, repr(w)]
        for tick, snapshot in zip(data.weight_tick.tolist(), data.weight_snapshot.tolist(), strict=True)
        for synapse, w in enumerate(snapshot)
    ] == [[int(row[0]), int(row[1]), repr(float(row[2]))] for row in weights]
    assert data.meta == json.loads(written[-1].read_text(encoding="utf-8"))


def test_csv_tables_name_what_is_in_them(saved: tuple[Simulation, Path]) -> None:
    """The heading of each table names its values with their units."""
    save_run(saved[0].data(), saved[1].with_suffix(".csv"))
    headings = {
        path.name.partition(".")[2]: path.read_text(encoding="utf-8").partition("\n")[0]
        for path in sorted(saved[1].parent.glob("*.csv"))
    }

    assert {
        "csv": "tick,neuron",
        "neurons.csv": "column,layer",
        "synapses.csv": "source,target,delay_ticks,weight_initial_mV,weight_mV",
        "traces.csv": "tick,v_40_mV,v_3_mV",
        "weights.csv": "tick,synapse,weight_mV",
    } == headings


# --- the names that scripts rely on ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Simulation, Path]:
    """Run two columns for 120 ticks, with two traces and all weights every 50 ms; save it."""
    overrides = ["columns.count=2", "duration=120ms", "record.traces=[40, 3]", "record.weights=50 ms"]
    simulation = build(load("columnar", overrides))
    simulation.run(120)
    path = tmp_path_factory.mktemp("saved") / "x.npz"
    save_run(simulation.data(), path)
    return simulation, path


def test_npz_holds_the_names_that_scripts_rely_on(saved: tuple[Simulation, Path]) -> None:
    """A saved run can be read with NumPy alone, without pickles, under these names and of these types."""
    with np.load(saved[1], allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    kinds = {name: array.dtype.kind + str(array.dtype.itemsize) for name, array in arrays.items()}

    assert {*NAMES, "meta"} == set(arrays)
    assert [f.name for f in fields(RunData)] == [*NAMES, "values", "meta"]
    assert {"i4"} == {kinds[n] for n in NAMES if n.startswith(("spike", "neuron", "synapse")) or n.endswith("_tick")}
    assert {"f8"} == {kinds[n] for n in ("weight", "weight_initial", "weight_snapshot", "trace_v")}
    assert ("U", (), dict) == (arrays["meta"].dtype.kind, arrays["meta"].shape, type(json.loads(str(arrays["meta"]))))


def test_neurons_are_counted_in_order_of_creation(saved: tuple[Simulation, Path]) -> None:
    """Neurons count from 0: column by column, and within a column layer by layer, as the scenario names them."""
    data = load_run(saved[1])
    sizes = saved[0].scenario.columns.layers

    assert list(sizes) == data.layer_names.tolist()
    assert np.repeat([0, 1], 100).tolist() == data.neuron_column.tolist()
    assert np.tile(np.repeat(np.arange(5), list(sizes.values())), 2).tolist() == data.neuron_layer.tolist()


def test_ticks_of_spikes_count_from_1(saved: tuple[Simulation, Path]) -> None:
    """The first tick is 1 and the last is the number of ticks; spikes are in the order of ticks, then of neurons."""
    data = load_run(saved[1])
    order = np.lexsort((data.spike_neuron, data.spike_tick))

    assert data.spike_tick.size > 50
    assert data.spike_tick.min() >= 1
    assert data.spike_tick.max() <= 120 == data.n_ticks
    assert data.spike_neuron.min() >= 0
    assert data.spike_neuron.max() < 200
    assert np.arange(order.size).tolist() == order.tolist()


def test_traces_have_a_row_a_tick(saved: tuple[Simulation, Path]) -> None:
    """`trace_v` is ticks by neurons, in the order in which they were asked for, and resets where its neuron fires."""
    data = load_run(saved[1])
    fired = data.spike_tick[data.spike_neuron == 40]

    assert ([40, 3], (120, 2)) == (data.trace_neuron.tolist(), data.trace_v.shape)
    assert fired.size > 0
    assert {-65.0} == set(data.trace_v[fired - 1, 0].tolist())
    assert fired.tolist() == (1 + np.flatnonzero(data.trace_v[:, 0] == -65.0)).tolist()


def test_synapses_say_who_is_wired_to_whom(saved: tuple[Simulation, Path]) -> None:
    """Source, target, delay in ticks and weights run in parallel, and obey the scenario."""
    data, scenario = load_run(saved[1]), saved[0].scenario
    parallel = (data.synapse_source, data.synapse_target, data.synapse_delay, data.weight_initial, data.weight)
    allowed = {(c.source, c.target, c.column) for c in scenario.connections}
    names, column = data.layer_names[data.neuron_layer], data.neuron_column
    kind = np.where(column[data.synapse_source] == column[data.synapse_target], "same", "other")
    found = set(
        zip(names[data.synapse_source].tolist(), names[data.synapse_target].tolist(), kind.tolist(), strict=True)
    )

    assert 1 == len({array.size for array in parallel})
    assert allowed == found
    assert set(range(1, 20)) == set(data.synapse_delay.tolist())
    assert (0.5 <= np.abs(data.weight_initial)).all()
    assert (np.abs(data.weight_initial) <= 4).all()
    assert (data.weight != data.weight_initial).any()


def test_weights_are_kept_at_intervals(saved: tuple[Simulation, Path]) -> None:
    """`weight_snapshot` has a row for each tick in `weight_tick`."""
    data = load_run(saved[1])

    assert ([50, 100], (2, data.weight.size)) == (data.weight_tick.tolist(), data.weight_snapshot.shape)


def test_meta_says_what_was_run(saved: tuple[Simulation, Path]) -> None:
    """`meta` holds scenario, seed, ticks, tick length, phases, versions, and whether the run is whole."""
    meta = load_run(saved[1]).meta

    assert {"scenario", "seed", "phases", "ticks", "dt_ms", "partial", "versions"} <= set(meta)
    assert (1, 120, 1.0, False) == (meta["seed"], meta["ticks"], meta["dt_ms"], meta["partial"])
    assert {"runen-ecs", "numpy"} <= set(meta["versions"])
    assert saved[0].scenario.title == meta["scenario"]["title"]


# --- whole or not at all --------------------------------------------------------------------------------------------


def half_then(error: BaseException) -> Any:
    """Return a writer that breaks off in the middle."""

    def write(file: IO[bytes]) -> None:
        file.write(b"half of")
        file.flush()
        raise error

    return write


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), FileError),
        (ValueError("a bad value"), ValueError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
    ids=["disk full", "bad value", "Ctrl-C"],
)
def test_a_write_that_fails_leaves_the_old_file(
    error: BaseException, seen: type[BaseException], tmp_path: Path
) -> None:
    """Where writing breaks off, the old file is as it was, and no temporary one is left."""
    path = tmp_path / "x.txt"
    path.write_bytes(b"the old one")
    with pytest.raises(seen):
        write_atomically(path, half_then(error))

    assert [path] == list(tmp_path.iterdir())
    assert b"the old one" == path.read_bytes()


def test_a_first_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Where there was no file, there is none after a write that fails."""
    with pytest.raises(FileError, match=r"x\.txt: cannot be written: No space left on device"):
        write_atomically(tmp_path / "x.txt", half_then(OSError(errno.ENOSPC, "No space left on device")))

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x.npz", "x.csv"])
def test_a_save_that_fails_leaves_the_old_run(
    name: str, saved: tuple[Simulation, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that cannot be saved leaves the one that was saved before, whole."""
    data = load_run(saved[1])
    save_run(data, tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FileError, match="No space left on device"):
        save_run(data, tmp_path / name)

    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_written_file_replaces_the_old_one(tmp_path: Path) -> None:
    """A new file has all of the new content, none of the old, and the permissions of any new file."""
    path, other = tmp_path / "x.txt", tmp_path / "y.txt"
    path.write_bytes(b"old and long")
    mask = os.umask(0o027)
    try:
        write_atomically(path, lambda file: file.write(b"new"))
        other.touch()
    finally:
        os.umask(mask)

    assert b"new" == path.read_bytes()
    assert stat.S_IMODE(other.stat().st_mode) == stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["nowhere/x.npz", "file/x.npz", "folder.npz"])
def test_a_place_that_cannot_be_written_is_named(name: str, saved: tuple[Simulation, Path], tmp_path: Path) -> None:
    """A path that cannot be written to gets a `FileError` with the path, of exit code 2, and leaves nothing."""
    (tmp_path / "file").touch()
    (tmp_path / "folder.npz").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FileError) as caught:
        save_run(load_run(saved[1]), tmp_path / name)

    assert (str(tmp_path / name), 2) == (caught.value.path, caught.value.exit_code)
    assert before == sorted(tmp_path.rglob("*"))


def test_only_two_endings_are_known(saved: tuple[Simulation, Path], tmp_path: Path) -> None:
    """Another ending than .npz and .csv is refused, and nothing written."""
    with pytest.raises(FileError, match=r"must end in \.npz or \.csv"):
        save_run(load_run(saved[1]), tmp_path / "x.txt")

    assert [] == list(tmp_path.iterdir())
