"""`runen plot --what`: which pictures are drawn, and what is said where one cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from runen_command import Result, Runen, runen  # noqa: F401
from test_pictures_runs import make_populations

from runen_ecs.files import RunData, save_run
from runen_ecs.scenarios.faults import UsageError
from runen_ecs.scenarios.pictures import PICTURES, draw_pictures, fitting

FILES = {
    "spikes": "spikes.png",
    "trace": "neuron-trace.png",
    "traces": "traces.png",
    "rates": "rates.png",
    "intervals": "intervals.png",
    "rhythm": "rhythm.png",
    "weights": "weights.png",
    "values": "values.png",
}
NETWORK = ("network", "signals", "animation", "passes")


def without(*names: str) -> RunData:
    """Return a run of populations without some of its recordings."""
    data = make_populations({"relay": 3}, 100, synapses=0 if "weights" in names else 4)
    data.meta["scenario"]["record"] = {"signals": True}
    if "traces" in names:
        data.trace_neuron, data.trace_v = np.zeros(0, np.int32), np.zeros((100, 0))
    if "values" in names:
        data.values = []
    return data


@pytest.fixture
def saved(runen: Runen) -> RunData:
    """Save a run of populations as x.npz in the folder of the test."""
    data = without()
    save_run(data, Path("x.npz"))
    return data


def test_every_picture_can_be_chosen(runen: Runen, saved: RunData) -> None:
    """Each picture of spiking neurons is drawn into its file; the others have names, too."""
    assert (*FILES, "window", *NETWORK) == PICTURES
    for name, file in FILES.items():
        assert Result(0, f"{file}\n", "") == runen("plot", "x.npz", "--what", name)


def test_the_help_names_every_picture(runen: Runen) -> None:
    """Whoever asks what there is to draw is told of all of it."""
    assert set(PICTURES) <= set(re.findall(r"\w+", runen("plot", "--help").out))


@pytest.mark.parametrize(
    "what", [("rates,spikes",), ("rates, spikes",), ("rates", "spikes"), ("rates,spikes", "rates")], ids=" ".join
)
def test_pictures_are_chosen_in_any_way(runen: Runen, saved: RunData, what: tuple[str, ...]) -> None:
    """`--what` takes names with commas, may be repeated, and draws each picture once, in this order."""
    options = [part for name in what for part in ("--what", name)]

    assert Result(0, "out/rates.png\nout/spikes.png\n", "") == runen("plot", "x.npz", *options, "--out", "out")
    assert {"rates.png", "spikes.png"} == {path.name for path in Path("out").iterdir()}


@pytest.mark.parametrize(("name", "near"), [("rate", "did you mean 'rates'? "), ("SPIKES!", ""), ("", "")])
def test_an_unknown_picture_is_refused(runen: Runen, saved: RunData, name: str, near: str) -> None:
    """An unknown name is a mistake in the command: all names are told, the nearest first, and nothing is drawn."""
    message = f"runen: --what: no picture is called {name!r}; {near}choices: {', '.join(PICTURES)}\n"

    assert Result(2, "", message) == runen("plot", "x.npz", "--what", f"spikes,{name}")
    assert ["x.npz"] == [path.name for path in Path().iterdir()]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("trace", "no potential was recorded; name neurons in record.traces, and run it again"),
        ("traces", "no potential was recorded; name neurons in record.traces, and run it again"),
        ("values", "no fields were recorded; name some under record, and run it again"),
        ("weights", "the run has no synapses with a weight"),
        ("network", "the run has no capacity network"),
        ("signals", "no signals of a capacity network were recorded; set record.signals = true, and run it again"),
        ("passes", "no signals of a capacity network were recorded; set record.signals = true, and run it again"),
        ("animation", "needs a capacity network of at most 40 neurons, and its signals: record.signals = true"),
    ],
)
def test_a_picture_without_its_data_is_refused(runen: Runen, name: str, problem: str) -> None:
    """Where a run has not left what a picture needs, the message says what to record, and nothing is drawn."""
    save_run(without("traces", "values", "weights"), Path("x.npz"))

    assert Result(2, "", f"runen: --what: {name}: {problem}\n") == runen("plot", "x.npz", "--what", f"spikes,{name}")
    assert ["x.npz"] == [path.name for path in Path().iterdir()]


def test_the_network_of_a_run_folder_is_no_run(runen: Runen) -> None:
    """The network that a run folder holds has no spikes to draw; the message says how the run is exported."""
    runen("run", "columnar", "--columns", "1", "--duration", "5ms", "--no-plots", "--quiet", "--record", "run")
    result = runen("plot", "run/network-5.npz")

    assert (2, ["run"]) == (result.code, [path.name for path in Path().iterdir()])
    assert result.err == (
        "runen: run/network-5.npz: is the network of a run folder; export the run first: runen export run run.npz\n"
    )


def test_the_spikes_of_a_network_without_neurons_are_refused(tmp_path: Path) -> None:
    """A run of a capacity network alone has no rates, intervals or rhythm."""
    data = without()
    data.layer_names = np.zeros(0, "U1")
    for name in ("spikes", "rates", "intervals", "rhythm"):
        with pytest.raises(UsageError, match=f"^--what: {name}: the run has no spiking neurons$"):
            draw_pictures(data, tmp_path, [name])


@pytest.mark.parametrize(
    ("n_neurons", "traces", "drawn"),
    [
        (9, (0, 1), ["spikes", "traces"]),
        (9, (0,), ["spikes", "trace"]),
        (10, (0, 1), ["spikes", "trace"]),
        (3, (), ["spikes"]),
    ],
)
def test_a_few_neurons_are_all_traced(n_neurons: int, traces: tuple[int, ...], drawn: list[str]) -> None:
    """Where nothing is chosen, fewer than ten neurons of which several are recorded have their traces drawn."""
    assert drawn == fitting(make_populations({"relay": n_neurons}, 50, traces=traces))


def test_a_scenario_chooses_its_pictures(tmp_path: Path) -> None:
    """What the scenario of a run names is drawn when the command names nothing; else what the command names."""
    data = without()
    data.meta["scenario"]["pictures"] = ["intervals", "weights"]

    assert [tmp_path / "intervals.png", tmp_path / "weights.png"] == draw_pictures(data, tmp_path)
    assert [tmp_path / "rates.png"] == draw_pictures(data, tmp_path, ["rates"])


def test_a_scenario_that_chooses_what_is_not_there_is_told(tmp_path: Path) -> None:
    """The key of the scenario is named instead of the option."""
    data = without("values")
    data.meta["scenario"]["pictures"] = ["values"]

    with pytest.raises(UsageError, match=r"^pictures: values: no fields were recorded; "):
        draw_pictures(data, tmp_path)
