"""Published figures: eight cells, twenty firing patterns, the network of 2003, Hindmarsh–Rose regimes, and CUBA."""

from __future__ import annotations

from statistics import fmean

import numpy as np
import pytest
from model_worlds import cuba, hindmarsh_rose, simulate, spikes

from runen_ecs.components import (
    ActionPotential,
    HindmarshRoseCurrents,
    Izhikevich,
    LastSpike,
    Membrane,
    Recovery,
    SynapticInput,
)
from runen_ecs.components.presets import PRESETS
from runen_ecs.engine import World
from runen_ecs.network import connect
from runen_ecs.recording import SpikeRecord
from runen_ecs.scenarios.loading import load
from runen_ecs.scenarios.schema import Scenario
from runen_ecs.scenarios.verification.scenario_runs import ran, spikes_of
from runen_ecs.systems import (
    CurrentInput,
    GaussianInput,
    HindmarshRoseIntegration,
    IzhikevichIntegration,
)
from runen_ecs.waveforms import constant

CELLS = dict(zip(("RS", "IB", "CH", "FS", "LTS", "TC", "TC-rebound", "RZ"), load("eight-cells").variants, strict=True))
PATTERNS = dict(zip("ABCDEFGHIJKLMNOPQRST", load("firing-patterns").variants, strict=True))


def lived(scenario: Scenario) -> tuple[list[float], np.ndarray]:
    """Spike times and potentials; the published programs label a tick with the time at which it begins."""
    return spikes_of(scenario), ran(scenario).trace_v[:, 0]


# -- Izhikevich 2003 and 2004 -----------------------------------------------------------------------------------------


def test_phasic():
    """B fires once and D one burst, at the onset of a current that stays."""
    phasic, burst = lived(PATTERNS["B"])[0], lived(PATTERNS["D"])[0]

    assert len(phasic) == 1
    assert len(burst) > 2
    assert 20 < burst[0] < burst[-1] < 100


def test_excitability():
    """On a ramp, G (class 1) begins slowly and grows fast; H (class 2) begins at a rate that hardly grows."""
    one, two = np.diff(lived(PATTERNS["G"])[0]), np.diff(lived(PATTERNS["H"])[0])

    assert one[0] > 2.5 * one[-1]
    assert len(two) > 10
    assert two[0] < 2 * two[-1]


def test_oscillations():
    """J rings after its one spike: the potential crosses its rest again and again, by less and less."""
    times, v = lived(PATTERNS["J"])
    ring = v[round(40 / 0.25) :] + 62.5
    crossings = np.flatnonzero(np.diff(np.sign(ring)))
    swings = [np.abs(part).max() for part in np.split(ring, crossings + 1)[1:-1]]

    assert len(times) == 1
    assert len(swings) >= 4
    assert all(later < earlier for earlier, later in zip(swings, swings[2:], strict=False))


def test_rebounds():
    """M answers inhibition that ends with one spike, N with a burst, as the thalamo-cortical cell does."""
    spike, burst, cell = lived(PATTERNS["M"])[0], lived(PATTERNS["N"])[0], lived(CELLS["TC-rebound"])[0]

    assert len(spike) == 1
    assert len(burst) > 2
    assert len(cell) > 2
    assert min(spike + burst) > 25
    assert min(cell) > 45
    assert max(np.diff(burst)) < 10


def test_thalamo_cortical():
    """From rest, the thalamo-cortical cell fires in a row, tonically, while the current lasts."""
    times, _ = lived(CELLS["TC"])

    assert len(times) > 2
    assert 30 < times[0] < times[-1] < 150


def test_resonator_cell():
    """The resonator fires for a pulse on its small current, not for the current."""
    times, _ = lived(CELLS["RZ"])

    assert 60 < times[0] < times[-1] < 70


def test_after_potential():
    """Q is above rest for some ms after its one spike."""
    times, v = lived(PATTERNS["Q"])
    after = v[round(times[0] / 0.1) : round((times[0] + 5) / 0.1)]

    assert len(times) == 1
    assert (after > -69.9).all()
    assert abs(v[-1] + 70) < 0.5


def test_accommodation():
    """R does not fire on a slow ramp, and does on a steep one of half the height."""
    times, _ = lived(PATTERNS["R"])

    assert len(times) == 1
    assert 300 < times[0] < 315


