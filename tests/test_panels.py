"""Scenarios with panels: variants of one experiment, each a run of its own, in one picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.files import load_run
from runen_ecs.scenarios.building import build
from runen_ecs.scenarios.faults import ScenarioError
from runen_ecs.scenarios.loading import load

TEXT = """\
title = "two cells"
duration = "50 ms"

[populations.cell]
size = 1
model = "izhikevich"

[record]
traces = [0]

[[panels]]
title = "driven"
inputs.current.current = 10

[[panels]]
title = "driven harder, longer"
duration = "80 ms"
populations.cell.preset = "fast spiking"
inputs.current.current = 20
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to an empty folder that holds the scenario."""
    monkeypatch.chdir(tmp_path)
    Path("my.toml").write_text(TEXT)
    return tmp_path


def test_a_panel_is_laid_over_the_rest(folder: Path) -> None:
    """Keys of a panel take the place of the scenario's, table by table; the others stay."""
    first, second = load("my.toml").variants

    assert ("driven", 50, None) == (first.title, first.duration, first.populations["cell"].preset)
    assert ("driven harder, longer", 80, "fast spiking") == (
        second.title,
        second.duration,
        second.populations["cell"].preset,
    )
    assert ["izhikevich"] * 2 == [panel.populations["cell"].model for panel in (first, second)]


def test_an_override_outweighs_panels(folder: Path) -> None:
    """What `--set` says holds for every panel; the panel's own key can be named, too."""
    assert [20, 20] == [panel.duration for panel in load("my.toml", {"duration": "20 ms"}).variants]
    assert [50, 20] == [panel.duration for panel in load("my.toml", {"panels.1.duration": "20 ms"}).variants]


def test_a_fault_in_a_panel_is_told_once_with_its_line(folder: Path) -> None:
    """Faults of the scenario are told once, those of a panel at their own lines, all together."""
    text = TEXT.replace("size = 1", "size = 0").replace("current = 20", 'current = "much"')
    Path("my.toml").write_text(text.replace('preset = "fast spiking"', 'preset = "fast"'))
    with pytest.raises(ScenarioError) as caught:
        load("my.toml")

    assert [
        "my.toml:5: populations.cell.size: must be at least 1, not 0",
        "my.toml:18: populations.cell.preset: no preset is called 'fast'; did you mean 'fast spiking'?",
        'my.toml:19: inputs.current.current: needs a number in mV, such as 4.0 or "4 mV"',
    ] == [str(fault).partition(" choices: regular")[0] for fault in caught.value.faults]


def test_each_panel_is_a_run(runen: Runen, folder: Path) -> None:
    """The command runs each, draws one picture, saves each, and tells of each; the bits are those of single runs."""
    result = runen("run", "my.toml", "--json", "--save", "run.npz")
    told = json.loads(result.out)

    assert 0 == result.code
    assert ["driven", "driven harder, longer"] == [panel["title"] for panel in told["panels"]]
    assert {"panels.png", "run-0.npz", "run-1.npz"} == {str(Path(path)) for path in told["files"]}
    for number, panel in enumerate(load("my.toml").variants):
        simulation = build(panel)
        simulation.run(panel.duration)
        data, saved = simulation.data(), load_run(Path(f"run-{number}.npz"))

        assert told["panels"][number]["spikes"] == data.spike_tick.size > 0
        np.testing.assert_array_equal(data.trace_v, saved.trace_v)


def test_panels_are_told_in_lines(runen: Runen, folder: Path) -> None:
    """A reader gets a line a panel: title, model time, spikes."""
    lines = runen("run", "my.toml", "--no-plots").out.splitlines()

    assert "my.toml: 2 panels" == lines[0]
    assert [["driven", "0.05"], ["longer", "0.08"]] == [line.split()[-5:][:2] for line in lines[1:3]]
    assert "" == runen("run", "my.toml", "--no-plots", "--quiet").out
