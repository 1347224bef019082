"""Bounds of weights, which synapses learn by which rule, and what becomes of learning when the network changes."""

from __future__ import annotations

from math import exp

import pytest
from learning_worlds import Learning, PlainLearning
from naive_learning import Rule

from runen_ecs.components import Plasticity, Weight
from runen_ecs.network import SpikeTraces, Topology, dendrite_of, disconnect, synapses_of_rule

WINDOWS = pytest.mark.parametrize("window", ["exponential", "hyperbolic"])
UP, DOWN = [(5, 0), (5, 1)], [(5, 1), (6, 0)]  # a pair with Δ = 0, and one with Δ = −1

# -- bounds -------------------------------------------------------------------------------------------------------


@WINDOWS
def test_hard_bounds(window):
    """A change is taken in full up to the bound, and no further."""
    rule = Rule(window, plus=0.5, minus=0.5, bounds=(-1.0, 1.0, False))

    assert Learning([rule], UP, [(0, 1, 0.25, -1), (0, 1, 0.75, -1)]).run(9) == [0.75, 1.0]
    assert Learning([rule], DOWN, [(0, 1, 0.25, -1), (0, 1, -0.75, -1)]).run(9) == [
        pytest.approx(0.25 - 0.5 * (exp(-1 / 34) if window == "exponential" else 1 / 1.01), rel=1e-12),
        -1.0,
    ]


@WINDOWS
def test_soft_bounds(window):
    """A change is multiplied by the room that is left: all of it at the far bound, nothing at the near one."""
    rule = Rule(window, plus=0.5, minus=0.5, bounds=(-1.0, 3.0, True))
    connections = [(0, 1, weight, -1) for weight in (-1.0, 0.0, 2.0, 3.0)]
    factor = 0.5 * (exp(-1 / 34) if window == "exponential" else 1 / 1.01)

    assert Learning([rule], UP, connections).run(9) == [-0.5, 0.375, 2.125, 3.0]
    assert Learning([rule], DOWN, connections).run(9) == pytest.approx(
        [-1.0, -factor / 4, 2 - 0.75 * factor, 3 - factor], rel=1e-12
    )


@pytest.mark.parametrize("soft", [False, True])
def test_weight_outside_of_its_bounds(soft):
    """A weight outside of its bounds is brought to the nearer one when one of its ends fires, not before."""
    connections = [(0, 1, 5.0, -1), (0, 1, -5.0, -1)]
    world = Learning([Rule(bounds=(0.0, 1.0, soft))], [(5, 0)], connections)

    assert world.run(4) == [5.0, -5.0]
    assert world.run(1) == [1.0, 0.0]


@WINDOWS
@pytest.mark.parametrize("soft", [False, True])
def test_bounds_hold(window, soft):
    """However large the changes, every weight stays within its bounds."""
    spikes = [(t, t * t % 3) for t in range(1, 200)]
    rule = Rule(window, plus=3.0, minus=4.0, bounds=(-0.5, 1.5, soft))
    world = Learning([rule], spikes, [(i, j, 0.0, -1) for i in range(3) for j in range(3)], 3)
    seen = set()
    for _ in range(200):
        weights = world.run(1)
        seen.update(weights)
        assert min(weights) >= -0.5
        assert max(weights) <= 1.5
    assert len(seen) > 2


@WINDOWS
def test_only_excitatory(window):
    """Where only excitatory synapses learn, they fall to 0 and rise again, and the others stay as they are."""
    rule = Rule(window, plus=0.5, minus=0.5, excitatory=True)
    connections = [(0, 1, 0.25, -1), (0, 1, -0.25, -1), (0, 1, 0.0, -1)]
    world = Learning([rule], [*DOWN, (500, 0), (500, 1)], connections)

    assert world.run(9) == [0.0, -0.25, 0.0]
    assert world.run(491) == [0.5, -0.25, 0.5]


def test_only_excitatory_within_bounds():
    """The lower bound of excitatory synapses is 0 or higher, and soft bounds go by that."""
    rule = Rule(plus=0.5, minus=0.5, bounds=(-4.0, 1.0, True), excitatory=True)

    assert Learning([rule], UP, [(0, 1, 0.5, -1), (0, 1, -0.5, -1)]).run(9) == [0.75, -0.5]


# -- rules --------------------------------------------------------------------------------------------------------


def test_two_rules_in_one_world():
    """Each rule changes its own synapses, and those of no rule stay as they are."""
    rules = [
        Rule("hyperbolic", plus=1.0, number=0),
        Rule(plus=0.5, tau_plus=10.0, number=1, bounds=(0.0, 1.2, False)),
        Rule(plus=0.25, tau_plus=20.0, number=2),
    ]
    connections = [(0, 1, 1.0, rule) for rule in (1, -1, 0, 2, 7, 0, 1)]
    world = Learning(rules, [(5, 0), (15, 1)], connections)
    first, third = 1 + 1 / 1.1, 1 + 0.25 * exp(-0.5)

    assert world.run(20) == pytest.approx([1.0 + 0.5 * exp(-1), 1.0, first, third, 1.0, first, 1.0 + 0.5 * exp(-1)])
    assert world.run(0)[1] == 1.0


