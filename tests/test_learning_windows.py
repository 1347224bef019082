"""Learning by pairs of spikes: windows, pairings, the length of a tick."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learning_worlds import Learning
from naive_learning import Rule

from runen_ecs.errors import LearningError
from runen_ecs.network import SpikeTraces
from runen_ecs.systems import ExponentialStdpLearning
from runen_ecs.systems.weight_change import Bounds

DELAYS = (1, 2, 5, 10, 20, 50, 100)
PAIRINGS = pytest.mark.parametrize("all_to_all", [False, True], ids=["nearest-neighbour", "all-to-all"])
CLOSE = 1e-12


def window(rule: Rule, delta: float) -> float:
    """The change by a pair, by the formula; delta: spike of the target − spike of the source [ms]."""
    if rule.window == "hyperbolic":
        return (rule.plus if delta >= 0 else -rule.plus) / (1 + abs(delta) / rule.horizon)
    if delta >= 0:
        return rule.plus * exp(-delta / rule.tau_plus)
    return -rule.minus * exp(delta / rule.tau_minus)


def pairs(rule: Rule, source: list[int], target: list[int], dt: float) -> float:
    """The change by trains of spikes, pair by pair: what the source's spikes take, and what the target's give."""
    total = 0.0
    for t in source:
        before = [u for u in target if u < t]
        total += sum(window(rule, (u - t) * dt) for u in (before if rule.all_to_all else before[-1:]))
    for u in target:
        before = [t for t in source if t <= u]
        total += sum(window(rule, (u - t) * dt) for t in (before if rule.all_to_all else before[-1:]))
    return total


@PAIRINGS
@pytest.mark.parametrize("dt", [1.0, 0.1])
@pytest.mark.parametrize("sign", [1, -1])
def test_isolated_pairs_of_the_exponential_window(sign, dt, all_to_all):
    """A lone pair Δ ms apart changes a weight by A± exp(−Δ/τ±), whatever the pairing and the length of a tick."""
    rule = Rule(plus=0.5, minus=0.3, all_to_all=all_to_all)
    for delay in DELAYS:
        ticks = round(delay / dt)
        first, second = (0, 1) if sign > 0 else (1, 0)
        world = Learning([rule], [(3, first), (3 + ticks, second)], [(0, 1, 0.0, -1)], dt=dt)
        expected = 0.5 * exp(-delay / 17.0) if sign > 0 else -0.3 * exp(-delay / 34.0)

        assert world.run(ticks + 5) == pytest.approx([expected], rel=CLOSE, abs=0)


@pytest.mark.parametrize("dt", [1.0, 0.1])
@pytest.mark.parametrize("sign", [1, -1])
def test_isolated_pairs_of_the_hyperbolic_window(sign, dt):
    """A lone pair Δ ms apart changes a weight by ±A / (1 + Δ/H)."""
    rule = Rule("hyperbolic", plus=0.5, horizon=80.0)
    for delay in DELAYS:
        ticks = round(delay / dt)
        first, second = (0, 1) if sign > 0 else (1, 0)
        world = Learning([rule], [(3, first), (3 + ticks, second)], [(0, 1, 0.0, -1)], dt=dt)

        assert world.run(ticks + 5) == pytest.approx([sign * 0.5 / (1 + delay / 80.0)], rel=CLOSE, abs=0)


def test_defaults():
    """The default time constants are those of Bi & Poo, and depression outweighs potentiation by 5 %."""
    system = ExponentialStdpLearning()

    assert (17.0, 34.0) == (system.tau_plus, system.tau_minus)
    assert system.a_minus * 34.0 / (system.a_plus * 17.0) == pytest.approx(1.05)


def test_triplet_tells_the_pairings_apart():
    """Of two spikes of the source before one of the target, all-to-all pairing counts both, nearest-neighbour one."""
    spikes = [(10, 0), (15, 0), (20, 1)]
    nearest = Learning([Rule(plus=1.0)], spikes, [(0, 1, 0.0, -1)]).run(30)
    every = Learning([Rule(plus=1.0, all_to_all=True)], spikes, [(0, 1, 0.0, -1)]).run(30)

    assert nearest == pytest.approx([exp(-5 / 17)], rel=CLOSE)
    assert every == pytest.approx([exp(-5 / 17) + exp(-10 / 17)], rel=CLOSE)


def test_triplet_of_the_target():
    """Of two spikes of the target before one of the source, all-to-all pairing counts both, nearest-neighbour one."""
    spikes = [(10, 1), (15, 1), (20, 0)]
    nearest = Learning([Rule(minus=1.0)], spikes, [(0, 1, 0.0, -1)]).run(30)
    every = Learning([Rule(minus=1.0, all_to_all=True)], spikes, [(0, 1, 0.0, -1)]).run(30)

    assert nearest == pytest.approx([-exp(-5 / 34)], rel=CLOSE)
    assert every == pytest.approx([-exp(-5 / 34) - exp(-10 / 34)], rel=CLOSE)


@PAIRINGS
def test_both_fire_in_one_tick(all_to_all):
    """Where both ends fire in one tick, a pair with Δ = 0 strengthens in full, and none weakens."""
    rule = Rule(plus=1.0, minus=0.5, all_to_all=all_to_all)

    assert Learning([rule], [(4, 0), (4, 1)], [(0, 1, 0.0, -1)]).run(10) == [1.0]


def test_both_fire_in_one_tick_after_spikes():
    """Where both ends fire in one tick, the spikes before it weaken first, and soft bounds see that."""
    rule = Rule(plus=0.5, minus=0.25, tau_plus=10.0, tau_minus=20.0, bounds=(0.0, 1.0, True))
    weight = 0.8 - 0.25 * exp(-6 / 20) * 0.8
    expected = weight + 0.5 * (1 - weight)
    spikes = [(4, 1), (10, 0), (10, 1)]

    assert Learning([rule], spikes, [(0, 1, 0.8, -1)]).run(12) == pytest.approx([expected], rel=CLOSE)


@PAIRINGS
def test_synapse_of_a_neuron_onto_itself(all_to_all):
    """A neuron's own spikes pair with one another."""
    rule = Rule(plus=1.0, minus=0.5, all_to_all=all_to_all)
    train = [3, 10, 25]
    expected = [pairs(rule, train, train, 1.0)]

    assert Learning([rule], [(t, 0) for t in train], [(0, 0, 0.0, -1)]).run(30) == pytest.approx(expected, rel=CLOSE)


