"""`runen verify`: what others have found is found here, and a check that fails says so."""

from __future__ import annotations

import json

import numpy as np
import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.scenarios.verification import Check, all_checks, run
from runen_ecs.scenarios.verification.hindmarsh_rose import figures_of

NAMES = [
    *(f"cell/{name}" for name in ("RS", "IB", "CH", "FS", "LTS", "TC", "TC-rebound", "RZ")),
    *(f"pattern/{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"),
    *(f"hindmarsh-rose/I={i}" for i in ("1.2", "1.5", "2.0", "2.5", "3.0", "3.1", "3.2", "3.25", "3.5", "4.0")),
    *(f"hindmarsh-rose/r=.001,I={i}" for i in (".4", "2", "4")),
]


@pytest.mark.parametrize("one", all_checks(), ids=lambda one: one.name)
def test_check(one: Check) -> None:
    """What is measured here is what was published, or measured with other programs."""
    outcome = run(one)

    assert outcome.passed, f"expected {one.expected}, measured {outcome.measured}"


def test_names() -> None:
    """The names that scripts rely on are there, and none is there twice."""
    names = [one.name for one in all_checks()]

    assert set(NAMES) <= set(names)
    assert len(names) == len(set(names))
    assert {one.name for one in all_checks(quick=True)} < set(names)


def test_json(runen: Runen, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--json` gives a list of what each check is, and what came of it."""
    monkeypatch.setattr("runen_ecs.scenarios.cli.verifying.all_checks", lambda quick: all_checks(quick)[:3])
    result = runen("verify", "--quick", "--json")
    found = json.loads(result.out)

    assert 0 == result.code
    assert [[18.25, 24.25, 54.5, 87.75, 121.0]] == [one["measured"] for one in found if one["name"] == "cell/RS"]
    assert all({"name", "source", "expected", "measured", "passed", "seconds"} == one.keys() for one in found)


def test_failure(runen: Runen, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails is marked, counted, and makes the exit code 1; the others are still run."""
    wrong = Check("wrong", "nobody 1900", "7", lambda: 8.0, lambda measured: measured == 7)
    right = Check("right", "nobody 1900", "8", lambda: 8.0, lambda measured: measured == 8)
    monkeypatch.setattr("runen_ecs.scenarios.cli.verifying.all_checks", lambda quick: [wrong, right])
    result = runen("verify")

    assert 1 == result.code
    assert ["FAIL", "pass", "1"] == [line.split()[0] for line in result.out.splitlines()]
    assert "1 of 2 pass" in result.out


@pytest.mark.parametrize(
    ("times", "figures"),
    [
        ([], (0, None, None, None)),
        ([5.0], (1, None, None, None)),
        (np.arange(5) * 3.0, (5, 3.0, None, None)),
        ([0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31], (11, 3.1, 3.0, 10.0)),
    ],
)
def test_figures_of_spike_times(times: list[float], figures: tuple[float | None, ...]) -> None:
    """Spikes are counted; a burst is told from a tonic train by its intervals."""
    found = figures_of(np.array(times, float))

    assert figures == tuple(found[key] for key in ("spikes", "interval_mean", "spikes_per_burst", "burst_period"))
