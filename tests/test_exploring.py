"""`runen inspect` without an entity: a prompt that moves through a recorded run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.components import Membrane, Weight
from runen_ecs.run_folder import Recording
from runen_ecs.scenarios import RecordedRun, build, load

RUN = ("run", "columnar", "--columns", "2", "--duration", "300ms", "--no-plots", "--quiet", "--record", "run")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runen: Runen) -> None:
    """Go to a folder that holds a recorded run."""
    monkeypatch.chdir(tmp_path)
    assert 0 == runen(*RUN).code


def test_forwards_and_backwards_are_exact(runen: Runen) -> None:
    """Wherever it is moved to, in whatever order, a watched value is that of a run that was never stopped."""
    moves = ["at 200ms", "back 60", "step", "step 30", "back", "at 3ms", "at 299ms", "back 298", "step 150"]
    result = runen("inspect", "run", stdin="\n".join(["watch neuron:40", *moves]))
    told = re.findall(r"tick (\d+)\n  neuron:40 Membrane.v (\S+) mV", result.out)
    run, course = build(load("columnar", {"columns.count": 2})), {}
    for tick in range(301):
        course[tick] = run.world.storage(Membrane).array["v"][40]
        run.run(1)

    assert [0, 200, 140, 141, 171, 170, 3, 299, 1, 151] == [int(tick) for tick, _ in told]
    assert [f"{course[int(tick)]:.6g}" for tick, _ in told] == [value for _, value in told]


def test_next_and_previous_are_the_recorded_spikes(runen: Runen) -> None:
    """`next` and `previous` go from spike to spike, and say when there are no more."""
    rows = Recording(Path("run")).streams["spikes"].rows()
    ticks = rows["tick"][rows["neuron"] == 140].tolist()
    lines = ["next neuron:140"] * (len(ticks) + 1) + ["previous neuron:140"] * len(ticks)
    result = runen("inspect", "run", stdin="\n".join(lines))
    told = [int(tick) for tick in re.findall(r"tick (\d+)", result.out)]

    assert len(ticks) > 1
    assert [*ticks, *ticks[-2::-1]] == told
    assert 2 == result.err.count("neuron:140 fires no more that way")


def test_connections_are_those_of_the_network(runen: Runen) -> None:
    """`connections` tells both ends, the strongest first, with the weights of that tick."""
    out = runen("inspect", "run", "--at", "250ms", stdin="connections neuron:45").out
    network, world = Recording(Path("run")).network, RecordedRun(Path("run")).at(250).world
    ends = network.synapse_target, network.synapse_source
    weight = dict(enumerate(world.storage(Weight).array["value"].tolist()))
    for part, own, other in zip(out.split("feeds"), ends, reversed(ends), strict=True):
        told = re.findall(r"neuron:(\d+) +weight (\S+) +delay (\d+) ms  synapse:(\d+)", part)
        mine = sorted((k for k in weight if own[k] == 45), key=lambda k: -abs(weight[k]))
        assert part.split()[:1] == [str(len(mine))] or part.startswith(f"fed by {len(mine)} synapses")
        for (neuron, w, delay, number), k in zip(told, mine[:20], strict=True):
            assert (int(neuron), w) == (other[k], f"{weight[int(number)]:.4g}")
            assert (int(delay), int(number)) == (network.synapse_delay[k], k)


def test_why_leaves_it_where_it_is(runen: Runen) -> None:
    """`why` answers as the command does, and the tick stays."""
    out = runen("inspect", "run", stdin="next neuron:7\nwhy neuron:7\nstep 0").out
    first, *answer, last = out.splitlines()
    tick = first.rpartition(" ")[2]

    assert first == last
    assert answer == runen("why", "run", "--neuron", "7", "--at", f"{tick}ms").out.splitlines()


def test_a_capacity_network_is_stepped_through(runen: Runen) -> None:
    """Signals of a neuron that accumulates are gone to like spikes, and ports are named."""
    assert 0 == runen("run", "half-adder", "--no-plots", "--quiet", "--record", "adder").code
    rows = Recording(Path("adder")).streams["emissions"].rows()
    out = runen("inspect", "adder", stdin="watch neuron:0\nnext neuron:0\nnext neuron:0\nconnections neuron:0").out
    ticks = rows["tick"][rows["neuron"] == 0].tolist()

    assert [f"tick {tick}" for tick in (0, *ticks[:2])] == re.findall(r"tick \d+", out)
    assert "neuron:0 Accumulator.value 1\n" in out
    assert re.search(r"input-port:0 +weight", out)


def test_help_has_a_line_for_each_command(runen: Runen) -> None:
    """`help` tells every command with what it does, and one alone."""
    lines = runen("inspect", "run", stdin="help\nhelp step").out.splitlines()

    names = ["at", "back", "connections", "help", "next", "previous", "quit", "show", "step", "unwatch", "watch", "why"]
    assert [*names, "step"] == [line.split()[0] for line in lines]
    assert all(line.endswith(".") for line in lines)


MISTAKES = {
    "help stap": "there is no command 'stap'; did you mean 'step'?",
    "stap": "there is no command 'stap'; did you mean 'step'?",
    "step x": "'x' is no number",
    "at 3s": "was recorded from 0 to 0.3 s",
    "at 5": "at 5: needs a time",
    "show": "name what to show",
    "back": "was recorded from 0 to 0.3 s",
    "next": "name one neuron",
    "next synapse:3": "name one neuron",
    "show neuron:900": "200 were ever created",
    "watch neuron:3 Recovery.w": "did you mean 'Recovery.u'?",
    "why neuron:3": "nothing has happened at 0 s",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_told_and_nothing_is_lost(runen: Runen, line: str) -> None:
    """A line that cannot be done gets one message, and the next one is answered."""
    result = runen("inspect", "run", stdin=f"{line}\nstep\nquit\nstep\n")

    assert (0, 1) == (result.code, len(result.err.splitlines())), result.err
    assert MISTAKES[line] in result.err
    assert "0.001 s, tick 1\n" == result.out
