"""`runen inspect` and `runen diff`: recorded runs at any tick."""

from __future__ import annotations

import json
from pathlib import Path

import esper
import numpy as np
import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.components import Membrane, Source, Weight
from runen_ecs.engine.state import world_state
from runen_ecs.scenarios.building import build
from runen_ecs.scenarios.loading import load
from runen_ecs.scenarios.looking_back import RecordedRun, first_difference

KEYS = {"columns.count": 2, "duration": "300 ms"}
RUN = ("run", "columnar", "--columns", "2", "--duration", "300ms", "--no-plots", "--quiet")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runen: Runen) -> None:
    """Go to a folder that holds a recorded run."""
    monkeypatch.chdir(tmp_path)
    assert 0 == runen(*RUN, "--record", "run", "--checkpoint-every", "90ms").code


@pytest.mark.parametrize("tick", [0, 1, 137, 180, 270, 299, 300])
def test_any_tick_is_exact(tick: int) -> None:
    """The world of a tick, before, at or after the checkpoints that are kept, has the bits it had in the run."""
    run = build(load("columnar", KEYS))
    run.run(tick)
    ours, theirs = world_state(run.world), world_state(RecordedRun(Path("run")).at(tick).world)

    for name, array in ours.arrays.items():
        assert array.tobytes() == theirs.arrays[name].tobytes(), name


def test_inspect_tells_all_components(runen: Runen) -> None:
    """A neuron's components, and the synapses that feed it and that it feeds, are told as they were."""
    run = build(load("columnar", KEYS))
    run.run(137)
    told = json.loads(runen("inspect", "run", "--entity", "neuron:40", "--at", "137ms", "--json").out)
    neuron = told["entities"][0]

    assert (137, "neuron", 40) == (told["tick"], neuron["kind"], neuron["number"])
    assert run.world.storage(Membrane).array["v"][40] == neuron["components"]["Membrane"]["v"]
    for number in neuron["fed_by"]:
        synapse = runen("inspect", "run", "--entity", f"synapse:{number}", "--at", "137ms", "--json")
        parts = json.loads(synapse.out)["entities"][0]["components"]
        assert neuron["name"] == parts["Target"]["neuron"] == "neuron:40"
        break
    assert "Membrane" in runen("inspect", "run", "--entity", "columns column=1 layer=motor", "--at", "0s").out


def test_a_fork_is_told_where_it_parts(runen: Runen) -> None:
    """Of two runs that learn at other rates the first changed weight is told; runs of one seed are identical."""
    assert 0 == runen(*RUN, "--set", "stdp.amplitude=0.3", "--record", "other").code
    assert 0 == runen(*RUN, "--record", "again").code
    found = first_difference(Path("run"), Path("other"))
    assert found is not None
    one, two = (build(load("columnar", KEYS | {"stdp.amplitude": a})) for a in (0.2, 0.3))
    for _ in range(found["tick"] - 1):
        one.run(1)
        two.run(1)
    weights = [run.world.storage(Weight).array["value"] for run in (one, two)]

    assert np.array_equal(*weights)
    assert ("Weight", "value") == (found["component"], found["field"])
    one.run(1)
    two.run(1)
    differ = np.flatnonzero(weights[0] != weights[1])
    assert found["values"] == [float(w[differ[0]]) for w in weights]
    assert (0, "identical in 300 ticks\n") == runen("diff", "run", "again")[:2]
    assert 1 == runen("diff", "run", "other").code


