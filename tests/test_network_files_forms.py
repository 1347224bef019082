"""Network files are written as the original program wrote them, and read back as what they were."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from network_texts import DATA, IDS, JSON, PAIRS, SETTINGS, TEXTS, YAML, changed, networks, written

from runen_ecs.errors import FileError, RunenError
from runen_ecs.network.description import (
    InnerLink,
    InputConfig,
    InputLink,
    NetworkDescription,
    NeuronDescription,
    OutputLink,
)
from runen_ecs.network_files import (
    NetworkFileError,
    check_network,
    load_network,
    network_from_data,
    network_to_data,
    save_network,
    yaml_text,
)

SMALL = NetworkDescription(
    2,
    1,
    [
        NeuronDescription("first", 1, [InputConfig(4, 2, -1)]),
        NeuronDescription("second", 0, [InputConfig(1, 1, 1), InputConfig(3, 3, 2)]),
    ],
    [InputLink(0, "first", 0), InputLink(1, "second", 0), InnerLink("first", "second", 1), OutputLink("second", 0)],
)

ODD_IDS = [
    *(
        "",
        " ",
        "~",
        "null",
        "Null",
        "true",
        "TRUE",
        "yes",
        "No",
        "on",
        "off",
        "y",
        "N",
        "=",
        "<<",
        "nan",
        ".nan",
        ".inf",
    ),
    *("1", "-1", "+1", "012", "0o17", "0x1F", "0b1", "1_000", "1.5", ".5", "5.", "1e5", "1E-5", "+.5e3", "-.inf"),
    *("2001-01-01", "2001-01-01 10:00:00", "12:30", "12:30:45.5", "0", "-0", "00", "08", "1.2.3", "1e", "e1", "0x"),
    *("# x", "a # b", "a #b", "a#b", "a: b", "a:b", "a:", ":a", "- a", "-a", "-", "--- a", "---", "...", "? a", "?a"),
    *("[a", "a]", "{a", "a}", "a, b", ",a", "&a", "*a", "!a", "!!str a", "|", ">", "|-", "'a'", "it's", '"a"', "%a"),
    *(
        "@a",
        "`a",
        "\\",
        "\\n",
        " a",
        "a ",
        "a\n",
        "\na",
        "\n",
        "\n\n",
        "a\n\n",
        " a\nb",
        "a\n b",
        "a \nb",
        "a\tb",
        "\ta",
    ),
    *("a\rb", "a\r\nb", "a\x00b", "\x07", "\x1b[0m", "\x7f", "a\x85b", "a\u2028b", "\ufeffa", "\ufffe", "\u200b"),
    *(
        "Нейрон",
        "日本",
        "é",
        "e\u0301",
        "🧠",
        "a 🧠\nb",
        "²",
        "٣",
        "ﬁ",
        "x" * 300,
        "word " * 60,
        "a  b",
        "a\n\n\nb",
        "M0Z0",
    ),
    *("\n a", "\n\ta", "a\n\tb", "a\n# b", "a\n- b", "a\n---\nb", "...\na", "a\n...\n", "   \n", "\n   ", "a\n   "),
]

# What YAML 1.2 (core schema) does not take for text, though nothing is quoted.
CORE = re.compile(
    r"|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


class Plain(yaml.SafeLoader):
    """PyYAML as it comes, and the three tags."""


Plain.add_multi_constructor("!", lambda loader, tag, node: {tag: loader.construct_mapping(node, deep=True)})


# -- the original's own files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: repr(pair["name"]))
@pytest.mark.parametrize(("source", "target"), [("json", "yaml"), ("yaml", "json"), ("json", "json"), ("yaml", "yaml")])
def test_file_of_the_original_is_written_byte_for_byte(
    pair: dict[str, str], source: str, target: str, tmp_path: Path
) -> None:
    """What the original program wrote in one form, we write in either form as it did."""
    read = written(tmp_path, pair[source], source)
    save_network(load_network(read), tmp_path / f"new.{target}")

    assert (tmp_path / f"new.{target}").read_bytes() == pair[target].encode()


def test_networks_of_the_original_go_to_yaml_and_back(tmp_path: Path) -> None:
    """Each network that the original was run with is the same JSON text after it was YAML."""
    refused = 0
    for vector in json.loads((DATA / "capacity-vectors.json").read_text(encoding="utf-8")):
        network, faults = load_network(written(tmp_path, json.dumps(vector["network"])), lenient=True)
        refused += len(faults)
        if not faults:
            save_network(network, tmp_path / "a.yaml")
            save_network(load_network(tmp_path / "a.yaml"), tmp_path / "b.json")
            expected = json.dumps(vector["network"], separators=(",", ":"), ensure_ascii=False)
            assert (tmp_path / "b.json").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("form", TEXTS)
def test_small_network(form: str, tmp_path: Path) -> None:
    """A file holds what it says, in its order; nothing is wrong with it or odd about it."""
    path = written(tmp_path, TEXTS[form], form)

    assert load_network(path) == SMALL
    assert check_network(path) == ([], [])


def test_small_network_as_yaml(tmp_path: Path) -> None:
    """A network is written as YAML the way the original program did."""
    save_network(SMALL, tmp_path / "net.yml")

    assert (tmp_path / "net.yml").read_text() == YAML


# -- ids -----------------------------------------------------------------------------------------------------------


def named(name: str) -> NetworkDescription:
    return NetworkDescription(0, 0, [NeuronDescription(name, 0, [])], [OutputLink(name, 0)])


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize("name", ODD_IDS, ids=ascii)
def test_odd_id_is_read_back(name: str, suffix: str, tmp_path: Path) -> None:
    """An id that means something in YAML, or that looks like another thing than text, stays what it is."""
    save_network(named(name), tmp_path / f"net.{suffix}")

    assert load_network(tmp_path / f"net.{suffix}") == named(name)


def check_yaml_of_id(name: str, tmp_path: Path) -> None:
    save_network(named(name), tmp_path / "net.yaml")
    text = (tmp_path / "net.yaml").read_bytes().decode()
    data = yaml.load(text, Plain)
    plain = re.search(r"^- id: ([^'\"|].*|)$", text, re.MULTILINE)

    assert data["neurons"][0]["id"] == name
    assert data["links"][0]["Output"]["src_id"] == name
    assert load_network(tmp_path / "net.yaml") == named(name)
    assert plain is None or not CORE.fullmatch(plain.group(1))
    assert plain is None or plain.group(1) == name
    assert [] == [c for c in text if c != "\n" and (c < " " or "\x7f" <= c <= "\x9f" or c in "\u2028\u2029\ufeff")]


@pytest.mark.parametrize("name", ODD_IDS, ids=ascii)
def test_odd_id_is_text_for_every_yaml_reader(name: str, tmp_path: Path) -> None:
    """Other readers of YAML 1.1 and 1.2 find the same text, with no character in the file that one cannot see."""
    check_yaml_of_id(name, tmp_path)


@given(name=IDS)
@settings(max_examples=300, **SETTINGS)
def test_any_id_is_text_for_every_yaml_reader(name: str, tmp_path: Path) -> None:
    """Whatever an id is, every reader of YAML finds it."""
    check_yaml_of_id(name, tmp_path)


@given(name=IDS)
@settings(max_examples=100, **SETTINGS)
def test_both_loaders_of_pyyaml_read_the_same(name: str, tmp_path: Path) -> None:
    """Where PyYAML has no loader in C, the same is read."""
    save_network(named(name), tmp_path / "net.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_text, "_LOADERS", (yaml.SafeLoader, yaml.SafeLoader))
        slow = load_network(tmp_path / "net.yaml")

    assert slow == named(name) == load_network(tmp_path / "net.yaml")


# -- whole networks ------------------------------------------------------------------------------------------------


@given(network=networks())
@example(network=SMALL)
@settings(max_examples=150, **SETTINGS)
def test_any_network_is_read_back(network: NetworkDescription, tmp_path: Path) -> None:
    """Whatever a network holds, its files hold too; what was read is written the same."""
    for suffix in ("json", "yaml"):
        path, again = tmp_path / f"net.{suffix}", tmp_path / f"again.{suffix}"
        save_network(network, path)
        read = load_network(path)
        save_network(read, again)

        assert read == network
        assert path.read_bytes() == again.read_bytes()


@given(network=networks())
@settings(max_examples=50, **SETTINGS)
def test_data_is_what_a_json_file_holds(network: NetworkDescription, tmp_path: Path) -> None:
    """A network as data is the parsed JSON file; a scenario that holds it describes the same network."""
    save_network(network, tmp_path / "net.json")
    data = network_to_data(network)

    assert json.loads((tmp_path / "net.json").read_text(encoding="utf-8")) == data
    assert network_from_data(data, str) == network


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (3.0, "3"), (-0.0, "0"), (0.5, "0.5"), (1e-7, None), (2.0**53 - 1, "9007199254740991"), (-2.5, "-2.5")],
)
def test_whole_numbers_have_no_point(value: float, text: str | None, tmp_path: Path) -> None:
    """A number that is whole is written so, as the original program wants it."""
    network = NetworkDescription(0, 0, [NeuronDescription("a", value)], [])
    save_network(network, tmp_path / "net.json")
    save_network(network, tmp_path / "net.yaml")

    assert f'"bias":{text or "1e-07"},' in (tmp_path / "net.json").read_text()
    assert f"bias: {text or '1.0e-07'}\n" in (tmp_path / "net.yaml").read_text()
    assert yaml.safe_load((tmp_path / "net.yaml").read_text())["neurons"][0]["bias"] == value


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_state_comes_last(suffix: str, tmp_path: Path) -> None:
    """What a network was doing is one more key at the end, and is handed on as it is."""
    state = {"tick": 7, "levels": [1.5, 2], "who": {"012": None, "yes": True}}
    network = NetworkDescription(0, 0, [], [], state)
    save_network(network, tmp_path / f"net.{suffix}")
    text = (tmp_path / f"net.{suffix}").read_text()

    assert load_network(tmp_path / f"net.{suffix}") == network
    assert text.index("state") > text.index("links")
    assert load_network(written(tmp_path, changed(JSON, ('"inputs"', '"state": {}, "inputs"')))).state == {}


def test_default_input_is_left_out(tmp_path: Path) -> None:
    """A neuron that was given no inputs is written so."""
    network = NetworkDescription(0, 0, [NeuronDescription("a", 1)], [])
    save_network(network, tmp_path / "net.json")

    assert '"input_configs":[]' in (tmp_path / "net.json").read_text()
    assert [] == load_network(tmp_path / "net.json").neurons[0].input_configs
    assert [InputConfig(1, 1, 1)] == list(load_network(tmp_path / "net.json").neurons[0].inputs)


# -- other ways to write the same ----------------------------------------------------------------------------------


def as_mappings(text: str) -> str:
    return re.sub(r"- !(\w+)\n((?:  .*\n)+)", lambda m: f"- {m[1]}:\n{m[2].replace('  ', '    ')}", text)


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        (JSON, "JSON"),
        (YAML, "yml"),
        (f"\ufeff{JSON}", "json"),
        (f"\ufeff{YAML}", "yaml"),
        (JSON.replace("\n", "\r\n"), "json"),
        (YAML.replace("\n", "\r\n"), "yaml"),
        (JSON.replace("\n", "\r"), "json"),
        (JSON.replace("  ", "\t"), "json"),
        (JSON.replace("first", "\\u0066ir\\u0073t"), "json"),
        (JSON.replace("second", "second\\u0000").replace("\\u0000", ""), "json"),
        (JSON, "yaml"),
        (as_mappings(YAML), "yaml"),
        (f"%YAML 1.2\n---\n# a comment\n{YAML}...\n", "yaml"),
        (YAML.replace("first", '"fir\\x73t"').replace("second", "'second'"), "yaml"),
        (YAML.replace("bias: 1", "bias: 0x1").replace("weight: 2", "weight: 2.0e+0"), "yaml"),
        (YAML.replace("first", "&one first", 1).replace("dst_id: first", "dst_id: *one"), "yaml"),
    ],
    ids=lambda text: None if "\n" in text or "\r" in text else text,
)
def test_the_same_network_written_otherwise(text: str, suffix: str, tmp_path: Path) -> None:
    """Line ends, byte order marks, escapes, comments, indentation, aliases and mappings for tags change nothing."""
    assert load_network(written(tmp_path, text, suffix)) == SMALL


def test_text_without_quotes_is_text_in_yaml(tmp_path: Path) -> None:
    """Ids that only YAML 1.1 takes for something else are read as the original program reads them."""
    for name in ("yes", "off", "012", "12:30", "2001-01-01", "1_000", "=", "0b1"):
        text = YAML.replace("first", name)
        assert load_network(written(tmp_path, text, "yaml")).neurons[0].id == name


# -- what cannot be written ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize(
    "network",
    [
        NetworkDescription(0, 0, [NeuronDescription("a", float("nan"))], []),
        NetworkDescription(0, 0, [NeuronDescription("a", float("inf"))], []),
        NetworkDescription(0, 0, [NeuronDescription("\ud800", 1)], []),
        NetworkDescription(0, 0, [NeuronDescription("a", 1), NeuronDescription("a", 1)], []),
        NetworkDescription(0, 0, [NeuronDescription("a", 1, [InputConfig(1, 2, 3)])], []),
        NetworkDescription(-1, 0, [], []),
        NetworkDescription(0, 0, [], [], {"x": {1, 2}}),
        NetworkDescription(0, 0, [], [], {"x": "\ud800"}),
    ],
    ids=["nan", "infinite", "surrogate", "twice", "regeneration", "negative", "set in state", "surrogate in state"],
)
def test_what_could_not_be_read_is_not_written(network: NetworkDescription, suffix: str, tmp_path: Path) -> None:
    """A network that no file may hold is refused, and a file that was there stays."""
    path = written(tmp_path, "kept", suffix)
    with pytest.raises(RunenError, match="net"):
        save_network(network, path)

    assert path.read_text() == "kept"
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["net.toml", "net", "net.json.bak", ".json"])
def test_unknown_ending_is_told_the_choices(name: str, tmp_path: Path) -> None:
    """The format is told by the ending alone."""
    (tmp_path / name).write_text(JSON)

    for attempt in (load_network, check_network, lambda path: save_network(SMALL, path)):
        with pytest.raises(FileError, match=r"\.json, \.yaml, \.yml") as caught:
            attempt(tmp_path / name)
        assert caught.value.exit_code == 2


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be written is a FileError."""
    with pytest.raises(FileError, match="cannot be written"):
        save_network(SMALL, tmp_path / "nowhere" / "net.json")


# -- lenient -------------------------------------------------------------------------------------------------------


def test_refused_links_can_be_left_out(tmp_path: Path) -> None:
    """Who asks for it gets the network without the links that cannot be made, and why; other faults still count."""
    text = changed(JSON, ('"second", "dst_synapse_idx": 1', '"second", "dst_synapse_idx": 0'))
    path = written(tmp_path, text)
    network, (fault,) = load_network(path, lenient=True)

    assert list(network.links) == [SMALL.links[0], SMALL.links[1], SMALL.links[3]]
    assert fault.key == "links.2.Inner.dst_synapse_idx"
    with pytest.raises(NetworkFileError) as caught:
        load_network(path)
    assert caught.value.faults == (fault,)
    with pytest.raises(NetworkFileError) as caught:
        load_network(written(tmp_path, changed(text, ('"bias": 1', '"bias": "1"'))), lenient=True)
    assert [each.key for each in caught.value.faults] == ["neurons.0.bias", fault.key]
