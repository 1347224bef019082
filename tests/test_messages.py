"""What a mistake is answered with: the wording is under test, in `golden/messages.txt`.

To accept new wording, run ``RUNEN_NEW_MESSAGES=1 python -P -m pytest tests/test_messages.py`` and read the difference.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from runen_ecs.files import ARRAYS, load_run
from runen_ecs.scenarios import building, loading
from runen_ecs.scenarios.cli import main

GOLDEN = Path(__file__).parent / "golden" / "messages.txt"
REWRITE = bool(os.environ.get("RUNEN_NEW_MESSAGES"))

SCENARIO = """\
title = "Two columns"
seed = 1
duration = "20 ms"

[columns]
count = 2

[columns.layers]
sensory = 2
internal = 6

[[connections]]
from = "sensory"
to = "internal"
column = "same"
probability = 0.8

[[connections]]
from = "internal"
to = "sensory"
column = "other"
probability = 0.3

[synapses]
delay = { shortest = "1 ms", longest = "19 ms" }
strength = { weakest = 0.5, strongest = 4.0 }
excitatory = 0.8
limit = 4.0

[cell]
a = 0.02
b = 0.2
c = -65
d = 2
v = -65

[thalamic_input]
low = 0
high = 5

[stdp]
window = "hyperbolic"
amplitude = 0.2
horizon = "100 ms"

[record]
traces = [0]
weights = "10 ms"

[[phases]]
name = "first"
from = "0 ms"
to = "10 ms"

