"""From the description of a capacity network to its entities."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from ..components import Accumulator, Activity, InputPort, OutputPort, Source, Target
from ..engine.world import World
from ..errors import PortBusyError
from .capacity_network import NEW, CapacityNetwork, input_batches
from .connecting import next_order
from .description import InnerLink, InputLink, NetworkDescription, OutputLink
from .snapshot import go_on
from .states import check_state
from .wiring import Wiring

__all__ = ["create_network"]


def create_network(world: World, description: NetworkDescription) -> CapacityNetwork:
    """Create all that a description tells, many entities at a time; with its state, if it has one.

    Raises
    ------
    NetworkError
        If a link cannot be made, or the world has such a port already, or the state does not fit; then nothing is made.
    """
    wiring, made, refused = description.wire()
    for _, error in refused:
        raise error
    if description.state is not None:
        check_state(wiring, description.state)
    _check_ports(world, wiring)
    configs = [config for neuron in description.neurons for config in neuron.inputs]
    batches = input_batches(configs)
    network = CapacityNetwork(world)
    first = np.cumsum([0, *wiring.n_inputs.values()])
    number = {name: i for i, name in enumerate(wiring.n_inputs)}
    place = {(name, k): int(first[i]) + k for name, i in number.items() for k in range(wiring.n_inputs[name])}
    bias = np.array([neuron.bias for neuron in description.neurons], np.float64)
    neurons = world.create_entities(bias.size, Accumulator.batch(value=NEW, bias=bias), Activity.batch())
    order = {link: next_order(world) for link in made}
    inner = [link for link in made if isinstance(link, InnerLink)]
    fed = _numbers(place[link.dst_id, link.dst_synapse_idx] for link in inner)
    source, orders = np.zeros((2, len(configs)), np.int64)
    source[fed] = neurons[_numbers(number[link.src_id] for link in inner)]
    orders[fed] = _numbers(order[link] for link in inner)
    synapses = world.create_entities(
        len(configs),
        Target.batch(neuron=np.repeat(neurons, np.diff(first))),
        Source.batch(neuron=source, order=orders),
        *batches,
    )
    ins = [link for link in made if isinstance(link, InputLink)]
    world.create_entities(
        len(ins),
        InputPort.batch(
            number=_numbers(link.input_port for link in ins),
            synapse=synapses[_numbers(place[link.dst_id, link.dst_synapse_idx] for link in ins)],
            order=_numbers(order[link] for link in ins),
        ),
    )
    outs = [link for link in made if isinstance(link, OutputLink)]
    world.create_entities(
        len(outs),
        OutputPort.batch(
            number=_numbers(link.output_port for link in outs),
            neuron=neurons[_numbers(number[link.src_id] for link in outs)],
            order=_numbers(order[link] for link in outs),
        ),
    )
    network.name(dict(zip(neurons.tolist(), wiring.n_inputs, strict=True)))
    network.inputs, network.outputs = description.inputs, description.outputs
    if description.state is not None:
        go_on(network, description.state)
    return network


def _check_ports(world: World, wiring: Wiring) -> None:
    """Raise PortBusyError if a port of the world has the number of one that is to be made."""
    kinds: tuple[tuple[type[InputPort | OutputPort], str, Collection[int]], ...] = (
        (InputPort, "input", wiring.input_port),
        (OutputPort, "output", wiring.output_port),
    )
    for component, kind, wanted in kinds:
        for number in set(world.storage(component).array["number"].tolist()) & set(wanted):
            raise PortBusyError(number, kind, "another network of the world")


def _numbers(numbers: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(numbers, np.int64)
