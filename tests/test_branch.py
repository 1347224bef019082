"""`runen branch`: what if, from any tick of a recorded run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recorded_runs import KINDS
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.engine.state import world_state
from runen_ecs.files import RunData
from runen_ecs.run_folder import Recording
from runen_ecs.scenarios.building import Simulation
from runen_ecs.scenarios.faults import UsageError
from runen_ecs.scenarios.lasting import LastingRun, begin, go_on
from runen_ecs.scenarios.loading import load
from runen_ecs.scenarios.looking_back import RecordedRun, branch

COLUMNS = {"columns.count": 2, "duration": "300 ms", "record.weights": "70 ms"}
FORK = 140
NOISE = {"system": "thalamic_input", "parameter": "high", "value": 7.0}
LEARNING = {"system": "stdp_learning", "parameter": "amplitude"}


def whole(path: Path, name: str, keys: dict[str, Any]) -> tuple[Simulation, RunData]:
    """Run a scenario into a folder, to its end."""
    return ended(begin(load(name, keys), path, every=90))


def ended(run: LastingRun) -> tuple[Simulation, RunData]:
    """Run to the end; return the simulation, and what is in the folder."""
    run.run(run.simulation.scenario.duration - run.simulation.world.tick)
    return run.simulation, run.finish().run_data()


def same_end(first: tuple[Simulation, RunData], second: tuple[Simulation, RunData]) -> bool:
    """Whether two runs end in the same bits, and have recorded the same."""
    arrays = [world_state(simulation.world).arrays for simulation, _ in (first, second)]
    records = [(d.spike_tick, d.spike_neuron, d.trace_v, d.weight, d.weight_snapshot) for _, d in (first, second)]
    states = all(a.tobytes() == arrays[1][name].tobytes() for name, a in arrays[0].items() if name in arrays[1])
    return states and all(a.tobytes() == b.tobytes() for a, b in zip(*records, strict=True))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "capacity network"])
def test_a_branch_that_changes_nothing_is_the_run(kind: str, tmp_path: Path) -> None:
    """What goes on from a tick as before ends in the same bits, with the same records, as what never branched."""
    name, keys = KINDS[kind]
    parent = whole(tmp_path / "run", name, keys)
    child = ended(branch(tmp_path / "run", tmp_path / "fork", FORK))

    assert same_end(parent, child)
    assert RecordedRun(tmp_path / "fork").first == FORK


EVENTS = {
    "lesion": 'remove = {{ of = "{of} neuron=0..9" }}',
    "cut": 'cut = {{ share = 0.25 }}',
    "new synapses": 'connect = {{ from = "all", to = "{of}", rule = {{ in_degree = 4 }}, weight = 1.5 }}',
    "silence": 'silence = {{ of = "{of} neuron=3..30", for = "20 ms" }}',
    "current": 'inject = {{ of = "{of} neuron=5..60", current = "4 mV", for = "30 ms" }}',
    "values": 'set = {{ field = "Membrane.v", of = "{of} neuron=0..20", value = -50 }}',
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_in_a_branch_is_one_of_the_whole_run(event: str, tmp_path: Path) -> None:
    """A branch with an event is the run that had this event in its scenario from the beginning."""
    file = tmp_path / "events.toml"
    file.write_text(f'[[events]]\nat = "150 ms"\n{EVENTS[event].format(of="columns")}\n')
    whole(tmp_path / "run", "columnar", COLUMNS)
    scenario = tmp_path / "same.toml"
    scenario.write_text(f'extends = "columnar"\n{file.read_text()}')

    assert same_end(
        ended(branch(tmp_path / "run", tmp_path / "fork", FORK, events=file)),
        whole(tmp_path / "same", str(scenario), COLUMNS),
    )


def test_a_changed_setting_acts_from_then_on(tmp_path: Path) -> None:
    """A branch with another setting is the run in which an event changes that system at that tick."""
    whole(tmp_path / "run", "columnar", COLUMNS)
    change = [{"at": f"{FORK} ms", "change": NOISE}]
    changed = whole(tmp_path / "same", "columnar", COLUMNS | {"events": change})
    child = ended(branch(tmp_path / "run", tmp_path / "fork", FORK, ["thalamic_input.high=7"]))

    assert same_end(child, changed)
    assert child[1].spike_tick.size != Recording(tmp_path / "run").run_data().spike_tick.size


def test_what_was_changed_while_it_ran_stays_changed(tmp_path: Path) -> None:
    """A branch keeps what an event has changed before it, and events that are to come, unless it changes them."""
    events = [
        {"at": "50 ms", "change": NOISE},
        {"at": "200 ms", "change": LEARNING | {"value": 0.5}},
    ]
    whole(tmp_path / "run", "columnar", COLUMNS | {"events": events})
    child = ended(branch(tmp_path / "run", tmp_path / "fork", FORK, ["stdp.amplitude=0.3"]))
    three = [
        *events,
        {"at": f"{FORK} ms", "change": {"system": "stdp_learning", "parameter": "amplitude", "value": 0.3}},
    ]

    assert same_end(child, whole(tmp_path / "same", "columnar", COLUMNS | {"events": three}))


def test_events_to_come_can_be_changed_and_those_that_were_cannot(tmp_path: Path) -> None:
    """`--set` moves an event of the future, which is then one of the whole run; one of the past is refused."""
    events = [{"at": "50 ms", "change": NOISE}, {"at": "200 ms", "change": LEARNING | {"value": 0.5}}]
    whole(tmp_path / "run", "columnar", COLUMNS | {"events": events})
    child = ended(branch(tmp_path / "run", tmp_path / "fork", FORK, ["events.1.at=150ms"]))
    moved = [events[0], events[1] | {"at": "150 ms"}]

    assert same_end(child, whole(tmp_path / "same", "columnar", COLUMNS | {"events": moved}))
    for change in (
        "events=[]",
        "events.0.at=120ms",
        "events.0.at=250ms",
        "events.1.at=120ms",
        "events.0.change.value=3",
    ):
        with pytest.raises(UsageError, match="what is over cannot be changed"):
            branch(tmp_path / "run", tmp_path / "never", FORK, [change])
    assert not (tmp_path / "never").exists()


def test_another_seed_keeps_the_network(tmp_path: Path) -> None:
    """With another seed the noise is another one from the branch on; the network and what was before are the same."""
    _, first = whole(tmp_path / "run", "columnar", COLUMNS)
    _, second = ended(branch(tmp_path / "run", tmp_path / "fork", FORK, ["seed=9"]))
    before = [data.spike_neuron[data.spike_tick <= FORK].tolist() for data in (first, second)]

    assert before[0] == before[1]
    assert first.synapse_target.tolist() == second.synapse_target.tolist()
    assert first.spike_neuron.tolist() != second.spike_neuron.tolist()


def test_systems_may_come_and_go(tmp_path: Path) -> None:
    """A branch may stop learning, and begin again."""
    whole(tmp_path / "run", "columnar", COLUMNS)
    _, still = ended(branch(tmp_path / "run", tmp_path / "still", FORK, ["stdp=false"]))
    run = RecordedRun(tmp_path / "run")
    weights = world_state(run.at(FORK).world).arrays["component/Weight/value"]
    again = branch(tmp_path / "still", tmp_path / "again", 200, [])

    assert still.weight.tolist() == weights.tolist()
    assert json.loads((tmp_path / "again" / "manifest.json").read_text())["parent"]["folder"] == str(tmp_path / "still")
    again.finish()


def test_a_branch_goes_on_after_a_stop(tmp_path: Path) -> None:
    """A branch that was stopped is gone on with, and ends as one that was not; its world is there from its fork on."""
    whole(tmp_path / "run", "columnar", COLUMNS)
    through = ended(branch(tmp_path / "run", tmp_path / "one", FORK, ["thalamic_input.high=7"]))
    stopped = branch(tmp_path / "run", tmp_path / "two", FORK, ["thalamic_input.high=7"], every=40)
    stopped.run(77)
    stopped.finish()
    resumed = ended(go_on(tmp_path / "two", None, 40))
    ours, theirs = (world_state(RecordedRun(tmp_path / name).at(FORK).world).arrays for name in ("two", "run"))

    assert same_end(through, resumed)
    assert [] == [name for name in theirs if ours[name].tobytes() != theirs[name].tobytes()]


def test_the_command_branches(tmp_path: Path, runen: Runen, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command makes the folder, runs to the end, and `diff` tells where the two part, and by which key."""
    monkeypatch.chdir(tmp_path)
    whole(tmp_path / "run", "columnar", COLUMNS)
    result = runen("branch", "run", "--at", "140 ms", "--set", "thalamic_input.high=7", "--no-plots", "--json")
    told = runen("diff", "run", "run-from-140ms")

    assert (0, 300) == (result.code, json.loads(result.out)["ticks"])
    assert 1 == told.code
    assert "thalamic_input.high: 5.0 in the first, 7.0 in the second" in told.out
    assert "tick 141: " in told.out


