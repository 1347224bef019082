"""Recordings: read with NumPy alone, or through `Recording` by time and selection, a piece at a time."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded_runs import column, differing, recorded

from runen_ecs.errors import FileError, SelectionError
from runen_ecs.files import RunData, load_run, save_run
from runen_ecs.run_folder import Recording, RunFolder, RunFolderError, chunks, reading
from runen_ecs.run_folder.chunks import CHUNK
from runen_ecs.scenarios import build, load

PAGE = Path(__file__).resolve().parent.parent / "docs" / "run-folders.md"
SLOW = {"max_examples": 60, "deadline": None, "derandomize": True, "database": None}
TICKS = 2400


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, RunData]:
    """A run on disk in many chunks, and the same in memory."""
    path = tmp_path_factory.mktemp("folders") / "run"
    overrides = (
        'dt="0.5 ms"',
        "thalamic_input.high=9",
        'record.values=[{ field = "Recovery.u", of = "columns neuron=0..4", every = "3 ms" }]',
    )
    in_memory = column(*overrides)
    in_memory.run(TICKS)
    simulation = column(*overrides)
    with RunFolder.create(path, simulation) as folder:
        for ticks in (1, 399, 800, 600, 600):
            simulation.run(ticks)
            folder.flush()
    return Recording(path), in_memory.data()


def test_numpy_alone_is_enough(run: tuple[Recording, RunData]) -> None:
    """Each file is rows of a dtype that the manifest names, which NumPy reads, maps and checks without this program."""
    recording, data = run
    manifest = json.loads((recording.path / "manifest.json").read_text())
    dtype = [tuple(field) for field in manifest["streams"]["spikes"]]
    spikes = np.fromfile(recording.path / "spikes.bin", dtype)
    mapped = np.memmap(recording.path / "traces.bin", [("tick", "<i4"), ("v", "<f8", (2,))], "r")
    with np.load(recording.path / manifest["network"]) as network:
        weight = network["weight"]

    assert data.spike_tick.tolist() == spikes["tick"].tolist()
    assert data.spike_neuron.tolist() == spikes["neuron"].tolist()
    assert data.trace_v.tobytes() == mapped["v"].tobytes()
    assert data.weight.tobytes() == weight.tobytes()


def test_chunks_lie_one_behind_another(run: tuple[Recording, RunData]) -> None:
    """Chunks follow one another without gaps, in rows and in ticks, and no row is outside of its chunk's ticks."""
    recording, _ = run
    for stream in recording.streams.values():
        entries = stream.entries
        assert entries.dtype == CHUNK
        assert entries["first"].tolist() == [0, *np.cumsum(entries["rows"]).tolist()[:-1]]
        assert (np.diff(entries["to_tick"]) >= 0).all()
        assert entries["to_tick"][-1] == TICKS
    spikes = recording.streams["spikes"]
    assert spikes.entries.size >= 5
    for rows in spikes.chunks():
        entry = spikes.entries[np.searchsorted(spikes.entries["to_tick"], rows["tick"][0])]
        assert entry["from_tick"] <= rows["tick"].min() <= rows["tick"].max() <= entry["to_tick"]


@settings(**SLOW, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bounds=st.tuples(st.integers(-3, 2 * TICKS), st.integers(-3, 2 * TICKS)), neurons=st.sets(st.integers(0, 99)))
def test_slices_are_those_of_the_whole(
    run: tuple[Recording, RunData], bounds: tuple[int, int], neurons: set[int]
) -> None:
    """A slice has what happened from its begin on and before its end, of those chosen, and nothing else."""
    recording, data = run
    start, stop = (bound / 4 for bound in bounds)  # of half a tick: also between two
    time, neuron = recording.spikes(start, stop, sorted(neurons))
    when = data.spike_tick * 0.5
    expected = (when >= start) & (when < stop) & np.isin(data.spike_neuron, sorted(neurons))
    moment, v = recording.traces(start, stop)
    ticks = np.arange(1, TICKS + 1)
    inside = (ticks * 0.5 >= start) & (ticks * 0.5 < stop)

    assert when[expected].tolist() == time.tolist()
    assert data.spike_neuron[expected].tolist() == neuron.tolist()
    assert (ticks[inside] * 0.5).tolist() == moment.tolist()
    assert data.trace_v[inside].tobytes() == v.tobytes()
    at = data.weight_tick * 0.5
    then, weight = recording.weights(start, stop)
    assert at[(at >= start) & (at < stop)].tolist() == then.tolist()
    assert data.weight_snapshot[(at >= start) & (at < stop)].tobytes() == weight.tobytes()