[[phases]]
name = "second"
from = "10 ms"
to = "20 ms"
"""


def edited(*changes: tuple[str, str], after: str = "") -> str:
    """Return the scenario with some texts changed once each, the first time they come after another."""
    text = SCENARIO
    for old, new in changes:
        place = text.index(old, text.index(after) if after else 0)
        text = text[:place] + new + text[place + len(old) :]
    return text


class Result(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Runen = Callable[..., Result]


@pytest.fixture
def runen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Runen:
    """Return a function that runs the command in this process, among few files; two scenarios are shipped."""
    shipped, here = tmp_path / "shipped", tmp_path / "here"
    shipped.mkdir()
    here.mkdir()
    (shipped / "columnar.toml").write_text(SCENARIO, encoding="utf-8")
    (shipped / "columnar-classic.toml").write_text('extends = "columnar"\n', encoding="utf-8")
    (here / "my.toml").write_text(SCENARIO, encoding="utf-8")
    (here / "file").write_text("a regular file")
    (here / "folder").mkdir()
    monkeypatch.setattr(loading, "FOLDER", shipped)
    monkeypatch.setattr(building, "_available_memory", lambda: 8e9)
    monkeypatch.chdir(here)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["runen", *arguments])
        capsys.readouterr()
        try:
            main()
            code: Any = 0
        except SystemExit as stop:
            code = stop.code or 0
        out, err = capsys.readouterr()
        return Result(code, out, err.replace(str(shipped), "<shipped>"))

    return run


@dataclass(frozen=True)
class Mistake:
    """A command, and the files that it finds.

    Attributes
    ----------
    name : str
        Heading in the golden file.
    command : sequence of str
        Without `runen`.
    files : dict of str to str or bytes
        Beside ``my.toml``, a right scenario.
    code : int
        What the command must return: 2 for a mistake in the command, 3 in a scenario.
    """

    name: str
    command: Sequence[str]
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    code: int = 3


def typed(name: str, *command: str, code: int = 2) -> Mistake:
    """Return a mistake in a command."""
    return Mistake(name, command, code=code)


def written(name: str, text: str | bytes, **others: str) -> Mistake:
    """Return a mistake in a scenario file."""
    files = {f"{other}.toml": content for other, content in others.items()}
    return Mistake(name, ("show", "my.toml"), {"my.toml": text, **files})


STDP = '[stdp]\nwindow = "hyperbolic"\namplitude = 0.2\nhorizon = "100 ms"\n'
SECOND_CONNECTION = '[[connections]]\nfrom = "internal"\nto = "sensory"\ncolumn = "other"\nprobability = 0.3\n'

MISTAKES = [
    typed("unknown scenario", "run", "columnr"),
    typed("unknown scenario, nothing near", "show", "hippocampus"),
    typed("scenario file that is not there", "run", "your.toml"),
    typed("folder for a scenario", "run", "folder"),
    written("unknown key", edited(("duration", "durration"))),
    written("unknown key in a table", edited(("horizon", "horizn"))),
    written("unknown key in a list of tables", edited(("probability", "probabilty"))),
    written("unknown key in an inline table", edited(("longest", "longst"))),
    written("unknown table", edited(("[stdp]", "[sdtp]"))),
    written("missing tables", 'title = "Nothing else"\n'),
    written("text for a number", edited(("count = 2", 'count = "many"'))),
    written("fraction for a whole number", edited(("count = 2", "count = 2.5"))),
    written("true for a number", edited(("seed = 1", "seed = true"))),
    written("number for a text", edited(('"Two columns"', "2"))),
    written("number for a table", edited(("seed = 1", "seed = 1\nstdp = 5"), (STDP, ""))),
    written("table for a list", edited(("[[connections]]", "[connections]"), (SECOND_CONNECTION, ""))),
    written("negative duration", edited(("20 ms", "-20 ms"))),
    written("duration of nothing", edited(("20 ms", "0 s"))),
    written("duration with an unknown unit", edited(("20 ms", "20 parsecs"))),
    written("duration without a unit", edited(('"20 ms"', "20"))),
    written("duration that is no whole number of ticks", edited(("20 ms", "0.5 ms"))),
    written("duration that is no number", edited(("20 ms", "nan s"))),
    written("probability above 1", edited(("probability = 0.8", "probability = 1.2"))),
    written("no columns", edited(("count = 2", "count = 0"))),
    written("layer without neurons", edited(("internal = 6", "internal = 0"))),
    written("negative seed", edited(("seed = 1", "seed = -1"))),
    written("seed of more than 64 bits", edited(("seed = 1", "seed = 18446744073709551616"))),
    written("delay of nothing", edited(("1 ms", "0 ms"), after="delay")),
    written("delay that is too long", edited(("19 ms", "5 s"))),
    written("longest delay below the shortest", edited(("1 ms", "9 ms"), ("19 ms", "3 ms"), after="delay")),
    written("strongest below the weakest", edited(("weakest = 0.5", "weakest = 5"))),
    written("limit of nothing", edited(("limit = 4.0", "limit = 0"))),
    written("potential with a wrong unit", edited(("limit = 4.0", 'limit = "4 Hz"'))),
    written("high noise below the low", edited(("high = 5", "high = -5"))),
    written("not a number", edited(("a = 0.02", "a = nan"))),
    written("infinite number", edited(("low = 0", "low = inf"))),
    written("horizon of nothing", edited(('"100 ms"', '"0 ms"'))),
    written("unknown learning window", edited(("hyperbolic", "exponential"))),
    written("interval of nothing", edited(("10 ms", "0 ms"), after="weights")),
    written("unknown layer in a connection", edited(('to = "internal"', 'to = "interal"'))),
    written("unknown kind of connection", edited(('"other"', '"another"'))),
    written(
        "connection that is there twice",
        edited(('"internal"\nto = "sensory"\ncolumn = "other"', '"sensory"\nto = "internal"\ncolumn = "same"')),
    ),
    written("trace of a neuron that is not there", edited(("[0]", "[\n  0,\n  16,\n]"))),
    written("phase that ends before it begins", edited(('from = "10 ms"', 'from = "30 ms"'))),
    written("phase without a name", edited(('name = "second"\n', ""))),
    written("extends an unknown scenario", 'extends = "columnr"\n'),
    written("extends itself", 'extends = "my.toml"\n'),
    written("extends in a circle", 'extends = "your.toml"\n', your='# your own\nextends = "my.toml"\n'),
    written("extends a number", "extends = 5\n"),
    written("extends a file with a mistake", 'extends = "your.toml"\nseed = -1\n', your=edited(("0.3", "3"))),
    written("not TOML", edited(("count = 2", "count = = 2"))),
    written("not TOML, a table twice", SCENARIO + "\n[cell]\n"),
    written("not TOML, a text without an end", SCENARIO + '\nnote = "no end'),
    written("not TOML, a list without an end", SCENARIO + "\nnotes = [\n  1,\n  2,\n"),
    written("empty file", ""),
    written("binary file", bytes(range(256))),
    written("text in another encoding", "# Zellen für später\n".encode("latin-1")),
    written(
        "several mistakes in one file",
        edited(
            ("seed = 1", "seed = -1"),
            ("count = 2", "count = 0"),
            ("probability = 0.3", "probability = 30"),
            ('"19 ms"', '"19"'),
            ("excitatory", "exitatory"),
            ("c = -65\n", ""),
            ("hyperbolic", "hyperbole"),
            ('to = "20 ms"', 'to = "5 ms"'),
        ),
    ),
    Mistake(
        "too large for the memory",
        ("run", "my.toml", "--quiet"),
        {"my.toml": edited(("count = 2", "count = 20000"), ("internal = 6", "internal = 600"))},
    ),
    typed("out is a file", "run", "my.toml", "--out", "file"),
    typed("out is below a file", "run", "my.toml", "--out", "file/pictures"),
    typed("out is below a file, for a saved run", "plot", "x.npz", "--out", "file/pictures"),
    typed("save with another ending", "run", "my.toml", "--save", "x.txt"),
    typed("save without an ending", "run", "my.toml", "--save", "x"),
    typed("save in a folder that is not there", "run", "my.toml", "--save", "nowhere/x.npz"),
    typed("set without a value", "run", "my.toml", "--set", "seed"),
    typed("set without a key", "run", "my.toml", "--set", "=5"),
    typed("set an unknown key", "run", "my.toml", "--set", "stdp.amplitud=0.1", code=3),
    typed("set a key of a value", "run", "my.toml", "--set", "seed.more=1", code=3),
    typed("set an element that is not there", "run", "my.toml", "--set", "connections.2.probability=1", code=3),
    typed("set a wrong value", "run", "my.toml", "--set", "connections.0.from=sensor", code=3),
    typed("plot a file that is not there", "plot", "your.npz"),
    typed("plot a folder", "plot", "folder"),
    typed("plot a scenario", "plot", "my.toml"),
    Mistake("plot an empty file", ("plot", "x.npz"), {"x.npz": ""}, code=2),
]


def read_golden() -> dict[str, str]:
    """Return the golden texts by heading."""
    parts = GOLDEN.read_text(encoding="utf-8").split("### ")[1:] if GOLDEN.exists() else []
    return {part.partition("\n")[0]: part.partition("\n")[2].strip("\n") for part in parts}


def rewrite_golden(name: str, text: str) -> None:
    """Change one golden text; those of mistakes that are gone go too."""
    texts = {**read_golden(), name: text}
    names = [mistake.name for mistake in MISTAKES if mistake.name in texts]
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    GOLDEN.write_text("\n".join(f"### {name}\n{texts[name]}\n" for name in names), encoding="utf-8")


def write(files: Mapping[str, str | bytes]) -> None:
    """Write files into the current folder."""
    for name, content in files.items():
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)


def check_manners(result: Result, *codes: int) -> None:
    """Hold what is true of every mistake: its exit code, a message on standard error, nothing else anywhere."""
    assert "Traceback" not in result.err
    assert result.code in codes
    assert result.err.startswith("runen: ")
    assert not result.out


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name.replace(" ", "-"))
def test_mistake_gets_its_message(mistake: Mistake, runen: Runen) -> None:
    """A mistake gets the message that was agreed on, on standard error alone, and exit code 2 or 3."""
    write(mistake.files)
    before = sorted(Path().rglob("*"))
    result = runen(*mistake.command)
    text = f"$ runen {' '.join(mistake.command)}\n{result.err}[exit code {result.code}]"
    if REWRITE:
        rewrite_golden(mistake.name, text)

    check_manners(result, mistake.code)
    assert read_golden()[mistake.name] == text
    assert before == sorted(Path().rglob("*"))


def test_every_golden_message_has_its_mistake() -> None:
    """The golden file holds the tested messages, in their order, and no others."""
    assert [mistake.name for mistake in MISTAKES] == list(read_golden())


@pytest.mark.parametrize(
    ("command", "fragment"),
    [
        (("run", "my.toml", "--seed", "x"), "--seed"),
        (("run", "my.toml", "--columns", "x"), "--columns"),
        (("run", "my.toml", "--duration"), "--duration"),
        (("run", "my.toml", "--durration", "5s"), "--duration"),
        (("run", "my.toml", "your.toml"), "your.toml"),
        (("walk",), "walk"),
        (("show",), "scenario"),
        (("plot",), "file"),
    ],
)
def test_an_option_that_is_wrong_is_named(command: Sequence[str], fragment: str, runen: Runen) -> None:
    """A command that cannot be read gets a message with the option or word that is wrong, and exit code 2."""
    result = runen(*command)

    assert (2, "") == (result.code, result.out)
    assert fragment in result.err
    assert "Traceback" not in result.err


# --- what a message must say, whatever its words --------------------------------------------------------------------


def test_all_kinds_of_faults_are_listed_at_once(runen: Runen) -> None:
    """Faults of single keys and keys that do not fit together are told in one go, by line."""
    text = edited(
        ('duration = "20 ms"', 'duration = "0 ms"'),
        ('"internal"\nto = "sensory"\ncolumn = "other"', '"sensory"\nto = "internal"\ncolumn = "same"'),
        ("a = 0.02", 'a = "fast"'),
        ("[0]", "[99]"),
    )
    write({"my.toml": text})
    result = runen("show", "my.toml")
    keys = [line.removeprefix("runen: ").split(": ")[:2] for line in result.err.splitlines()]

    check_manners(result, 3)
    assert [
        ["my.toml:3", "duration"],
        ["my.toml:18", "connections.1"],
        ["my.toml:31", "cell.a"],
        ["my.toml:47", "record.traces.0"],
    ] == keys


def test_every_fault_of_a_list_is_listed(runen: Runen) -> None:
    """The second wrong element of a list is told with the first, and whatever else is wrong beside it."""
    again = '\n[[connections]]\nfrom = "sensory"\nto = "internal"\ncolumn = "same"\nprobability = 0.5\n'
    write({"my.toml": edited(("[0]", "[\n  99,\n  0,\n  -1,\n  100,\n]"), ("0.3", "3")) + again + again})
    result = runen("show", "my.toml")
    keys = [line.removeprefix("runen: ").split(": ")[1] for line in result.err.splitlines()]

    check_manners(result, 3)
    assert [
        "connections.1.probability",
        "record.traces.0",
        "record.traces.2",
        "record.traces.3",
        "connections.2",
        "connections.3",
    ] == keys


@pytest.mark.parametrize(
    ("option", "value"), [("--duration", "20"), ("--seed", "-1"), ("--columns", "0")], ids=lambda text: text
)
def test_a_fault_stands_where_it_was_typed(option: str, value: str, runen: Runen) -> None:
    """A wrong value of an option is blamed on that option, not on one that was not typed."""
    result = runen("run", "my.toml", option, value)

    check_manners(result, 3)
    assert result.err.startswith(f"runen: {option}: ")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("record.traces=[0, 99]", "record.traces.1"),
        ("synapses.delay={longest = '3 ms'}", "synapses.delay.shortest"),
        ("sdtp.amplitude=0.1", "sdtp"),
        ("stdp={}", "stdp.amplitude"),
        ("record.5=1", "record.5"),
        ("phases=[{name = 'all', from = '0 ms'}]", "phases.0.to"),
    ],
)
def test_a_fault_of_a_part_that_was_set_is_blamed_on_set(change: str, key: str, runen: Runen) -> None:
    """What `--set` put there is blamed on `--set`, not on a line of the file that no longer counts."""
    result = runen("show", "my.toml", "--set", change)

    check_manners(result, 3)
    assert result.err.startswith(f"runen: --set: {key}: ")


def test_a_fault_in_a_replaced_list_is_blamed_on_the_file_that_replaces_it(runen: Runen) -> None:
    """Where a file replaces a list of the one it extends, what is missing is missing there."""
    write({"your.toml": 'extends = "my.toml"\n\n[[phases]]\nfrom = "0 ms"\nto = "5 ms"\n'})
    result = runen("show", "your.toml")

    check_manners(result, 3)
    assert result.err.startswith("runen: your.toml:3: phases.0.name: ")


def test_one_mistake_is_one_fault(runen: Runen) -> None:
    """Where there are no layers, no connection is blamed for it."""
    result = runen("show", "my.toml", "--set", "columns.layers={}")

    check_manners(result, 3)
    assert 1 == len(result.err.splitlines())


def test_extends_is_a_key_like_any_other(runen: Runen) -> None:
    """A slip in `extends` gets `extends` as the nearest name."""
    write({"my.toml": 'extend = "columnar"\n'})
    result = runen("show", "my.toml")

    check_manners(result, 3)
    assert "did you mean 'extends'?" in result.err


def test_a_byte_order_mark_does_no_harm(runen: Runen) -> None:
    """A file with the mark that some editors put at the beginning is read as without it."""
    right = runen("show", "my.toml")
    write({"my.toml": b"\xef\xbb\xbf" + SCENARIO.encode()})

    assert right == runen("show", "my.toml")


def test_memory_is_asked_for_before_it_is_taken(runen: Runen, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that does not fit is refused before anything of it is made."""

    def refuse(*_: object) -> None:
        pytest.fail("a world was made")

    monkeypatch.setattr(building, "World", refuse)

    check_manners(runen("run", "my.toml", "--quiet", "--columns", "10000000"), 3)


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        (("--duration", "2000000s", "--set", "record.weights=1000 s"), "duration"),
        (("--duration", "2000000s", "--set", "record.traces=[]", "--set", "record.weights=1 ms"), "record.weights"),
        (("--set", "columns.layers.internal=999999999999"), "layers"),
    ],
    ids=["traces", "weights", "neurons"],
)
def test_the_message_on_memory_names_what_takes_it(options: Sequence[str], fragment: str, runen: Runen) -> None:
    """What is to be lowered is what is too large, and nobody has to count digits."""
    result = runen("run", "my.toml", "--quiet", *options)

    check_manners(result, 3)
    assert fragment in result.err
    assert [] == [word for word in result.err.split() if len(word) > 16 and word[0].isdigit()]


