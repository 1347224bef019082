"""The guards of a run: numbers that are lost stop it, and a network that is silent, died or storms is told."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from recorded_runs import differing
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.analysis import SpikeCounts
from runen_ecs.components import SYNAPSE, Accumulator, Capacity, Membrane, Recovery, SynapticCurrents, Weight
from runen_ecs.engine import DispatcherBuilder
from runen_ecs.errors import DivergenceError
from runen_ecs.files import RunData
from runen_ecs.scenarios import Simulation, build, load, shipped
from runen_ecs.scenarios.liveliness import has_membrane, warnings_of
from runen_ecs.systems.divergence_watch import LARGEST_POTENTIAL, LOOK_EVERY, WATCHED, DivergenceWatch

POPULATION = """
title = "t"
duration = "{duration}"
dt = "1 ms"

[populations.quiet]
size = 3
model = "{model}"

[populations.driven]
size = 4
model = "{model}"

[inputs.drive]
to = "driven neuron=2"
step = {{ at = "20 ms", current = {current} }}
"""
LOOP = """
title = "Two neurons that feed each other"
duration = "2 s"

[network]
inputs = 1
outputs = 1
neurons = [
    { id = "a", bias = 0, input_configs = [
        { capacity_max = 9, regeneration = 9, weight = 1 }, { capacity_max = 9, regeneration = 9, weight = 4 }
    ] },
    { id = "b", bias = 0, input_configs = [{ capacity_max = 9, regeneration = 9, weight = 1 }] },
    { id = "idle", bias = 0, input_configs = [{ capacity_max = 9, regeneration = 9, weight = 1 }] },
]
links = [
    { Input = { input_port = 0, dst_id = "a", dst_synapse_idx = 0 } },
    { Inner = { src_id = "a", dst_id = "b", dst_synapse_idx = 0 } },
    { Inner = { src_id = "b", dst_id = "a", dst_synapse_idx = 1 } },
]