MISTAKES = {
    "another network": (("--set", "cell.a=0.03"), 2, "would have built another network (Izhikevich would be other"),
    "more columns": (("--set", "columns.count=3"), 2, "would have built another network"),
    "no key": (("--set", "stdp.amplitud=1"), 3, "did you mean 'amplitude'?"),
    "other ticks": (("--set", "dt=0.5 ms"), 2, "a branch keeps the length of a tick"),
    "an event of the past": (("--set", 'events=[{at="9 ms", cut={share=0.5}}]'), 2, "events.0 is at 9 ms, before the"),
    "too late": (("--at", "2s"), 2, "was recorded from 0 to 0.3 s"),
    "no time left": (("--duration", "100ms"), 2, "the branch ends when it begins, at 0.14 s"),
    "an event before": (("--events", "early.toml"), 2, "events.0 is at 50 ms, before the branch at 140 ms"),
    "no such file": (("--events", "none.toml"), 2, "none.toml: cannot be read"),
    "no TOML": (("--events", "bad.toml"), 2, "bad.toml: is no TOML"),
    "other keys": (("--events", "other.toml"), 2, "should hold [[events]] alone"),
    "a wrong event": (("--events", "wrong.toml"), 3, "wrong.toml: events.0.cutt: unknown key"),
    "a full folder": (("--record", "run"), 5, "is not empty"),
    "a folder inside": (("--record", "run/fork"), 5, "lies in run; name a folder outside"),
    "another record": (("--set", "record.traces=[1,2,3]"), 2, "a branch records what its parent does"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message(
    mistake: str, tmp_path: Path, runen: Runen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be is told in a line, and no folder is left behind."""
    monkeypatch.chdir(tmp_path)
    whole(tmp_path / "run", "columnar", COLUMNS)
    Path("early.toml").write_text('[[events]]\nat = "50 ms"\ncut = { share = 0.5 }\n')
    Path("bad.toml").write_text("[[events]\n")
    Path("other.toml").write_text("stdp.amplitude = 3\n")
    Path("wrong.toml").write_text('[[events]]\nat = "150 ms"\ncutt = { share = 0.5 }\n')
    before = sorted(path.name for path in tmp_path.iterdir())
    options, code, told = MISTAKES[mistake]
    result = runen("branch", "run", *(() if "--at" in options else ("--at", "140ms")), *options, "--no-plots")

    assert (code, True) == (result.code, told in result.err), result.err
    assert before == sorted(path.name for path in tmp_path.iterdir())
