"""The command `runen` on the scenarios of capacity networks: what it prints, draws, saves, and runs again."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from runen_command import MEASURED, SUMMARY, Result, Runen, in_a_process, names_in, runen  # noqa: F401

from runen_ecs.files import load_run

ALONE = ["binary-decoder", "half-adder", "ring", "tired-synapse", "xor"]
PLAIN = ("network.png", "signals.png", "network.gif")
PICTURES = {
    "binary-decoder": PLAIN,
    "half-adder": PLAIN,
    "xor": PLAIN,
    "ring": PLAIN,
    "tired-synapse": ("passes.png", "network.png", "signals.png"),
    "mixed": ("spikes.png", "neuron-trace.png", *PLAIN),
    "columnar-capacity": ("spikes.png", "neuron-trace.png", "comparison.png"),
}
SHORT = {"mixed": ("--duration", "200ms"), "columnar-capacity": ("--duration", "200ms", "--columns", "2")}

HALF_ADDER = """\
half-adder, seed 1: 3 neurons, 5 synapses
9 ticks: 22 signals arrived at synapses; 3 out of port 0, 2 out of port 1
  tick 1      0 into port 0, 0 into port 1:   0 → 1   1 → 2
  tick 3      0 into port 0, 0 into port 1:   0 → -   1 → -
  tick 4      0 into port 0, 1 into port 1:   0 → 1   1 → -
  tick 6      1 into port 0, 0 into port 1:   0 → 1   1 → -
  tick 8      1 into port 0, 1 into port 1:   0 → -   1 → 1