trains = st.lists(st.integers(1, 400), max_size=40, unique=True).map(sorted)


@settings(max_examples=40, deadline=None)
@given(trains, trains, st.booleans(), st.sampled_from([1.0, 0.1]), st.sampled_from(["exponential", "hyperbolic"]))
def test_trains(source, target, all_to_all, dt, kind):
    """The change by any trains of spikes is the sum over their pairs."""
    rule = Rule(kind, all_to_all=all_to_all and kind == "exponential")
    spikes = [(t, 0) for t in source] + [(t, 1) for t in target]
    world = Learning([rule], spikes, [(0, 1, 0.0, -1)], dt=dt)

    assert world.run(400) == pytest.approx([pairs(rule, source, target, dt)], rel=CLOSE, abs=1e-11)


def test_long_silence():
    """A trace comes to rest at 0, where it would else be a number that is slow to compute with, for ever."""
    world = Learning([Rule(tau_plus=1.0, tau_minus=1.0)], [(1, 0), (1, 1)], [(0, 1, 0.0, -1)])
    world.run(680)
    (trace,) = world.world.resource(SpikeTraces).trace
    before = trace.copy()
    world.run(20)

    assert (before > 0).all()
    assert (trace == 0).all()


@pytest.mark.parametrize("tau", [0.0, -1.0, float("nan")])
def test_wrong_time_constant(tau):
    """A time constant is above 0."""
    with pytest.raises(LearningError, match=r"^time constants must be above 0 ms, not 17"):
        ExponentialStdpLearning(tau_minus=tau)


def test_wrong_pairing():
    """A pairing that does not exist is refused, with those that do."""
    with pytest.raises(LearningError) as caught:
        ExponentialStdpLearning(pairing="nearest")
    expected = (
        "no pairing is called 'nearest'; did you mean 'nearest-neighbour'? choices: nearest-neighbour, all-to-all"
    )

    assert expected == str(caught.value)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ((1.0, 1.0), "the bounds of weights are 1.0 … 1.0; the first must be the lower"),
        ((2.0, float("nan")), "the bounds of weights are 2.0 … nan; the first must be the lower"),
        ((0.0, float("inf"), True), "soft bounds must be finite, not 0.0 … inf"),
    ],
)
def test_wrong_bounds(bounds, message):
    """Bounds are in order, and soft ones finite."""
    with pytest.raises(LearningError) as caught:
        Bounds(*bounds)

    assert message == str(caught.value)


def test_excitatory_below_zero():
    """Bounds that leave excitatory synapses no room are refused."""
    with pytest.raises(LearningError):
        ExponentialStdpLearning(bounds=Bounds(-2.0, -1.0), excitatory=True)
