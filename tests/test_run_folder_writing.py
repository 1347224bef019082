"""Recording to disk: it changes nothing, loses nothing, and leaves nothing in memory."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from recorded_runs import STATE, column, differing, recorded, state

from runen_ecs.errors import DivergenceError
from runen_ecs.files import RunData
from runen_ecs.recording import TraceRecord, ValueRecord, WeightRecord
from runen_ecs.run_folder import Recording, RunFolder, RunFolderError, writer
from runen_ecs.scenarios import Simulation, build, load

POPULATIONS = (
    'record.traces=["excitatory neuron=0..2"]',
    'record.weights="20 ms"',
    'record.values=[{ field = "Recovery.u", of = "inhibitory", every = "7 ms" }]',
)
RUNS = {
    "columnar": (("columns.count=2", "record.traces=[7, 3]", 'record.weights="50 ms"'), (1, 260, 39)),
    "izhikevich-2003": (POPULATIONS, (60,)),
    "mixed": (('record.weights="100 ms"',), (1000,)),
    "half-adder": ((), (1000,)),
    "ring": ((), (40, 160)),
}


@pytest.mark.parametrize("stepped", [False, True], ids=["native", "stepped"])
@pytest.mark.parametrize("name", RUNS)
def test_a_recorded_run_is_that_of_memory(name: str, stepped: bool, tmp_path: Path) -> None:
    """What a folder gives back is to the bit what the same run has in memory: columns, populations, networks."""
    overrides, calls = RUNS[name]
    in_memory, on_disk = (build(load(name, overrides)) for _ in range(2))
    with RunFolder.create(tmp_path / "run", on_disk):
        for ticks in calls:
            assert in_memory.run(ticks, stepped=stepped) == on_disk.run(ticks, stepped=stepped)

    assert [] == differing(in_memory.data(), Recording(tmp_path / "run").run_data())


def test_recording_changes_no_bit_of_the_state(tmp_path: Path) -> None:
    """Potentials, weights and what is on its way are the same with a folder, without one, and with many flushes."""
    plain, flushed = column(), column()
    plain.run(600)
    with RunFolder.create(tmp_path / "run", flushed) as folder:
        for _ in range(20):
            flushed.run(30)
            folder.flush()

    assert len(STATE) == len(set(state(plain)))
    assert state(plain) == state(flushed)
    plain.run(100)
    flushed.run(100)
    assert state(plain) == state(flushed)


def test_a_folder_takes_over_what_was_recorded_before(tmp_path: Path) -> None:
    """A folder that is made in the middle of a run holds it from the first tick on."""
    whole, late = column(), column()
    whole.run(500)
    late.run(217)
    recorded(tmp_path / "run", late, 283)

    assert [] == differing(whole.data(), Recording(tmp_path / "run").run_data())


def test_recording_goes_on_in_memory_after_the_folder(tmp_path: Path) -> None:
    """Once a folder is closed, records fill the memory again, with what comes later."""
    whole, simulation = column(), column()
    whole.run(400)
    recorded(tmp_path / "run", simulation, 300)
    simulation.run(100)
    first, later, expected = Recording(tmp_path / "run").run_data(), simulation.data(), whole.data()

    assert expected.spike_tick.tolist() == [*first.spike_tick.tolist(), *later.spike_tick.tolist()]
    assert expected.trace_v.tobytes() == first.trace_v.tobytes() + later.trace_v.tobytes()
    assert expected.weight_tick.tolist() == [*first.weight_tick.tolist(), *later.weight_tick.tolist()]


def test_nothing_piles_up_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a folder the records hold nothing, and what waits to be written stays below a limit."""
    monkeypatch.setattr(writer, "MOST_WAITING", 4096)
    monkeypatch.setattr(TraceRecord, "ROOM", 64)
    simulation = column('record.values=[{ field = "Recovery.u", of = "columns", every = "1 ms" }]')
    with RunFolder.create(tmp_path / "run", simulation) as folder:
        waiting = []
        for _ in range(40):
            simulation.run(25)
            waiting.append(sum(stream.waiting for stream in folder._streams.values()))
        data, weights = simulation.data(), simulation.world.resource(WeightRecord)
        values = simulation.world.resource(ValueRecord).series[0]
        on_disk = sum(path.stat().st_size for path in folder.path.glob("*.bin"))

    assert simulation.n_spikes > 500
    assert (0, 0, 0) == (data.spike_tick.size, data.trace_v.shape[0], data.weight_tick.size)
    assert values.series()[0].size == 0
    assert weights.tick == weights.weight == weights.dendrite == []
    assert max(waiting) < 4096 + 25 * (4 + 8 * 100)
    assert on_disk > 1000 * 8 * 100


