"""What is odd about a network that has no faults: what can never work, or is hardly meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from network_texts import JSON, changed, written

from runen_ecs.faults import Fault
from runen_ecs.network_files import (
    check_network,
    load_network,
)

LONELY = '"second", "bias": 0, "input_configs": []}, {"id": "lonely", "bias": 1, "input_configs": []}]'

ODDITIES = {
    "more inputs than are bound": (
        ('"inputs": 2', '"inputs": 3'),
        [("inputs", "is 3, but links bind 2 input ports; input port 2 is not")],
    ),
    "fewer outputs than are bound": (
        ('"outputs": 1', '"outputs": 0'),
        [("outputs", "is 0, but links bind 1 output port")],
    ),
    "input port that is left out": (
        ('"inputs": 2', '"inputs": 2'),
        ('"input_port": 0', '"input_port": 5'),
        [],
    ),
    "capacity of nothing": (
        ('"capacity_max": 4, "regeneration": 2', '"capacity_max": 0, "regeneration": 0'),
        [("neurons.0.input_configs.0.capacity_max", "a capacity of 0 lets nothing through, ever")],
    ),
    "fraction": (
        ('"weight": -1', '"weight": -1.5'),
        [("neurons.0.input_configs.0.weight", "is not whole; the original program holds whole numbers only")],
    ),
    "fractions": (
        ('"weight": -1', '"weight": -1.5'),
        ('"weight": 2', '"weight": 2.5'),
        [
            (
                "neurons.0.input_configs.0.weight",
                "is not whole, nor is 1 other of this file; the original program holds whole numbers only",
            )
        ],
    ),
    "input that nothing is connected to": (
        ('    {"Input": {"input_port": 1, "dst_id": "second", "dst_synapse_idx": 0}},\n', ""),
        ('"inputs": 2', '"inputs": 1'),
        [("neurons.1.input_configs.0", "nothing is connected to input 0 of neuron 'second'")],
    ),
    "neuron that no signal reaches": (
        ('    {"Input": {"input_port": 0, "dst_id": "first", "dst_synapse_idx": 0}},\n', ""),
        ('"inputs": 2', '"inputs": 1'),
        [
            ("neurons.0.id", "no signal from an input port can reach neuron 'first'"),
            (
                "neurons.1.input_configs.1",
                "input 1 of neuron 'second' waits for neuron 'first', which no signal can reach: "
                "the neuron sends only when another input is hit again",
            ),
        ],
    ),
    "neuron that nobody listens to": (
        (',\n    {"Output": {"src_id": "second", "output_port": 0}}', ""),
        ('"outputs": 1', '"outputs": 0'),
        [("neurons.1.id", "nobody listens to neuron 'second': what it sends goes nowhere")],
    ),
}


@pytest.mark.parametrize("name", ODDITIES)
def test_warning(name: str, tmp_path: Path) -> None:
    """What is hardly meant is a warning, and the network can be loaded all the same."""
    *changes, expected = ODDITIES[name]
    path = written(tmp_path, changed(JSON, *changes))
    faults, warnings = check_network(path)

    assert [] == faults
    assert [(warning.key, warning.problem) for warning in warnings] == expected
    assert load_network(path).neurons


def test_ring_that_is_fed_is_reached(tmp_path: Path) -> None:
    """A neuron in a ring, or one that feeds itself, is not called silent if a port feeds the ring."""
    data = json.loads(JSON)
    data["links"][0] = {"Inner": {"src_id": "second", "dst_id": "first", "dst_synapse_idx": 0}}
    data["inputs"] = 1

    assert check_network(written(tmp_path, json.dumps(data))) == ([], [])


def test_warnings_wait_for_faults(tmp_path: Path) -> None:
    """As long as there are faults, nothing is certain enough for a warning."""
    path = written(tmp_path, changed(JSON, ('"inputs": 2', '"inputs": 3'), ('"src_id": "second"', '"src_id": "third"')))
    faults, warnings = check_network(path)

    assert (1, []) == (len(faults), warnings)
    assert isinstance(faults[0], Fault)
