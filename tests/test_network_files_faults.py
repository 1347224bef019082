"""Every fault of a network file is told, with its exact place, its key and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from network_texts import JSON, TEXTS, YAML, changed, place_of, written

from runen_ecs.errors import FileError
from runen_ecs.faults import Fault
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


# -- texts that cannot be read -------------------------------------------------------------------------------------


DEEP = 100_000

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]\n" for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)

UNREADABLE = [
    ("json", "", "1:1", "is empty; a network file holds inputs, outputs, neurons and links"),
    ("yaml", " \n", "1:1", "is empty; a network file holds inputs, outputs, neurons and links"),
    ("json", '{"inputs": 1,\n "outputs" 1}', "2:12", "is not JSON: expecting ':' delimiter"),
    ("json", '{"inputs": 1}\n{}', "2:1", "is not JSON: extra data"),
    ("json", '{"inputs": "a\tb"}', "1:14", "is not JSON: invalid control character"),
    ("json", '{"inputs": "\\x"}', "1:13", "is not JSON: invalid \\escape"),
    ("json", '{"inputs": "a', "1:12", "is not JSON: unterminated string"),
    ("json", "inputs: 1", "1:1", "is not JSON: expecting value"),
    ("json", "\t\n [" * DEEP, "202:2", "is nested more than 200 deep"),
    ("json", '{"a":' * DEEP, "1:1001", "is nested more than 200 deep"),
    ("yaml", "inputs: 1\n\toutputs: 1", "2:1", "is not YAML: while scanning for the next token, found character '\\t'"),
    ("yaml", "inputs: [1\noutputs: 1", "2:8", "is not YAML: while parsing a flow sequence, expected ',' or ']'"),
    ("yaml", "inputs: 'a", "1:11", "is not YAML: while scanning a quoted scalar, found unexpected end of stream"),
    ("yaml", "inputs: *x", "1:9", "nothing before this is called &x"),
    ("yaml", "inputs: &x [*x]", "1:13", "nothing before this is called &x"),
    (
        "yaml",
        "inputs: a\x07",
        "1:10",
        "is not YAML: the character U+0007 is not allowed; write it as an escape in quotes",
    ),
    ("yaml", 'inputs: "\\UFFFFFFFF"', "1:1", "is not YAML: an escape such as \\UFFFFFFFF stands for no character"),
    ("yaml", "inputs: 1\n---\ninputs: 2", "2:1", "a second document begins; a file holds one network"),
    ("yaml", "? [a]\n: 1", "1:3", "a key must be text"),
    ("yaml", "[" * DEEP, "1:201", "is nested more than 200 deep"),
    ("yaml", "- " * DEEP, "1:401", "is nested more than 200 deep"),
    ("yaml", "{a: " * DEEP, "1:801", "is nested more than 200 deep"),
    ("yaml", BOMB, "7:8", "aliases repeat more than 2,000,000 values"),
]


@pytest.mark.parametrize(
    ("form", "text", "place", "problem"), UNREADABLE, ids=[f"{form}: {text[:30]!a}" for form, text, _, _ in UNREADABLE]
)
def test_text_that_cannot_be_read(form: str, text: str, place: str, problem: str, tmp_path: Path) -> None:
    """A text that is not JSON or YAML is one fault, at the place from where on it cannot be read."""
    path = written(tmp_path, text, form)
    ((fault,), _) = check_network(path)

    assert fault.place == f"{path}:{place}"
    assert fault.problem.startswith(problem)


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("- 1", "", "must be a mapping of keys to values"),
        ("5", "", "must be a mapping of keys to values, not 5"),
        ("# nothing", "", "must be a mapping of keys to values, not null"),
        (YAML.replace("!Inner", "!Iner"), "links.2", "unknown tag !Iner; did you mean '!Inner'? choices: !Input, "),
        (YAML.replace("!Inner", "!!map"), "links.2", "unknown tag tag:yaml.org,2002:map; choices: !Input, !Inner, "),
        (YAML.replace("!Inner", "!!python/object:os.system"), "links.2", "unknown tag tag:yaml.org,2002:python/object"),
        (YAML.replace("id: first", "id: !!str first"), "neurons.0.id", "unknown tag tag:yaml.org,2002:str"),
    ],
)
def test_yaml_that_is_no_network(text: str, key: str, problem: str, tmp_path: Path) -> None:
    """YAML that is something else, or has other tags, is told where; nothing is ever made from a tag."""
    faults = check_network(written(tmp_path, text, "yaml")).faults

    assert faults[0].key == key
    assert faults[0].problem.startswith(problem)


@pytest.mark.parametrize("text", ["5", "[]", '"text"', "null", "true", "{}"])
def test_json_that_is_no_network(text: str, tmp_path: Path) -> None:
    """JSON that is something else is told what it should be."""
    faults = check_network(written(tmp_path, text)).faults

    assert faults
    assert all(fault.place.endswith(":1:1") for fault in faults)
    assert faults[0].problem.startswith("must be an object" if text != "{}" else "is missing")


@pytest.mark.parametrize(
    ("suffix", "content"),
    [("json", JSON.encode("utf-16")), ("yaml", "# Zellen für später\n".encode("latin-1")), ("yaml", bytes(range(256)))],
)
def test_bytes_that_are_no_text(suffix: str, content: bytes, tmp_path: Path) -> None:
    """A file in another encoding cannot be read, and is told where it is not UTF-8."""
    with pytest.raises(FileError, match=r"is not a text file in UTF-8 \(byte \d+\)") as caught:
        check_network(written(tmp_path, content, suffix))

    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["nowhere.json", "folder.json", "a/b.json", "x\0.json", f"{'n' * 300}.json"])
def test_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    """A name under which there is no file is a FileError."""
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(FileError, match=r"\.json"):
        load_network(tmp_path / name)


# -- places --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_line_ends_and_marks_do_not_move_places(form: str, mark: str, end: str, tmp_path: Path) -> None:
    """Lines and columns are those that an editor shows."""
    text = changed(TEXTS[form], ("output_port", "outputport"))
    path = written(tmp_path, mark + text.replace("\n", end), form)
    places = {fault.key: fault.place for fault in check_network(path).faults}
    word = '"outputport' if form == "json" else "outputport"

    assert places["links.3.Output.outputport"] == f"{path}:{place_of(text, word)}"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (changed(JSON, ('"first"', '"\\"}, {\\\\"'), ('"bias": 0', '"bias": "0"')), '"bias": "0"'),
        (changed(JSON, ('"first"', '"日🧠"'), ('"bias": 1', '"bias": "0"')), '"bias": "0"'),
        (changed(JSON.replace("  ", "\t"), ('"bias": 0', '"bias": "0"')), '"bias": "0"'),
        (json.dumps(json.loads(JSON)).replace('"bias": 0', '"bias": "0"'), '"bias": "0"'),
        (changed(JSON, ('"bias": 0', '"b\\u0069as": "0"')), '"b\\u0069as"'),
    ],
    ids=["brackets and quotes", "wide characters", "tabs", "one line", "escaped key"],
)
def test_place_in_odd_json(text: str, word: str, tmp_path: Path) -> None:
    """What stands before a fault does not move its place."""
    path = written(tmp_path, text)
    faults = [fault for fault in check_network(path).faults if fault.key.endswith("bias")]

    assert [fault.place for fault in faults] == [f"{path}:{place_of(text, word)}"]


def test_fault_stays_on_its_line(tmp_path: Path) -> None:
    """Line breaks in ids and keys are shown as escapes, so that a fault is a line."""
    data = json.loads(JSON)
    data["neurons"][0]["id"] = "a\nb"
    data["links"][0]["Input"]["dst_id"] = "c\nd"
    data["new\nkey"] = 1
    faults = check_network(written(tmp_path, json.dumps(data))).faults

    assert len(faults) == 3
    assert [] == [fault for fault in faults if "\n" in str(fault)]


def test_fault_of_an_alias_is_where_the_alias_stands(tmp_path: Path) -> None:
    """What an alias stands for has the place of the alias."""
    text = changed(
        YAML, ("- capacity_max: 1\n    regeneration: 1\n    weight: 1", "- &x {a: 1}"), ("bias: 0", "bias: 0")
    )
    text = text.replace("- capacity_max: 3\n    regeneration: 3\n    weight: 2", "- *x")
    path = written(tmp_path, text, "yaml")
    faults = check_network(path).faults

    assert {fault.place for fault in faults if ".1.input_configs.1" in fault.key} == {f"{path}:{place_of(text, '*x')}"}


# -- warnings ------------------------------------------------------------------------------------------------------


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
