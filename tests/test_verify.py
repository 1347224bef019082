"""`runen verify`: what others have found is found here, and a check that fails says so."""

from __future__ import annotations

import json

import numpy as np
import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.scenarios.verification import Check, all_checks, run, song
from runen_ecs.scenarios.verification.hindmarsh_rose import figures_of

NAMES = [
    *(f"cell/{name}" for name in ("RS", "IB", "CH", "FS", "LTS", "TC", "TC-rebound", "RZ")),
    *(f"pattern/{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"),
    *(f"hindmarsh-rose/I={i}" for i in ("1.2", "1.5", "2.0", "2.5", "3.0", "3.1", "3.2", "3.25", "3.5", "4.0")),
    *(f"hindmarsh-rose/r=.001,I={i}" for i in (".4", "2", "4")),
    *(f"network/song-miller-abbott/{rate}" for rate in (10, 40)),
]
LONG = [one.name for one in song.checks()]  # they take a minute, and `runen verify` makes them


@pytest.mark.parametrize("one", [one for one in all_checks() if one.name not in LONG], ids=lambda one: one.name)
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


def test_inputs_compete() -> None:
    """Fast inputs first drive a neuron hard, then learning takes that from it and pulls their synapses apart."""
    first, later = (song.song_miller_abbott(40, 1, span) for span in ((0, 20), (80, 100)))

    assert first["rate_hz"] > 50 > 15 > later["rate_hz"]
    assert max(first["above_0.8"], later["above_0.8"]) < 0.01
    assert later["below_0.2"] > 0.5


@pytest.mark.parametrize(
    ("rate", "below", "above", "passed"),
    [
        (19.6, 0.86, 0.09, True),
        (17.5, 0.86, 0.09, True),
        (17.4, 0.86, 0.09, False),
        (21.9, 0.86, 0.09, False),
        (19.6, 0.95, 0.01, False),
        (19.6, 0.4, 0.3, False),
    ],
)
def test_verdict_on_competition(rate: float, below: float, above: float, passed: bool) -> None:
    """A neuron passes that fires as often as the other program's, to 10 %, with weak and strong synapses."""
    check = song.checks()[1]

    assert passed == check.passes({"rate_hz": rate, "below_0.2": below, "above_0.8": above})


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
