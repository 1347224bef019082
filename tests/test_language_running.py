"""What a scenario drives, teaches and records: every kind of input, of rule and of field, on those it names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from language_texts import EVERY_KEY, made, scenario, toml

from runen_ecs.components import SYNAPSE, SynapticInput, Weight
from runen_ecs.errors import RunenError
from runen_ecs.network import Populations
from runen_ecs.scenarios import build, load
from runen_ecs.scenarios.building import Simulation
from runen_ecs.scenarios.faults import ScenarioError

HEAD = """
title = "t"
duration = "10 ms"
populations.a = { size = 3, model = "izhikevich" }
populations.b = { columns = 2, layers = { x = 2, y = 1 }, model = "leaky-integrate-and-fire" }
populations.c = { size = 2, model = "hindmarsh-rose" }
populations.s = { size = 2, model = "spike-train", times = [["2 ms", "5 ms"], ["2 ms"]] }
"""
TRAINS = HEAD + 'populations.t = { size = 2_000_000_000, model = "spike-train", file = "s.csv" }\n'
CURRENT = '[[record.values]]\nfield = "SynapticInput.current"\n'


def input_of(text: str, folder: Path, ticks: int = 10, head: str = HEAD) -> np.ndarray:
    """The input of each driven neuron at each tick, (ticks, 11)."""
    simulation = made(head + text + CURRENT, folder)
    simulation.run(ticks)
    return simulation.data().values[0].value


def values(simulation: Simulation, number: int = 0) -> np.ndarray:
    """What was recorded of a field."""
    return simulation.data().values[number].value


def learned(simulation: Simulation, name: str) -> int:
    """How many synapses of a projection have another weight than at first."""
    chosen = simulation.world.resource(Populations).select_synapses(simulation.world, [name])
    row = simulation.world.index.row[chosen]
    return int((simulation.world.storage(Weight).array["value"] != simulation.weight_initial)[row].sum())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("current = 2.5", [2.5] * 8),
        ('step = { at = "3 ms", current = "2 mV" }', [0, 0, 0, 2, 2, 2, 2, 2]),
        (
            'pulses = [{ from = "1 ms", to = "2 ms", current = 3 }, { from = "2 ms", to = "4 ms", current = -1 }]',
            [0, 3, -1, -1, 0, 0, 0, 0],
        ),
        ('ramp = { from = "2 ms", to = "6 ms", first = 1, last = 3 }', [0, 0, 1, 1.5, 2, 2.5, 3, 3]),
        ('ramp = { from = "2 ms", to = "6 ms", last = 4 }', [0, 0, 0, 1, 2, 3, 4, 4]),
        ('waveform = [["1 ms", 1], ["3 ms", 3], ["3 ms", 0], ["5 ms", 0], ["5 ms", 7]]', [0, 1, 2, 0, 0, 7, 7, 7]),
    ],
    ids=["current", "step", "pulses", "ramp", "ramp from 0", "waveform"],
)
@pytest.mark.parametrize(
    ("to", "driven"), [('"a"', [0, 1, 2]), ('["c", "b layer=y"]', [5, 8, 9, 10]), ('"b column=1 neuron=0..1"', [6, 7])]
)
def test_a_current_reaches_those_it_names(
    kind: str, expected: list[float], to: str, driven: list[int], tmp_path: Path
) -> None:
    """The value of each tick is that of its beginning, for the chosen neurons of any model, and 0 for all others."""
    found = input_of(f"[inputs.i]\nto = {to}\n{kind}\n", tmp_path, 8)

    assert expected == found[:, driven[0]].tolist()
    for number in range(found.shape[1]):
        assert (expected if number in driven else [0.0] * 8) == found[:, number].tolist()


@pytest.mark.parametrize(("kind", "mean", "sd"), [("uniform = [0, 5]", 2.5, 5 / 12**0.5), ("normal = [1, 2]", 1, 2)])
def test_noise_reaches_those_it_names(kind: str, mean: float, sd: float, tmp_path: Path) -> None:
    """Noise has its mean and spread, differs between neurons and ticks, and leaves all others alone."""
    found = input_of(f'[inputs.i]\nto = "b"\n{kind}\n', tmp_path, 3000)
    noise = found[:, 3:9]

    assert not found[:, [0, 1, 2, 9, 10]].any()
    assert abs(noise.mean() - mean) < 5 * sd / noise.size**0.5
    assert abs(noise.std() / sd - 1) < 0.03
    assert noise.size == np.unique(noise).size


def test_models_are_wired_to_each_other(tmp_path: Path) -> None:
    """A spike of any model arrives at any other by its delay, with its weight."""
    wires = "".join(
        f'[projections.{to}]\nfrom = "s neuron=0"\nto = "{to}"\nrule = "all-to-all"\nweight = 2\ndelay = "2 ms"\n'
        for to in "abc"
    )
    back = '[projections.back]\nfrom = ["a", "b", "c"]\nto = "a"\nrule = "all-to-all"\nweight = 1\n'
    drive = '[inputs.i]\nto = ["a", "b", "c"]\ncurrent = 200\n'
    found = input_of(wires, tmp_path)
    driven = made(HEAD + wires + back + drive, tmp_path)
    driven.run(10)

    assert [0, 0, 0, 2, 0, 0, 2, 0, 0, 0] == found[:, 0].tolist() == found[:, 10].tolist()
    assert {0, 3, 11} <= set(driven.data().spike_neuron.tolist())


def test_spike_trains_fire_by_the_file_as_by_the_list(tmp_path: Path) -> None:
    """A CSV file of neurons and times, in any order, fires them as the same lists do; fractions of a ms too."""
    (tmp_path / "train.csv").write_text("neuron,time_ms\n1,0.1\n0,0.5\n1,0.3\n0,0.2\n")
    head = 'title = "t"\ndt = "0.1 ms"\nduration = "1 ms"\n[populations.s]\nsize = 3\nmodel = "spike-train"\n'
    runs = []
    for line in ('file = "train.csv"', 'times = [["0.2 ms", "0.5 ms"], ["0.1 ms", "0.3 ms"], []]'):
        simulation = made(head + line, tmp_path)
        simulation.run(10)
        data = simulation.data()
        runs.append(list(zip(data.spike_tick.tolist(), data.spike_neuron.tolist(), strict=True)))

    assert [(1, 1), (2, 0), (3, 1), (5, 0)] == runs[0] == runs[1]


@pytest.mark.parametrize("dt", ["1 ms", "0.1 ms"])
def test_poisson_neurons_fire_at_their_rates(dt: str, tmp_path: Path) -> None:
    """Each at its own rate, whatever the length of a tick."""
    text = f"""
