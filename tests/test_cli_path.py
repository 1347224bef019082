"""The command `runen`: the main user's path, and the options of run."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from runen_command import (  # noqa: F401
    MEASURED,
    NO_CONNECTION,
    RUNEN,
    SMALL,
    SUMMARY,
    Result,
    Runen,
    in_a_process,
    names_in,
    runen,
)

from runen_ecs.files import load_run
from runen_ecs.scenarios import load

# --- the main user's path -------------------------------------------------------------------------------------------


def test_a_run_leaves_two_pictures_and_a_summary(tmp_path: Path) -> None:
    """The installed command draws both pictures into the current folder and sums up on standard output."""
    result = in_a_process("run", *SMALL, cwd=tmp_path)

    assert (0, ["neuron-trace.png", "spikes.png"]) == (result.code, names_in(tmp_path))
    assert result.out.startswith("columnar, seed 1: 100 neurons, ")
    assert "written: spikes.png, neuron-trace.png" in result.out
    assert "Traceback" not in result.err


def test_columnar_is_what_runs_without_a_name(runen: Runen) -> None:
    """`runen run` without a name runs the default scenario."""
    named = runen("run", *SMALL, "--no-plots", "--save", "named.npz")
    unnamed = runen("run", *SMALL[1:], "--no-plots", "--save", "unnamed.npz")

    assert (0, 0) == (named.code, unnamed.code)
    assert Path("named.npz").read_bytes() == Path("unnamed.npz").read_bytes()


def test_progress_is_told_on_standard_error_only(runen: Runen) -> None:
    """Standard output holds the summary alone, so that it can be piped on."""
    result = runen("run", *SMALL, "--no-plots")

    assert 5 == len(result.out.splitlines())
    assert "building the network\n" == result.err.splitlines(keepends=True)[0]


@pytest.mark.parametrize("command", ["list", "schema"])
def test_a_reader_that_is_gone_ends_it_quietly(command: str, tmp_path: Path) -> None:
    """Output into a pipe that nobody reads any more ends with the code of SIGPIPE, without a word."""
    with subprocess.Popen([RUNEN, command], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        told = process.stderr.read()

    assert (141, b"") == (process.returncode, told)


# --- the options of run ---------------------------------------------------------------------------------------------


def test_duration_is_the_model_time(runen: Runen) -> None:
    """`--duration` sets how many ticks run, in any unit."""
    ticks = [
        json.loads(runen("run", "columnar", "--columns", "1", "--no-plots", "--json", "--duration", time).out)["ticks"]
        for time in ("30ms", "0.03s", "30 ms", "0.0005 min", "3e1ms", "30000 us")
    ]

    assert [30] * 6 == ticks


def test_seed_decides_everything(runen: Runen) -> None:
    """One seed gives one file, byte by byte; another seed gives another network."""
    for name, seed in (("a.npz", "7"), ("b.npz", "7"), ("c.npz", "8")):
        assert 0 == runen("run", *SMALL, "--no-plots", "--seed", seed, "--save", name).code

    assert Path("a.npz").read_bytes() == Path("b.npz").read_bytes()
    assert 7 == load_run(Path("a.npz")).meta["seed"]
    assert not np.array_equal(load_run(Path("a.npz")).synapse_target, load_run(Path("c.npz")).synapse_target)


def test_out_is_made(runen: Runen) -> None:
    """`--out` names the folder of the pictures, which is made with all folders above it."""
    assert 0 == runen("run", *SMALL, "--out", "new/ü 日本").code

    assert ["neuron-trace.png", "spikes.png"] == names_in(Path("new/ü 日本"))
    assert ["new"] == names_in(Path())


def test_set_changes_any_key(runen: Runen) -> None:
    """`--set` reaches tables, lists and plain text, quoted or not, and leaves all else as it was."""
    changes = (
        "stdp.amplitude=0.1",
        "connections.0.probability=1",
        "title=short",
        'phases.0.name="a = b"',
        "record.traces=[1,2]",
    )
    overrides = [part for change in changes for part in ("--set", change)]
    result = runen("run", *SMALL, "--no-plots", "--save", "x.npz", *overrides)
    scenario = load_run(Path("x.npz")).meta["scenario"]
    plain = load("columnar", ["columns.count=1", "duration=200ms"]).model_dump(mode="json", by_alias=True)

    assert 0 == result.code
    assert (0.1, 1.0, "short", "a = b", [1, 2]) == (
        scenario["stdp"]["amplitude"],
        scenario["connections"][0]["probability"],
        scenario["title"],
        scenario["phases"][0]["name"],
        scenario["record"]["traces"],
    )
    assert plain["synapses"] == scenario["synapses"]
    assert plain["connections"][1:] == scenario["connections"][1:]


def test_set_reaches_a_quoted_key(runen: Runen) -> None:
    """A key that holds a dot is put into quotes, as in a file."""
    result = runen("show", "columnar", "--set", 'columns.layers."lamina 4.5"=7')
    Path("shown.toml").write_text(result.out, encoding="utf-8")

    assert (0, "") == (result.code, result.err)
    assert 7 == load("shown.toml").columns.layers["lamina 4.5"]


def test_columns_is_the_number_of_columns(runen: Runen) -> None:
    """`--columns` sets how many columns there are."""
    result = runen("run", "columnar", "--columns", "3", "--duration", "20ms", "--no-plots", "--json")

    assert 300 == json.loads(result.out)["neurons"]


def test_no_plots_draws_nothing(runen: Runen) -> None:
    """`--no-plots` leaves no file, and the summary names none."""
    result = runen("run", *SMALL, "--no-plots")

    assert (0, []) == (result.code, names_in(Path()))
    assert "written" not in result.out


def test_a_run_without_traces_draws_the_raster_alone(runen: Runen) -> None:
    """Where no neuron's potential is recorded there is no neuron-trace.png."""
    result = runen("run", *SMALL, "--set", "record.traces=[]")

    assert (0, ["spikes.png"]) == (result.code, names_in(Path()))


