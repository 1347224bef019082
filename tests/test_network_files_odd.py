"""Whatever a network file holds, it is read or refused with a message; it never breaks the reader."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from network_texts import JSON, PAIRS, SETTINGS, TEXTS, YAML, written

from runen_ecs.errors import FileError, RunenError
from runen_ecs.network_files import (
    Findings,
    NetworkFileError,
    check_network,
    load_network,
    network_from_data,
    network_to_data,
    save_network,
    yaml_text,
)

PIECES = [
    *("\n", "\r", " ", ":", "- ", "!", "&a ", "*a", "[", "]", "{", "}", '"', "'", "#", "|", ">", "%", "@", "\\", "\t"),
    *(
        "\x00",
        "9" * 30,
        ".",
        "e",
        "null",
        "?",
        ",",
        "---\n",
        "...\n",
        "<<",
        "\u2028",
        "\x85",
        "🧠",
        "\ufeff",
        "\\ud800",
    ),
    *(
        "!Input ",
        "!!python/name:os.system ",
        "%YAML 1.1\n",
        "%TAG ! x\n",
        "\\u",
        "1e999",
        "NaN",
        "-1",
        '"id"',
        '"links"',
    ),
]

MUTATIONS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.one_of(
            st.integers(1, 40),  # so many bytes are cut out
            st.sampled_from([piece.encode() for piece in PIECES]),
            st.binary(min_size=1, max_size=2),
        ),
    ),
    min_size=1,
    max_size=4,
)


def mutated(text: str, mutations: list[tuple[float, Any]]) -> bytes:
    content = text.encode()
    for share, change in mutations:
        at = int(share * (len(content) + 1))
        content = (
            content[:at] + content[at + change :] if isinstance(change, int) else content[:at] + change + content[at:]
        )
    return content


def findings(path: Path) -> Findings | str:
    try:
        return check_network(path)
    except FileError as error:
        return str(error)


@given(
    form=st.sampled_from(["json", "yaml"]),
    pair=st.sampled_from([*PAIRS, TEXTS, {"json": JSON, "yaml": JSON}]),
    mutations=MUTATIONS,
)
@settings(max_examples=1500, **SETTINGS)
def test_damaged_file_gets_a_message(form: str, pair: dict[str, str], mutations: Any, tmp_path: Path) -> None:
    """A file with a few bytes changed is loaded, or refused with faults that say where; checking and loading agree."""
    path = written(tmp_path, mutated(pair[form], mutations), form)
    found = findings(path)
    faults = found if isinstance(found, str) else "\n".join(map(str, found.faults))
    if faults:
        with pytest.raises(RunenError) as caught:
            load_network(path)
        assert faults == str(caught.value)
    else:
        network = load_network(path)
        assert network == network_from_data(network_to_data(network), str)


@given(pair=st.sampled_from([TEXTS, *PAIRS]), mutations=MUTATIONS)
@settings(max_examples=150, **SETTINGS)
def test_faults_are_the_same_without_the_loader_in_c(pair: dict[str, str], mutations: Any, tmp_path: Path) -> None:
    """Where PyYAML has no loader in C, a text that this one refuses gets the same message."""
    path = written(tmp_path, mutated(pair["yaml"], mutations), "yaml")
    found = findings(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_text, "_LOADERS", (yaml.SafeLoader, yaml.SafeLoader))
        slowly = findings(path)

    assert found == slowly or "is not YAML" in str(slowly)


@given(data=st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5))
@settings(max_examples=150, **SETTINGS)
def test_odd_value_anywhere_gets_a_message(data: Any) -> None:
    """Any value at any place of a network is taken or refused with faults."""
    whole = yaml_text.read_yaml(YAML).data
    paths: list[tuple[Any, Any]] = []

    def walk(part: Any) -> None:
        for key in list(part) if isinstance(part, dict) else range(len(part)):
            paths.append((part, key))
            if isinstance(part[key], dict | list):
                walk(part[key])

    walk(whole)
    for part, key in paths:
        before, part[key] = part[key], data
        with suppress(NetworkFileError):
            network_from_data(whole, str)
        part[key] = before


def test_large_network_is_read_in_little_time(tmp_path: Path) -> None:
    """A network of many neurons goes to a file and back, in both formats."""
    data = network_to_data(load_network(written(tmp_path, JSON)))
    data["neurons"] += [{**data["neurons"][1], "id": f"n{k}"} for k in range(3000)]
    data["links"] += [{"Inner": {"src_id": f"n{k}", "dst_id": f"n{k + 1}", "dst_synapse_idx": 0}} for k in range(2999)]
    network = network_from_data(data, str)
    for suffix in ("json", "yaml"):
        save_network(network, tmp_path / f"large.{suffix}")

        assert load_network(tmp_path / f"large.{suffix}") == network


def test_aliases_save_writing(tmp_path: Path) -> None:
    """Inputs that are the same everywhere can be written once."""
    text = YAML.replace("input_configs:\n  - capacity_max: 4", "input_configs: &one\n  - capacity_max: 4")
    start, end = text.index("input_configs:\n  - capacity_max: 1"), text.index("links:")
    text = text[:start] + "input_configs: *one\n" + text[end:].replace("dst_synapse_idx: 1", "dst_synapse_idx: 0")
    text = text.replace("- !Input\n  input_port: 1\n  dst_id: second\n  dst_synapse_idx: 0\n", "")
    first, second = load_network(written(tmp_path, text, "yaml")).neurons

    assert first.input_configs == second.input_configs


@given(data=st.data())
@settings(max_examples=40, **SETTINGS)
def test_lenient_reading_makes_what_can_be_made(data: st.DataObject, tmp_path: Path) -> None:
    """The links that are left are those that the rules of wiring let through, and each other one has its fault."""
    text = JSON
    for old in ("first", "second"):
        if data.draw(st.booleans()):
            text = text.replace(f'"dst_id": "{old}"', f'"dst_id": "{data.draw(st.sampled_from(["first", "x"]))}"')
    network, faults = load_network(written(tmp_path, text), lenient=True)
    described = network_from_data(json.loads(text) | {"links": []}, str)
    links = [{kind: ends} for link in json.loads(text)["links"] for kind, ends in link.items()]

    assert len(network.links) + len(faults) == len(links)
    assert list(described.neurons) == list(network.neurons)
