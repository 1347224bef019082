"""What a scenario draws is a function of the seed and of names, and equals plain Python bit for bit."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import naive_language as naive
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_texts import made, toml

from runen_ecs.components import Delay, Izhikevich, Membrane, Recovery, Source, Target, Weight
from runen_ecs.network import Populations, Selection
from runen_ecs.scenarios.building import Simulation

SETTINGS: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
POPULATIONS = {
    "a": {"size": 7, "model": "izhikevich", "variables": {"r": {"uniform": [0, 1]}}, "parameters": {"c": "-65 + 15*r"}},
    "b": {"size": 4, "model": "izhikevich", "initial": {"v": {"normal": [-65, 3]}}},
    "c": {"columns": 3, "layers": {"x": 2, "y": 3}, "model": "leaky-integrate-and-fire"},
    "d": {"size": 3, "model": "poisson", "parameters": {"rate": {"uniform": [5, 10]}}},
}
PROJECTIONS: dict[str, dict[str, Any]] = {
    "p": {
        "from": "a",
        "to": ["a", "b"],
        "rule": {"probability": 0.4},
        "weight": {"uniform": [0.5, 4], "negative": 0.3},
    },
    "q": {"from": "c", "to": "c", "rule": {"in_degree": 2}, "column": "other", "weight": {"normal": [1, 0.5]}},
    "r": {"from": "d", "to": "b", "rule": "all-to-all", "weight": 2, "delay": {"uniform": ["2 ms", "5 ms"]}},
}
ENDS = {"p": {"a", "b"}, "q": {"c"}, "r": {"b", "d"}}
INPUTS = {"n": {"to": "a", "uniform": [0, 5]}, "m": {"to": "c layer=x", "normal": [0, 1]}}


def text(populations: dict[str, Any], projections: dict[str, Any], inputs: dict[str, Any] = INPUTS) -> str:
    """The text of a scenario."""
    lines = ['title = "t"', 'duration = "5 ms"']
    for key, tables in (("populations", populations), ("projections", projections), ("inputs", inputs)):
        for name, table in tables.items():
            lines += [f"[{key}.{name}]", *(f"{part} = {toml(value)}" for part, value in table.items())]
    return "\n".join(lines) + "\n"


def numbers(simulation: Simulation, name: str) -> bytes:
    """All numbers of the neurons of a population that it has drawn."""
    world = simulation.world
    row = world.index.row[world.resource(Populations).select(world, Selection(name))]
    found = [world.storage(Membrane).array["v"][row]] if name != "d" else []
    if name in "ab":
        found += [world.storage(Recovery).array["u"][row], world.storage(Izhikevich).array["c"][row]]
    return b"".join(part.tobytes() for part in found)


def synapses(simulation: Simulation, name: str) -> list[tuple[Any, Any, float, int]]:
    """The synapses of a projection in order: neurons as (population, number), weight, delay."""
    world = simulation.world
    populations = world.resource(Populations)
    called = {e: (p, i) for p, entities in populations.neurons.items() for i, e in enumerate(entities)}
    entity = np.array(simulation.neurons)
    chosen = populations.select_synapses(world, [name])
    row, dendrite = world.index.row[chosen], world.index.row[chosen + 1]
    source = entity[world.storage(Source).array["neuron"][row]].tolist()
    target = entity[world.storage(Target).array["neuron"][dendrite]].tolist()
    weight = world.storage(Weight).array["value"][dendrite].tolist()
    delay = world.storage(Delay).array["ticks"][row].tolist()
    return [(called[i], called[j], w, d) for i, j, w, d in zip(source, target, weight, delay, strict=True)]


def choice(tables: dict[str, Any], draw: Any, always: set[str] = frozenset()) -> dict[str, Any]:
    """Some of the tables, in any order."""
    order = draw(st.permutations(list(tables)))
    return {name: tables[name] for name in order if name in always or draw(st.booleans())}


@settings(max_examples=40, **SETTINGS)
@given(data=st.data(), kept=st.sampled_from(list(PROJECTIONS)))
def test_a_part_does_not_depend_on_what_else_a_scenario_holds(data: st.DataObject, kept: str, tmp_path: Path) -> None:
    """Others added, taken out or put in another order change no number of a population, no synapse of a projection."""
    whole = made(text(POPULATIONS, PROJECTIONS), tmp_path)
    populations = choice(POPULATIONS, data.draw, ENDS[kept])
    some = {
        n: p
        for n, p in PROJECTIONS.items()
        if n == kept or set({"p": "ab", "q": "c", "r": "bd"}[n]) <= set(populations)
    }
    there = made(text(populations, choice(some, data.draw, {kept}), {}), tmp_path)

    assert synapses(whole, kept) == synapses(there, kept)
    for name in populations:
        assert numbers(whole, name) == numbers(there, name)


weights = st.sampled_from(
    [1.5, {"uniform": [0.5, 4], "negative": 0.3}, {"normal": [1, 2]}, {"normal": [1, 2], "low": 0, "high": 1.5}]
)
delays = st.sampled_from([1, 3, {"uniform": [1, 4]}, {"uniform": [2, 2]}, {"normal": [3, 1.5]}])
rules = st.one_of(
    st.sampled_from(["all-to-all", "one-to-one"]),
    st.builds(lambda p: {"probability": p}, st.floats(0.01, 0.99)),
    st.builds(lambda kind, n: {kind: n}, st.sampled_from(["in_degree", "out_degree"]), st.integers(0, 2)),
    st.builds(
        lambda found: {"pairs": found},
        st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), min_size=1, max_size=6),
    ),
)


@settings(max_examples=150, **SETTINGS)
@given(
    rule=rules,
    weight=weights,
    delay=delays,
    ends=st.sampled_from([("c", "c"), ("c", "e"), ("e", "c"), ("c layer=x", "c layer=y")]),
    column=st.sampled_from([None, "same", "other"]),
    selves=st.booleans(),
    seed=st.integers(0, 2**63),
)
def test_a_projection_equals_plain_python(
    rule: Any, weight: Any, delay: Any, ends: tuple[str, str], column: str | None, selves: bool, seed: int
) -> None:
    """Pairs, weights and delays are those of plain Python, bit for bit and in order."""
    lie = {"columns": 3, "layers": {"x": 3, "y": 3}, "model": "izhikevich"}
    given_ = {"rule": rule, "weight": weight, "self_connections": selves, "repeats": isinstance(rule, dict)}
    if isinstance(rule, dict) and not {"in_degree", "out_degree"} & rule.keys():
        given_["repeats"] = False
    if column is not None:
        given_["column"] = column
    written = {"from": ends[0], "to": ends[1], **given_}
    shown: Any = f"{delay} ms"
    if isinstance(delay, dict):
        shown = {kind: [f"{ticks} ms" for ticks in pair] for kind, pair in delay.items()}
    with tempfile.TemporaryDirectory() as folder:
        whole = text({"c": lie, "e": lie}, {"p": written | {"delay": shown}}, {})
        simulation = made(whole, Path(folder), seed=seed)
    place = {i: (i // 6, "xy"[i % 6 // 3]) for i in range(18)}
    chosen = [[(name[0], i) for i in range(18) if "=" not in name or place[i][1] == name[-1]] for name in ends]
    where = {(p, i): place[i][0] for p in "ce" for i in range(18)}

    assert naive.projection("p", given_ | {"delay": delay}, *chosen, seed, where) == synapses(simulation, "p")


@settings(max_examples=30, **SETTINGS)
@given(seed=st.integers(0, 2**63), spread=st.floats(0, 10), share=st.sampled_from([0, 0.3]))
def test_parameters_equal_plain_python(seed: int, spread: float, share: float, tmp_path: Path) -> None:
    """Shared variables, parameters, and where variables start are those of plain Python, bit for bit."""
    r, v = {"uniform": [0.0, 1.0], "negative": share}, {"normal": [-65.0, spread], "low": -80, "high": -50}
    given_ = {"variables": {"r": r}, "parameters": {"c": "-65 + 15 * r * r"}, "initial": {"v": v}}
    simulation = made(text({"a": {"size": 9, "model": "izhikevich", **given_}}, {}, {}), tmp_path, seed=seed)
    world = simulation.world
    drawn = [naive.number(r, seed, "population/a/r", i) for i in range(9)]
    potential = [naive.number(v, seed, "population/a/v", i) for i in range(9)]

    assert [-65 + 15 * x * x for x in drawn] == world.storage(Izhikevich).array["c"].tolist()
    assert potential == world.storage(Membrane).array["v"].tolist()
    assert [0.2 * x for x in potential] == world.storage(Recovery).array["u"].tolist()


def test_pairs_of_a_file_bring_their_weights_and_delays(tmp_path: Path) -> None:
    """Weight and delay stand by their pair, also where other pairs of the file are left out."""
    (tmp_path / "pairs.csv").write_text("source,target,weight_mV,delay_ms\n0,0,1,2\n0,1,2,3\n1,1,3,1\n1,0,4,7\n")
    given_ = {"from": "b", "to": "b", "rule": {"file": "pairs.csv"}, "self_connections": False}
    found = synapses(made(text(POPULATIONS, {"p": given_}), tmp_path), "p")

    assert [(("b", 0), ("b", 1), 2.0, 3), (("b", 1), ("b", 0), 4.0, 7)] == found


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("a", [0, 1, 2, 3, 4, 5]),
        ("all", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("a column=1", [3, 4, 5]),
        ("a layer=y", [2, 5]),
        ("a layer=x,y neuron=1..3", [1, 2, 3]),
        ("a layer=x neuron=0,3", [0, 4]),
        ("all neuron=5..6", [5, 6]),
        ("layer=y", [2, 5]),
    ],
)
def test_a_selection_means_these_neurons(selection: str, expected: list[int], tmp_path: Path) -> None:
    """Columns and layers select places, `neuron` counts what the others select; counting agrees with listing."""
    lie = {"columns": 2, "layers": {"x": 2, "y": 1}, "model": "izhikevich"}
    simulation = made(text({"a": lie, "b": {"size": 2, "model": "izhikevich"}}, {}, {}), tmp_path)
    populations = simulation.world.resource(Populations)
    chosen = Selection.parse(selection)

    assert expected == (populations.select(simulation.world, chosen) - 1).tolist()
    assert len(expected) == chosen.count(populations.shapes)
