"""`runen why`: what had reached a neuron, and what would have been without."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.components import Membrane, SynapticInput, Target
from runen_ecs.engine.state import world_state
from runen_ecs.errors import SelectionError
from runen_ecs.network import DelayLine, Fired
from runen_ecs.scenarios import RecordedRun, build, load
from runen_ecs.scenarios.lasting import begin
from runen_ecs.scenarios.looking_back import Explanation, Replay, branch, explain
from runen_ecs.scenarios.looking_back.provenance import Provenance

COLUMNS = {"columns.count": 2, "duration": "400 ms"}
WINDOW = 20


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> RecordedRun:
    """A recorded run of two columns."""
    return recorded("columnar", tmp_path_factory.mktemp("columns") / "run", COLUMNS)


def recorded(name: str, path: Path, keys: dict[str, object]) -> RecordedRun:
    """Run a scenario into a folder."""
    run = begin(load(name, keys), path, every=150)
    run.run(run.simulation.scenario.duration)
    run.finish()
    return RecordedRun(path)


def spikes_of(run: RecordedRun) -> tuple[list[int], list[int]]:
    """Return ticks and neurons of all spikes."""
    rows = run.streams["spikes"].rows(0, None)
    return rows["tick"].tolist(), rows["neuron"].tolist()


@pytest.mark.parametrize("neuron", [3, 42, 111, 180])
def test_every_potential_is_there_to_the_bit(columns: RecordedRun, neuron: int) -> None:
    """What arrives in a tick adds up, in its order, to what the delay line holds; with the drives, to the input."""
    simulation = columns.at(100)
    entity = int(simulation.neurons[neuron])
    provenance, held, given = Provenance(simulation.dispatcher, entity), [], []
    for _ in range(200):
        line, now = simulation.world.resource(DelayLine).pending, simulation.world.tick + 1
        held.append(line[now % len(line), simulation.world.index.row[entity]])
        with provenance.watches():
            simulation.run(1)
        given.append(simulation.world.component(entity, SynapticInput).current)
    for one, potential, current in list(zip(provenance.ticks, held, given, strict=True))[32:]:
        total = 0.0
        for arrival in one.arrivals:
            total += arrival.potential
        assert total == potential
        assert total + one.drives["thalamic_input"] == pytest.approx(current, rel=1e-14)


def test_arrivals_are_the_spikes_that_were_recorded(columns: RecordedRun) -> None:
    """Every spike of a neuron at the other end of a synapse arrives after its delay, and nothing else does."""
    world, network = columns.at(0).world, columns.network
    source, target = network.synapse_source, network.synapse_target
    ticks, neurons = spikes_of(columns)
    fired = defaultdict(list)
    for tick, neuron in zip(ticks, neurons, strict=True):
        fired[neuron].append(tick)
    replay = Replay(columns)
    for tick, neuron in list(zip(ticks, neurons, strict=True))[60::40][:12]:
        found = explain(replay, neuron, tick, WINDOW)
        before = [t for t in fired[neuron] if tick - WINDOW < t < tick]
        due = [
            (f"neuron:{source[k]}", t, t + int(network.synapse_delay[k]))
            for k in np.flatnonzero(target == neuron)
            for t in fired[source[k]]
            if max([tick - WINDOW, *before]) < t + int(network.synapse_delay[k]) <= tick
        ]

        assert found.fired
        assert found.fired_before == max(before, default=None)
        assert sorted(due) == sorted((a.source, a.sent, a.arrived) for a in found.arrivals)
        shares = [found.share(added) for added in (*found.inputs, *(up for up, _ in found.drives.values()))]
        assert 1 == pytest.approx(sum(share for share in shares if share > 0))
    assert world.tick == 0


def test_without_an_arrival_it_fires_when_it_says(columns: RecordedRun) -> None:
    """The spike that would have been is that of a run whose delay line misses the potential."""
    replay = Replay(columns)
    ticks, neurons = spikes_of(columns)
    moved = 0
    for tick, neuron in list(zip(ticks, neurons, strict=True))[80::60][:5]:
        found = explain(replay, neuron, tick, WINDOW, most=3)
        before = max((t for t, n in zip(ticks, neurons, strict=True) if n == neuron and t < tick), default=0)
        for arrival, spike in zip(found.arrivals, found.spike_without, strict=False):
            simulation = columns.at(arrival.arrived - 1)
            line, row = simulation.world.resource(DelayLine).pending, simulation.neurons[neuron]
            line[arrival.arrived % len(line), simulation.world.index.row[row]] -= arrival.potential
            simulation.run(tick + WINDOW - simulation.world.tick)
            later = simulation.data()
            course = later.spike_tick[(later.spike_neuron == neuron) & (later.spike_tick > before)]
            assert (int(course[0]) if course.size else None) == spike
            moved += spike != tick
    assert moved > 3


def test_asking_changes_nothing(columns: RecordedRun) -> None:
    """A replay that was asked why, again and again, is in the state of a run that was not."""
    replay, plain = Replay(columns), build(load("columnar", COLUMNS))
    for neuron in (5, 60, 130):
        explain(replay, neuron, 250, WINDOW, depth=2)
    plain.run(300)
    ours, theirs = world_state(replay.go(300).world), world_state(plain.world)

    assert ours.data == world_state(columns.at(300).world).data
    for name, array in theirs.arrays.items():
        assert array.tobytes() == ours.arrays[name].tobytes(), name


def test_a_tree_leads_back_to_spikes_that_were(columns: RecordedRun) -> None:
    """With depth, each cause is the explanation of the spike that had sent the signal."""
    ticks, neurons = spikes_of(columns)
    found = explain(Replay(columns), neurons[400], ticks[400], WINDOW, depth=3, most=3)

    def check(one: Explanation, depth: int) -> int:
        for place, cause in one.causes.items():
            arrival = one.arrivals[place]
            assert (arrival.source, arrival.sent, True) == (cause.neuron, cause.tick, cause.fired)
        return max((check(cause, depth + 1) for cause in one.causes.values()), default=depth)

    assert 3 == check(found, 1)


@pytest.mark.parametrize(("name", "first"), [("half-adder", 0), ("mixed", 200)])
def test_rounds_are_what_was_sent(tmp_path: Path, name: str, first: int) -> None:
    """Of neurons that accumulate, start and arrivals add up to each signal that was recorded."""
    run = recorded(name, tmp_path / "run", {} if first == 0 else {"duration": "900 ms"})
    replay, rows = Replay(run), run.streams["emissions"].rows(0, None)
    hits = run.streams["hits"].rows(0, None)
    assert len(rows) > 5
    for tick, neuron, size in rows.tolist():
        found = explain(replay, first + neuron, tick, WINDOW)
        assert ("accumulating", True, size) == (found.kind, found.fired, found.size)
        assert sum(found.inputs) + sum(found.drives["bias"]) == pytest.approx(size)
        for arrival in found.arrivals:
            at = hits[hits["tick"] == arrival.arrived]
            assert (arrival.size, arrival.passed) in zip(at["size"], at["passed"], strict=True)


def test_one_that_waits_says_for_what(tmp_path: Path) -> None:
    """A neuron in the middle of its round tells which connected inputs were not hit yet."""
    run = recorded("mixed", tmp_path / "run", {"duration": "300 ms"})
    found = explain(Replay(run), 200, 62, WINDOW)
    world = run.at(62).world
    fed = world.storage(Target).array["neuron"] == world.index.row[world.entities(Membrane.kind)[200]]

    assert not found.fired
    assert found.waiting
    assert len(found.waiting) + len({a.synapse for a in found.arrivals}) == fed.sum()


def test_a_capacity_shows_what_it_let_through(tmp_path: Path) -> None:
    """Over synapses that tire, signals arrive with what was left; the weight is that of the arrival."""
    run = recorded("columnar-capacity", tmp_path / "run", {"columns.count": 1, "duration": "300 ms"})
    ticks, neurons = spikes_of(run)
    replay, partly = Replay(run), 0
    for tick, neuron in list(zip(ticks, neurons, strict=True))[50::50]:
        found = explain(replay, neuron, tick, WINDOW, most=0)
        for arrival in found.arrivals:
            assert 0 <= arrival.passed <= arrival.size == 1
            assert arrival.potential == arrival.passed * arrival.weight
            partly += arrival.passed < 1
    assert partly


def test_a_cell_with_currents_is_told_as_exactly(tmp_path: Path) -> None:
    """What reaches leaky cells goes past the common input; without it they fire when a changed run does."""
    keys = {"duration": "60 ms"}
    run = recorded("cuba", tmp_path / "run", keys)
    ticks, neurons = spikes_of(run)
    tick, neuron = next((t, n) for t, n in zip(ticks, neurons, strict=True) if t > 400)
    found = explain(Replay(run), neuron, tick, 200, most=1)
    arrival = found.arrivals[0]
    simulation = run.at(arrival.arrived - 1)
    line, row = simulation.world.resource(DelayLine).signed, simulation.world.index.row[simulation.neurons[neuron]]
    held = line[int(arrival.potential < 0), arrival.arrived % line.shape[1], row]
    same = [a.potential for a in found.arrivals if a.arrived == arrival.arrived and a.potential * held > 0]
    assert held == pytest.approx(sum(same))
    line[int(arrival.potential < 0), arrival.arrived % line.shape[1], row] -= arrival.potential
    fired = simulation.world.resource(Fired)
    while row not in fired.row[: fired.count[0]] or simulation.world.tick <= arrival.arrived:
        simulation.run(1)
    assert simulation.world.tick == found.spike_without[0] != tick


def test_inputs_count_by_how_long_they_act(tmp_path: Path) -> None:
    """A jump of a synaptic current acts for its time constant, that of a conductance with its driving force."""
    run = recorded("cuba", tmp_path / "cuba", {"duration": "60 ms"})
    ticks, neurons = spikes_of(run)
    tick, neuron = next((t, n) for t, n in zip(ticks, neurons, strict=True) if t > 400)
    found = explain(Replay(run), neuron, tick, 200, most=0)
    tau = {True: 5.0, False: 10.0}
    song = recorded("song-miller-abbott", tmp_path / "song", {"duration": "200 ms"})
    world, cell = song.at(200).world, 1200
    one = explain(Replay(song), cell, 200, 20, most=0)
    force = [-70.0 - v for v in (one.v_before, one.v)]

    assert found.inputs == [a.potential * tau[a.potential > 0] for a in found.arrivals]
    assert world.tick == 200
    assert one.arrivals
    for arrival, added in zip(one.arrivals, one.inputs, strict=True):
        assert (added > 0) == (arrival.potential > 0)
        if arrival.potential < 0:
            assert min(force) - 5 <= added / (abs(arrival.potential) * 5.0) <= max(force) + 5


def test_a_branch_tells_what_was_on_its_way(tmp_path: Path, columns: RecordedRun) -> None:
    """Soon after a branch the inputs are those of the parent, though who sent the first of them is not known there."""
    forked = branch(columns.path, tmp_path / "fork", 200)
    forked.run(200)
    forked.finish()
    ticks, neurons = spikes_of(columns)
    unknown = 0
    for tick, neuron in [(t, n) for t, n in zip(ticks, neurons, strict=True) if 200 < t < 220][:8]:
        theirs = explain(Replay(columns), neuron, tick, tick - 200, most=0)
        ours = explain(Replay(RecordedRun(tmp_path / "fork")), neuron, tick, WINDOW, most=0)
        assert sum(ours.inputs) == pytest.approx(sum(theirs.inputs))
        assert ours.drives == theirs.drives
        unknown += sum(a.source == "before the branch" for a in ours.arrivals)
    assert unknown


def test_a_branch_of_signals_knows_when_they_left(tmp_path: Path) -> None:
    """Signals that were queued at the branch are told with their senders; what was gathered before as such."""
    run = recorded("mixed", tmp_path / "run", {"duration": "300 ms"})
    forked = branch(run.path, tmp_path / "fork", 100)
    forked.run(200)
    forked.finish()
    child = RecordedRun(tmp_path / "fork")
    whole, ours = (explain(Replay(one), 201, 109, WINDOW) for one in (run, child))
    replay = Replay(child)
    near = next(t for t in range(101, 300) if explain(replay, 120, t, 3, most=0).arrivals)
    pairs = [explain(Replay(one), 120, near, near - 100, most=0).arrivals for one in (run, child)]

    assert (2.0, {"bias": (0.0, 0.0)}) == (whole.size, whole.drives)
    assert (2.0, {"gathered before the branch": (1.0, 0.0)}) == (ours.size, ours.drives)
    assert [(a.arrived, a.passed) for a in pairs[0]] == [(a.arrived, a.passed) for a in pairs[1]]


def test_what_kept_it_from_firing_is_told(tmp_path: Path) -> None:
    """A neuron that is silenced, refractory, or cut out within the window is told as such."""
    events = [
        {"at": "20 ms", "silence": {"of": "excitatory", "for": "10 ms"}},
        {"at": "35 ms", "remove": {"of": "excitatory neuron=5"}},
    ]
    run = recorded("cuba", tmp_path / "run", {"duration": "40 ms", "events": events})
    replay, (ticks, neurons) = Replay(run), spikes_of(run)
    tick, neuron = next((t, n) for t, n in zip(ticks, neurons, strict=True) if 150 > t > 100)
    reached = explain(replay, 5, 345, 100, most=1)

    assert "refractory" == explain(replay, neuron, tick + 3, 20, most=0).kept
    assert "silenced" == explain(replay, 7, 250, 20, most=0).kept
    assert "" == explain(replay, neuron, tick, 20, most=0).kept
    assert reached.v != 0.0
    with pytest.raises(SelectionError, match="was removed before"):
        explain(replay, 5, 380, 20)


def test_the_command_tells_all(tmp_path: Path, columns: RecordedRun, runen: Runen) -> None:
    """Words and JSON hold the same; a source of spikes says that it is one."""
    ticks, neurons = spikes_of(columns)
    place = next(n for n, tick in enumerate(ticks) if tick > 200)
    asked = ("why", str(columns.path), "--neuron", str(neurons[place]), "--at", f"{ticks[place]}ms")
    told, words = json.loads(runen(*asked, "--json").out), runen(*asked).out
    first = told["arrivals"][0]

    assert told["fired"]
    assert f"fired at 0.{ticks[place]} s (tick {ticks[place]})" in words
    assert f"{first['source']} " in words
    assert f"synapse:{first['synapse']} " in words
    song = ("run", "song-miller-abbott", "--duration", "50ms", "--no-plots", "--quiet", "--record", f"{tmp_path}/s")
    assert 0 == runen(*song).code
    assert "it is a source of spikes" in runen("why", f"{tmp_path}/s", "--neuron", "7", "--at", "10ms").out


MISTAKES = {
    "at the beginning": (("--neuron", "1", "--at", "0s"), 2, "nothing has happened at 0 s"),
    "too late": (("--neuron", "1", "--at", "1s"), 2, "was recorded from 0 to 0.4 s"),
    "no neuron": (("--neuron", "200", "--at", "1ms"), 3, "200 were ever created"),
    "no tick": (("--neuron", "1", "--at", "1.5ms"), 2, "--at 1.5ms: must be a whole number"),
    "no window": (("--neuron", "1", "--at", "9ms", "--window", "0ms"), 2, "--window 0ms"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message(columns: RecordedRun, runen: Runen, mistake: str) -> None:
    """What cannot be asked is told in a line."""
    options, code, told = MISTAKES[mistake]
    result = runen("why", str(columns.path), *options)

    assert (code, True, 1) == (result.code, told in result.err, len(result.err.splitlines())), result.err