NINES = "9" * 400
ENDLESS_NAME = "n" * 300
NEEDS_WORDS = [
    (("run", "my.toml", "--duration", "1e308s"), (3,), "duration"),
    (("run", "my.toml", "--duration", "1e400s"), (3,), "duration"),
    (("run", "my.toml", "--duration", "1e999999999999999999min"), (3,), "duration"),
    (("show", "my.toml", "--set", "stdp.horizon=1e999999999999999999 min"), (3,), "stdp.horizon"),
    (("show", "my.toml", "--set", "phases.0.to=1e308s"), (3,), "phases.0.to"),
    (("show", "my.toml", "--set", f"duration={NINES}"), (3,), "duration"),
    (("show", "my.toml", "--set", f"thalamic_input.high={NINES}"), (3,), "thalamic_input.high"),
    (("show", "my.toml", "--set", f"seed={'9' * 5000}"), (2, 3), "seed"),
    (("show", "my.toml", "--set", f"seed=0x{'f' * 5000}"), (2, 3), "seed"),
    (("show", "my.toml", "--set", f"title={'[' * 5000}"), (2, 3), "title"),
    (("show", "my.toml", "--set", "connections.²=1"), (2, 3), "connections.²"),
    (("show", "my.toml", "--set", "stdp..amplitude=0.1"), (2, 3), "--set"),
    (("show", "my.toml", "--set", ".=1"), (2, 3), "--set"),
    (("run", "my.toml", "--quiet", "--set", f"columns.layers.internal={NINES}"), (3,), "columns"),
    (("run", ENDLESS_NAME), (2,), ENDLESS_NAME),
    (("run", ""), (2,), "''"),
    (("run", "my.toml", "--save", f"{ENDLESS_NAME}.npz"), (2,), "--save"),
    (("run", "my.toml", "--save", f"{'日' * 100}.npz"), (2,), "--save"),
    (("run", "my.toml", "--out", ENDLESS_NAME), (2,), "--out"),
]


