"""Capacity networks as descriptions, with what they are doing; and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..components import (
    INPUT_PORT,
    NEURON,
    OUTPUT_PORT,
    SYNAPSE,
    Accumulator,
    Activity,
    Capacity,
    Delay,
    InputPort,
    LastHit,
    OutputPort,
    Source,
    Target,
    Weight,
)
from ..engine.component import Kind
from ..engine.world import World
from ..errors import NetworkError
from .capacity_network import CapacityNetwork
from .connecting import dendrite_of
from .description import InnerLink, InputConfig, InputLink, Link, NetworkDescription, NeuronDescription, OutputLink
from .ports import WHEN_QUIET, WITH_THE_LAST, Stimuli
from .signals import SignalQueue
from .states import check_state

__all__ = ["describe", "restore"]


def describe(network: CapacityNetwork, *, state: bool = False) -> NetworkDescription:
    """Return the description of a network as it is now.

    Parameters
    ----------
    network : CapacityNetwork
    state : bool
        Add what it is doing, so that a network made from the description goes on identically.

    Raises
    ------
    NetworkError
        If neurons of another sort feed it, are fed by it, or are read by its ports, or if a signal takes more than a
        tick; no description can hold that, nor a neuron without inputs, nor connections against the rules of wiring.
        Or if a stimulus waits for a port that is gone.
    """
    world = network.world
    if state:
        world.maintain()
    names = network.neurons  # what is deleted goes now, and the rows are right
    value, capacity = world.storage(Weight).arrays.value, world.storage(Capacity).arrays
    neurons = []
    for name in names:
        rows = world.index.row[network.synapses(name)]
        if not rows.size:
            raise NetworkError(f"neuron {name!r} has no input; a description cannot hold it")
        slow = world.storage(Delay).arrays.ticks[rows] != 1
        if slow.any():
            raise NetworkError(f"input {np.argmax(slow)} of neuron {name!r} has a delay; a description cannot hold it")
        sizes = zip(capacity.maximum[rows].tolist(), capacity.regeneration[rows].tolist(), value[rows], strict=True)
        configs = [InputConfig(_plain(m), _plain(r), _plain(w)) for m, r, w in sizes]
        neurons.append(
            NeuronDescription(name, _plain(world.component(network.entity(name), Accumulator).bias), configs)
        )
    description = NetworkDescription(
        network.inputs, network.outputs, neurons, _links(network), _state(network) if state else None
    )
    for _, error in description.wire()[2]:
        raise error
    return description


def _links(network: CapacityNetwork) -> list[Link]:
    """Return the links in the order in which they were made."""
    world, wiring = network.world, network.wiring
    links: list[tuple[int, int, Link]] = []
    known = set(wiring.n_inputs)
    _check_fed(network)
    for (target, k), source in wiring.source.items():
        _check_known(source, known, f"feeds input {k} of neuron {target!r}")
        synapse = network.synapse(target, k)
        order = world.component(synapse, Source).order
        links.append((order, int(world.index.row[synapse]), InnerLink(source, target, k)))
    for port, (target, k) in wiring.input_port.items():
        order = world.component(network.input_port(port), InputPort).order
        links.append((order, port, InputLink(port, target, k)))
    for port, source in wiring.output_port.items():
        _check_known(source, known, f"is read by output port {port}")
        order = world.component(network.output_port(port), OutputPort).order
        links.append((order, port, OutputLink(source, port)))
    return [link for *_, link in sorted(links, key=lambda found: found[:2])]


def _check_known(source: str, known: set[str], does: str) -> None:
    if source not in known:
        raise NetworkError(f"{source} {does}, and is no neuron that accumulates; a description cannot hold it")


def _check_fed(network: CapacityNetwork) -> None:
    world = network.world
    source, target = world.storage(Source).arrays.neuron, world.storage(Target).arrays.neuron
    accumulates = world.storage(Accumulator).present
    rows = np.flatnonzero((source >= 0) & (target >= 0))
    for row in rows[accumulates[source[rows]] & ~accumulates[target[rows]]][:1]:
        feeder, fed = world.entities(NEURON)[[source[row], target[row]]].tolist()
        raise NetworkError(
            f"neuron {network.id(feeder)!r} feeds entity {fed}, which is no neuron that accumulates; "
            "a description cannot hold it"
        )


def _state(network: CapacityNetwork) -> dict[str, Any]:
    world = network.world
    queue, stimuli = world.resource(SignalQueue), world.resource(Stimuli)
    place = {synapse: (name, k) for name in network.neurons for k, synapse in enumerate(network.synapses(name))}
    entities = world.entities(SYNAPSE)
    signals = []
    for ahead in range(1, len(queue.count) + 1):
        slot = (world.tick + ahead) % len(queue.count)
        n = int(queue.count[slot])
        arriving = zip(entities[queue.synapse[slot, :n]].tolist(), queue.size[slot, :n].tolist(), strict=True)
        signals += [[ahead, *place[synapse], _plain(size)] for synapse, size in arriving if synapse in place]
    waiting = slice(int(stimuli.next[0]), None)
    due = stimuli.due[waiting]
    late = (due > WHEN_QUIET) & (due <= world.tick)  # it comes as soon as the one before has
    due = np.where(late, WITH_THE_LAST, np.where(due > WHEN_QUIET, due - world.tick, due))
    ports, read = _ports(world, InputPort, INPUT_PORT), _ports(world, OutputPort, OUTPUT_PORT)
    for gone in stimuli.port[waiting][~np.isin(stimuli.port[waiting], [port for port, *_ in ports])][:1]:
        raise NetworkError(f"a stimulus waits for input port {gone}, which is gone; a description cannot hold it")
    to_come = zip(due.tolist(), stimuli.port[waiting].tolist(), stimuli.size[waiting].tolist(), strict=True)
    return {
        "neurons": [_neuron_state(network, name) for name in network.neurons],
        "signals": signals,
        "stimuli": [[when, port, _plain(size)] for when, port, size in to_come],
        "inputs": ports,
        "outputs": read,
    }


def _ports(world: World, component: type[InputPort | OutputPort], kind: Kind) -> list[list[Any]]:
    """Return number, signals so far and the last of them of all ports of a kind, free ones too."""
    views = [world.component(entity, component) for entity in world.entities(kind).tolist()]
    return sorted([view.number, view.signals, _plain(view.last)] for view in views)


def _neuron_state(network: CapacityNetwork, name: str) -> dict[str, Any]:
    world, entity, synapses = network.world, network.entity(name), network.synapses(name)
    activity, rows = world.component(entity, Activity), world.index.row[synapses]
    hit = world.storage(LastHit).arrays.round[rows] == activity.resets + 1
    return {
        "accumulator": _plain(world.component(entity, Accumulator).value),
        "hits": activity.hits,
        "resets": activity.resets,
        "hit_inputs": np.flatnonzero(hit).tolist(),
        "capacities": [_plain(level) for level in world.storage(Capacity).arrays.level[rows]],
    }


def restore(network: CapacityNetwork, state: dict[str, Any]) -> None:
    """Let a network that was just made go on with what another one was doing when it was described.

    Raises
    ------
    NetworkError
        If the state is not of such a network.
    """
    check_state(network.wiring, state)
    go_on(network, state)


def go_on(network: CapacityNetwork, state: dict[str, Any]) -> None:
    """Let a network that was just made go on from a state that fits it."""
    world = network.world
    for name, told in zip(network.neurons, state["neurons"], strict=True):
        entity, activity = network.entity(name), world.component(network.entity(name), Activity)
        world.component(entity, Accumulator).value = float(told["accumulator"])
        activity.hits, activity.resets = told["hits"], told["resets"]
        activity.round_hits = len(told["hit_inputs"])
        for k in told["hit_inputs"]:
            world.component(dendrite_of(network.synapse(name, k)), LastHit).round = told["resets"] + 1
        for synapse, level in zip(network.synapses(name), told["capacities"], strict=True):
            world.component(synapse, Capacity).level = float(level)
    ports = {number: network.input_port(number) for number in network.wiring.input_port}
    for port, signals, last in state["inputs"]:
        fed = world.component(ports.get(port) or world.create_entity(InputPort(number=port, synapse=0)), InputPort)
        fed.signals, fed.last = signals, float(last)
    ports = {number: network.output_port(number) for number in network.wiring.output_port}
    for port, signals, last in state["outputs"]:
        read = world.component(ports.get(port) or world.create_entity(OutputPort(number=port, neuron=0)), OutputPort)
        read.signals, read.last = signals, float(last)
    world.maintain()
    _send_again(network, state["signals"])
    stimuli = world.resource(Stimuli)
    for due, port, size in state["stimuli"]:
        stimuli.add(world, port, float(size), due + world.tick if due > 0 else due)


def _send_again(network: CapacityNetwork, signals: Sequence[tuple[int, str, int, float]]) -> None:
    world, queue = network.world, network.world.resource(SignalQueue)
    queue.deepen(world.tick, max((ahead for ahead, *_ in signals), default=1))
    for ahead, neuron, k, size in signals:
        row = world.index.row[network.synapse(neuron, k)]
        queue.push(world.tick + ahead, int(row), size)
    world.index.version += 1  # the queue may have grown


def _plain(number: Any) -> float:
    """Return a whole number as an int, as a file would hold it."""
    return int(number) if float(number).is_integer() else float(number)