MISTAKES = {
    "too late": (("inspect", "run", "--entity", "neuron:1", "--at", "1s"), 2, "was recorded from 0 to 0.3 s"),
    "no tick": (("inspect", "run", "--entity", "neuron:1", "--at", "1.5ms"), 2, "--at 1.5ms: must be a whole number"),
    "no neuron": (("inspect", "run", "--entity", "neuron:200", "--at", "1ms"), 3, "200 were ever created"),
    "no kind": (("inspect", "run", "--entity", "neurone:2", "--at", "1ms"), 3, "choices: neuron, synapse, input-port"),
    "no layer": (("inspect", "run", "--entity", "columns layer=moter", "--at", "1ms"), 3, "did you mean 'motor'?"),
    "no run": (("diff", "run", "nowhere"), 2, "nowhere: is no run folder"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message(runen: Runen, mistake: str) -> None:
    """What is not there is told in a line."""
    command, code, told = MISTAKES[mistake]
    result = runen(*command)

    assert code == result.code, result.err
    assert told in result.err
    assert 1 == len(result.err.splitlines())


def test_only_what_was_run_is_replayed(runen: Runen) -> None:
    """A scenario, or a file that it names, that is another one now is told, and nothing is replayed with it."""
    Path("pairs.csv").write_text("source,target\n0,1\n")
    Path("own.toml").write_text(
        """
        title = "two cells"
        dt = "1 ms"
        duration = "20 ms"
        [populations.e]
        size = 2
        model = "izhikevich"
        [projections.p]
        from = "e"
        to = "e"
        rule = { file = "pairs.csv" }
        weight = 9
        """
    )
    assert 0 == runen("run", "own.toml", "--no-plots", "--quiet", "--record", "own").code
    asked = ("inspect", "own", "--entity", "synapse:0", "--at", "10ms")
    assert "weight" not in runen(*asked).err

    Path("pairs.csv").write_text("source,target\n1,0\n")
    for command in (asked, ("resume", "own", "--duration", "30ms", "--no-plots"), ("diff", "own", "own")):
        result = runen(*command)
        assert (2, True) == (result.code, "pairs.csv: is not what it was when own was recorded" in result.err)
    Path("pairs.csv").write_text("source,target\n0,1\n")
    text = Path("own/scenario.toml").read_text()
    Path("own/scenario.toml").write_text(text.replace("weight = 9", "weight = 8"))
    assert "is not the scenario that was run" in runen(*asked).err
    Path("own/scenario.toml").unlink()
    assert "own/scenario.toml: is missing" in runen(*asked).err


def test_diff_looks_at_what_was_recorded(runen: Runen) -> None:
    """Two folders of one run whose records differ are not identical."""
    assert 0 == runen(*RUN, "--record", "again").code
    assert 0 == runen(*RUN, "--seed", "2", "--record", "other").code
    for name in ("spikes.bin", "spikes.chunks"):
        Path("other", name).replace(Path("again", name))
    result = runen("diff", "run", "again")

    assert 1 == result.code
    assert "the record of spikes is" in result.out


def test_diff_tells_in_what_the_scenarios_differ(runen: Runen) -> None:
    """Keys with other values are told before the tick; networks of other sizes by how many neurons they have."""
    assert 0 == runen(*RUN, "--columns", "1", "--record", "other").code
    result, told = runen("diff", "run", "other"), json.loads(runen("diff", "run", "other", "--json").out)

    assert "columns.count: 2 in the first, 1 in the second\n" in result.out
    assert "tick 0: number of neurons is 200 in run and 100 in other" in result.out
    assert {"columns.count": [2, 1]} == told["scenario"]


def test_a_world_of_the_past_is_run_on_with_a_cut(runen: Runen) -> None:
    """`RecordedRun.at` gives a world that esper sees; a synapse that is cut in it changes what comes."""
    run = RecordedRun(Path("run"))
    simulation, same = run.at(150), run.at(150)
    with simulation.world.active():
        synapses = [synapse for synapse, _ in esper.get_component(Source)]
        for synapse in synapses[::2]:
            esper.delete_entity(synapse)
    for one in (simulation, same):
        one.run(150)
    rows = run.streams["spikes"].rows(151)

    assert same.data().spike_neuron.tolist() == rows["neuron"].tolist()
    assert simulation.data().spike_neuron.tolist() != rows["neuron"].tolist()
