"""Texts that are no network, or no text: what is said of them, and at which place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from network_texts import JSON, TEXTS, YAML, changed, place_of, written

from runen_ecs.errors import FileError
from runen_ecs.network_files import (
    check_network,
    load_network,
)

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