title = "t"
dt = "{dt}"
duration = "10 s"
[populations.p]
size = 60
model = "poisson"
parameters = {{ rate = "20 + 60 * floor(index / 30)" }}
"""
    simulation = made(text, tmp_path)
    simulation.run(simulation.scenario.duration)
    count = np.bincount(simulation.data().spike_neuron, minlength=60)

    for half, rate in ((count[:30], 20), (count[30:], 80)):
        assert abs(half.sum() - rate * 300) < 4 * (rate * 300) ** 0.5


def test_each_projection_learns_by_its_own_rule(tmp_path: Path) -> None:
    """Two rules, and none: weights change where a projection names a rule, and nowhere else."""
    text = HEAD + '[inputs.i]\nto = ["a", "b", "c"]\ncurrent = 60\n'
    for name, rule in (("one", '"fast"'), ("two", '"slow"'), ("none", "false")):
        text += f'[projections.{name}]\nfrom = "all"\nto = "a"\nrule = "all-to-all"\nweight = 1\nlearning = {rule}\n'
    text += '[learning.fast]\namplitude = 0.2\nhorizon = "10 ms"\n[learning.slow]\nwindow = "exponential"\n'
    text += 'a_plus = 0.1\na_minus = 0\ntau_plus = "20 ms"\ntau_minus = "20 ms"\nbounds = { low = 0, high = 1.05 }\n'
    simulation = made(text, tmp_path)
    simulation.run(40)
    data = simulation.data()

    assert min(learned(simulation, "one"), learned(simulation, "two")) > 0
    assert 0 == learned(simulation, "none")
    assert data.weight[data.weight_initial == 1].max() > 1.05  # the bounds of one rule are not those of the other


def test_columns_and_projections_learn_beside_each_other(tmp_path: Path) -> None:
    """The rule of the columns teaches their synapses, and those of projections by a rule of their own or not at all."""
    plain = build(load("columnar", {"columns.count": 1, "duration": "1 s"}))
    text = """
