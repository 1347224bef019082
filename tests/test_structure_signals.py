"""What becomes of signals on their way when the structure changes."""

from __future__ import annotations

import esper
import pytest
from small_nets import Doing, Net, create_neurons, printed_by, ways

from runen_ecs.components import (
    Delay,
    Target,
)
from runen_ecs.network import DelayLine, connect, dendrite_of


@ways
@pytest.mark.parametrize("delay", [1, 2, 7, 8, 19])
def test_signal_arrives_after_its_delay(stepped, delay):
    """A spike in tick t over a delay d is the input of tick t + d, and of no other."""
    net = Net(2, stepped)
    a, b = net.neuron
    connect(net.world, a, b, weight=2.5, delay=delay)
    arrived = [net.tick(a), *(net.tick() for _ in range(delay + 3))]

    assert [{b: 2.5} if tick == delay else {} for tick in range(delay + 4)] == arrived


@ways
def test_signals_outlive_the_synapse_and_the_sender(stepped):
    """What a synapse has passed on arrives though the synapse, the axon, or another neuron is deleted meanwhile."""
    net = Net(4, stepped)
    other, sender, receiver, _ = net.neuron
    synapse = connect(net.world, [sender, sender], [receiver, receiver], weight=[1.0, 2.0], delay=[3, 4]).tolist()
    arrived = [net.tick(sender)]
    net.world.delete_entities([synapse[0], other])
    arrived.append(net.tick())
    net.world.delete_entity(sender)
    arrived += [net.tick() for _ in range(4)]

    assert [{}, {}, {}, {receiver: 1.0}, {receiver: 2.0}, {}] == arrived
    assert net.world.resource(DelayLine).dropped == 0


@ways
def test_signals_to_a_deleted_neuron_are_dropped_and_counted(stepped):
    """What was on its way to a neuron that is deleted is dropped: one a tick of arrival, and counted as such."""
    net = Net(3, stepped)
    sender, doomed, kept = net.neuron
    connect(net.world, sender, [doomed, doomed, doomed, kept], weight=1.0, delay=[3, 3, 5, 4])
    net.tick(sender)
    delay_line = net.world.resource(DelayLine)
    before = delay_line.in_flight(), delay_line.dropped
    net.world.delete_entity(doomed)
    arrived = [net.tick() for _ in range(5)]
    expected = ((3, 0), (0, 2))

    assert expected == (before, (delay_line.in_flight(), delay_line.dropped))
    assert [{}, {}, {}, {kept: 1.0}, {}] == arrived


@ways
@pytest.mark.parametrize("longest", [2, 5, 100, 4095])
def test_longer_delays_while_running(stepped, longest):
    """Signals on their way arrive when they would have, when a longer delay makes the ring of ticks longer."""
    net = Net(3, stepped)
    a, b, c = net.neuron
    synapse = int(connect(net.world, a, b, delay=1)[0])
    connect(net.world, a, c, delay=3)
    for fire in ((), (), (), (), (), (a,)):
        net.tick(*fire)
    net.world.component(synapse, Delay).ticks = longest
    arrived = {7: net.tick(a), **{tick: net.tick() for tick in range(8, 13)}}
    room = len(net.world.resource(DelayLine).pending)
    events = [(7, b), (9, c), (10, c), (7 + longest, b)]
    expected = {tick: dict.fromkeys((n for when, n in events if when == tick), 1.0) for tick in range(7, 13)}

    assert expected == arrived
    assert room > longest
    assert room & (room - 1) == 0


@ways
@pytest.mark.parametrize("component", [Delay, Target])
def test_wiring_changed_inside_a_tick(stepped, component):
    """After a synapse was changed inside a tick, the spikes of all later ticks go where they should."""
    net = Net(3, stepped)
    a, b, c = net.neuron
    synapse = int(connect(net.world, a, b, delay=2)[0])
    connect(net.world, b, c, delay=2)
    net.tick()

    def change() -> None:
        if component is Delay:
            net.world.component(synapse, Delay).ticks = 3
        else:
            net.world.component(dendrite_of(synapse), Target).neuron = c

    net.interlude.todo.append(change)
    arrived = [net.tick(), net.tick(a), net.tick(b), net.tick(c), net.tick(), net.tick()]
    expected = {
        Delay: [{}, {}, {}, {}, {b: 1.0, c: 1.0}, {}],
        Target: [{}, {}, {}, {c: 1.0}, {c: 1.0}, {}],
    }[component]

    assert expected == arrived


@pytest.mark.parametrize("place", ["arrival", "propagation"])
@pytest.mark.parametrize("longer", [5, 100])
def test_longer_delay_inside_a_tick(place, longer):
    """A signal of the very tick in which its delay is made longer arrives once: after the old delay or the new one."""
    net = Net(3)
    a, b, c = net.neuron
    synapse = int(connect(net.world, a, b, delay=3)[0])
    connect(net.world, a, c, delay=2)

    def lengthen() -> None:
        if net.world.tick == 2:
            esper.component_for_entity(synapse, Delay).ticks = longer

    with net.world.active():
        esper.add_processor(Doing(lengthen), net.dispatcher.priority(place) + 1)
    arrived = {tick: net.tick(*((a,) if tick <= 2 else ())) for tick in range(1, 110)}
    reached = [{tick for tick, current in arrived.items() if current.get(neuron) == 1.0} for neuron in (b, c)]

    assert reached[0] in ({4, 5}, {4, 2 + longer})
    assert reached[1] == {3, 4}


@ways
def test_new_neurons_while_running(stepped):
    """Neurons made while signals are on their way disturb none of them, and receive their own."""
    net = Net(2, stepped)
    a, b = net.neuron
    connect(net.world, a, b, delay=4)
    arrived = [net.tick(a)]
    (new,) = create_neurons(net.world, 1)
    connect(net.world, a, new, weight=2.0, delay=2)
    arrived += [net.tick(a), net.tick(new), net.tick(), net.tick(), net.tick()]

    assert [{}, {}, {}, {new: 2.0}, {b: 1.0}, {b: 1.0}] == arrived


@pytest.mark.parametrize("compiled", [True, False])
def test_delays_at_late_ticks(compiled):
    """A signal arrives after its delay at any tick, also past 2**16, compiled or not."""
    text = """
        from runen_ecs.components import Membrane, SynapticInput
        from runen_ecs.engine import DispatcherBuilder, World
        from runen_ecs.network import DelayLine, Fired, connect
        from runen_ecs.systems import SignalPropagation

        world = World()
        neuron = world.create_entities(2, Membrane.batch(), SynapticInput.batch())
        connect(world, neuron[0], neuron[1], delay=5)
        dispatcher = DispatcherBuilder().add(SignalPropagation(), "signal_propagation").build(world)
        world.clock.tick = 70_000
        world.maintain()
        fired, delay_line = world.resource(Fired), world.resource(DelayLine)
        fired.row[0], fired.count[0] = 0, 1
        dispatcher.run(1)
        print(delay_line.pending[70_006 % len(delay_line.pending)].tolist())
        """
    expected = "[0.0, 1.0]\n"

    assert expected == printed_by(text, compiled)
