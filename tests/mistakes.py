"""Mistakes for the golden messages, and the scenario they are made in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from runen_command import Result, Runen, in_this_process

from runen_ecs.scenarios import loading, memory

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
    monkeypatch.setattr(memory, "_available_memory", lambda: 8e9)
    monkeypatch.chdir(here)

    command = in_this_process(monkeypatch, capsys)

    def run(*arguments: str) -> Result:
        result = command(*arguments)
        return result._replace(err=result.err.replace(str(shipped), "<shipped>"))

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
    written("no neurons", 'title = "Nothing else"\n'),
    written("missing tables", 'title = "No cell"\ncolumns = { count = 1, layers = { only = 1 } }\n'),
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
    written("duration of nothing without a unit", edited(('"20 ms"', "0"))),
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
    written("unknown learning window", edited(("hyperbolic", "gaussian"))),
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
    written("phases of one name", edited(('name = "second"', 'name = "first"'))),
    written("panels in a panel", SCENARIO + '\n[[panels]]\ntitle = "a"\npanels = [{ title = "b" }]\n'),
    written("panels of one title", SCENARIO + '\n[[panels]]\ntitle = "a"\n\n[[panels]]\ntitle = "a"\n'),
    written("extends an unknown scenario", 'extends = "columnr"\n'),
    written("extends itself", 'extends = "my.toml"\n'),
    written("extends in a circle", 'extends = "your.toml"\n', your='# your own\nextends = "my.toml"\n'),
    written("extends a folder", 'extends = "folder"\n'),
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


def read_golden(golden: Path = GOLDEN) -> dict[str, str]:
    """Return the golden texts by heading."""
    parts = golden.read_text(encoding="utf-8").split("### ")[1:] if golden.exists() else []
    return {part.partition("\n")[0]: part.partition("\n")[2].strip("\n") for part in parts}


def rewrite_golden(name: str, text: str, golden: Path = GOLDEN, mistakes: Sequence[Mistake] = MISTAKES) -> None:
    """Change one golden text; those of mistakes that are gone go too."""
    texts = {**read_golden(golden), name: text}
    names = [mistake.name for mistake in mistakes if mistake.name in texts]
    golden.parent.mkdir(parents=True, exist_ok=True)
    golden.write_text("\n".join(f"### {name}\n{texts[name]}\n" for name in names), encoding="utf-8")


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