extends = "columnar"
duration = "1 s"
columns.count = 1
populations.s = { size = 5, model = "poisson" }
learning.h = { amplitude = 0.1, horizon = "50 ms" }
projections.taught = { from = "s", to = "columns layer=motor", rule = "all-to-all", weight = 0.01, learning = "h" }
projections.fixed = { from = "s", to = "columns layer=motor", rule = "all-to-all", weight = 0.01 }
"""
    simulation = made(text, tmp_path)
    simulation.run(1000)

    assert learned(simulation, "taught") > 0
    assert 0 == learned(simulation, "fixed")
    assert learned(simulation, "columns") > 0.9 * plain.weight_initial.size


def test_synapses_of_a_projection_with_a_capacity_tire(tmp_path: Path) -> None:
    """A train through synapses of capacity 3 that get 1 back passes less and less; other synapses pass all."""
    train = f"times = {toml([[f'{ms} ms' for ms in range(1, 9)], []])}, spike_size = 2"
    head = HEAD.replace('times = [["2 ms", "5 ms"], ["2 ms"]]', train)
    text = '[projections.p]\nfrom = "s"\nto = "a neuron=0"\nrule = "all-to-all"\nweight = 1\n'
    tired = input_of(f"{text}capacity = {{ maximum = 3, regeneration = 1 }}\n", tmp_path, head=head)

    assert [0, 2, 2, 1, 1, 1] == tired[:6, 0].tolist()
    assert [0, 1, 1, 1, 1, 1] == input_of(text, tmp_path, head=head)[:6, 0].tolist()


def test_any_field_is_recorded_at_any_interval(tmp_path: Path) -> None:
    """Floats, whole numbers and flags, of neurons, synapses and dendrites, at the ends of ticks."""
    text = HEAD + '[projections.p]\nfrom = "s"\nto = "a"\nrule = "all-to-all"\nweight = 2.5\ndelay = "3 ms"\n'
    for field, of, every in (
        ("ActionPotential.fired", "s", 1),
        ("LastSpike.tick", "s neuron=1", 2),
        ("Delay.ticks", "p", 5),
        ("Weight.value", "p", 10),
    ):
        text += f'[[record.values]]\nfield = "{field}"\nof = "{of}"\nevery = "{every} ms"\n'
    simulation = made(text, tmp_path)
    simulation.run(10)
    fired, last, delay, weight = simulation.data().values

    assert [1, 4] == np.flatnonzero(fired.value[:, 0]).tolist()  # of ticks 2 and 5
    assert [1] == np.flatnonzero(fired.value[:, 1]).tolist()
    assert ([2, 4, 6, 8, 10], [2, 2, 2, 2, 2]) == (last.tick.tolist(), last.value[:, 0].tolist())
    assert ([5, 10], [[3] * 6] * 2) == (delay.tick.tolist(), delay.value.tolist())
    assert [[2.5] * 6] == weight.value.tolist()


def test_what_was_deleted_is_recorded_as_not_a_number(tmp_path: Path) -> None:
    """From the event that removes a neuron on, its values and those of its synapses are NaN, and others go on."""
    text = HEAD + '[projections.p]\nfrom = "a"\nto = "b"\nrule = "all-to-all"\nweight = 1\n'
    text += '[[events]]\nat = "4 ms"\nremove = { of = "a neuron=1" }\n'
    text += '[[record.values]]\nfield = "Membrane.v"\nof = "a"\n[[record.values]]\nfield = "Delay.ticks"\nof = "p"\n'
    simulation = made(text, tmp_path)
    simulation.run(10)
    potential, delay = values(simulation), values(simulation, 1)

    assert [[False, False, False]] * 4 + [[False, True, False]] * 6 == np.isnan(potential).tolist()
    assert 12 == (~np.isnan(delay[-1])).sum()
    assert (delay[:4] == 1).all()


def test_recording_changes_no_bits(tmp_path: Path) -> None:
    """Spikes and weights of a run with recorders of all kinds are those of a run without."""
    bare = EVERY_KEY[: EVERY_KEY.index("[record]")] + "[record]\ntraces = []\n"
    runs = []
    for text in (EVERY_KEY, bare):
        simulation = made(text, tmp_path)
        simulation.run(80, stepped=True)
        data = simulation.data()
        runs.append(data.spike_tick.tobytes() + data.spike_neuron.tobytes() + data.weight.tobytes())

    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (HEAD.replace("size = 3", "size = 2_000_000_000"), "populations.a"),
        (HEAD.replace("columns = 2", "columns = 2_000_000_000").replace("y = 1", "y = 1_000_000_000"), "populations.b"),
        (
            HEAD.replace("size = 3", "size = 100_000")
            + '[projections.p]\nfrom = "a"\nto = "a"\nrule = "all-to-all"\nweight = 1\n',
            "projections.p",
        ),
        (HEAD.replace("size = 3", "size = 1_000_000") + 'duration = "1 s"\nrecord.traces = ["a"]\n', "duration"),
        (
            HEAD.replace("size = 3", "size = 1_000_000") + '[[record.values]]\nfield = "Membrane.v"\nof = "a"\n',
            "record.values.0",
        ),
        (
            HEAD.replace(
                'size = 2, model = "spike-train", times', 'size = 2_000_000_000, model = "spike-train", file'
            ).replace('[["2 ms", "5 ms"], ["2 ms"]]', '"s.csv"'),
            "populations.s",
        ),
    ],
    ids=["neurons", "columns", "all-to-all", "traces", "values", "trains"],
)
def test_what_is_too_large_is_refused_before_it_is_made(
    text: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sizes that no memory holds are loaded, and refused by name without an array of that size."""
    monkeypatch.setattr("runen_ecs.scenarios.memory._available_memory", lambda: 2e9)
    (tmp_path / "s.csv").write_text("neuron,time_ms\n0,1\n")
    head, _, rest = text.partition('duration = "10 ms"\n')
    loaded = scenario(head + ("" if "duration" in rest else 'duration = "1000 s"\n') + rest, tmp_path)
    with pytest.raises(ScenarioError, match=what):
        build(loaded)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('initial = { v = "log(index - 9)" }', "populations.z: v = "),
        ('parameters = { tau_m = "5 - index" }', "populations.z: tau_m must lie in"),
        ("initial = { v = { lognormal = [5, 500] } }", "gives inf; lower its sd"),
    ],
)
def test_numbers_that_no_neuron_can_have_are_told_by_population(text: str, words: str, tmp_path: Path) -> None:
    """What only drawing can tell is an error that names population and number."""
    head = f'{HEAD}[populations.z]\nsize = 20\nmodel = "leaky-integrate-and-fire"\n'
    with pytest.raises(RunenError) as caught:
        made(head + text, tmp_path)

    assert words in str(caught.value)


def test_removing_everybody_leaves_a_run_that_goes_on(tmp_path: Path) -> None:
    """Without a single neuron left of any model, ticks go on, compiled and stepped."""
    text = HEAD + 'populations.d = { size = 2, model = "conductance-integrate-and-fire" }\n'
    text += '[inputs.i]\ncurrent = 3\n[[events]]\nat = "2 ms"\nremove = { of = "all" }\n'
    for stepped in (False, True):
        simulation = made(text, tmp_path)

        assert 10 == simulation.run(10, stepped=stepped)
        assert 0 == len(simulation.neurons) == simulation.world.entities(SYNAPSE).size
        assert 0 == simulation.world.storage(SynapticInput).array["current"].size
