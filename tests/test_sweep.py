"""The command `runen sweep`: combinations, figures, going on after a stop."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from time import monotonic, sleep

import pytest
from runen_command import PATIENCE_S, RUNEN, Result, Runen, in_a_process, names_in, runen  # noqa: F401

from runen_ecs.scenarios import load, shipped
from runen_ecs.scenarios.sweeping import content_hash, read_axis

TABLE = Path("sweep-columnar.csv")
SMALL = ("sweep", "columnar", "--columns", "1")
ENDLESS = (*SMALL, "--set", "record.traces=[]", "--set", "record.weights=false", "--set")
TIMES = ("build_s", "run_s")


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file, strict=True))


def without_times(path: Path) -> list[dict[str, str]]:
    """The rows of a table, without what differs from time to time."""
    return [{name: cell for name, cell in row.items() if name not in TIMES} for row in rows_of(path)]


@contextmanager
def started(*arguments: str, cwd: Path, n_rows: int) -> Iterator[subprocess.Popen[str]]:
    """A sweep in a process of its own, once its table has some rows."""
    with subprocess.Popen(
        [RUNEN, *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            limit = monotonic() + PATIENCE_S
            while not (cwd / TABLE).exists() or len(rows_of(cwd / TABLE)) < n_rows:
                assert monotonic() < limit
                assert process.poll() is None, process.communicate()
                sleep(0.02)
            yield process
        finally:
            process.kill()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that make the runs of a sweep."""
    return [int(word) for word in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc on this system")

# --- what is run ----------------------------------------------------------------------------------------------------


def test_every_combination_is_run_once(runen: Runen) -> None:
    """Each combination of values has one row, in order, the seed changing first; nothing but a last line is said."""
    values = ("--set", "stdp.amplitude=0.1,0.2", "--set", "thalamic_input.high=4..6:2", "--seeds", "3,1..2")
    result = runen(*SMALL, "--duration", "200ms", *values)
    rows = rows_of(TABLE)
    keys = ["stdp.amplitude", "thalamic_input.high", "seed"]

    assert (0, "") == (result.code, result.err)
    assert result.out.startswith("sweep-columnar.csv: 12 runs: 12 done, 0 failed; ")
    assert 1 == result.out.count("\n")
    assert [*keys, "status", "neurons"] == list(rows[0])[:5]
    assert ["build_s", "run_s", "scenario_hash", "error"] == list(rows[0])[-4:]
    assert list(product(("0.1", "0.2"), ("4", "6"), "312")) == [tuple(row[key] for key in keys) for row in rows]
    assert {("done", "")} == {(row["status"], row["error"]) for row in rows}


def test_a_row_has_the_figures_of_the_run(runen: Runen) -> None:
    """A row has what `runen run --json` says of the same settings, to the last digit, and the seed of the scenario."""
    runen(*SMALL, "--duration", "600ms", "--set", "stdp.amplitude=0.1,0.5")
    for row in rows_of(TABLE):
        settings = ("--columns", "1", "--duration", "600ms", "--set", f"stdp.amplitude={row['stdp.amplitude']}")
        said = json.loads(runen("run", "columnar", *settings, "--json", "--no-plots", "--quiet").out)
        figures = {name: said[name] for name in ("seed", "neurons", "synapses", "ticks", "dt_ms", "spikes")}
        figures |= {f"rate_by_layer_hz.{layer}": rate for layer, rate in said["rate_by_layer_hz"].items()}
        figures |= {f"theta.{name}": said["phases"][0][name] for name in ("rate_hz", "peak_hz", "fano")}

        assert said["spikes"] > 100
        assert figures.items() <= {name: _number(row[name]) for name in figures}.items()


def _number(cell: str) -> float:
    return float(cell) if "." in cell else int(cell)


def test_a_capacity_network_has_its_figures(runen: Runen) -> None:
    """A scenario without columns has what came out of its ports, and no figures that it cannot have."""
    result = runen("sweep", "half-adder", "--seeds", "1..2", "--out", "x.csv")
    row = rows_of(Path("x.csv"))[0]

    assert 0 == result.code
    assert ("3", "2", "True") == (row["outputs.0"], row["outputs.1"], row["at_rest"])
    assert [] == [name for name in row if name.startswith("rate_by_layer_hz")]


def test_the_table_does_not_depend_on_the_workers(runen: Runen) -> None:
    """Rows and figures are in the same order however many runs go at once, and whichever ends first."""
    values = ("--set", "duration=3s,200ms", "--set", "columns.layers.sensory=10,12", "--seeds", "1..2")
    for workers in ("1", "3"):
        runen(*SMALL, *values, "--workers", workers, "--out", f"{workers}.csv")

    assert 8 == len(without_times(Path("1.csv")))
    assert without_times(Path("1.csv")) == without_times(Path("3.csv"))
    assert list(rows_of(Path("1.csv"))[0]) == list(rows_of(Path("3.csv"))[0])


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ("1..4", ["1", "2", "3", "4"]),
        ("0.1..0.5:0.1", ["0.1", "0.2", "0.3", "0.4", "0.5"]),
        ("-1..1", ["-1", "0", "1"]),
        ("3..1:-1,7", ["3", "2", "1", "7"]),
        ("0..1:0.4", ["0.0", "0.4", "0.8"]),
        ("5ms..15ms:5ms,1 s", ["5 ms", "10 ms", "15 ms", "1 s"]),
        ("[1, 2],[],false", ["[1, 2]", "[]", "false"]),
        ('"a,b", c ,' + "'[',''", ["a,b", "c", "[", ""]),
        ("'1..3',../net.json", ["1..3", "../net.json"]),
        (r'"\"","x\ny"', ['"', r'"x\ny"']),
        ("{a = 1, b = [2, 3]},inf", ['{"a": 1, "b": [2, 3]}', "inf"]),
    ],
)
def test_values_of_a_key(values: str, read: list[str]) -> None:
    """Commas part values, not lists and quoted texts; ranges hold both ends, and their numbers are exact."""
    assert read == list(read_axis(f"some.key={values}").texts)


