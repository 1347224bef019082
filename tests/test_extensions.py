"""Extensions: components and systems of one's own, named by a scenario."""

from __future__ import annotations

import re
from math import exp
from pathlib import Path

import numpy as np
import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.components import Weight
from runen_ecs.scenarios.building import build
from runen_ecs.scenarios.loading import find, load

SOURCE = find("neuromodulator").with_suffix(".py")


def weights(scenario: str = "neuromodulator", stepped: bool = False, **keys: object) -> list[float]:
    """Run a scenario; return the weights of its two synapses at the end."""
    simulation = build(load(scenario, keys))
    simulation.run(simulation.scenario.duration, stepped=stepped)
    found: list[float] = simulation.world.storage(Weight).array["value"].tolist()
    return found


@pytest.mark.parametrize("stepped", [False, True])
def test_dopamine_gates_learning(stepped: bool) -> None:
    """The trace that a pair leaves, times the dopamine that comes later, is what the weight changes by."""
    change = 0.01 * exp(-10 / 20)
    at_reward = change * exp(-990 / 1000)
    gained = at_reward / (1 - exp(-1 / 1000 - 1 / 200))
    rewarded, unrewarded = weights(stepped=stepped)

    assert rewarded == pytest.approx(1 + gained, rel=1e-9)
    assert 1 < unrewarded < 1.001


def test_the_example_is_short() -> None:
    """The example of the docs stays under 60 lines."""
    assert len(SOURCE.read_text().splitlines()) < 60


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with copies of the example's two files."""
    monkeypatch.chdir(tmp_path)
    Path("my.toml").write_text(find("neuromodulator").read_text().replace("neuromodulator.py", "mine.py"))
    Path("mine.py").write_text(SOURCE.read_text())
    return tmp_path


def test_a_copy_does_the_same(folder: Path) -> None:
    """A file beside the scenario is found, and gives the same bits as the one that comes with the project."""
    assert weights() == weights("my.toml")


def test_its_components_can_be_recorded_and_set(folder: Path) -> None:
    """Fields of its components are fields like any other: they are recorded, and events set them."""
    event = {"at": "3 s", "set": {"field": "Eligibility.trace", "of": "unrewarded", "value": 1}}
    simulation = build(load("my.toml", {"events": [event]}))
    simulation.run(3010)
    trace = simulation.data().values_of("Eligibility.trace")
    assert trace is not None

    np.testing.assert_allclose(exp(-10 / 1000), trace.value[-1, 1])


MISTAKES = [
    ("no such file", "my.toml", ("mine.py", "mien.py"), r"extensions.dopamine.file: mien.py: there is no such file"),
    ("no such system", "my.toml", ('"DopamineGating"', '"Dopaminegating"'), r"did you mean 'DopamineGating'\?"),
    ("no such component", "my.toml", ("{ Eligibility", "{ Eligible"), r"no component 'Eligible'; did you mean 'Eligib"),
    ("no such parameter", "my.toml", ("tau_dopamine =", "tau_d ="), r"no parameter 'tau_d'; .*choices: tau, tau_d"),
    ("no such neighbour", "my.toml", ('"learning.stdp"', '"learning.std"'), r"did you mean 'learning.stdp'\?"),
    ("no order", "my.toml", ('after = ["learning.stdp"]', ""), r'extensions.dopamine: .*both touch Weight.*add after='),
    ("not Python", "mine.py", ("class Dopamine(", "clas Dopamine("), r"mine.py:19: SyntaxError: invalid syntax"),
    ("fails when loaded", "mine.py", ("default=nan", "default=non"), r"mine.py:16: NameError: name 'non' is not defin"),
    ("fails when bound", "mine.py", ("exp(-dt / self.tau)", "exp(self.ta)"), r"mine.py:53: AttributeError: .*'ta'"),
    ("fails to compile", "mine.py", ("weight.size)", "wight.size)"), r"mine.py:\d+: the kernel gate of DopamineGating"),
    ("makes arrays", "mine.py", ("trace[k] * fade + change", "np.ones(3)[k]"), r"numba cannot do ones here; a k"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "change", "told"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_told_with_its_place(
    runen: Runen, folder: Path, file: str, change: tuple[str, str], told: str
) -> None:
    """A mistake in the scenario or in the Python file gets one message with file and line, and no traceback."""
    text = Path(file).read_text()
    assert change[0] in text
    Path(file).write_text(text.replace(*change))
    result = runen("run", "my.toml", "--no-plots", "--quiet")

    assert result.code in (3, 4)
    assert re.search(told, result.err), result.err
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) <= 2