def test_save_npz_is_one_file(runen: Runen) -> None:
    """`--save x.npz` leaves one file that can be read again."""
    result = runen("run", *SMALL, "--no-plots", "--save", "x.npz")
    data = load_run(Path("x.npz"))

    assert (0, ["x.npz"]) == (result.code, names_in(Path()))
    assert (200, 100, (200, 1)) == (data.n_ticks, data.neuron_column.size, data.trace_v.shape)
    assert data.meta["partial"] is False


def test_save_csv_says_the_same_as_npz(runen: Runen) -> None:
    """`--save x.csv` leaves a set of tables with the very numbers of the npz file."""
    runen("run", *SMALL, "--no-plots", "--save", "x.csv")
    written = names_in(Path())
    runen("run", *SMALL, "--no-plots", "--save", "x.npz")
    data = load_run(Path("x.npz"))
    with Path("x.csv").open(newline="") as file:
        spikes = list(csv.reader(file))[1:]

    assert ["x.csv", "x.meta.json", "x.neurons.csv", "x.synapses.csv", "x.traces.csv", "x.weights.csv"] == written
    assert [[str(t), str(n)] for t, n in zip(data.spike_tick, data.spike_neuron, strict=True)] == spikes
    assert data.meta == json.loads(Path("x.meta.json").read_text())


def test_quiet_prints_nothing(tmp_path: Path) -> None:
    """`--quiet` prints nothing at all where nothing is wrong, on either stream."""
    result = in_a_process("run", *SMALL, "--quiet", "--save", "x.npz", cwd=tmp_path)

    assert Result(0, "", "") == result
    assert ["neuron-trace.png", "spikes.png", "x.npz"] == names_in(tmp_path)


def test_json_holds_the_names_that_scripts_rely_on(runen: Runen) -> None:
    """`--json` prints one object with exactly the promised names, and figures that agree with the saved run."""
    result = runen("run", *SMALL, "--json", "--save", "x.npz", "--out", "pictures")
    summary = json.loads(result.out)
    data = load_run(Path("x.npz"))
    rates = {
        str(name): round(
            int((data.neuron_layer[data.spike_neuron] == i).sum()) / int((data.neuron_layer == i).sum()) / 0.2, 4
        )
        for i, name in enumerate(data.layer_names)
    }

    assert SUMMARY == list(summary)
    assert ("columnar", 1, 100, 200, False) == tuple(
        summary[name] for name in ("scenario", "seed", "neurons", "ticks", "partial")
    )
    assert (data.weight.size, data.spike_tick.size) == (summary["synapses"], summary["spikes"])
    assert round(data.spike_tick.size / 100 / 0.2, 4) == summary["mean_rate_hz"]
    assert rates == summary["rate_by_layer_hz"]
    assert [["from_s", "to_s", "rate_hz", "peak_hz", "fano"]] == [list(phase) for phase in summary["phases"]]
    assert ["pictures/spikes.png", "pictures/neuron-trace.png", "x.npz"] == summary["files"]
    assert all(Path(name).is_file() for name in summary["files"])
    assert all(summary[name] > 0 for name in ("build_s", "run_s", "plot_s", "realtime_factor", "peak_rss_mb"))


