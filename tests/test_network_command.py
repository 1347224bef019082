"""The command `runen network`: what it prints and writes, and the messages of its mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mistakes import REWRITE, Mistake, check_manners, read_golden, rewrite_golden, typed, write
from network_texts import DATA, JSON, PAIRS, YAML, changed
from runen_command import Runen, in_a_process, runen  # noqa: F401

GOLDEN = Path(__file__).parent / "golden" / "network-messages.txt"


def in_json(name: str, *changes: tuple[str, str]) -> Mistake:
    """Return a mistake in a JSON file."""
    return Mistake(name, ("network", "show", "my.json"), {"my.json": changed(JSON, *changes)})


def in_yaml(name: str, *changes: tuple[str, str]) -> Mistake:
    """Return a mistake in a YAML file."""
    return Mistake(name, ("network", "show", "my.yaml"), {"my.yaml": changed(YAML, *changes)})


def text(name: str, suffix: str, content: str | bytes, code: int = 3) -> Mistake:
    """Return a file that is no network at all."""
    return Mistake(name, ("network", "show", f"my.{suffix}"), {f"my.{suffix}": content}, code)


MISTAKES = [
    typed("network file that is not there", "network", "show", "your.json"),
    typed("network file with another ending", "network", "show", "my.toml"),
    typed("folder for a network file", "network", "show", "folder.json"),
    Mistake("convert to itself", ("network", "convert", "my.json", "./my.json"), {"my.json": JSON}, 2),
    Mistake("convert to another ending", ("network", "convert", "my.json", "my.txt"), {"my.json": JSON}, 2),
    Mistake("convert into no folder", ("network", "convert", "my.json", "nowhere/my.yaml"), {"my.json": JSON}, 2),
    Mistake("convert a network with a fault", ("network", "convert", "a.json", "b.yaml"), {"a.json": "{}"}),
    in_json("unknown key of a neuron", ('"bias": 1', '"bais": 1')),
    in_yaml("unknown kind of link", ("!Inner", "!Iner")),
    in_json("neither kind of link", ('{"Output": {"src_id": "second", "output_port": 0}}', "{}")),
    in_yaml("unknown neuron", ("dst_id: second", "dst_id: secund")),
    in_json("link between two unknown neurons", ('"first", "dst_id": "second"', '"a", "dst_id": "b"')),
    in_yaml("input that is not there", ("dst_synapse_idx: 1", "dst_synapse_idx: 2")),
    in_json("input of a neuron with one", ('"first", "dst_synapse_idx": 0', '"first", "dst_synapse_idx": 1')),
    in_yaml("input that is fed already", ("dst_synapse_idx: 1", "dst_synapse_idx: 0")),
    in_json("port that is bound already", ('"input_port": 1', '"input_port": 0')),
    in_yaml("closed loop", ("dst_id: second\n  dst_synapse_idx: 1", "dst_id: first\n  dst_synapse_idx: 0")),
    in_json("duplicate id", ('"id": "second"', '"id": "first"')),
    in_yaml("regeneration above the maximum", ("regeneration: 2", "regeneration: 5")),
    in_json("negative capacity", ('"capacity_max": 4', '"capacity_max": -4')),
    in_yaml("negative port", ("input_port: 0", "input_port: -1")),
    in_json("text for a number in a network", ('"weight": -1', '"weight": "-1"')),
    in_yaml("number for an id", ("id: first", "id: 1")),
    in_json("number that is not finite", ('"weight": -1', '"weight": -1e999')),
    in_yaml("key twice", ("  bias: 1\n", "  bias: 1\n  bias: 1\n")),
    in_yaml(
        "several mistakes in a network",
        ("inputs: 2", "inputs: two"),
        ("weight: -1", "wieght: -1"),
        ("idx: 1", "idx: 5"),
    ),
    text("comma too few", "json", changed(JSON, ('"inputs": 2,', '"inputs": 2'))),
    text("text in JSON without an end", "json", '{"inputs": 1, "outputs'),
    text("tab in YAML", "yaml", changed(YAML, ("  bias: 1", "\tbias: 1"))),
    text("bracket in YAML without an end", "yaml", "inputs: [1\noutputs: 1\n"),
    text("another tag in YAML", "yaml", changed(YAML, ("id: first", "id: !!python/name:os.system first"))),
    text("empty network file", "json", ""),
    text("network in another encoding", "yaml", "# Zellen für später\n".encode("latin-1"), code=2),
    text("list for a network", "json", "[]"),
    text("very many brackets", "yaml", "[" * 10_000),
]

TABLE = """\
2 neurons, 4 links; inputs 2, outputs 1