@pytest.mark.parametrize(
    ("command", "codes", "fragment"), NEEDS_WORDS, ids=[" ".join(command)[:60] for command, _, _ in NEEDS_WORDS]
)
def test_no_mistake_is_too_odd_for_a_message(
    command: Sequence[str], codes: tuple[int, ...], fragment: str, runen: Runen
) -> None:
    """Numbers, names and keys that nobody has in mind get a message with the key or option, too."""
    result = runen(*command)

    check_manners(result, *codes)
    assert fragment in result.err


@pytest.mark.parametrize(
    "text",
    [
        f"notes = {'[' * 5000}{']' * 5000}",
        f"seed = {'9' * 5000}",
        f'extends = "{ENDLESS_NAME}"',
        'extends = "a\\u0000b"',
    ],
    ids=["deep", "long number", "long name", "null"],
)
def test_no_file_is_too_odd_for_a_message(text: str, runen: Runen) -> None:
    """A file that the TOML reader or the file system chokes on gets a message with its name."""
    write({"my.toml": text})
    result = runen("show", "my.toml")

    check_manners(result, 3)
    assert result.err.startswith("runen: my.toml")


# --- files that only look like saved runs ---------------------------------------------------------------------------


def other_than_a_run(change: str) -> None:
    """Write ``x.npz``, a saved run of `my.toml` with a flaw."""
    data = load_run(Path("right.npz"))
    arrays: dict[str, Any] = {name: getattr(data, name) for name in ARRAYS} | {"meta": np.array(json.dumps(data.meta))}
    if change == "other arrays":
        arrays = {"x": np.arange(3)}
    elif change == "an array less":
        del arrays["trace_v"]
    elif change == "meta without figures":
        arrays["meta"] = np.array('{"ticks": 20}')
    elif change == "meta is a list":
        arrays["meta"] = np.array("[]")
    elif change == "spikes of nobody":
        arrays |= {"spike_tick": np.array([1], np.int32), "spike_neuron": np.array([99], np.int32)}
    elif change == "a spike without a neuron":
        arrays |= {"spike_tick": np.array([1, 2], np.int32), "spike_neuron": np.array([1], np.int32)}
    elif change == "a spike before the run":
        arrays |= {"spike_tick": np.array([-7], np.int32), "spike_neuron": np.array([1], np.int32)}
    elif change == "spikes in words":
        arrays |= {"spike_tick": np.array(["one"]), "spike_neuron": np.array([1], np.int32)}
    elif change == "a flat trace":
        arrays["trace_v"] = np.zeros(3)
    np.savez("x.npz", **arrays)
    if change == "half of it":
        whole = Path("right.npz").read_bytes()
        Path("x.npz").write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    "change",
    [
        "half of it",
        "other arrays",
        "an array less",
        "meta without figures",
        "meta is a list",
        "spikes of nobody",
        "a spike without a neuron",
        "a spike before the run",
        "spikes in words",
        "a flat trace",
    ],
)
def test_plot_refuses_what_is_no_run(change: str, runen: Runen) -> None:
    """`runen plot` draws nothing from a file that no run has left, and says how to make one."""
    assert 0 == runen("run", "my.toml", "--no-plots", "--quiet", "--save", "right.npz").code
    other_than_a_run(change)
    result = runen("plot", "x.npz", "--out", "folder")

    check_manners(result, 2)
    assert "x.npz: is no saved run" in result.err
    assert "--save" in result.err
    assert [] == list(Path("folder").iterdir())