# --- after a stop ---------------------------------------------------------------------------------------------------


@needs_proc
def test_no_worker_outlives_a_sweep_that_was_killed(tmp_path: Path) -> None:
    """After kill -9 the runs that were under way end too, and take no memory for what nobody will read."""
    with started(*ENDLESS, "duration=200ms,2000000s", "--workers", "1", cwd=tmp_path, n_rows=1) as process:
        workers = workers_of(process)
        process.kill()
        process.wait()
    limit = monotonic() + PATIENCE_S
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert monotonic() < limit
        sleep(0.02)

    assert 1 == len(workers)


def test_going_on_after_a_kill(tmp_path: Path, runen: Runen) -> None:
    """After kill -9 the table can be read, and the same sweep makes only the runs that it lacks."""
    values = ("duration=200ms,201ms,2000000s,202ms", "--workers", "1")
    with started(*ENDLESS, *values, cwd=tmp_path, n_rows=2) as process:
        process.kill()
        process.wait()
    left = rows_of(TABLE)
    values = ("duration=200ms,201ms,202ms", "--workers", "1")
    result = runen(*ENDLESS, *values)
    runen(*ENDLESS, *values, "--out", "fresh.csv")

    assert ["200ms", "201ms"] == [row["duration"] for row in left]
    assert left == rows_of(TABLE)[:2]  # their times too: they were not run again
    assert without_times(TABLE) == without_times(Path("fresh.csv"))
    assert result.out.startswith("sweep-columnar.csv: 3 runs: 3 done, 0 failed, 2 of them before; ")
    assert ["fresh.csv", "sweep-columnar.csv"] == names_in(tmp_path)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table of a sweep with a run that fails and one that is no scenario."""
    place = tmp_path_factory.mktemp("table")
    result = in_a_process(*FAILING, cwd=place)
    assert (4, "") == (result.code, result.err)
    assert result.out.startswith("sweep-columnar.csv: 3 runs: 1 done, 2 failed; ")
    assert result.out.endswith("; the column error says why\n")
    return (place / TABLE).read_bytes()


FAILING = (*SMALL, "--duration", "200ms", "--set", "thalamic_input.high=5,-1,1e6")


def test_a_failing_run_is_a_row(table: bytes, runen: Runen) -> None:
    """A run that fails, or is no scenario, is recorded with its message; the others are made."""
    TABLE.write_bytes(table)
    done, invalid, diverged = rows_of(TABLE)

    assert ("done", "") == (done["status"], done["error"])
    assert ("failed", "") == (invalid["status"], invalid["scenario_hash"])
    assert invalid["error"].endswith(": thalamic_input: high must not be below low")
    assert ("failed", "") == (diverged["status"], diverged["spikes"])
    assert "the run is stopped here" in diverged["error"]


def test_failed_runs_are_made_again_if_asked_for(table: bytes, runen: Runen) -> None:
    """A failed row stays as it is, until --retry-failed makes its run again."""
    first = without_times(TABLE) if TABLE.write_bytes(table) else []
    TABLE.write_bytes(table.replace(b"5,1,done", b"5,1,failed"))
    before = TABLE.read_bytes()
    left = runen(*FAILING)
    kept = TABLE.read_bytes()
    again = runen(*FAILING, "--retry-failed")

    assert (4, before) == (left.code, kept)
    assert ": 3 runs: 0 done, 3 failed, 3 of them before; " in left.out
    assert ": 3 runs: 1 done, 2 failed; " in again.out
    assert first == without_times(TABLE)


@pytest.mark.parametrize("cut", [1, 60])
def test_a_torn_last_line_is_run_again(table: bytes, cut: int, runen: Runen) -> None:
    """A last line that a stop has cut off is dropped, said so, and its run is made again."""
    header, *lines = table.splitlines(keepends=True)
    TABLE.write_bytes(header + lines[1] + lines[2] + lines[0][:-cut])
    result = runen(*FAILING)

    assert "runen: sweep-columnar.csv: the last line was cut off; its run is made again\n" == result.err
    assert ", 2 of them before; " in result.out
    TABLE.rename("again.csv")
    TABLE.write_bytes(table)
    assert without_times(TABLE) == without_times(Path("again.csv"))


def test_more_seeds_are_added_to_a_table(table: bytes, runen: Runen) -> None:
    """A sweep with more values goes on with the table of one with fewer, and runs what is new."""
    TABLE.write_bytes(table)
    old = rows_of(TABLE)
    result = runen(*FAILING[:-1], "thalamic_input.high=5,-1,1e6,4")

    assert ": 4 runs: 2 done, 2 failed, 3 of them before; " in result.out
    assert old == rows_of(TABLE)[:3]


# --- stopped from outside -------------------------------------------------------------------------------------------


@needs_proc
def test_ctrl_c_keeps_what_is_done(tmp_path: Path, runen: Runen) -> None:
    """Ctrl-C ends all workers, keeps what is done, and says how to go on; until then nobody else may write."""
    values = ("duration=200ms,2000000s,2000001s", "--workers", "2")
    with started(*ENDLESS, *values, cwd=tmp_path, n_rows=1) as process:
        workers = workers_of(process)
        other = runen(*ENDLESS, *values)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)

    refused = "runen: --out sweep-columnar.csv: another sweep is writing it; wait for it, or name another file\n"
    stopped = "runen: stopped; sweep-columnar.csv holds 1 of 3 runs, and the same command goes on\n"
    assert Result(2, "", refused) == other
    assert (130, "", stopped) == (process.returncode, out, err)
    assert ["done"] == [row["status"] for row in rows_of(TABLE)]
    assert 2 == len(workers)
    assert [] == [worker for worker in workers if Path(f"/proc/{worker}").exists()]


@needs_proc
def test_a_worker_that_is_killed_costs_one_run(tmp_path: Path) -> None:
    """The run of a worker that the system kills is recorded as failed; another worker makes the others."""
    with started(*ENDLESS, "duration=2000000s,200ms", "--workers", "1", cwd=tmp_path, n_rows=0) as process:
        limit = monotonic() + PATIENCE_S
        while not (workers := workers_of(process)):
            assert monotonic() < limit
        os.kill(workers[0], signal.SIGKILL)
        process.communicate(timeout=PATIENCE_S)
    killed, done = rows_of(tmp_path / TABLE)

    assert (4, "failed", "done") == (process.returncode, killed["status"], done["status"])
    assert killed["error"].startswith("worker died (Killed, signal 9); out of memory, perhaps: ")


def test_a_bar_at_a_terminal(tmp_path: Path) -> None:
    """At a terminal a bar on standard error tells how many runs there are; with --quiet there is none."""
    arguments = (*SMALL, "--duration", "200ms", "--seeds", "1..2", "--workers", "1")

    assert "2/2" in said_at_a_terminal(*arguments, cwd=tmp_path)
    assert "" == said_at_a_terminal(*arguments, "--quiet", cwd=tmp_path)


def said_at_a_terminal(*arguments: str, cwd: Path) -> str:
    """Run the command with a terminal as standard error; return what that shows."""
    terminal, line = os.openpty()
    with subprocess.Popen([RUNEN, *arguments], cwd=cwd, stdout=subprocess.DEVNULL, stderr=line) as process:
        os.close(line)
        said = b""
        with suppress(OSError):  # Linux says so once the other side is closed
            while chunk := os.read(terminal, 4096):
                said += chunk
    os.close(terminal)
    assert 0 == process.returncode
    return said.decode()


# --- which scenario it was ------------------------------------------------------------------------------------------


def test_the_hash_of_a_scenario_is_the_same_everywhere() -> None:
    """Another process, with other hashes of Python's own, finds the same hash for every shipped scenario."""
    program = (
        "from runen_ecs.scenarios import load, shipped\n"
        "from runen_ecs.scenarios.sweeping import content_hash\n"
        "print(*[content_hash(load(name)) for name in shipped()])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "5"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    hashes = [content_hash(load(name)) for name in shipped()]

    assert hashes == done.stdout.split()
    assert len(hashes) == len(set(hashes))


def test_the_hash_of_a_scenario_follows_its_files(tmp_path: Path) -> None:
    """A file that a scenario names counts by what it holds, not by its path."""
    table = 'title = "x"\nduration = "5 ms"\nnetwork = { file = "net.json" }\n'
    net = {"inputs": 0, "outputs": 0, "neurons": [{"id": "a", "bias": 0, "input_configs": []}], "links": []}
    hashes = []
    for folder, bias in (("a", 0), ("b", 0), ("c", 1)):
        (tmp_path / folder).mkdir()
        net["neurons"] = [{"id": "a", "bias": bias, "input_configs": []}]
        (tmp_path / folder / "net.json").write_text(json.dumps(net))
        (tmp_path / folder / "x.toml").write_text(table)
        hashes.append(content_hash(load(str(tmp_path / folder / "x.toml"))))

    assert hashes[0] == hashes[1] != hashes[2]