neuron  bias  input  maximum  regeneration  weight  fed by
first      1      0        4             2      -1  input port 0
second     0      0        1             1       1  input port 1
                  1        3             3       2  first

link  from          to
   0  input port 0  first, input 0
   1  input port 1  second, input 0
   2  first         second, input 1
   3  second        output port 0
"""


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name.replace(" ", "-"))
def test_mistake_gets_its_message(mistake: Mistake, runen: Runen) -> None:
    """A mistake gets the message that was agreed on, on standard error alone, and leaves no file behind."""
    Path("folder.json").mkdir()
    write(mistake.files)
    before = sorted(Path().rglob("*"))
    result = runen(*mistake.command)
    told = f"$ runen {' '.join(mistake.command)}\n{result.err}[exit code {result.code}]"
    if REWRITE:
        rewrite_golden(mistake.name, told, GOLDEN, MISTAKES)

    check_manners(result, mistake.code)
    assert read_golden(GOLDEN)[mistake.name] == told
    assert before == sorted(Path().rglob("*"))


def test_every_golden_message_has_its_mistake() -> None:
    """The golden file holds the tested messages, in their order, and no others."""
    assert [mistake.name for mistake in MISTAKES] == list(read_golden(GOLDEN))


# -- convert -------------------------------------------------------------------------------------------------------


def test_convert_there_and_back(runen: Runen) -> None:
    """A network goes to the other format and back, and each time is told what was written."""
    write({"a.json": PAIRS[2]["json"]})
    there = runen("network", "convert", "a.json", "b.yaml")
    back = runen("network", "convert", "b.yaml", "c.json")

    assert there == (0, "written: b.yaml (3 neurons, 7 links)\n", "")
    assert back == (0, "written: c.json (3 neurons, 7 links)\n", "")
    assert Path("b.yaml").read_text() == PAIRS[2]["yaml"]
    assert Path("c.json").read_text() == PAIRS[2]["json"]


def test_convert_does_not_take_a_link_for_another_file(runen: Runen) -> None:
    """The file that is read is not written over under another name."""
    write({"a.json": JSON})
    Path("b.json").symlink_to("a.json")
    result = runen("network", "convert", "a.json", "b.json")

    check_manners(result, 2)
    assert Path("a.json").read_text() == JSON


# -- show ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "content"), [("my.json", JSON), ("my.yaml", YAML)])
def test_show(name: str, content: str, runen: Runen) -> None:
    """The tables have an input a line and a link a line."""
    write({name: content})

    assert runen("network", "show", name) == (0, TABLE, "")


def test_show_as_json(runen: Runen) -> None:
    """For scripts there is all that a file holds, and what feeds each input and hears each neuron."""
    write({"my.yaml": YAML})
    shown = json.loads(runen("network", "show", "my.yaml", "--json").out)

    assert shown["links"] == json.loads(JSON)["links"]
    assert shown["neurons"][1] == {
        "id": "second",
        "bias": 0,
        "inputs": [
            {"capacity_max": 1, "regeneration": 1, "weight": 1, "neuron": None, "input_port": 1},
            {"capacity_max": 3, "regeneration": 3, "weight": 2, "neuron": "first", "input_port": None},
        ],
        "listeners": [{"output_port": 0}],
    }
    assert shown["neurons"][0]["listeners"] == [{"neuron": "second", "input": 1}]


def test_show_keeps_odd_ids_on_their_lines(runen: Runen) -> None:
    """Long ids are cut, and those that would break a table are shown as Python texts."""
    ids = ["", "a\nb", "x" * 300, " y", "日本"]
    neurons = [{"id": name, "bias": 0.1 + 0.2, "input_configs": []} for name in ids]
    write({"my.json": json.dumps({"inputs": 0, "outputs": 0, "neurons": neurons, "links": []})})
    lines = runen("network", "show", "my.json").out.splitlines()

    assert [line.split("  ")[0] for line in lines[3:8]] == ["''", "'a\\nb'", "x" * 39 + "…", "' y'", "日本"]
    assert all("0.3" in line and line.endswith("nothing") for line in lines[3:8])
    assert max(map(len, lines)) < 120


@pytest.mark.parametrize("command", ["show", "validate"])
def test_a_plain_terminal_is_enough(command: str, tmp_path: Path) -> None:
    """Where the terminal has no letters for an id, it is shown with escapes."""
    (tmp_path / "my.yaml").write_text(YAML.replace("first", "Нейрон"), encoding="utf-8")
    result = in_a_process("network", command, "my.yaml", cwd=tmp_path, PYTHONIOENCODING="ascii")

    assert (0, "") == (result.code, result.err)
    assert result.out


def test_every_network_of_the_original_can_be_shown(runen: Runen) -> None:
    """A table is made of any network without refused links."""
    for k, vector in enumerate(json.loads((DATA / "capacity-vectors.json").read_text(encoding="utf-8"))[:40]):
        if not vector["expected"]["setup_errors"]:
            write({f"{k}.json": json.dumps(vector["network"])})
            result = runen("network", "show", f"{k}.json")

            assert (0, "") == (result.code, result.err)
            assert result.out.startswith(f"{len(vector['network']['neurons']):,} neurons, ")


# -- validate ------------------------------------------------------------------------------------------------------


def test_validate_a_network_that_is_right(runen: Runen) -> None:
    """Nothing wrong is a line and exit code 0."""
    write({"my.json": JSON})

    assert runen("network", "validate", "my.json") == (0, "my.json: no faults\n", "")


def test_validate_tells_warnings(runen: Runen) -> None:
    """Warnings alone are told with exit code 0."""
    write({"my.json": changed(JSON, ('"inputs": 2', '"inputs": 3'), ('"weight": 2', '"weight": 2.5'))})
    result = runen("network", "validate", "my.json")

    assert (0, "") == (result.code, result.err)
    assert result.out.splitlines() == [
        "my.json:2:3: warning: inputs: is 3, but links bind 2 input ports; input port 2 is not",
        "my.json:11:48: warning: neurons.1.input_configs.1.weight: is not whole; "
        "the original program holds whole numbers only",
        "my.json: 2 warnings, no faults",
    ]


def test_validate_goes_through_all_files(runen: Runen) -> None:
    """Every file is checked; a file that cannot be read weighs more than one with faults."""
    write({"right.yaml": YAML, "wrong.yaml": changed(YAML, ("bias: 1", "bias: one")), "no.json": "{"})
    faulty = runen("network", "validate", "right.yaml", "wrong.yaml", "no.json", "right.yaml")
    missing = runen("network", "validate", "wrong.yaml", "none.yaml", "right.yaml")

    assert (3, "") == (faulty.code, faulty.err)
    assert faulty.out.splitlines() == [
        "right.yaml: no faults",
        'wrong.yaml:5:3: neurons.0.bias: must be a number, not "one"',
        "wrong.yaml: 1 fault",
        "no.json:1:2: is not JSON: expecting property name enclosed in double quotes",
        "no.json: 1 fault",
        "right.yaml: no faults",
    ]
    assert (2, "runen: none.yaml: cannot be read: No such file or directory\n") == (missing.code, missing.err)
    assert missing.out.splitlines()[1:] == ["wrong.yaml: 1 fault", "right.yaml: no faults"]


@pytest.mark.parametrize("command", ["convert", "show", "validate"])
def test_help_has_an_example(command: str, runen: Runen) -> None:
    """The help of each subcommand ends with a line to type."""
    result = runen("network", command, "--help")

    assert 0 == result.code
    assert f"Example:  runen network {command} net.json" in result.out