def test_neurons_by_selection(run: tuple[Recording, RunData]) -> None:
    """A selection in words chooses the neurons that it chooses in a scenario."""
    recording, data = run
    motor = np.flatnonzero(data.neuron_layer == data.layer_names.tolist().index("motor"))
    _, neuron = recording.spikes(neurons="columns layer=motor")

    assert motor.tolist() == recording.neurons("columns layer=motor").tolist()
    assert data.spike_neuron[np.isin(data.spike_neuron, motor)].tolist() == neuron.tolist()
    assert 0 < neuron.size < data.spike_neuron.size
    with pytest.raises(SelectionError, match="did you mean 'motor'"):
        recording.spikes(neurons="columns layer=moter")
    for number in (-1, 100):
        with pytest.raises(SelectionError, match=f"'{number}': there are 100 neurons, counted from 0"):
            recording.spikes(neurons=[0, number])


def test_traces_of_chosen_neurons(run: tuple[Recording, RunData]) -> None:
    """Traces come in the order in which neurons are asked for; one that was not traced is an error with the choices."""
    recording, data = run
    _, v = recording.traces(neurons=[40, 0])

    assert data.trace_v[:, ::-1].tobytes() == v.tobytes()
    with pytest.raises(SelectionError, match="'41': was not traced; choices: 0, 40"):
        recording.traces(neurons=[0, 41])


def test_values_by_field(run: tuple[Recording, RunData]) -> None:
    """A recorded field comes with its times; another is an error with the choices."""
    recording, data = run
    time, u = recording.values("Recovery.u", 60, 90)
    expected = data.values[0]
    inside = (expected.tick * 0.5 >= 60) & (expected.tick * 0.5 < 90)

    assert (expected.tick[inside] * 0.5).tolist() == time.tolist() == [60 + 3 * k for k in range(10)]
    assert expected.value[inside].tobytes() == u.tobytes()
    with pytest.raises(SelectionError, match=r"did you mean 'Recovery\.u'"):
        recording.values("Recovery.v")


def test_a_piece_at_a_time(run: tuple[Recording, RunData]) -> None:
    """Spikes and weights can be gone through without having all in memory, in the same order."""
    recording, data = run
    spikes, weights = list(recording.spike_chunks()), list(recording.weight_chunks())

    assert len(spikes) >= 4
    assert data.spike_neuron.tolist() == np.concatenate([neuron for _, neuron in spikes]).tolist()
    assert data.weight_snapshot.tobytes() == b"".join(weight.tobytes() for _, weight in weights)


