"""Capacity networks as descriptions, with what they are doing; and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..components import (
    SYNAPSE,
    Accumulator,
    Activity,
    Capacity,
    Delay,
    InputPort,
    LastHit,
    OutputPort,
    Source,
    Weight,
)
from ..errors import NetworkError
from .capacity_network import CapacityNetwork
from .connecting import dendrite_of
from .description import InnerLink, InputConfig, InputLink, Link, NetworkDescription, NeuronDescription, OutputLink
from .ports import Stimuli
from .signals import SignalQueue

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
        If neurons of another sort feed it, or are read by its ports, or if a signal takes more than a tick; no
        description can hold that.
    """
    world = network.world
    value, capacity = world.storage(Weight).arrays.value, world.storage(Capacity).arrays
    neurons = []
    for name in network.neurons:
        rows = world.index.row[network.synapses(name)]
        slow = world.storage(Delay).arrays.ticks[rows] != 1
        if slow.any():
            raise NetworkError(f"input {np.argmax(slow)} of neuron {name!r} has a delay; a description cannot hold it")
        sizes = zip(capacity.maximum[rows].tolist(), capacity.regeneration[rows].tolist(), value[rows], strict=True)
        configs = [InputConfig(_plain(m), _plain(r), _plain(w)) for m, r, w in sizes]
        neurons.append(
            NeuronDescription(name, _plain(world.component(network.entity(name), Accumulator).bias), configs)
        )
    return NetworkDescription(
        network.inputs, network.outputs, neurons, _links(network), _state(network) if state else None
    )


def _links(network: CapacityNetwork) -> list[Link]:
    """Return the links in the order in which they were made."""
    world, wiring = network.world, network.wiring
    links: list[tuple[int, int, Link]] = []
    known = set(wiring.n_inputs)
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


def _state(network: CapacityNetwork) -> dict[str, Any]:
    world = network.world
    world.maintain()
    queue, stimuli = world.resource(SignalQueue), world.resource(Stimuli)
    place = {synapse: (name, k) for name in network.neurons for k, synapse in enumerate(network.synapses(name))}
    entities = world.entities(SYNAPSE)
    signals = []
    for ahead in range(1, len(queue.count) + 1):
        slot = (world.tick + ahead) % len(queue.count)
        n = int(queue.count[slot])
        arriving = zip(entities[queue.synapse[slot, :n]].tolist(), queue.size[slot, :n].tolist(), strict=True)
        signals += [[ahead, *place[synapse], _plain(size)] for synapse, size in arriving]
    waiting = slice(int(stimuli.next[0]), None)
    due = np.where(stimuli.due[waiting] > 0, stimuli.due[waiting] - world.tick, stimuli.due[waiting])
    to_come = zip(due.tolist(), stimuli.port[waiting].tolist(), stimuli.size[waiting].tolist(), strict=True)
    return {
        "neurons": [_neuron_state(network, name) for name in network.neurons],
        "signals": signals,
        "stimuli": [[when, port, _plain(size)] for when, port, size in to_come],
        "inputs": [
            [port, view.signals, _plain(view.last)]
            for port in sorted(network.wiring.input_port)
            if (view := world.component(network.input_port(port), InputPort))
        ],
        "outputs": [
            [port, read.signals, _plain(read.last)]
            for port in network.output_ports
            if (read := world.component(network.output_port(port), OutputPort))
        ],
    }


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
    try:
        _restore(network, state)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise NetworkError(f"the state does not fit the network: {type(error).__name__}: {error}") from None


def _restore(network: CapacityNetwork, state: dict[str, Any]) -> None:
    world = network.world
    for name, told in zip(network.neurons, state["neurons"], strict=True):
        entity, activity = network.entity(name), world.component(network.entity(name), Activity)
        world.component(entity, Accumulator).value = told["accumulator"]
        activity.hits, activity.resets = told["hits"], told["resets"]
        activity.round_hits = len(told["hit_inputs"])
        for k in told["hit_inputs"]:
            world.component(dendrite_of(network.synapse(name, k)), LastHit).round = told["resets"] + 1
        for synapse, level in zip(network.synapses(name), told["capacities"], strict=True):
            world.component(synapse, Capacity).level = level
    for port, signals, last in state["inputs"]:
        fed = world.component(network.input_port(port), InputPort)
        fed.signals, fed.last = signals, last
    for port, signals, last in state["outputs"]:
        read = world.component(network.output_port(port), OutputPort)
        read.signals, read.last = signals, last
    world.maintain()
    _send_again(network, state["signals"])
    stimuli = world.resource(Stimuli)
    for due, port, size in state["stimuli"]:
        stimuli.add(world, port, size, due + world.tick if due > 0 else due)


def _send_again(network: CapacityNetwork, signals: Sequence[tuple[int, str, int, float]]) -> None:
    world, queue = network.world, network.world.resource(SignalQueue)
    for ahead, neuron, k, size in signals:
        row = world.index.row[network.synapse(neuron, k)]
        queue.push(world.tick + ahead, int(row), size)


def _plain(number: Any) -> float:
    """Return a whole number as an int, as a file would hold it."""
    return int(number) if float(number).is_integer() else float(number)
