"""The documentation is true: what it shows runs, what it names exists, what it quotes is said."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from runen_ecs.scenarios import build, load
from runen_ecs.scenarios.cli import app
from runen_ecs.scenarios.json_schema import json_schema
from runen_ecs.scenarios.language.models import MODELS
from runen_ecs.scenarios.verification import all_checks

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"
CAPACITY = ROOT / "docs" / "capacity-networks.md"
SWEEPS = ROOT / "docs" / "sweeps.md"
RUN_FOLDERS = ROOT / "docs" / "run-folders.md"
SCENARIOS = ROOT / "docs" / "scenarios.md"
EXTENSIONS = ROOT / "docs" / "extensions.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))

NETWORKS = ["Population", "Projection", "Input", "Learning", "Bounds", "Record", "Extension"]
EVENTS = ["Event", "Set", "Cut", "Remove", "Silence", "Inject", "Change"]
ELSEWHERE = {"regeneration", "compare_with"}  # of columns and capacity networks: docs/capacity-networks.md
SOURCES = [path for folder in ("runen_ecs", "systems", "scenarios") for path in (ROOT / folder).rglob("*.py")]
COMMANDS = sorted(get_command(app).commands)
VARIES = "\0"  # what a message fills in


def blocks(page: Path, language: str) -> dict[str, str]:
    """The fenced blocks of a page by the heading above them; those under one heading are one example."""
    found: dict[str, str] = {}
    heading, inside, here = "", False, False
    for line in page.read_text().splitlines():
        if line.startswith("```"):
            here, inside = not inside and line == f"```{language}", not inside
        elif here:
            found[heading] = found.get(heading, "") + line + "\n"
        elif not inside and line.startswith("#"):
            heading = line.lstrip("# ")
    return found


def examples(language: str, *pages: Path) -> list[object]:
    """The examples of some pages, to be run one by one."""
    found = {f"{page.stem}: {heading}": text for page in pages for heading, text in blocks(page, language).items()}
    return [pytest.param(name, text, id=name) for name, text in found.items()]


def anchors(page: Path) -> set[str]:
    """The names by which a link reaches the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def tables(page: Path, *first_row: str) -> list[list[str]]:
    """The rows below a heading row, cell by cell."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        for line in page.read_text().splitlines()
    ]
    start = rows.index(list(first_row)) + 2
    stop = rows.index([], start)
    return rows[start:stop]


def messages() -> set[str]:
    """Every text in the source, with `VARIES` where something is filled in, and the lines of the Makefile."""
    found = set((ROOT / "Makefile").read_text().splitlines())
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else VARIES for part in node.values)
                found.add("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.sub(r"\{\w+\}", VARIES, node.value))
    return found


def quotes(page: Path) -> list[str]:
    """The headings of a page that quote a message."""
    return re.findall(r"^## `(.+)`$", page.read_text(), re.MULTILINE)


# -- what is shown runs --------------------------------------------------------------------------------------------


def test_readme_lines():
    """The `>>>` lines of README.md give what it shows."""
    text = "\n".join(blocks(README, "python").values())
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", str(README), 0)
    said: list[str] = []

    results = doctest.DocTestRunner(verbose=False).run(test, out=said.append)

    assert results.attempted >= 10
    assert results.failed == 0, "".join(said)


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="20 s of model time take an hour uncompiled")
def test_readme_figures():
    """`runen run columnar` says of its seed what README.md says it does."""
    shown = blocks(README, "text")["The default experiment"]

    result = CliRunner().invoke(app, ["run", "columnar", "--no-plots"])

    assert result.exit_code == 0
    assert shown.splitlines() == result.stdout.splitlines()[: len(shown.splitlines())]


def test_number_of_checks():
    """README.md counts the checks of `runen verify` as they are."""
    assert f"Of its {len(all_checks())} checks" in README.read_text()


@pytest.mark.parametrize(("name", "text"), examples("console", README, CAPACITY, SCENARIOS, SWEEPS, RUN_FOLDERS))
def test_what_is_typed(name, text, tmp_path):
    """Each command that is shown with its output gives it; a line "…" stands for lines that differ between runs."""
    settings = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONIOENCODING": "utf-8",
    }
    typed = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]

    for command, _, expected in (part.partition("\n") for part in typed):
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, env=settings, capture_output=True, text=True, timeout=120
        )
        pattern = re.escape(expected).replace(re.escape("…\n"), "(.*\n)*")
        assert re.fullmatch(pattern, done.stdout), f"$ {command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(("name", "text"), examples("python", ARCHITECTURE, CAPACITY, EXTENSIONS))
def test_example(name, text, tmp_path, monkeypatch):
    """Each example in Python runs as it stands, from a file, because kernels are compiled from files."""
    name = re.sub(r"\W+", "_", name.lower())
    path = tmp_path / f"{name}.py"
    path.write_text(text)
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.chdir(tmp_path)

    spec.loader.exec_module(module)


@pytest.mark.parametrize(("name", "text"), examples("toml", README, ARCHITECTURE, CAPACITY))
def test_scenario(name, text, tmp_path):
    """Each example of a scenario can be read, built and run, and `runen show` prints it."""
    path = tmp_path / "example.toml"
    path.write_text(text)

    simulation = build(load(str(path)))
    shown = CliRunner().invoke(app, ["show", str(path)])

    assert simulation.run(100) == 100
    assert shown.exit_code == 0
    assert f'title = "{simulation.scenario.title}"' in shown.stdout


FRAGMENTS = re.findall(r"^```toml\n(.*?)^```", SCENARIOS.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(FRAGMENTS)))
def test_fragment(number, tmp_path):
    """Each block of docs/scenarios.md, laid over the first one if it is no whole scenario, can be built and run."""
    text = FRAGMENTS[number]
    (tmp_path / "base.toml").write_text(FRAGMENTS[0])
    path = tmp_path / "example.toml"
    path.write_text(text if text.startswith("title") else f'extends = "base.toml"\n{text}')
    scenario = load(str(path))
    ticks = min(scenario.duration, 1000)

    for one in [scenario, *scenario.variants]:
        assert build(one).run(ticks) == ticks


def test_keys_of_the_language():
    """The pages of scenarios and extensions name every key of the tables that they are about, and every model."""
    text, schema = SCENARIOS.read_text() + EXTENSIONS.read_text(), json_schema()
    named = set(re.findall(r"[\w-]+", " ".join(re.findall(r"`[^`\n]+`|^[^`\n]*=.*$", text, re.MULTILINE))))
    tables = [schema, *(schema["$defs"][name] for name in NETWORKS + EVENTS)]
    keys = {key for table in tables for key in table["properties"]} | {*MODELS}

    assert set() == keys - named - ELSEWHERE


@pytest.mark.parametrize(
    ("module", "least"),
    [
        ("runen_ecs.engine.component", 2),
        ("runen_ecs.engine.system", 1),
        ("runen_ecs.engine.world", 2),
        ("runen_ecs.errors", 0),
        ("runen_ecs.scenarios.toml_lines", 1),
    ],
)
def test_docstring_lines(module, least):
    """The `>>>` lines of docstrings give what they show."""
    results = doctest.testmod(importlib.import_module(module))

    assert results.attempted >= least
    assert results.failed == 0


# -- what is named exists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command):
    """Every subcommand has an example in README.md that the command knows, and help with an example."""
    named = [row for row in tables(README, "command", "does", "example") if row[0] == f"`runen {command}`"]
    result = CliRunner().invoke(app, [command, "--help"])

    assert len(named) == 1
    assert f"runen {command}" in named[0][2]
    assert result.exit_code == 0
    assert f"Example:  runen {command}" in result.stdout
    assert [] == [option for option in re.findall(r"--[\w-]+", named[0][2]) if option not in result.stdout]


def test_commands_of_the_readme():
    """README.md names no subcommand that does not exist."""
    named = re.findall(r"runen ([a-z]+)", "\n".join(re.findall(r"`runen [^`]+`", README.read_text())))

    assert set(COMMANDS) == set(named)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page):
    """Every relative link and picture leads to a file, and to a heading where it names one."""
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    lost = []
    for link in links:
        target, _, anchor = link.partition("#")
        path = page.parent / target if target else page
        if "://" not in link and not (path.exists() and (not anchor or anchor in anchors(path))):
            lost.append(link)

    assert links
    assert [] == lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths(page):
    """Every file of the project that a page names in code is there."""
    named = re.findall(r"`((?:runen_ecs|systems|scenarios|docs|tests)/[\w/.*-]*)`", page.read_text())

    assert [] == [name for name in named if not list(ROOT.glob(name.rstrip("/")))]


@pytest.mark.parametrize("step", tables(ARCHITECTURE, "step", "file", "function", "what happens"), ids=lambda s: s[0])
def test_life_of_a_spike(step):
    """Every step in the life of a spike is a function or class of the file that it names."""
    file, name = step[1].strip("`"), step[2].strip("`")
    defined = {
        node.name
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }

    assert name in defined


def test_saved_names():
    """The table of saved arrays names all that a saved run holds, in its order."""
    files = importlib.import_module("runen_ecs.files")
    rows = tables(ARCHITECTURE, "name", "shape and type", "")
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]

    assert [*files.ARRAYS, "meta"] == named


# -- what is quoted is said ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("quote", quotes(TROUBLESHOOTING))
def test_quoted_message(quote):
    """Every message that docs/troubleshooting.md has as a heading is in the source, word for word."""
    parts = [part.strip() for part in quote.split("…") if part.strip()]
    pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)

    assert any(pattern.search(message.replace("…", VARIES)) for message in messages())


def test_headings_are_quotes():
    """docs/troubleshooting.md has no heading but messages, so that a search for one lands there."""
    headings = re.findall(r"^## .+$", TROUBLESHOOTING.read_text(), re.MULTILINE)

    assert len(headings) == len(quotes(TROUBLESHOOTING)) >= 8
