"""Networks in the general language are the networks that they stand for: by their figures, and by chance."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from language_texts import COLUMNS, EVERY_KEY, OTHER, SAME, made, scenario

from runen_ecs.files import RunData
from runen_ecs.scenarios import build, load
from runen_ecs.scenarios.printing import as_toml

LAYERS = ["sensory", "motor", "afferent", "efferent", "internal"]
SIZES = dict(zip(LAYERS, [10, 10, 10, 10, 60], strict=True))
HEAD = 'title = "t"\nduration = "10 ms"\n\n[populations.a]\nsize = 400\nmodel = "izhikevich"\n'


def run(simulation) -> RunData:
    """Run two seconds."""
    simulation.run(2000)
    return simulation.data()


def counts(data: RunData) -> dict[tuple[str, str, str], int]:
    """Synapses between layers, within columns and between them."""
    source, target = data.synapse_source, data.synapse_target
    place = np.arange(data.neuron_column.size) % 100
    layer = np.searchsorted(np.cumsum(list(SIZES.values())), place, "right")
    same = data.neuron_column[source] == data.neuron_column[target]
    key = (layer[source] * 5 + layer[target]) * 2 + same
    found = np.bincount(key, minlength=50)
    return {
        (LAYERS[k // 10], LAYERS[k // 2 % 5], ("other", "same")[k % 2]): int(found[k]) for k in np.flatnonzero(found)
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[RunData], list[RunData]]:
    """Two seeds of the columns in the general language, and of the short way to say them."""
    folder = tmp_path_factory.mktemp("columns")
    general = [run(made(COLUMNS, folder, seed=seed)) for seed in (1, 2)]
    return general, [run(build(load("columnar", {"seed": seed, "duration": "2 s"}))) for seed in (1, 2)]


def test_columns_in_the_general_language_have_the_columns_synapses(runs) -> None:
    """Between two layers, within columns and between them, there are as many synapses as their probability says."""
    expected = {(*layers, "same"): (p, 20) for layers, p in SAME.items()}
    expected |= {(*layers, "other"): (p, 20 * 19) for layers, p in OTHER.items()}
    for data in (*runs[0], *runs[1]):
        found = counts(data)

        assert expected.keys() == found.keys()
        for (source, target, column), (p, pairs) in expected.items():
            n = pairs * SIZES[source] * SIZES[target]
            assert abs(found[source, target, column] - n * p) < 4 * math.sqrt(n * p * (1 - p))


def test_columns_in_the_general_language_have_the_columns_delays_and_weights(runs) -> None:
    """Delays are uniform on 1 … 19 ticks, strengths on 0.5 … 4 mV, and a fifth is negative."""
    for data in (*runs[0], *runs[1]):
        n, delay, weight = data.weight_initial.size, data.synapse_delay, data.weight_initial
        expected = n / 19

        assert set(range(1, 20)) == set(delay.tolist())
        assert ((np.bincount(delay)[1:] - expected) ** 2 / expected).sum() < 42.3  # chi-squared, 18 degrees, 0.1 %
        assert abs((weight < 0).mean() - 0.2) < 4 * math.sqrt(0.16 / n)
        assert abs(np.abs(weight).mean() - 2.25) < 4 * 3.5 / math.sqrt(12 * n)
        assert (0.5 <= np.abs(weight)).all()
        assert (np.abs(weight) < 4).all()


def test_columns_in_the_general_language_fire_and_learn_as_the_columns(runs) -> None:
    """Rates in the first two seconds, in all and by layer, and the spread of the weights agree with the short way."""
    layer = np.repeat(np.arange(5), list(SIZES.values()))
    rates = [
        np.mean(
            [np.bincount(layer[data.spike_neuron % 100], minlength=5) / 40 / list(SIZES.values()) for data in both], 0
        )
        for both in runs
    ]
    spread = [np.mean([(data.weight - data.weight_initial).std() for data in both]) for both in runs]

    assert abs(rates[0] / rates[1] - 1).max() < 0.1
    assert abs(spread[0] / spread[1] - 1) < 0.1
    assert 6 < np.average(rates[0], weights=list(SIZES.values())) < 9


@pytest.mark.parametrize(
    ("weight", "mean", "sd", "low", "high"),
    [
        ("1.5", 1.5, 0.0, 1.5, 1.5),
        ('"1.5 mV"', 1.5, 0.0, 1.5, 1.5),
        ("{ uniform = [-1, 3] }", 1.0, 4 / math.sqrt(12), -1.0, 3.0),
        ("{ normal = [2, 0.5] }", 2.0, 0.5, -5.0, 9.0),
        (
            "{ normal = [0, 1], low = 0, high = 9 }",
            1 / math.sqrt(2 * math.pi),
            math.sqrt(0.5 - 0.5 / math.pi),
            0.0,
            9.0,
        ),
        ("{ lognormal = [1, 0.25] }", math.exp(1 / 32), math.sqrt(math.expm1(1 / 16)) * math.exp(1 / 32), 0.0, 9.0),
        ("{ uniform = [1, 1], negative = 0.25 }", 0.5, math.sqrt(0.75), -1.0, 1.0),
    ],
)
def test_weights_have_their_distribution(
    weight: str, mean: float, sd: float, low: float, high: float, tmp_path: Path
) -> None:
    """Mean, standard deviation and bounds of the weights are those that the scenario says."""
    text = f'{HEAD}[projections.p]\nfrom = "a"\nto = "a"\nrule = "all-to-all"\nweight = {weight}\n'
    found = made(text, tmp_path).weight_initial

    assert 160_000 == found.size
    assert abs(found.mean() - mean) < 5 * sd / 400 + 1e-12
    assert abs(found.std() - sd) < 0.02 * sd + 1e-12
    assert low <= found.min()
    assert found.max() <= high


@pytest.mark.parametrize(
    ("rule", "mean", "sd"),
    [
        ("{ probability = 0.1 }", 40.0, 6.0),
        ("{ in_degree = 40 }", 40.0, math.sqrt(40 * 0.9)),
        ("{ out_degree = 40 }", 40.0, 0.0),
        ('"all-to-all"', 400.0, 0.0),
        ('"one-to-one"', 1.0, 0.0),
    ],
)
def test_rules_give_their_numbers_of_synapses(rule: str, mean: float, sd: float, tmp_path: Path) -> None:
    """How many synapses an axon feeds, and how that varies, is what the rule says; no pair is there twice."""
    data = made(f'{HEAD}[projections.p]\nfrom = "a"\nto = "a"\nrule = {rule}\nweight = 1\n', tmp_path).data()
    fed = np.bincount(data.synapse_source, minlength=400)

    assert abs(fed.mean() - mean) < 4 * sd / 20 + 1e-12
    assert abs(fed.std() - sd) < 0.15 * sd + 1e-12
    assert data.synapse_source.size == np.unique(data.synapse_source * 400 + data.synapse_target).size


@pytest.mark.parametrize("rule", ["{ probability = 0.6 }", "{ in_degree = 3 }", "{ out_degree = 3 }", '"all-to-all"'])
@pytest.mark.parametrize("column", ["same", "other"])
def test_column_restricts_every_rule(rule: str, column: str, tmp_path: Path) -> None:
    """Pairs lie within columns, or between them; a degree is that of a neuron over all columns."""
    text = f"""
