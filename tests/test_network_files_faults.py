"""Every fault of a network file is told, with its exact place, its key and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from network_texts import JSON, TEXTS, YAML, changed, place_of, written

from runen_ecs.network_files import (
    NetworkFileError,
    check_network,
    load_network,
    network_from_data,
)


class Wrong(NamedTuple):
    """A mistake, made in JSON and in YAML: old text, new text, and the word there that the fault is about."""

    key: str
    problem: str
    json: tuple[str, str, str]
    yaml: tuple[str, str, str]


FIRST = '"bias": 1, "input_configs": [{"capacity_max": 4, "regeneration": 2, "weight": -1}]'

MISTAKES = {
    "unknown key": Wrong(
        "neurons.0.bais",
        "unknown key; did you mean 'bias'? choices: id, bias, input_configs",
        (FIRST, f'{FIRST}, "bais": 1', '"bais"'),
        ("  bias: 1\n", "  bias: 1\n  bais: 1\n", "bais"),
    ),
    "unknown key of the network": Wrong(
        "nerons",
        "unknown key; did you mean 'neurons'? choices: inputs, outputs, neurons, links, state",
        ('"links"', '"nerons": 1, "links"', '"nerons"'),
        ("links:", "nerons: 1\nlinks:", "nerons"),
    ),
    "unknown kind of link": Wrong(
        "links.3.Outptu",
        "unknown key; did you mean 'Output'? choices: Input, Inner, Output",
        ('"Output"', '"Outptu"', '"Outptu"'),
        ("!Output\n  src_id: second\n  output_port: 0", "Outptu: {src_id: second, output_port: 0}", "Outptu"),
    ),
    "missing key": Wrong(
        "neurons.0.bias",
        "is missing",
        ('"bias": 1, ', "", '{"id": "first"'),
        ("  bias: 1\n", "", "id: first"),
    ),
    "link without a kind": Wrong(
        "links.3",
        "must be one of Input, Inner, Output",
        ('{"Output": {"src_id": "second", "output_port": 0}}', "{}", "{}"),
        ("!Output\n  src_id: second\n  output_port: 0", "{}", "{}"),
    ),
    "text for a number": Wrong(
        "neurons.0.bias",
        'must be a number, not "1"',
        ('"bias": 1', '"bias": "1"', '"bias"'),
        ("bias: 1", "bias: '1'", "bias"),
    ),
    "truth for a number": Wrong(
        "neurons.0.bias",
        "must be a number, not true",
        ('"bias": 1', '"bias": true', '"bias"'),
        ("bias: 1", "bias: true", "bias"),
    ),
    "nothing for a number": Wrong(
        "neurons.0.bias",
        "must be a number, not null",
        ('"bias": 1', '"bias": null', '"bias"'),
        ("bias: 1", "bias:", "bias"),
    ),
    "number for an id": Wrong(
        "neurons.0.id",
        "must be text in quotes, not 5",
        ('"id": "first"', '"id": 5', '"id"'),
        ("id: first", "id: 5", "id"),
    ),
    "fraction for a port": Wrong(
        "links.3.Output.output_port",
        "must be a whole number, not 0.5",
        ('"output_port": 0', '"output_port": 0.5', '"output_port"'),
        ("output_port: 0", "output_port: 0.5", "output_port"),
    ),
    "text for a list": Wrong(
        "neurons.0.input_configs",
        'must be a list: [ … ], not "none"',
        (
            '"input_configs": [{"capacity_max": 4, "regeneration": 2, "weight": -1}]',
            '"input_configs": "none"',
            '"input_configs"',
        ),
        (
            "input_configs:\n  - capacity_max: 4\n    regeneration: 2\n    weight: -1\n",
            "input_configs: none\n",
            "input_configs",
        ),
    ),
    "infinite number": Wrong(
        "neurons.0.bias",
        "must be finite, not inf",
        ('"bias": 1', '"bias": 1e999', '"bias"'),
        ("bias: 1", "bias: .inf", "bias"),
    ),
    "not a number": Wrong(
        "neurons.0.bias",
        "must be finite, not nan",
        ('"bias": 1', '"bias": NaN', '"bias"'),
        ("bias: 1", "bias: .nan", "bias"),
    ),
    "number of 5000 digits": Wrong(
        "neurons.0.bias",
        "must be finite, not inf",
        ('"bias": 1', f'"bias": {"9" * 5000}', '"bias"'),
        ("bias: 1", f"bias: {'9' * 5000}", "bias"),
    ),
    "number that could not be told from its neighbours": Wrong(
        "neurons.0.bias",
        "must be at most 9007199254740991",
        ('"bias": 1', '"bias": 9007199254740993', '"bias"'),
        ("bias: 1", "bias: 9007199254740993", "bias"),
    ),
    "negative capacity": Wrong(
        "neurons.0.input_configs.0.capacity_max",
        "must be at least 0, not -4",
        ('"capacity_max": 4', '"capacity_max": -4', '"capacity_max"'),
        ("capacity_max: 4", "capacity_max: -4", "capacity_max"),
    ),
    "negative regeneration": Wrong(
        "neurons.0.input_configs.0.regeneration",
        "must be at least 0, not -2",
        ('"regeneration": 2', '"regeneration": -2', '"regeneration"'),
        ("regeneration: 2", "regeneration: -2", "regeneration"),
    ),
    "regeneration above the maximum": Wrong(
        "neurons.0.input_configs.0.regeneration",
        "regeneration 4.5 is above the maximum 4; it must be at most that",
        ('"regeneration": 2', '"regeneration": 4.5', '"regeneration"'),
        ("regeneration: 2", "regeneration: 4.5", "regeneration"),
    ),
    "negative port": Wrong(
        "links.0.Input.input_port",
        "must be at least 0, not -1",
        ('"input_port": 0', '"input_port": -1', '"input_port"'),
        ("input_port: 0", "input_port: -1", "input_port"),
    ),
    "negative index": Wrong(
        "links.0.Input.dst_synapse_idx",
        "must be at least 0, not -1",
        ('"dst_synapse_idx": 0', '"dst_synapse_idx": -1', '"dst_synapse_idx"'),
        ("dst_synapse_idx: 0", "dst_synapse_idx: -1", "dst_synapse_idx"),
    ),
    "port of more than 31 bits": Wrong(
        "links.0.Input.input_port",
        "must be at most 2147483647, not 2147483648",
        ('"input_port": 0', '"input_port": 2147483648', '"input_port"'),
        ("input_port: 0", "input_port: 2147483648", "input_port"),
    ),
    "half a character": Wrong(
        "neurons.0.id",
        "must not hold half a character, such as \\ud800",
        ('"first"', '"\\ud83e"', '"id"'),
        ("id: first", 'id: "\\ud83e"', "id"),
    ),
    "duplicate id": Wrong(
        "neurons.2.id",
        "a neuron is called 'first' already; each needs an id of its own (see neurons.0)",
        ("    }\n  ],", '    },\n{"id": "first", "bias": 0, "input_configs": []}],', '"id": "first", "bias": 0'),
        ("links:", "- {id: first, bias: 0, input_configs: []}\nlinks:", "id: first, bias: 0"),
    ),
    "key that is there twice": Wrong(
        "neurons.0.bias",
        "is there twice; take one of them out",
        ('"bias": 1', '"bias": 1,\n"bias": 2', '"bias": 2'),
        ("  bias: 1\n", "  bias: 1\n  bias: 2\n", "bias: 2"),
    ),
    "unknown target": Wrong(
        "links.2.Inner.dst_id",
        "no neuron is called 'secnd'; did you mean 'second'? choices: first, second",
        ('"first", "dst_id": "second"', '"first", "dst_id": "secnd"', '"dst_id": "secnd"'),
        ("src_id: first\n  dst_id: second", "src_id: first\n  dst_id: secnd", "dst_id: secnd"),
    ),
    "unknown source": Wrong(
        "links.2.Inner.src_id",
        "no neuron is called 'fist'; did you mean 'first'? choices: first, second",
        ('"src_id": "first"', '"src_id": "fist"', '"src_id": "fist"'),
        ("src_id: first", "src_id: fist", "src_id: fist"),
    ),
    "unknown neuron at a port": Wrong(
        "links.3.Output.src_id",
        "no neuron is called 'third'; choices: first, second",
        ('"src_id": "second"', '"src_id": "third"', '"src_id": "third"'),
        ("src_id: second", "src_id: third", "src_id: third"),
    ),
    "input that is not there": Wrong(
        "links.2.Inner.dst_synapse_idx",
        "neuron 'second' has no input 2; it has 2 inputs, 0 to 1",
        ('"dst_synapse_idx": 1', '"dst_synapse_idx": 2', '"dst_synapse_idx": 2'),
        ("dst_synapse_idx: 1", "dst_synapse_idx: 2", "dst_synapse_idx: 2"),
    ),
    "input that is fed by a port": Wrong(
        "links.2.Inner.dst_synapse_idx",
        "input 0 of neuron 'second' is fed by input port 1 already; free it, or take another input",
        ('"dst_synapse_idx": 1', '"dst_synapse_idx":  0', '"dst_synapse_idx":  0'),
        ("dst_synapse_idx: 1", "dst_synapse_idx:  0", "dst_synapse_idx:  0"),
    ),
    "input port that is bound twice": Wrong(
        "links.1.Input.input_port",
        "input port 0 is bound to input 0 of neuron 'first' already; free it, or take another port",
        ('"input_port": 1', '"input_port":  0', '"input_port":  0'),
        ("input_port: 1", "input_port:  0", "input_port:  0"),
    ),
    "closed loop": Wrong(
        "links.2.Inner",
        "neuron 'first' cannot be connected to itself: it has a single input, and would wait for itself",
        ('"second", "dst_synapse_idx": 1', '"first", "dst_synapse_idx": 0', '"Inner"'),
        ("dst_id: second\n  dst_synapse_idx: 1", "dst_id: first\n  dst_synapse_idx: 0", "!Inner"),
    ),
    "state that is a list": Wrong(
        "state",
        "must be ",
        ('"inputs"', '"state": [], "inputs"', '"state"'),
        ("inputs: 2", "state: []\ninputs: 2", "state"),
    ),
}


ONLY_IN_TEXT = ("key that is there twice", "number of 5000 digits")


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("name", MISTAKES)
def test_fault(name: str, form: str, tmp_path: Path) -> None:
    """A mistake is one fault at the key that it is about, in JSON as in YAML, and loading tells the same."""
    wrong = MISTAKES[name]
    old, new, word = getattr(wrong, form)
    text = changed(TEXTS[form], (old, new))
    path = written(tmp_path, text, form)
    faults, warnings = check_network(path)

    assert [(fault.key, fault.place) for fault in faults] == [(wrong.key, f"{path}:{place_of(text, word)}")]
    assert faults[0].problem.startswith(wrong.problem)
    assert [] == warnings
    with pytest.raises(NetworkFileError) as caught:
        load_network(path)
    assert (list(caught.value.faults), caught.value.exit_code) == (faults, 3)
    assert str(caught.value) == "\n".join(map(str, faults))


@pytest.mark.parametrize("name", [name for name in MISTAKES if name not in ONLY_IN_TEXT])
def test_fault_of_a_network_inside_another_file(name: str) -> None:
    """A network that is a part of a scenario gets the same faults, with places that the scenario knows."""
    wrong = MISTAKES[name]
    data = json.loads(changed(JSON, wrong.json[:2]))
    with pytest.raises(NetworkFileError) as caught:
        network_from_data(data, lambda path: f"my.toml:{len(path)}", at=("network",))
    (fault,) = caught.value.faults

    assert fault.key == f"network.{wrong.key}"
    assert fault.place == f"my.toml:{len(wrong.key.split('.')) + 1}"
    assert fault.problem.startswith(wrong.problem)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_all_faults_are_told_in_their_order(form: str, tmp_path: Path) -> None:
    """Faults of the text, of single values and of wiring are told at once, by line and column."""
    texts = {
        "json": changed(
            JSON,
            ('"inputs": 2,', '"inputs": 2, "inputs": -1,'),
            ('"bias": 1', '"bias": "x"'),
            ('"weight": 2', '"wieght": 2'),
            ('"dst_id": "first"', '"dst_id": "fisrt"'),
            ('"input_port": 1', '"input_port": "one"'),
            ('"src_id": "first", "dst_id": "second"', '"src_id": "a", "dst_id": "b"'),
            ('"Output": {"src_id": "second"', '"Output": {"src_id": "c"'),
        ),
        "yaml": changed(
            YAML,
            ("inputs: 2\n", "inputs: 2\ninputs: -1\n"),
            ("bias: 1", "bias: x"),
            ("weight: 2", "wieght: 2"),
            ("dst_id: first", "dst_id: fisrt"),
            ("input_port: 1", "input_port: one"),
            ("src_id: first\n  dst_id: second", "src_id: a\n  dst_id: b"),
            ("src_id: second", "src_id: c"),
        ),
    }
    path = written(tmp_path, texts[form], form)
    faults = check_network(path).faults
    places = [tuple(map(int, fault.place.split(":")[1:])) for fault in faults]

    assert [fault.key for fault in faults] == [
        "inputs",
        "inputs",
        "neurons.0.bias",
        "neurons.1.input_configs.1.weight",
        "neurons.1.input_configs.1.wieght",
        "links.0.Input.dst_id",
        "links.1.Input.input_port",
        "links.2.Inner.src_id",
        "links.2.Inner.dst_id",
        "links.3.Output.src_id",
    ]
    assert places == sorted(places)


def test_wiring_waits_for_ids(tmp_path: Path) -> None:
    """Where a neuron has no id that can be read, links are not blamed for it."""
    path = written(tmp_path, JSON.replace('"id": "first"', '"id": 1'))

    assert [fault.key for fault in check_network(path).faults] == ["neurons.0.id"]


def test_every_link_that_is_wrong_is_told(tmp_path: Path) -> None:
    """Of very many faults none is left out, though the later ones come without the nearest name."""
    data = json.loads(JSON)
    data["links"] += [{"Output": {"src_id": f"secund{k}", "output_port": k + 1}} for k in range(300)]
    faults = check_network(written(tmp_path, json.dumps(data))).faults

    assert len(faults) == 300
    assert "did you mean 'second'?" in faults[0].problem
    assert faults[-1].problem == "no neuron is called 'secund299'"