def test_opening_reads_no_rows(run: tuple[Recording, RunData], monkeypatch: pytest.MonkeyPatch) -> None:
    """To open a recording reads the last chunk of each stream and no other; a slice reads its own."""
    read: list[str] = []
    plain = chunks.read_rows

    def counting(folder: Path, name: str, *rest: object) -> object:
        read.append(name)
        return plain(folder, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(chunks, "read_rows", counting)
    monkeypatch.setattr(reading, "read_rows", counting)
    recording = Recording(run[0].path)
    assert len(recording.streams) == len(read)
    read.clear()
    recording.spikes(620, 640)
    assert ["spikes"] == read


def test_reading_loads_no_compiler(run: tuple[Recording, RunData]) -> None:
    """Who reads all of a recording need not wait for numba to be loaded."""
    program = """
import sys
from pathlib import Path
from runen_ecs.run_folder import Recording
assert Recording(Path(sys.argv[1])).run_data().spike_tick.size
print("numba" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, run[0].path], capture_output=True, text=True, check=True
    )

    assert "False\n" == done.stdout


@pytest.mark.parametrize("ending", ["npz", "csv"])
def test_exports_are_those_of_memory(ending: str, run: tuple[Recording, RunData], tmp_path: Path) -> None:
    """Exported as npz or csv, a recording gives the very files that the run in memory gives."""
    recording, data = run
    (tmp_path / "disk").mkdir()
    (tmp_path / "memory").mkdir()
    written = recording.export(tmp_path / "disk" / f"x.{ending}")
    expected = save_run(data, tmp_path / "memory" / f"x.{ending}")

    assert [path.name for path in expected] == [path.name for path in written]
    for first, second in zip(written, expected, strict=True):
        if ending == "npz":
            assert [] == differing(load_run(first), load_run(second))
        else:
            assert first.read_bytes() == second.read_bytes()


def test_an_export_that_fails(run: tuple[Recording, RunData], tmp_path: Path) -> None:
    """An unknown ending names the known ones; a place that cannot be written is exit code 5."""
    with pytest.raises(FileError, match=r"must end in \.csv, \.npz or \.h5"):
        run[0].export(tmp_path / "x.mat")
    for ending in ("npz", "csv", "h5"):
        with pytest.raises(RunFolderError, match="cannot be written: No such file") as caught:
            run[0].export(tmp_path / "nowhere" / f"x.{ending}")
        assert 5 == caught.value.exit_code


def test_damage_is_found(run: tuple[Recording, RunData], tmp_path: Path) -> None:
    """A flipped bit in the middle is an error where it is read, with place and ticks, and nowhere else."""
    path = copy_of(run[0], tmp_path)
    with (path / "spikes.bin").open("r+b") as file:
        file.seek(9)
        byte = file.read(1)[0]
        file.seek(9)
        file.write(bytes([byte ^ 4]))
    recording = Recording(path)

    assert recording.spikes(600)[0].size == run[0].spikes(600)[0].size > 0
    with pytest.raises(FileError, match=r"spikes\.bin: chunk \d \(ticks [\d,]+ to [\d,]+\) is damaged"):
        recording.spikes(0, 600)


def test_a_damaged_network_is_found(run: tuple[Recording, RunData], tmp_path: Path) -> None:
    """A network that is not the one of the manifest is an error."""
    path = copy_of(run[0], tmp_path)
    with (path / f"network-{TICKS}.npz").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(FileError, match="is damaged: its checksum is wrong"):
        Recording(path).run_data()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda manifest: manifest | {"version": 9}, "is a run folder of version 9; this program reads version 1"),
        (lambda manifest: manifest | {"format": "x"}, "is no run folder: its manifest.json is of something else"),
        (lambda manifest: {"format": "runen run folder", "version": 1}, "its manifest.json is damaged"),
        (lambda manifest: [1], "is no run folder: its manifest.json is damaged"),
    ],
)
def test_what_is_no_run_folder(change, message: str, run: tuple[Recording, RunData], tmp_path: Path) -> None:
    """A manifest of another kind, or none, is one clear message."""
    path = copy_of(run[0], tmp_path)
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(change(manifest)))

    with pytest.raises(FileError, match=re.escape(message)):
        Recording(path)
    with pytest.raises(FileError, match=r"is no run folder: it has no manifest\.json"):
        Recording(tmp_path)


def test_a_lost_stream_is_named(run: tuple[Recording, RunData], tmp_path: Path) -> None:
    """A stream whose file is missing is an error that names the file."""
    path = copy_of(run[0], tmp_path)
    (path / "traces.bin").unlink()
    with pytest.raises(FileError, match=r"traces\.bin: cannot be read: No such file"):
        Recording(path)


def test_the_page_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What docs/run-folders.md shows runs, and gives what it says."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    exec("\n".join(blocks), {})

    with (tmp_path / "spikes.csv").open() as file:
        assert ["tick", "neuron"] == next(csv.reader(file))


def test_a_network_of_signals_by_stream(tmp_path: Path) -> None:
    """The signals of a capacity network can be read by tick, too."""
    simulation = recorded(tmp_path / "run", build(load("ring")), 100)
    data, hits = Recording(tmp_path / "run").run_data(), Recording(tmp_path / "run").streams["hits"].rows(10, 20)
    inside = (data.hit_tick >= 10) & (data.hit_tick < 20)

    assert simulation.world.tick > 20
    assert inside.sum() == hits.size > 0
    assert data.hit_passed[inside].tolist() == hits["passed"].tolist()


def test_neo_has_all_of_it(run: tuple[Recording, RunData]) -> None:
    """As Neo objects: a spike train for each neuron, traces and values, with units and who they are of."""
    pytest.importorskip("neo")
    recording, data = run
    block = recording.to_neo()
    (segment,) = block.segments
    trace, values = segment.analogsignals

    assert 100 == len(segment.spiketrains)
    for number, train in enumerate(segment.spiketrains):
        assert (data.spike_tick[data.spike_neuron == number] * 0.5).tolist() == train.rescale("ms").magnitude.tolist()
        assert (number, "columns", 0) == tuple(train.annotations[key] for key in ("neuron", "population", "column"))
        assert data.layer_names[data.neuron_layer[number]] == train.annotations["layer"]
        assert TICKS * 0.5 == float(train.t_stop.rescale("ms"))
    assert data.trace_v.tolist() == trace.rescale("mV").magnitude.tolist()
    assert (0.5, [0, 40]) == (float(trace.sampling_period.rescale("ms")), trace.array_annotations["number"].tolist())
    assert np.allclose((np.arange(TICKS) + 1) * 0.5, trace.times.rescale("ms").magnitude)
    assert data.values[0].value.tolist() == values.magnitude.tolist()
    assert ("Recovery.u", 3.0) == (values.name, float(values.sampling_period.rescale("ms")))


def copy_of(recording: Recording, folder: Path) -> Path:
    """Copy a run folder."""
    path = folder / "copy"
    path.mkdir()
    for file in recording.path.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    return path