title = "t"
duration = "1 ms"
[populations.a]
columns = 3
layers = {{ x = 5, y = 2 }}
model = "izhikevich"
[projections.p]
from = "a layer=x"
to = "a layer=y"
rule = {rule}
column = "{column}"
weight = 1
repeats = {"true" if "degree" in rule else "false"}
"""
    data = made(text, tmp_path).data()
    same = data.neuron_column[data.synapse_source] == data.neuron_column[data.synapse_target]

    assert data.synapse_source.size > 0
    assert (same == (column == "same")).all()
    if "in_degree" in rule:
        assert {3} == set(np.bincount(data.synapse_target)[np.unique(data.synapse_target)].tolist())
        assert 6 == np.unique(data.synapse_target).size
    if "out_degree" in rule:
        assert {3} == set(np.bincount(data.synapse_source)[np.unique(data.synapse_source)].tolist())
        assert 15 == np.unique(data.synapse_source).size


def test_what_show_prints_of_every_key_is_the_same_scenario(tmp_path: Path) -> None:
    """A scenario with every key, printed with all defaults and loaded again, is the same, and so is its network."""
    first = scenario(EVERY_KEY, tmp_path)
    second = scenario(as_toml(first), tmp_path)

    assert first == second
    assert as_toml(first) == as_toml(second)
    assert build(first).weight_initial.tobytes() == build(second).weight_initial.tobytes()