"""


def without_times(result: Result) -> dict[str, object]:
    """Return what `--json` said, but for what is measured."""
    return {key: value for key, value in json.loads(result.out).items() if key not in MEASURED}


# --- what is printed ------------------------------------------------------------------------------------------------


def test_each_stimulus_is_told_with_its_outputs(tmp_path: Path) -> None:
    """The installed command prints a line for each moment at which signals came in, and what came out then."""
    result = in_a_process("run", "half-adder", "--no-plots", cwd=tmp_path)

    assert (0, []) == (result.code, names_in(tmp_path))
    assert result.out.startswith(HALF_ADDER + "build ")
    assert len(HALF_ADDER.splitlines()) + 1 == len(result.out.splitlines())


def test_json_tells_the_same_as_data(runen: Runen) -> None:
    """`--json` has each stimulus with the outputs that it caused, how many signals arrived, and what came out where."""
    summary = json.loads(runen("run", "xor", "--no-plots", "--json").out)

    assert SUMMARY == list(summary)
    assert {
        "scenario": "xor",
        "neurons": 2,
        "synapses": 4,
        "ticks": 9,
        "spikes": 0,
        "signals": 18,
        "partial": False,
    } == {key: summary[key] for key in ("scenario", "neurons", "synapses", "ticks", "spikes", "signals", "partial")}
    assert ({"0": 3}, {}, []) == (summary["outputs"], summary["rate_by_layer_hz"], summary["phases"])
    assert {"tick": 1, "port": 0, "signal": 0, "outputs": {"0": []}} == summary["stimuli"][0]
    assert [[], [1], [], [], [], [1], [], [1], [], []] == [one["outputs"]["0"] for one in summary["stimuli"]]


def test_a_mixed_run_prints_spikes_and_signals(runen: Runen) -> None:
    """A run with columns and a network sums up both; in JSON the spikes that feed ports are its stimuli."""
    printed = runen("run", "mixed", "--no-plots", "--duration", "300ms").out.splitlines()
    summary = json.loads(runen("run", "mixed", "--no-plots", "--json", "--duration", "300ms").out)
    signals = sum(len(one["outputs"][port]) for one in summary["stimuli"] for port in ("0", "1"))

    assert ["mixed,", "0.3", "rates", "300", "build"] == [line.split()[0] for line in printed]
    assert 0 < sum(summary["outputs"].values()) == signals
    assert {1} == {one["signal"] for one in summary["stimuli"]}
    assert set(range(8)) >= {one["port"] for one in summary["stimuli"]}


def test_what_was_not_recorded_is_not_counted(runen: Runen) -> None:
    """Without `record.signals` nobody says that no signal arrived; stimuli and outputs are told."""
    result = runen("run", "half-adder", "--out", "out", "--set", "record.signals=false")
    summary = json.loads(runen("run", "half-adder", "--no-plots", "--json", "--set", "record.signals=false").out)

    assert "9 ticks: 3 out of port 0, 2 out of port 1\n" in result.out
    assert ["network.png"] == names_in(Path("out"))
    assert (None, {"0": 3, "1": 2}) == (summary["signals"], summary["outputs"])


def test_long_answers_are_cut_for_people_only(runen: Runen) -> None:
    """Of more than 40 moments, and more than 40 signals out of a port, people see the first, and scripts all."""
    random = ("--set", "stimulus={random={ports=[0],signals=[3,4],count=60}}")
    lively = ("--set", "network.neurons.0.bias=50")
    result = runen("run", "ring", "--no-plots", *random).out
    lively_result = runen("run", "ring", "--no-plots", *lively).out

    assert 40 == result.count("into port 0:")
    assert "\n  and 20 more; --json tells them all\n" in result
    assert " 54 … 200 in all\n" in lively_result
    assert 60 == len(json.loads(runen("run", "ring", "--no-plots", "--json", *random).out)["stimuli"])
    assert 200 == len(
        json.loads(runen("run", "ring", "--no-plots", "--json", *lively).out)["stimuli"][2]["outputs"]["0"]
    )


def test_a_network_that_gets_nothing_does_nothing(runen: Runen) -> None:
    """A scenario without stimuli ends at once, and without ports it can be drawn."""
    neurons = '[network]\ninputs = 0\noutputs = 0\nneurons = [{ id = "a", bias = 1, input_configs = [] }]\nlinks = []\n'
    Path("my.toml").write_text(f'title = "silence"\nduration = "1 s"\n{neurons}')
    result = runen("run", "my.toml", "--json")

    assert (0, "network.png" in names_in(Path())) == (result.code, True)
    assert (1, 0, {}, []) == tuple(json.loads(result.out)[key] for key in ("neurons", "signals", "outputs", "stimuli"))


def test_quiet_prints_nothing(runen: Runen) -> None:
    """`--quiet` prints nothing at all."""
    assert Result(0, "", "") == runen("run", "xor", "--quiet", "--no-plots")


# --- what is drawn and saved ----------------------------------------------------------------------------------------


@pytest.mark.skipif(bool(os.environ.get("NUMBA_DISABLE_JIT")), reason="takes minutes where kernels are not compiled")
@pytest.mark.parametrize("name", PICTURES)
def test_every_scenario_is_drawn(name: str, runen: Runen) -> None:
    """Each scenario leaves the pictures that fit it, or that it names, and says so."""
    result = runen("run", name, "--json", "--out", "out", *SHORT.get(name, ()))

    assert (0, sorted(PICTURES[name])) == (result.code, names_in(Path("out")))
    assert [f"out/{picture}" for picture in PICTURES[name]] == json.loads(result.out)["files"]
    assert all(Path("out", picture).stat().st_size > 5000 for picture in PICTURES[name])


def test_plot_draws_what_the_run_drew(runen: Runen) -> None:
    """`runen plot FILE.npz` gives the pictures of a saved network again, byte by byte."""
    runen("run", "half-adder", "--save", "x.npz")
    result = runen("plot", "x.npz", "--out", "again")

    assert Result(0, "again/network.png\nagain/signals.png\nagain/network.gif\n", "") == result
    assert {True} == {Path(name).read_bytes() == Path("again", name).read_bytes() for name in PLAIN}


def test_csv_says_the_same_as_npz(runen: Runen) -> None:
    """`--save x.csv` leaves tables of stimuli, outputs, hits and emissions with the very numbers of the npz file."""
    runen("run", "ring", "--no-plots", "--save", "x.csv")
    written = names_in(Path())
    runen("run", "ring", "--no-plots", "--save", "x.npz")
    data = load_run(Path("x.npz"))

    assert {"x.stimulus.csv", "x.output.csv", "x.hit.csv", "x.emission.csv", "x.meta.json"} <= set(written)
    for what in ("stimulus", "output", "hit", "emission"):
        with Path(f"x.{what}.csv").open(newline="") as file:
            heading, *rows = csv.reader(file)
        arrays = [getattr(data, name if name.startswith(what) else f"{what}_{name}").tolist() for name in heading]
        assert list(map(tuple, zip(*arrays, strict=True))) == [tuple(map(float, row)) for row in rows]


@pytest.mark.parametrize("name", [*ALONE, "mixed", "columnar-capacity"])
def test_stepped_gives_the_same_bits(name: str, runen: Runen) -> None:
    """`--stepped` gives the summary and the saved run that the compiled loop gives."""
    options = ("--no-plots", "--json", *SHORT.get(name, ()))
    native = runen("run", name, *options, "--save", "native.npz")
    stepped = runen("run", name, *options, "--save", "stepped.npz", "--stepped")

    assert (0, 0) == (native.code, stepped.code)
    assert without_times(native) == without_times(stepped)
    assert Path("native.npz").read_bytes() == Path("stepped.npz").read_bytes()


@pytest.mark.parametrize("name", [*ALONE, "mixed"])
def test_what_show_prints_runs_the_same(name: str, runen: Runen) -> None:
    """The file that `runen show` prints is the same experiment, to the last byte of what is saved."""
    Path("shown.toml").write_text(runen("show", name).out, encoding="utf-8")
    for scenario, saved in ((name, "a.npz"), ("shown.toml", "b.npz")):
        assert 0 == runen("run", scenario, "--no-plots", "--save", saved, *SHORT.get(name, ())).code

    assert Path("a.npz").read_bytes() == Path("b.npz").read_bytes()


def test_schedule_prints_the_systems_of_networks(runen: Runen) -> None:
    """The plan of a network has its systems in the order in which a signal meets them; a mixed one more."""
    order = ["signal_delivery", "stimulation", "synaptic_transmission", "accumulation", "axonal_conduction"]
    alone, mixed = runen("schedule", "ring").out, runen("schedule", "mixed").out
    places = [alone.index(f"  {name} ") for name in order]

    assert sorted(places) == places
    assert "network_layout" in alone.split("Each tick")[0]
    assert "quiet_watch" in alone
    assert "quiet_watch" not in mixed
    assert "izhikevich_integration" not in alone
    assert all(f"  {name} " in mixed for name in [*order, "spike_emission", "postsynaptic_potential", "firing"])


def test_schedule_follows_what_is_recorded(runen: Runen) -> None:
    """What is not recorded costs nothing: its systems are not there."""
    assert "hit_recording" in runen("schedule", "ring").out
    assert "_recording" not in runen("schedule", "ring", "--set", "record.signals=false").out