def test_rules_that_add_up():
    """Two rules of all synapses, each with traces of its own, add up."""
    spikes = [(5, 0), (15, 1)]
    one, other = Rule(plus=0.5, tau_plus=10.0), Rule(plus=-0.25, tau_plus=20.0)
    expected = 0.5 * exp(-1) - 0.25 * exp(-0.5)

    assert Learning([one, other], spikes, [(0, 1, 0.0, -1)]).run(20) == pytest.approx([expected], rel=1e-12)


def test_no_rule_costs_nothing():
    """Without rules by number no component says who learns, and the wiring is that of the topology itself."""
    world = Learning([Rule()], UP, [(0, 1, 0.0, -1)])
    world.run(9)
    net = world.world.resource(Topology)
    wiring = synapses_of_rule(world.world, None)

    assert not world.world.has_storage(Plasticity)
    assert wiring[1] is None
    assert wiring[0] is net.axon_first
    assert wiring[3] is net.dendrite_row


def test_wiring_of_a_rule_holds_its_synapses_alone():
    """The wiring of a rule lists its synapses by source and by target, and no unconnected one."""
    connections = [(2, 0, 1.0, 1), (0, 1, 2.0, 0), (0, 2, 3.0, 1), (1, 2, 4.0, 1), (0, 2, 5.0, -1), (0, 0, 6.0, 1)]
    world = Learning([Rule(number=1)], [], connections, 3)
    disconnect(world.world, world.synapses[3])
    world.run(1)
    weight = world.world.storage(Weight).arrays.value
    axon_first, axon_row, dendrite_first, dendrite_row, source = synapses_of_rule(world.world, 1)
    assert axon_row is not None

    assert axon_first.tolist() == [0, 2, 2, 3]
    assert weight[axon_row].tolist() == [3.0, 6.0, 1.0]
    assert dendrite_first.tolist() == [0, 2, 2, 3]
    assert weight[dendrite_row].tolist() == [6.0, 1.0, 3.0]
    assert source.tolist() == [0, 2, 0]


def test_rule_changes_hands():
    """A synapse that is given another rule learns by that one from then on; one that loses the component, no more."""
    rules = [Rule(plus=1.0, number=0), Rule(plus=0.25, number=1)]
    spikes = [(t, n) for t in (5, 905, 1805) for n in (0, 1)]
    world = Learning(rules, spikes, [(0, 1, 0.0, 0)])
    dendrite = dendrite_of(world.synapses[0])
    assert world.run(100) == [1.0]
    world.world.component(dendrite, Plasticity).rule = 1
    assert world.run(900) == pytest.approx([1.25], abs=1e-9)
    world.world.remove(dendrite, Plasticity)
    assert world.run(900) == pytest.approx([1.25], abs=1e-9)


# -- changes of structure -----------------------------------------------------------------------------------------

SPIKES = [(t, n) for t in range(1, 120) for n in range(6) if t * (3 * n + 5) % 17 < 3]
RULES = [Rule(all_to_all=True, number=0), Rule("hyperbolic", number=1), Rule(plus=0.1, tau_plus=40.0)]


def test_neuron_is_deleted():
    """When a neuron goes, the others keep their traces, and the synapses that are left learn on as before."""
    connections = [(i, j, 0.5, (i + j) % 3 - 1) for i in range(4) for j in range(4)]
    world, plain = Learning(RULES, SPIKES, connections, 4), PlainLearning(RULES, SPIKES, connections, 4)
    assert world.run(50) == plain.run(50)
    world.world.delete_entity(world.neurons[1])
    plain.network.delete(plain.neurons[1])

    assert world.run(60) == plain.run(60)
    assert len(plain.weights()) == 12


def test_synapses_and_neurons_are_added():
    """What is added while others learn begins with its own first spikes: old spikes of old neurons count for it."""
    connections = [(0, 1, 0.5, 0), (1, 0, 0.5, 1)]
    world, plain = Learning(RULES, SPIKES, connections), PlainLearning(RULES, SPIKES, connections)
    assert world.run(40) == plain.run(40)
    for one in (world, plain):
        one.create(2)
        for i in range(4):
            one.connect(i, 3 - i, 0.25, i % 3 - 1)

    assert world.run(60) == plain.run(60)
    assert len(plain.weights()) == 6


def test_synapse_is_disconnected():
    """A synapse that no axon feeds learns no more."""
    world = Learning([Rule()], [*UP, (50, 0), (50, 1)], [(0, 1, 0.0, -1), (0, 1, 0.0, -1)])
    (first, _) = world.run(20)
    disconnect(world.world, world.synapses[0])

    assert world.run(50)[0] == first
    assert world.run(0)[1] > first


def test_traces_follow_their_neurons():
    """The traces of those that are left are theirs still, and a new neuron has none."""
    world = Learning([Rule()], [(1, 0), (3, 1), (5, 2)], [], 3)
    world.run(6)
    before = world.world.resource(SpikeTraces).trace[0].copy()
    world.world.delete_entity(world.neurons[1])
    world.create()
    world.world.maintain()

    assert world.world.resource(SpikeTraces).trace[0].tolist() == [[x, z, 0.0] for x, _, z in before.tolist()]