def test_quiet_json_is_json_alone(runen: Runen) -> None:
    """`--quiet --json` prints the object on standard output and nothing on standard error."""
    result = runen("run", *SMALL, "--no-plots", "--json", "--quiet")

    assert (0, "", SUMMARY) == (result.code, result.err, list(json.loads(result.out)))


def test_stepped_gives_the_same_bits(runen: Runen) -> None:
    """`--stepped` gives the summary and the saved run that the compiled loop gives."""
    native = json.loads(runen("run", *SMALL, "--no-plots", "--json", "--save", "native.npz").out)
    stepped = json.loads(runen("run", *SMALL, "--no-plots", "--json", "--save", "stepped.npz", "--stepped").out)

    assert {k: v for k, v in native.items() if k not in MEASURED} == {
        k: v for k, v in stepped.items() if k not in MEASURED
    }
    assert Path("native.npz").read_bytes() == Path("stepped.npz").read_bytes()


def test_a_file_runs_as_a_name_does(runen: Runen) -> None:
    """A scenario is a name or the path of a file."""
    Path("my.toml").write_text('extends = "columnar"\nduration = "20 ms"\n[columns]\ncount = 1\n', encoding="utf-8")
    result = runen("run", "my.toml", "--no-plots", "--json")

    assert ("my.toml", 100, 20) == tuple(json.loads(result.out)[name] for name in ("scenario", "neurons", "ticks"))


def test_neurons_without_connections_run(runen: Runen) -> None:
    """A scenario may have no connection at all."""
    Path("alone.toml").write_text(NO_CONNECTION, encoding="utf-8")
    result = runen("run", "alone.toml", "--json", "--save", "x.npz")

    assert 0 == result.code
    assert (6, 0) == tuple(json.loads(result.out)[name] for name in ("neurons", "synapses"))


def test_any_text_may_be_a_title_and_a_name(runen: Runen) -> None:
    """Dollars and backslashes in a title, a phase or a layer are text and not formulas."""
    odd = r"\odd{ $x_2 "
    overrides = [f"title='{odd}$'", f"phases.0.name='{odd}$'", r"columns.layers.$\odd{$=5"]
    result = runen("run", *SMALL, "--quiet", *(part for change in overrides for part in ("--set", change)))

    assert Result(0, "", "") == result


def test_what_was_run_is_saved_even_if_a_picture_cannot_be(runen: Runen) -> None:
    """A picture that cannot be written costs the picture, not the saved run."""
    Path("out/spikes.png").mkdir(parents=True)
    result = runen("run", *SMALL, "--quiet", "--out", "out", "--save", "x.npz")

    assert (2, "") == (result.code, result.out)
    assert "out/spikes.png: cannot be written" in result.err
    assert 200 == load_run(Path("x.npz")).n_ticks


def test_a_run_that_goes_astray_says_so_and_keeps_what_it_has(runen: Runen) -> None:
    """A potential that runs away ends the run with code 4, a message, and what was recorded so far."""
    result = runen("run", *SMALL, "--json", "--save", "x.npz", "--set", "thalamic_input.high=1e6")
    data = load_run(Path("x.npz"))

    assert (4, True) == (result.code, json.loads(result.out)["partial"])
    assert re.search(
        r"^runen: neuron \d+ \(entity \d+\): Membrane\.v is .* at tick \d+; the run is stopped here", result.err, re.M
    )
    assert ["neuron-trace.png", "spikes.png", "x.npz"] == names_in(Path())
    assert (data.n_ticks, True) == (len(data.trace_v), data.meta["partial"])


def test_what_was_run_before_an_event_failed_is_kept(runen: Runen) -> None:
    """Where an event cannot be done, the run ends there with exit code 4, and what it has recorded is saved."""
    lesion = '{at="50 ms", remove={of="columns neuron=0..90"}}'
    wiring = '{at="60 ms", connect={from="columns", to="columns neuron=95", rule={in_degree=50}, weight=1}}'
    result = runen("run", *SMALL, "--set", f"events=[{lesion}, {wiring}]", "--no-plots", "--save", "run.npz", "--quiet")

    assert (4, True) == (result.code, result.err.startswith("runen: events.1 at 60 ms: ")), result.err
    assert 60 == load_run(Path("run.npz")).n_ticks