def test_memory_stays_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run holds in memory does not grow, while its files do; without a folder it grows as they do."""
    monkeypatch.setattr(TraceRecord, "ROOM", 512)

    def growth(simulation: Simulation) -> int:
        simulation.run(2_000)
        tracemalloc.start()
        try:
            simulation.run(8_000)
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    much = ('record.values=[{ field = "Recovery.u", of = "columns", every = "1 ms" }]', 'record.weights="1 s"')
    in_memory, on_disk = growth(column(*much)), column(*much)
    with RunFolder.create(tmp_path / "run", on_disk) as folder:
        grown = growth(on_disk)
        folder.flush()

    assert in_memory > 5_000_000
    assert sum(path.stat().st_size for path in (tmp_path / "run").glob("*.bin")) > 5_000_000
    assert grown < 1_000_000


def test_many_short_calls_make_few_chunks(tmp_path: Path) -> None:
    """A run of one tick a call writes chunks by their size, not one for each call."""
    simulation = recorded(tmp_path / "run", column(), *[1] * 200)

    recording = Recording(tmp_path / "run")
    assert len(recording.streams["traces"]) == 200
    assert recording.streams["traces"].entries.size < 10
    assert simulation.n_spikes == len(recording.streams["spikes"])


def test_neurons_and_synapses_that_come_and_go(tmp_path: Path) -> None:
    """Numbers on disk stay right when neurons are deleted in the middle, and synapses with them."""

    def lesioned(simulation: Simulation) -> None:
        simulation.run(150)
        for neuron in simulation.neurons[[3, 40, 77]].tolist():
            simulation.world.delete_entity(neuron)
        simulation.run(150)

    in_memory, on_disk = column(), column()
    lesioned(in_memory)
    with RunFolder.create(tmp_path / "run", on_disk):
        lesioned(on_disk)
    data = Recording(tmp_path / "run").run_data()

    assert (on_disk.neurons.size, data.neuron_layer.size, data.neuron_layer.min()) == (97, 100, 0)
    assert np.isnan(data.trace_v[200, 1])
    assert data.weight_snapshot.shape == (5, data.weight.size)
    assert [] == differing(in_memory.data(), data)


def test_a_run_that_fails_is_kept_until_there(tmp_path: Path) -> None:
    """What a run has left when a state runs away is in the folder, which is closed."""
    in_memory, on_disk = (column("thalamic_input.high=100000") for _ in range(2))
    with pytest.raises(DivergenceError):
        in_memory.run(1000)
    with pytest.raises(DivergenceError), RunFolder.create(tmp_path / "run", on_disk):
        on_disk.run(1000)
    recording = Recording(tmp_path / "run")

    assert recording.manifest.closed
    assert recording.run_data().meta["partial"]
    assert [] == differing(in_memory.data(), recording.run_data())


def test_the_manifest_says_what_was_run(tmp_path: Path) -> None:
    """Scenario with its defaults, seed, versions, machine and hashes stand in a JSON file."""
    simulation = column("seed=9")
    with RunFolder.create(tmp_path / "run", simulation) as folder:
        began = json.loads((folder.path / "manifest.json").read_text())
        simulation.run(120)
    ended = json.loads((tmp_path / "run" / "manifest.json").read_text())

    assert (False, 0) == (began["closed"], began["tick"])
    assert (True, 120) == (ended["closed"], ended["tick"])
    assert json.loads(json.dumps(simulation.data().meta["scenario"])) == ended["scenario"]
    assert (9, 1.0) == (ended["seed"], ended["dt_ms"])
    assert {"runen-ecs", "numpy", "python"} <= ended["versions"].keys()
    assert {"system", "processor"} <= ended["machine"].keys()
    assert {"first": 0, "size": 100, "columns": 1} == {
        key: ended["populations"]["columns"][key] for key in ("first", "size", "columns")
    }
    assert [[["tick", "<i4"], ["neuron", "<i4"]]] == [ended["streams"]["spikes"]]


def test_one_network_is_kept(tmp_path: Path) -> None:
    """Each update replaces the saved network; its weights are those of now."""
    simulation = column()
    with RunFolder.create(tmp_path / "run", simulation) as folder:
        simulation.run(100)
        folder.update()
        saved = Recording(folder.path).network
        weight = simulation.data().weight
        simulation.run(100)

    assert weight.tobytes() == saved.weight.tobytes()
    assert ["network-200.npz"] == [path.name for path in (tmp_path / "run").glob("network*")]


def test_a_closed_folder_takes_nothing(tmp_path: Path) -> None:
    """A folder that was closed stays as it is: to close it again is nothing, to flush it is an error."""
    simulation = column()
    folder = RunFolder.create(tmp_path / "run", simulation)
    simulation.run(50)
    folder.close()
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    simulation.run(50)
    folder.close()
    for change in (folder.flush, folder.update):
        with pytest.raises(RunFolderError, match=r"is closed; go on with RunFolder\.resume"):
            change()

    assert before == {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Nothing is ever written over: a folder with anything in it is refused, and the run goes on in memory."""
    (tmp_path / "precious.txt").write_text("data")
    simulation = column()
    simulation.run(100)
    with pytest.raises(RunFolderError, match="is not empty; name another folder") as caught:
        RunFolder.create(tmp_path, simulation)

    assert 5 == caught.value.exit_code
    assert ["precious.txt"] == [path.name for path in tmp_path.iterdir()]
    assert simulation.data().spike_tick.size == simulation.n_spikes > 0


def test_two_runs_cannot_write_one_folder(tmp_path: Path) -> None:
    """A folder that is being written is refused to a second run, and unharmed."""
    first, second = column(), column()
    with RunFolder.create(tmp_path / "run", first):
        first.run(50)
        with pytest.raises(RunFolderError, match="is being written by another run"):
            RunFolder.resume(tmp_path / "run", second)
        first.run(50)

    data: RunData = Recording(tmp_path / "run").run_data()
    assert first.n_spikes == data.spike_tick.size == column_spikes(100)


def column_spikes(ticks: int) -> int:
    """Return how many spikes the column has in so many ticks, recorded in memory."""
    simulation = column()
    simulation.run(ticks)
    return simulation.n_spikes
