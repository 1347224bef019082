"""Events do what plain Python does, whatever came before them, and however the run is cut into pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import naive_events as naive
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_texts import EVERY_KEY, made, toml

from runen_ecs.components import SYNAPSE, Delay, Membrane, Source, Target, Weight
from runen_ecs.scenarios.building import Simulation, build
from runen_ecs.scenarios.language.events import EventError
from runen_ecs.scenarios.loading import load

TICKS = 60
HEAD = f"""
title = "t"
duration = "{TICKS} ms"
signal_propagation = {{ limit = 4.0 }}
populations.a = {{ size = 6, model = "izhikevich" }}
populations.b = {{ size = 4, model = "izhikevich" }}
inputs.noise = {{ uniform = [0, 5] }}
learning.h = {{ amplitude = 0.2, horizon = "100 ms" }}
"""
PROJECTIONS: dict[str, dict[str, Any]] = {
    "p": {"from": "a", "to": "b", "rule": "all-to-all", "weight": {"uniform": [2, 4]}, "delay": {"uniform": [1, 4]}},
    "q": {"from": "all", "to": "a", "rule": {"probability": 0.5}, "weight": {"uniform": [1, 4], "negative": 0.3}},
}
MS = {"delay", "for", "at"}


def written(value: Any, key: str = "") -> Any:
    """What the plain network takes, as a scenario has it: times with their unit."""
    if key in MS:
        if isinstance(value, dict):
            return {kind: [f"{ticks} ms" for ticks in pair] for kind, pair in value.items()}
        return f"{value} ms"
    return {k: written(v, k) for k, v in value.items()} if isinstance(value, dict) else value


def text(events: list[dict[str, Any]]) -> str:
    """The text of a scenario with events."""
    tables = {name: table | {"learning": "h"} for name, table in PROJECTIONS.items()}
    lines = [f"projections.{name} = {toml(written(table))}" for name, table in tables.items()]
    learning = [e | {"connect": e["connect"] | {"learning": "h"}} if "connect" in e else e for e in events]
    return HEAD + "\n".join(lines) + f"\nevents = {toml(list(map(written, learning)))}\n"


def plain(events: list[dict[str, Any]], seed: int) -> naive.Network:
    """The same in plain Python."""
    network = naive.Network(seed=seed, noise=(0.0, 0.0), events=events)
    for name, size in (("a", 6), ("b", 4)):
        network.add(name, size)
    for name, table in PROJECTIONS.items():
        network.project(name, table)
    return network


def synapses(simulation: Simulation) -> list[tuple[int, int, float, int]]:
    """Source, target, weight, delay of each synapse by creation; neurons by entity."""
    world, entity = simulation.world, simulation.neurons
    columns = (
        entity[world.storage(Source).array["neuron"]],
        entity[world.storage(Target).array["neuron"]],
        world.storage(Weight).array["value"],
        world.storage(Delay).array["ticks"],
    )
    order = np.argsort(world.entities(SYNAPSE))
    return list(zip(*(column[order].tolist() for column in columns), strict=True))


def spikes(simulation: Simulation) -> list[tuple[int, int]]:
    """Tick and neuron of each spike."""
    data = simulation.data()
    return list(zip(data.spike_tick.tolist(), data.spike_neuron.tolist(), strict=True))


def check(simulation: Simulation, network: naive.Network) -> None:
    """Hold one against the other: spikes, who lives, potentials, and every synapse."""
    assert network.spikes == spikes(simulation)
    assert [n.entity for n in network.neurons] == simulation.neurons.tolist()
    assert [n.v for n in network.neurons] == simulation.world.storage(Membrane).array["v"].tolist()
    assert [(s.source.entity, s.target.entity, s.weight, s.delay) for s in network.synapses] == synapses(simulation)


times = st.sampled_from([0, 1, 7, 7, 20, TICKS - 1, TICKS])
shares = st.sampled_from([0.0, 0.3, 0.5, 1.0])
neurons = st.sampled_from(["a", "b", "all", "a neuron=1..3", "all neuron=4..8"])
values = st.sampled_from([3.5, "0.5 * value", {"uniform": [0.5, 4]}, {"normal": [1, 1], "low": 0.5}])
delays = st.sampled_from([5, {"uniform": [1, 9]}])
potentials = st.sampled_from([-50, "0.9 * value", {"normal": [-60, 5]}])
lengths = st.integers(1, 15)
kinds = {
    "set": st.one_of(
        st.fixed_dictionaries({"field": st.just("Weight.value"), "of": st.sampled_from("pq"), "value": values}),
        st.fixed_dictionaries({"field": st.just("Delay.ticks"), "of": st.sampled_from("pq"), "value": delays}),
        st.fixed_dictionaries({"field": st.just("Membrane.v"), "of": neurons, "value": potentials}),
    ),
    "cut": st.fixed_dictionaries(
        {"projection": st.sampled_from(["p", "q", "all"]), "from": neurons, "to": neurons, "share": shares}
    ),
    "connect": st.fixed_dictionaries(
        {
            "from": neurons,
            "to": neurons,
            "rule": st.sampled_from(["all-to-all", {"probability": 0.3}, {"pairs": [[0, 1], [2, 0], [2, 2]]}]),
            "weight": st.sampled_from([3, {"uniform": [1, 4]}]),
            "delay": st.sampled_from([1, 30]),
        }
    ),
    "remove": st.fixed_dictionaries({"of": neurons, "share": shares}),
    "silence": st.fixed_dictionaries({"of": neurons, "for": lengths}),
    "inject": st.fixed_dictionaries({"of": neurons, "current": st.sampled_from([12, -7.5]), "for": lengths}),
    "change": st.just({"system": "inputs.noise", "parameter": "high", "value": 8.0}),
}
what = st.one_of(st.builds(lambda kind, given: {kind: given}, st.just(kind), found) for kind, found in kinds.items())
events_of = st.lists(st.tuples(times, what).map(lambda pair: {"at": pair[0], **pair[1]}), min_size=1, max_size=6)


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(events=events_of, seed=st.integers(0, 2**63))
def test_events_equal_plain_python(events: list[dict[str, Any]], seed: int, tmp_path: Path) -> None:
    """Any events at any times, several at one, after removals too: spikes and network are those of plain Python."""
    simulation, network = made(text(events), tmp_path, seed=seed), plain(events, seed)
    try:
        simulation.run(TICKS, stepped=True)
    except EventError as error:
        if "none of them has" not in str(error):  # to set a field of what was removed is refused
            raise
        return
    for _ in range(TICKS):
        network.step()
    check(simulation, network)


ONE_OF_EACH: list[dict[str, Any]] = [
    {"at": 30, "connect": {"from": "b", "to": "a", "rule": {"pairs": [[0, 0], [3, 5]]}, "weight": 4, "delay": 40}},
    {"at": 0, "set": {"field": "Weight.value", "of": "p", "value": {"uniform": [2, 4]}}},
    {"at": 0, "set": {"field": "Weight.value", "of": "p", "value": "2 * value"}},
    {"at": 9, "inject": {"of": "a", "current": 15.0, "for": 20}},
    {"at": 9, "silence": {"of": "b neuron=0..1", "for": 40}},
    {"at": 12, "silence": {"of": "b", "for": 3}},
    {"at": 20, "cut": {"projection": "q", "from": "b", "share": 0.5}},
    {"at": 20, "remove": {"of": "a", "share": 0.5}},
    {"at": 30, "connect": {"from": "a", "to": "b", "rule": {"probability": 0.5}, "weight": {"uniform": [3, 4]}}},
    {"at": 31, "change": {"system": "inputs.noise", "parameter": "high", "value": 9.0}},
    {"at": 59, "set": {"field": "Membrane.v", "of": "all", "value": 29.0}},
]


@pytest.mark.parametrize("pieces", [[TICKS], [1] * TICKS, [9, 0, 11, 10, 1, 29], [31, 29]], ids=len)
@pytest.mark.parametrize("stepped", [False, True], ids=["native", "stepped"])
def test_one_of_each_equals_plain_python(pieces: list[int], stepped: bool, tmp_path: Path) -> None:
    """One event of each kind: compiled or stepped, in one run or in many, all is as in plain Python."""
    simulation, network = made(text(ONE_OF_EACH), tmp_path), plain(ONE_OF_EACH, 1)
    for ticks in pieces:
        simulation.run(ticks, stepped=stepped)
    for _ in range(TICKS):
        network.step()

    assert len(network.spikes) > 20
    check(simulation, network)


def test_an_event_at_the_end_waits_for_the_next_tick(tmp_path: Path) -> None:
    """What is due when the run ends is done when it goes on, and changes nothing before."""
    events = [{"at": TICKS, "remove": {"of": "a"}}]
    simulation, calm = made(text(events), tmp_path), made(text([]), tmp_path)
    simulation.run(TICKS)
    calm.run(TICKS)

    assert spikes(calm) == spikes(simulation)
    assert 10 == len(simulation.neurons)
    simulation.run(1)
    assert 4 == len(simulation.neurons)


def test_every_kind_together_gives_the_same_bits(tmp_path: Path) -> None:
    """A scenario with every key of the language: compiled, stepped and in pieces, with the same bits."""
    runs = []
    for stepped, pieces in ((False, [80]), (True, [80]), (False, [10, 11, 3, 56])):
        simulation = made(EVERY_KEY, tmp_path)
        for ticks in pieces:
            simulation.run(ticks, stepped=stepped)
        runs.append(simulation.data())
    for name in ("spike_tick", "spike_neuron", "weight", "trace_v", "weight_snapshot"):
        assert getattr(runs[0], name).tobytes() == getattr(runs[1], name).tobytes() == getattr(runs[2], name).tobytes()
    for values in zip(*(run.values for run in runs), strict=True):
        assert values[0].value.tobytes() == values[1].value.tobytes() == values[2].value.tobytes()
    assert runs[0].spike_tick.size > 50


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"set": {"field": "Delay.ticks", "of": "p", "value": 70000}}, "Delay: ticks must lie in"),
        ({"set": {"field": "LastSpike.tick", "of": "a", "value": 1e12}}, "LastSpike: tick must lie in"),
        ({"set": {"field": "Membrane.v", "of": "a", "value": "log(0 * value)"}}, "gives -inf"),
        ({"set": {"field": "Silenced.until", "of": "a", "value": 1}}, "none of them has Silenced"),
        (
            {
                "connect": {
                    "from": "a neuron=0",
                    "to": "b",
                    "rule": {"in_degree": 1},
                    "weight": {"lognormal": [1, 5000]},
                }
            },
            "inf",
        ),
    ],
)
def test_an_event_that_cannot_be_done_says_why(event: dict[str, Any], words: str, tmp_path: Path) -> None:
    """The message has the number of the event, its time, and what it does not take."""
    simulation = made(text([{"at": 3, **event}]), tmp_path)
    with pytest.raises(EventError, match=r"^events\.0 at 3 ms: ") as caught:
        simulation.run(10)

    assert words in str(caught.value)


def test_synapses_of_an_event_have_a_name(tmp_path: Path) -> None:
    """What an event connects is called by its number, and a later event may set it and cut it."""
    connect = {"from": "a", "to": "b", "rule": "all-to-all", "weight": 1}
    events = [
        {"at": 1, "connect": connect},
        {"at": 2, "set": {"field": "Weight.value", "of": "event/0", "value": 3}},
        {"at": 3, "cut": {"projection": "event/0"}},
    ]
    simulation, found = made(text(events), tmp_path), []
    for _ in range(4):
        simulation.run(1)
        weight = simulation.data().weight
        found.append((weight.size, (weight == 1).sum(), (weight == 3).sum()))
    n = found[0][0]

    assert [(n, 0, 0), (n + 24, 24, 0), (n + 24, 0, 24), (n, 0, 0)] == found


def test_removed_neurons_stay_where_they_lay() -> None:
    """What is left of a lesion says of each neuron, removed or not, in which column and layer it lay."""
    keys = {"columns.count": 2, "duration": "20 ms"}
    lesion = [{"at": "10 ms", "remove": {"of": "columns column=0"}}]
    whole, cut = (build(load("columnar", keys | {"events": events})) for events in ([], lesion))
    for simulation in (whole, cut):
        simulation.run(20)
    ours, theirs = whole.data(), cut.data()

    assert 100 == cut.neurons.size
    assert ours.neuron_column.tolist() == theirs.neuron_column.tolist()
    assert ours.neuron_layer.tolist() == theirs.neuron_layer.tolist()
