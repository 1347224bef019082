"""`runen new`, `runen validate`, `runen schema`: what helps to write scenarios."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.scenarios.json_schema import json_schema
from runen_ecs.scenarios.loading import load, shipped


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to an empty folder."""
    monkeypatch.chdir(tmp_path)


def test_a_new_scenario_runs(runen: Runen) -> None:
    """What `new` writes is in order as it is, names itself, and runs."""
    assert 0 == runen("new", "mine").code
    result = runen("validate", "mine.toml")

    assert (0, "mine.toml: is in order; 500 neurons, about 30,000 synapses\n") == (result.code, result.out)
    assert "runen run mine.toml" in Path("mine.toml").read_text()
    assert 0 == runen("run", "mine.toml", "--duration", "100ms", "--no-plots", "--quiet", "--set", "phases=[]").code


def test_a_new_scenario_uses_most_of_the_language() -> None:
    """The file to start from shows populations, projections, inputs, learning, events, recording and phases."""
    scenario = load(str(Path(load.__code__.co_filename).parent / "templates" / "network.toml"))

    assert all([scenario.populations, scenario.projections, scenario.inputs, scenario.learning, scenario.events])
    assert all([scenario.record.traces, scenario.record.values, scenario.record.weights, scenario.phases])


@pytest.mark.parametrize("name", ["mine", "mine.toml"])
def test_new_overwrites_nothing(runen: Runen, name: str) -> None:
    """A file that is there stays, and the command says so."""
    Path("mine.toml").write_text("mine")
    result = runen("new", name)

    assert (2, "mine") == (result.code, Path("mine.toml").read_text())
    assert "runen: there is a file mine.toml already; take another name, or remove it\n" == result.err


@pytest.mark.parametrize(("name", "code"), [("columnar", 2), ("no/such/folder", 2), ("", 2), (" ", 2), (".toml", 2)])
def test_new_refuses_names(runen: Runen, name: str, code: int) -> None:
    """Names of scenarios that come with the project, empty ones, and paths that cannot be written are refused."""
    result = runen("new", name)

    assert code == result.code
    assert 1 == len(result.err.splitlines())
    assert [] == list(Path().iterdir())


@pytest.mark.parametrize(("name", "argument"), [("-x", "./-x.toml"), ("q r", "'q r.toml'")])
def test_new_says_commands_that_a_shell_takes(runen: Runen, name: str, argument: str) -> None:
    """Odd names are in quotes where the next commands name them, and are no options."""
    result = runen("new", "--", name)

    assert result.out.endswith(f"runen validate {argument}  and  runen run {argument}\n")
    assert f"runen run {argument}\n" in Path(f"{name}.toml").read_text()


def test_validate_says_what_never_comes(runen: Runen) -> None:
    """What would begin at or after the end is told, each with its key, and is no fault."""
    runen("new", "mine")
    text = Path("mine.toml").read_text().replace('"2 s"', '"500 ms"', 1)
    Path("mine.toml").write_text(text)
    result = runen("validate", "mine.toml")

    assert 0 == result.code
    assert [
        "mine.toml: events.0: begins at 1500 ms, and the run ends at 500 ms; it never comes",
        "mine.toml: phases.1: begins at 1500 ms, and the run ends at 500 ms; it never comes",
        "mine.toml: inputs.stimulus.pulses.0: begins at 500 ms, and the run ends at 500 ms; it never comes",
    ] == result.out.splitlines()[1:]


def test_validate_looks_into_panels(runen: Runen) -> None:
    """What never comes in a panel is told with the number of the panel."""
    Path("mine.toml").write_text(
        'title = "a"\nduration = "9 ms"\npopulations.a = { size = 1, model = "izhikevich" }\n'
        "inputs.i.current = 1\npanels = [\n"
        '{ title = "b", inputs.i = { current = false, step = { at = "9 ms", current = 1 } } },\n'
        '{ title = "c", inputs.i = { current = false, waveform = [["9.5 ms", 1]] } },\n'
        '{ title = "d", inputs.i = { current = false, ramp = { from = "10 ms", to = "11 ms", last = 1 } } },\n]\n'
    )
    result = runen("validate", "mine.toml")

    assert [
        "mine.toml: panels.0: inputs.i.step: begins at 9 ms, and the run ends at 9 ms; it never comes",
        "mine.toml: panels.1: inputs.i.waveform: begins at 9.5 ms, and the run ends at 9 ms; it never comes",
        "mine.toml: panels.2: inputs.i.ramp: begins at 10 ms, and the run ends at 9 ms; it never comes",
    ] == result.out.splitlines()[1:]


def test_validate_lists_every_fault_of_every_file(runen: Runen) -> None:
    """All faults of all files are told, each with its line; the exit code is that of a bad scenario."""
    runen("new", "good")
    text = Path("good.toml").read_text()
    Path("bad.toml").write_text(
        text.replace('"fast spiking"', '"fast"').replace("dt =", "td =").replace("= 20", "= -1")
    )
    result = runen("validate", "bad.toml", "good.toml", "no-such")
    lines = (result.out + result.err).splitlines()

    assert 3 == result.code
    assert ["bad.toml:8", "bad.toml:22", "bad.toml:36"] == [line.partition(": ")[0] for line in lines[:3]]
    assert lines[3].startswith("good.toml: is in order")
    assert lines[4].startswith("no scenario is called 'no-such'")


def plain(data: Any) -> Any:
    """Return what TOML holds as JSON would."""
    return json.loads(json.dumps(data))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_scenarios_fit_the_schema(name: str) -> None:
    """What the loader takes, the schema takes."""
    errors = Draft202012Validator(json_schema()).iter_errors(plain(tomllib.loads(shipped()[name].read_text())))

    assert [] == [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def test_the_schema_knows_keys_and_types() -> None:
    """An unknown key, a missing one and a value of another type do not fit."""
    check = Draft202012Validator(json_schema())
    good = plain(tomllib.loads(shipped()["cuba"].read_text()))

    assert check.is_valid(good)
    assert check.is_valid({"extends": "cuba", "seed": 2})
    assert not check.is_valid(good | {"sead": 2})
    assert not check.is_valid(good | {"seed": "two"})
    assert not check.is_valid({key: value for key, value in good.items() if key != "duration"})
    assert not check.is_valid(good | {"populations": {"one": {"sise": 1}}})


def test_the_command_prints_the_schema(runen: Runen) -> None:
    """`runen schema` prints it as JSON, a valid schema itself."""
    schema = json.loads(runen("schema").out)
    Draft202012Validator.check_schema(schema)

    assert json_schema() == schema