def test_presets():
    """The presets are the seven cells of the paper, and two of the original program under names of their own."""
    cell = Izhikevich()

    assert len(PRESETS) == 9
    assert PRESETS["column"] == cell
    assert PRESETS["column"] != PRESETS["regular spiking"] == Izhikevich(d=8.0)
    assert PRESETS["column low-threshold spiking"] != PRESETS["low-threshold spiking"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_network_of_2003(seed):
    """1,000 cells, all connected, fire as often as the paper's program over 60 seeds, within half a width."""
    rng, world = np.random.default_rng(seed), World(seed)
    dispatcher = simulate(
        world,
        IzhikevichIntegration(),
        inputs=[
            GaussianInput(0.0, 5.0, "excitatory", neurons=lambda world: np.arange(1, 801)),
            GaussianInput(0.0, 2.0, "inhibitory", neurons=lambda world: np.arange(801, 1001)),
        ],
    )
    r, excitatory = rng.random(1000), np.arange(1000) < 800
    b = np.where(excitatory, 0.2, 0.25 - 0.05 * r)
    neuron = world.create_entities(
        1000,
        Izhikevich.batch(
            a=np.where(excitatory, 0.02, 0.02 + 0.08 * r),
            b=b,
            c=np.where(excitatory, -65 + 15 * r**2, -65.0),
            d=np.where(excitatory, 8 - 6 * r**2, 2.0),
        ),
        Membrane.batch(v=-65.0),
        Recovery.batch(u=b * -65.0),
        SynapticInput.batch(),
        ActionPotential.batch(),
        LastSpike.batch(),
    )
    source, target = np.divmod(np.arange(1_000_000), 1000)
    weight = np.where(source < 800, 0.5, -1.0) * rng.random(source.size)
    connect(world, neuron[source], neuron[target], weight=weight)
    dispatcher.run(1000)
    entity = world.resource(SpikeRecord).events()["entity"]
    rates = (entity <= 800).sum() / 800, (entity > 800).sum() / 200

    assert 7.1 - 0.45 < rates[0] < 8.0 + 0.45
    assert 6.6 - 0.6 < rates[1] < 8.0 + 0.6
    assert 7143 - 430 < entity.size < 8003 + 430


# -- Hindmarsh–Rose ---------------------------------------------------------------------------------------------------

REGIMES = [1.2, 1.5, 2.0, 2.5, 3.0, 3.25, 3.5, 4.0]


@pytest.fixture(scope="module")
def regimes() -> dict[float, np.ndarray]:
    """Spike times over 20,000 units of time after the first 2,000, by I."""
    world = World()
    inputs = [CurrentInput(constant(current), neurons=[number]) for number, current in enumerate(REGIMES, 1)]
    dispatcher = simulate(world, HindmarshRoseIntegration(), inputs=inputs)
    world.create_entities(len(REGIMES), *hindmarsh_rose())
    dispatcher.run(22_000)
    event = world.resource(SpikeRecord).events()
    return {
        current: event["tick"][(event["entity"] == number) & (event["tick"] > 2000)]
        for number, current in enumerate(REGIMES, 1)
    }


def bursts(times: np.ndarray) -> tuple[list[int], float]:
    """How many spikes each whole burst has, and the mean time from burst to burst; a pause is above 50 units."""
    pause = np.flatnonzero(np.diff(times) > 50)
    return np.diff(pause).tolist(), float(np.diff(times[pause + 1]).mean())


def test_quiescence(regimes):
    """At I = 1.2 a Hindmarsh–Rose neuron does not fire."""
    assert regimes[1.2].size == 0


@pytest.mark.parametrize(("current", "interval"), [(1.5, 149.53), (3.5, 31.7)])
def test_tonic(regimes, current, interval):
    """At I = 1.5 and 3.5 it fires regularly, at the intervals measured."""
    between = np.diff(regimes[current])

    assert np.ptp(between) <= 1
    assert abs(between.mean() - interval) < 0.05


def test_bursts(regimes):
    """At I = 2.5 it fires bursts of 3 spikes every 124.1 units of time."""
    sizes, period = bursts(regimes[2.5])

    assert set(sizes) == {3}
    assert abs(period - 124.1) < 0.05


def test_chaos(regimes):
    """At I = 3.25 no two bursts are alike."""
    sizes, _ = bursts(regimes[3.25])

    assert len(set(sizes)) > 1
    assert len(set(np.diff(regimes[3.25]).tolist())) > 20


def lyapunov(current: float, n_pairs: int = 40, ticks: int = 5000, every: int = 100) -> float:
    """The largest Lyapunov exponent: how fast pairs of near neurons part, brought together again and again."""
    world = World(1)
    dispatcher = simulate(world, HindmarshRoseIntegration(), inputs=[CurrentInput(constant(current))])
    world.create_entities(2 * n_pairs, *hindmarsh_rose())
    world.storage(Membrane).arrays.v[:n_pairs] += np.linspace(0, 1, n_pairs)
    state = [world.storage(Membrane).arrays.v]
    state += [getattr(world.storage(HindmarshRoseCurrents).arrays, name) for name in ("y", "z")]
    for array in state:
        array[n_pairs:] = array[:n_pairs]
    dispatcher.run(2000)
    state[0][n_pairs:] += 1e-8
    grown = []
    for number in range(ticks // every):
        dispatcher.run(every)
        apart = np.array([array[n_pairs:] - array[:n_pairs] for array in state])
        distance = np.sqrt((apart**2).sum(axis=0))
        if number >= 5:  # by then the pairs have turned into the direction that grows
            grown.append(np.log(distance / 1e-8))
        for array, difference in zip(state, apart, strict=True):
            array[n_pairs:] = array[:n_pairs] + difference * 1e-8 / distance
    return float(np.mean(grown) / every)


def test_lyapunov_exponent():
    """Near neurons part as fast as measured where they are chaotic, and not where they burst periodically."""
    chaotic, periodic = lyapunov(3.25), lyapunov(2.5)

    assert abs(chaotic - 0.0125) < 0.002
    assert abs(periodic) < 0.002


@pytest.mark.parametrize("time_scale", [1.0, 5.0, 0.1])
def test_time_scale(regimes, time_scale):
    """The time scale says how many ms a unit of the model's time is, and changes nothing else."""
    world = World(dt=time_scale)
    dispatcher = simulate(world, HindmarshRoseIntegration(time_scale), inputs=[CurrentInput(constant(2.5))])
    world.create_entities(1, *hindmarsh_rose())
    dispatcher.run(3000)

    assert [tick for tick, _ in spikes(world) if tick > 2000] == regimes[2.5][regimes[2.5] <= 3000].tolist()


# -- leaky integrate-and-fire -----------------------------------------------------------------------------------------


def test_cuba():
    """The CUBA network fires at 5.5 to 5.8 Hz: the mean of eight seeds, and each within one and a half widths."""
    rates = []
    for seed in range(1, 9):
        world, dispatcher = cuba(seed)
        dispatcher.run(10_000)
        rates.append(len(spikes(world)) / 4000)

    assert 5.5 < fmean(rates) < 5.8
    assert all(5.5 - 0.45 < rate < 5.8 + 0.45 for rate in rates)