[stimulus]
signals = """ + str([[tick, 0, 1] for tick in range(1, 2001)])
MODELS = {
    "izhikevich": -1e4,
    "hindmarsh-rose": 1e5,
    "leaky-integrate-and-fire": -1e6,
    "conductance-integrate-and-fire": -1e6,
}
SMALL = {"columnar": ["columns.count=1"], "columnar-classic": ["columns.count=1"]}
COLUMN = ["columns.count=1", "duration=3 s"]

compiled = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="takes an hour uncompiled")


def written(folder: Path, text: str) -> Simulation:
    """Build a scenario from its text."""
    path = folder / "my.toml"
    path.write_text(text)
    return build(load(str(path)))


def population(folder: Path, model: str, current: float, duration: str = "3 s") -> Simulation:
    """Seven neurons of a model, the sixth of which is driven."""
    return written(folder, POPULATION.format(model=model, current=current, duration=duration))


def endless_loop(folder: Path) -> Simulation:
    """The loop, with synapses that have no limits."""
    simulation = written(folder, LOOP)
    capacity = simulation.world.storage(Capacity).arrays
    capacity.level[:] = capacity.maximum[:] = np.inf
    return simulation


def unwatched(builder: DispatcherBuilder) -> None:
    """Take the watch out of a plan."""
    builder._entries = [
        replace(entry, after=tuple(name for name in entry.after if name != "divergence_watch"))
        for entry in builder._entries
        if entry.name != "divergence_watch"
    ]


def failure(simulation: Simulation, ticks: int = 3000, stepped: bool = False) -> DivergenceError:
    """Run until it is stopped."""
    with pytest.raises(DivergenceError) as caught:
        simulation.run(ticks, stepped=stepped)
    return caught.value


# -- potentials ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stepped", [False, True], ids=["native", "stepped"])
@pytest.mark.parametrize(("model", "current"), MODELS.items())
def test_first_tick_in_which_a_potential_is_lost(model, current, stepped, tmp_path, monkeypatch):
    """The tick and the neuron are those that a look after each single tick finds first."""
    with monkeypatch.context() as patch:
        patch.setattr(DivergenceWatch, "drain", lambda self: None)
        simulation = population(tmp_path, model, current)
        v = simulation.world.storage(Membrane).arrays.v
        while simulation.world.tick < 3000 and (np.abs(v) <= LARGEST_POTENTIAL).all():
            simulation.run(1)
        tick, value = simulation.world.tick, float(v[5])

    error = failure(population(tmp_path, model, current), stepped=stepped)

    assert 20 < tick < 3000
    assert ("neuron", 5, "Membrane.v", tick, 1) == (
        error.kind, error.number, error.component, error.tick, error.every
    )  # fmt: skip
    np.testing.assert_equal(error.value, value)


@pytest.mark.parametrize("value", [np.nan, -np.inf, -1.1e6])
def test_a_potential_that_is_set_to_nonsense(value, tmp_path):
    """What somebody writes into a potential while the run lasts is found in the next tick."""
    simulation = population(tmp_path, "leaky-integrate-and-fire", 0.0)
    simulation.run(10)
    simulation.world.storage(Membrane).arrays.v[1] = value

    error = failure(simulation)

    assert (1, 11) == (error.number, error.tick)


@pytest.mark.parametrize("value", [np.inf, 1.1e6])
def test_a_potential_that_makes_its_neuron_fire_is_not_lost(value, tmp_path):
    """A neuron that fires is reset in the same tick, so nothing is lost at its end."""
    simulation = population(tmp_path, "leaky-integrate-and-fire", 0.0)
    simulation.run(10)
    simulation.world.storage(Membrane).arrays.v[1] = value
    simulation.run(1)

    assert -60.0 == simulation.world.storage(Membrane).arrays.v[1]


def test_numbers_stay_those_of_the_pictures(tmp_path):
    """After neurons were deleted, the number is still that of the order of creation."""
    simulation = population(tmp_path, "leaky-integrate-and-fire", 0.0)
    simulation.run(10)
    neuron = int(simulation.neurons[4])
    simulation.world.delete_entities(simulation.neurons[:2].tolist())
    simulation.run(1)
    simulation.world.component(neuron, Membrane).v = -1e7

    error = failure(simulation)

    assert (4, neuron, 12) == (error.number, error.entity, error.tick)


# -- what is looked at more rarely ---------------------------------------------------------------------------------


def test_weight_is_named_rather_than_the_neuron_it_drove_astray():
    """A weight that was set to NaN is the culprit, with the number of its synapse, as soon as it acts."""
    simulation = build(load("columnar", COLUMN))
    simulation.run(100)
    dendrite = simulation.dendrite_initial[17]
    simulation.world.component(int(dendrite), Weight).value = np.nan

    error = failure(simulation)

    assert ("synapse", 17, int(dendrite), "Weight.value") == (error.kind, error.number, error.entity, error.component)
    assert f"synapse 17 (entity {dendrite}): Weight.value is nan at tick {error.tick}, where it was noticed" in str(
        error
    )
    assert 100 < error.tick < 3000


def test_weight_that_does_nothing_is_noticed_in_time(tmp_path):
    """What drives no potential astray is found at the next look, and the message says how rare these are."""
    simulation = build(load("columnar", [*COLUMN, "thalamic_input.high=0.5"]))
    simulation.run(100)
    simulation.world.storage(Weight).arrays.value[3] = 1e13

    error = failure(simulation)

    assert (3, LOOK_EVERY, LOOK_EVERY) == (error.number, error.tick, error.every)
    assert "at tick 1000, where it was noticed: it is looked at every 1,000 ticks; the run is stopped here." in str(
        error
    )


@pytest.mark.parametrize(("model", "component", "field"), [
    ("izhikevich", Recovery, "u"),
    ("leaky-integrate-and-fire", SynapticCurrents, "inhibitory"),
])  # fmt: skip
def test_other_variables_are_watched(model, component, field, tmp_path):
    """Other variables that are lost end the run, too."""
    simulation = population(tmp_path, model, 0.0)
    simulation.run(10)
    simulation.world.storage(component).array[field][2] = np.nan

    error = failure(simulation)

    assert 2 == error.number
    assert error.component in (f"{component.__name__}.{field}", "Membrane.v")
    assert 11 == error.tick


def test_every_watched_field_is_a_number_with_a_fraction():
    """Of the watched components every field is looked at, so each must be a float."""
    assert all(field.dtype == np.float64 for component in WATCHED for field in component.fields.values())


# -- capacity networks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stepped", [False, True], ids=["native", "stepped"])
def test_signals_that_grow_without_end(stepped, tmp_path):
    """A loop that amplifies is stopped in the tick in which a signal is absurd, and before it is infinite."""
    error = failure(endless_loop(tmp_path), stepped=stepped)

    assert ("neuron", "Emissions.size", 1) == (error.kind, error.component, error.every)
    assert 1e100 < error.value < 1e102
    assert 100 < error.tick < 1000


def test_accumulator_that_is_lost(tmp_path):
    """An accumulator that is no number ends the run at the next look."""
    simulation = written(tmp_path, LOOP)
    simulation.world.storage(Accumulator).arrays.value[2] = np.nan

    error = failure(simulation)

    assert ("neuron", 2, "Accumulator.value") == (error.kind, error.number, error.component)


def test_level_that_is_lost(tmp_path):
    """A level that is no number ends the run, and names the synapse."""
    simulation = written(tmp_path, LOOP)
    simulation.run(1)
    synapse = int(simulation.world.entities(SYNAPSE).max())
    simulation.world.storage(Capacity).arrays.level[simulation.world.index.row[synapse]] = np.nan

    error = failure(simulation)

    assert ("synapse", 3, synapse, "Capacity.level") == (error.kind, error.number, error.entity, error.component)


def test_infinite_capacities_are_no_fault(tmp_path):
    """A synapse may have no limits."""
    simulation = endless_loop(tmp_path)
    simulation.world.storage(Weight).arrays.value[:] = 1.0

    assert 2000 == simulation.run(2000)


# -- the plan ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped())
def test_each_plan_has_one_watch_that_registers_nothing(name):
    """Every scenario is watched, and has no components only because of that."""
    overrides = SMALL.get(name, [])
    with_it, without = (build(load(name, overrides), extend) for extend in (None, unwatched))

    assert ["divergence_watch"] == [n for n in with_it.dispatcher.plan.names if n not in without.dispatcher.plan.names]
    assert set(with_it.world._storages) == set(without.world._storages)


@compiled
@pytest.mark.parametrize("name", ["columnar", "mixed", "cuba", "hindmarsh-rose", "song-miller-abbott", "ring"])
def test_same_bits_without_it(name):
    """The watch only looks."""
    overrides = SMALL.get(name, [])
    with_it, without = (build(load(name, overrides), extend) for extend in (None, unwatched))
    for simulation in (with_it, without):
        simulation.run(1500)

    assert [] == differing(with_it.data(), without.data())


# -- silence, death, storm -----------------------------------------------------------------------------------------


def warned(data: RunData) -> list[str]:
    """Return what is said of a run, whose spikes are counted in two parts."""
    half = data.spike_tick.size // 2
    parts = [(data.spike_tick[at], data.spike_neuron[at]) for at in (slice(half), slice(half, None))]
    return warnings_of(data, SpikeCounts.of(parts, data.n_ticks, has_membrane(data)))


def lively(folder: Path, model: str = "izhikevich", current: float = 10.0, duration: str = "3 s") -> RunData:
    """Run seven neurons, one of which is driven."""
    simulation = population(folder, model, current, duration)
    simulation.run(simulation.scenario.duration)
    return simulation.data()


def with_spikes(data: RunData, *ticks: int, neurons: int = 7, connected: bool = True) -> RunData:
    """Return the run with these spikes of each neuron instead, and with a synapse or none."""
    tick = np.repeat(np.array(ticks, np.int32), neurons)
    synapse = np.zeros(int(connected), np.int32)
    neuron = np.tile(np.arange(neurons, dtype=np.int32), len(ticks))
    return replace(data, spike_tick=tick, spike_neuron=neuron, synapse_source=synapse)


def test_silence(tmp_path):
    """A run without a spike is told; one too short to have begun is not, and a lively one neither."""
    (warning,) = warned(lively(tmp_path, current=0.0))

    assert warning.startswith("no neuron fired in 3 s: ")
    assert [] == warned(lively(tmp_path, current=0.0, duration="50 ms"))
    assert [] == warned(lively(tmp_path))


def test_a_cell_by_itself_may_rest(tmp_path):
    """One neuron that nothing is connected to may stay below threshold."""
    data = lively(tmp_path, current=0.0)
    alone = replace(data, neuron_layer=data.neuron_layer[:1], neuron_column=data.neuron_column[:1])

    assert [] == warned(alone)


def test_death(tmp_path):
    """A network that fired is told to have died with its last spike; not before a second and half the run are over."""
    data = lively(tmp_path)
    (warning,) = warned(with_spikes(data, 10, 1500))

    assert warning.startswith("no neuron fired after 1.5 s of 3 s: the network died; ")
    assert [] == warned(with_spikes(data, 10, 1501))
    assert [] == warned(with_spikes(data, 10, 1500, connected=False))
    short = with_spikes(lively(tmp_path, duration="1.9 s"), 10, 901)
    assert [] == warned(short)


@pytest.mark.parametrize(("duration", "first", "shown"), [("3 s", 2001, "last 1 s"), ("200 ms", 1, "last 0.2 s")])
def test_storm(duration, first, shown, tmp_path):
    """More than 250 spikes a second of each neuron are told, over the last second or the whole of a shorter run."""
    data = lively(tmp_path, duration=duration)
    last = data.n_ticks
    (warning,) = warned(with_spikes(data, *range(first, last + 1, 3)))

    assert warning.startswith("nearly everything fires, 33")
    assert f" Hz a neuron in the {shown}: " in warning
    assert [] == warned(with_spikes(data, *range(first, last + 1, 4)))
    assert [] == warned(with_spikes(data, *range(first, last + 1, 3), neurons=5))


def test_sources_do_not_count(tmp_path):
    """What fires because it is told to is no sign of life, and no storm."""
    text = POPULATION.format(model="izhikevich", current=0.0, duration="3 s")
    sources = '\n[populations.noise]\nmodel = "poisson"\ncolumns = 2\nlayers = { up = 5, down = 5 }\n'
    sources += "parameters = { rate = 900 }\n"
    simulation = written(tmp_path, text + sources)
    simulation.run(3000)
    data = simulation.data()

    assert data.spike_tick.size > 10_000
    assert [True] * 7 + [False] * 20 == has_membrane(data).tolist()
    assert ["no neuron fired in 3 s"] == [warning.partition(":")[0] for warning in warned(data)]


@compiled
@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_are_lively(name):
    """No scenario that comes with the project is warned of."""
    overrides = ["duration='3 s'"] if load(name).duration * load(name).dt > 20_000 else []
    scenario = load(name, overrides)
    for variant in scenario.variants or [scenario]:
        simulation = build(variant)
        simulation.run(variant.duration)

        assert [] == warned(simulation.data()), variant.title


@pytest.mark.parametrize("recorded", [(), ("--record", "run", "--checkpoint-every", "900ms")])
def test_the_command_finds_the_first_tick(runen: Runen, recorded: tuple[str, ...]) -> None:
    """What is looked at rarely is named with the tick in which it was lost: the ticks before are run once more."""
    event = '[{at="1100 ms", set={field="Weight.value", value=1e13}}]'
    lost = ("run", "columnar", "--columns", "1", "--duration", "2500ms", "--set", f"events={event}", "--no-plots")
    result = runen(*lost, *recorded)

    assert 4 == result.code
    assert "Weight.value is 10000000000000.0 at tick 1101; " in result.err
    if recorded:  # the last state in which all was well is kept
        assert {"0", "900"} == {path.name for path in Path("run/checkpoints").iterdir()}
    with pytest.raises(DivergenceError, match="noticed"):
        build(load("columnar", ["columns.count=1", f"events={event}"])).run(2500)
