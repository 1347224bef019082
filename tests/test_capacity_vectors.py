"""Capacity networks do what the original program did: every vector of it, and so does the plain-Python model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import naive_capacity
import pytest
from capacity_worlds import link
from naive_capacity import Refused

from runen_ecs import errors
from runen_ecs.errors import NetworkError
from runen_ecs.network import neuron_status
from runen_ecs.network.description import (
    InnerLink,
    InputConfig,
    InputLink,
    NetworkDescription,
    NeuronDescription,
    OutputLink,
)
from runen_ecs.scenarios.network_simulation import NetworkSimulation

VECTORS = json.loads((Path(__file__).parent / "data" / "capacity-vectors.json").read_text())
LINKS = {"Input": InputLink, "Inner": InnerLink, "Output": OutputLink}
vectors = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])

Status = dict[str, list[Any]]


def described(network: dict[str, Any]) -> NetworkDescription:
    """Return the network of a vector, with all its links."""
    neurons = [
        NeuronDescription(neuron["id"], neuron["bias"], [InputConfig(**config) for config in neuron["input_configs"]])
        for neuron in network["neurons"]
    ]
    links = [LINKS[kind](**ends) for one in network["links"] for kind, ends in one.items()]
    return NetworkDescription(network["inputs"], network["outputs"], neurons, links)


def in_the_original(error: NetworkError) -> str:
    """Say what the original program called an error."""
    if isinstance(error, errors.NeuronNotFoundError):
        return f'NeuronNotFound("{error.neuron}")'
    if isinstance(error, errors.DendriteNotFoundError):
        return f"DendriteNotFound({error.index})"
    if isinstance(error, errors.PortBusyError):
        return f'PortBusy("M0{"I" if error.kind == "input" else "O"}{error.port}")'
    if isinstance(error, errors.PortNotFoundError):
        return f"PortNotFound({error.port})"
    return {errors.ClosedLoopError: "ClosedLoop"}[type(error)]


def refusal_in_the_original(refused: Refused) -> str:
    """Say the same of a refusal by the plain-Python model."""
    first = refused.where[0]
    number = refused.where[-1]
    return {
        "neuron": f'NeuronNotFound("{first}")',
        "dendrite": f"DendriteNotFound({number})",
        "port busy": f'PortBusy("M0{str(number)[0].upper()}{first}")',
        "no port": f"PortNotFound({first})",
        "loop": "ClosedLoop",
    }[refused.what]


def statuses(simulation: NetworkSimulation) -> Status:
    """What the simulator says of all neurons, by the keys of the vectors."""
    network = simulation.network
    told = [neuron_status(network, name) for name in network.neurons]
    return {
        "accumulator": [one.accumulator for one in told],
        "hit_count": [one.hits for one in told],
        "reset_count": [one.resets for one in told],
        "dendrite_hit_count": [one.round_hits for one in told],
        "hits": [list(one.hit_inputs) for one in told],
        "capacities": [list(one.capacities) for one in told],
    }


def plain_statuses(world: naive_capacity.World) -> Status:
    """What the plain-Python model says."""
    cells = list(world.cells.values())
    return {
        "accumulator": [cell.value for cell in cells],
        "hit_count": [cell.hits for cell in cells],
        "reset_count": [cell.resets for cell in cells],
        "dendrite_hit_count": [cell.round_hits for cell in cells],
        "hits": [[k for k, one in enumerate(cell.inputs) if one.hit] for cell in cells],
        "capacities": [[one.level for one in cell.inputs] for cell in cells],
    }


@vectors
def test_the_simulator(vector):
    """Refused links, static figures, outputs, errors and the state after each stimulus are those of the original."""
    description, expected = described(vector["network"]), vector["expected"]
    _, made, refused = description.wire()
    assert expected["setup_errors"] == [f"link {number}: {in_the_original(error)}" for number, error in refused]
    simulation = NetworkSimulation(
        NetworkDescription(description.inputs, description.outputs, description.neurons, made)
    )
    told = [neuron_status(simulation.network, name) for name in simulation.network.neurons]
    assert expected["static"] == {
        "dendrite_count": [one.inputs for one in told],
        "dendrite_connected_count": [one.connected for one in told],
        "receiver_count": [one.listeners for one in told],
        "total_weight": [one.total_weight for one in told],
    }
    assert expected["initial"] == statuses(simulation)
    figures = zip(vector["stimuli"], expected["outputs"], expected["statuses"], expected["input_errors"], strict=True)
    for (port, size), outputs, status, input_error in figures:
        came_out, error = {port: [] for port in simulation.network.output_ports}, None
        try:
            came_out = simulation.stimulate(port, size)
        except NetworkError as wrong:
            error = in_the_original(wrong)
        assert input_error == error
        assert outputs == {number: [] for number in outputs} | {
            str(number): sizes for number, sizes in came_out.items()
        }
        assert status == statuses(simulation)


@vectors
def test_the_plain_python_model(vector):
    """The specification in plain Python agrees with the original too."""
    description, expected = described(vector["network"]), vector["expected"]
    world, refused = naive_capacity.World(), []
    for neuron in description.neurons:
        sizes = [(config.capacity_max, config.regeneration, config.weight) for config in neuron.input_configs]
        world.create(neuron.id, neuron.bias, sizes)
    for number, one in enumerate(description.links):
        try:
            link(world, one)
        except Refused as wrong:
            refused.append(f"link {number}: {refusal_in_the_original(wrong)}")
    assert expected["setup_errors"] == refused
    assert expected["initial"] == plain_statuses(world)
    figures = zip(vector["stimuli"], expected["outputs"], expected["statuses"], expected["input_errors"], strict=True)
    for (port, size), outputs, status, input_error in figures:
        error, began = None, len(world.outputs)
        try:
            world.send(port, size)
        except Refused as wrong:
            error = refusal_in_the_original(wrong)
        while world.stimuli or not world.quiet:
            world.step()
        came_out = world.outputs[began:]
        assert input_error == error
        assert outputs == {number: [size for _, port, size in came_out if port == int(number)] for number in outputs}
        assert status == plain_statuses(world)


def test_the_vectors_hold_what_they_should():
    """All kinds of vectors and of errors are there, and thousands of stimuli that bring something out."""
    stimuli = [one for vector in VECTORS for one in vector["stimuli"]]
    outputs = [sizes for vector in VECTORS for one in vector["expected"]["outputs"] for sizes in one.values() if sizes]

    assert len(VECTORS) == 184
    assert len(stimuli) == 4407
    assert len(outputs) > 1000
    assert len({vector["name"].split("/")[0] for vector in VECTORS}) == 8
