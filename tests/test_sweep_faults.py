"""The command `runen sweep`: mistakes, and the messages they get."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from mistakes import check_manners, runen  # noqa: F401
from runen_command import Runen, names_in

from runen_ecs.scenarios import loading
from runen_ecs.scenarios.sweep_table import SweepTable
from runen_ecs.scenarios.sweeping import Outcome, combine, read_axis

SEED_TWICE = "--set seed and --seeds change the same key; say it once, with all its values"
OUT = "runen: --out sweep-my.csv: "
WAYS_OUT = "; name another file, or delete this one\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to sweep; say which values: --set stdp.amplitude=0.1,0.2 or --seeds 1..8"),
        (("--set", "stdp"), "--set takes key=value, such as --set stdp.amplitude=0.1, not 'stdp'"),
        (("--set", "cell.a="), "--set cell.a: a value is missing in ''; an empty text is ''"),
        (("--set", "cell.a=1,,2"), "--set cell.a: a value is missing in '1,,2'; an empty text is ''"),
        (("--set", "cell.a=0.1,0.10"), "--set cell.a: 0.1 is there twice; say each value once"),
        (("--set", "cell.a=1,1.0"), "--set cell.a: 1 and 1.0 are the same number; say each value once"),
        (("--set", "title=it's,b"), '--set title: a quote is not closed in "it\'s,b"'),
        (("--set", "record.traces=[1,2"), "--set record.traces: a bracket is not closed in '[1,2'"),
        (("--set", "cell.a=0.1..0.5"), "--set cell.a: '0.1..0.5' needs a step, such as 0.1..0.5:0.1"),
        (("--set", "cell.a=5..1"), "--set cell.a: '5..1' leads nowhere; a range that goes down is 8..1:-1"),
        (("--set", "cell.a=1..5:0"), "--set cell.a: '1..5:0' leads nowhere; a range that goes down is 8..1:-1"),
        (("--seeds", "0..100000"), "100,001 runs are too many for one sweep; at most 100,000"),
        (("--seeds", "1..500", "--set", "cell.a=1..500"), "250,000 runs are too many for one sweep; at most 100,000"),
        (
            ("--set", "cell.a=1e99..2e99:1"),
            "--set cell.a: '1e99..2e99:1' has numbers that are too long, or too far apart",
        ),
        (
            ("--set", "stdp.horizon=5ms..1s"),
            "--set stdp.horizon: '5ms..1s' needs the same unit at each number, such as 50ms..200ms:50ms",
        ),
        (("--set", "seed=1", "--seeds", "2"), SEED_TWICE),
        (
            ("--columns", "1", "--set", 'columns."count"=2'),
            '--columns and --set columns."count" change the same key; say it once, with all its values',
        ),
        (("--seeds", "1", "--out", "folder"), "--out folder: is no file that can be replaced; name another one"),
        (
            ("--seeds", "1", "--out", "nowhere/x.csv"),
            "--out nowhere/x.csv: cannot be written (No such file or directory); name another file",
        ),
        (("--seeds", "1", "--out", "file"), f"--out file: is no table of a sweep{WAYS_OUT[:-1]}"),
    ],
)
def test_a_mistake_gets_its_message(arguments: Sequence[str], message: str, runen: Runen) -> None:
    """What cannot be swept is refused before anything is run or written, with the message that was agreed on."""
    before = names_in(Path())
    result = runen("sweep", "my.toml", *arguments)

    check_manners(result, 2)
    assert f"runen: {message}\n" == result.err
    assert before == names_in(Path())


def test_a_key_that_exists_nowhere_is_a_mistake_in_the_command(runen: Runen) -> None:
    """A slip in a key costs no run: it gets the nearest name."""
    result = runen("sweep", "my.toml", "--set", "stdp.amplitde=0.1,0.2", "--seeds", "1..3")

    check_manners(result, 2)
    assert result.err.startswith("runen: --set: stdp.amplitde: unknown key; did you mean 'amplitude'? ")


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("--set", "cell.a=fast,slow"), "--set: cell.a: "),
        (("--seeds", "-2..-1"), "--seeds: "),
        (("--seeds", "1", "--duration", "5"), "--duration: "),
        (("--seeds", "1", "--columns", "0"), "--columns: "),
    ],
)
def test_a_sweep_without_any_scenario_is_refused(arguments: Sequence[str], place: str, runen: Runen) -> None:
    """Where no combination can be run, the faults of the first are told, and no table of failures is written."""
    before = names_in(Path())
    result = runen("sweep", "my.toml", *arguments)

    check_manners(result, 3)
    assert result.err.startswith(f"runen: {place}")
    assert before == names_in(Path())


# --- a table that is there ------------------------------------------------------------------------------------------


@pytest.fixture
def table(runen: Runen) -> Path:
    """The table of a sweep over one key and two seeds, of which one run has been made."""
    runs = combine("my.toml", [read_axis("cell.a=0.02"), read_axis("seed=1,2", "--seeds")])
    table = SweepTable(Path("sweep-my.csv"), ["cell.a", "seed"], runs)
    table.add(runs[0], Outcome({"spikes": 5}, build_s=0.1, run_s=0.2))
    table.close()
    return table.path


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--set", "cell.b=0.2"), "holds a sweep over cell.a, seed, and this one is over cell.b, seed"),
        (("--set", "cell.a=0.03"), "holds a run that is not in this sweep: cell.a=0.02, seed=1"),
        (("--set", "cell.a=0.02", "--seeds", "2"), "holds a run that is not in this sweep: cell.a=0.02, seed=1"),
        (
            ("--set", "cell.a=0.02", "--duration", "21ms"),
            "the scenario, --duration or --columns was another for cell.a=0.02, seed=1",
        ),
    ],
)
def test_another_sweep_is_not_mixed_in(arguments: Sequence[str], problem: str, table: Path, runen: Runen) -> None:
    """A table is gone on with by its own sweep only; another one hears what differs, and changes nothing."""
    before = table.read_bytes()
    result = runen("sweep", "my.toml", *arguments)

    check_manners(result, 2)
    assert f"{OUT}{problem}{WAYS_OUT}" == result.err
    assert before == table.read_bytes()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text.replace(b",0.2,", b","), "line 2 is no row of a sweep: it has 7 cells, not 8"),
        (lambda text: text.replace(b",error", b",mistake"), "is no table of a sweep"),
        (lambda text: b"\xff" + text, "is no table of a sweep"),
        (lambda text: b"a,b\n", "is no table of a sweep"),
        (lambda text: b"a,b", "is no table of a sweep"),
    ],
)
def test_a_file_that_is_no_table_is_left_alone(
    change: Callable[[bytes], bytes], problem: str, table: Path, runen: Runen
) -> None:
    """What somebody else has written is neither read as rows nor overwritten."""
    table.write_bytes(change(table.read_bytes()))
    before = table.read_bytes()
    result = runen("sweep", "my.toml", "--set", "cell.a=0.02", "--seeds", "1,2")

    check_manners(result, 2)
    assert f"{OUT}{problem}{WAYS_OUT}" == result.err
    assert before == table.read_bytes()


@pytest.mark.parametrize("n_bytes", [0, 10])
def test_a_table_that_was_cut_off_in_its_heading(n_bytes: int, table: Path, runen: Runen) -> None:
    """What a stop before the first row has left is a table without rows."""
    runs = combine("my.toml", [read_axis("cell.a=0.02")])
    table.write_bytes(table.read_bytes()[:n_bytes])
    again = SweepTable(table, ["cell.a", "seed"], runs)
    again.close()

    assert ({}, False) == (again.rows, again.torn)
    assert b"cell.a,seed,status,build_s,run_s,scenario_hash,error\n" == table.read_bytes()


def test_a_scenario_that_has_changed_is_told(table: Path, runen: Runen) -> None:
    """Rows of what the scenario file once said are not taken for those of what it says now."""
    path = Path("my.toml")
    path.write_text(path.read_text().replace("d = 2", "d = 8"))
    result = runen("sweep", "my.toml", "--set", "cell.a=0.02", "--seeds", "1,2")

    check_manners(result, 2)
    assert f"{OUT}the scenario, --duration or --columns was another for cell.a=0.02, seed=1{WAYS_OUT}" == result.err


def test_every_row_is_one_line(runen: Runen) -> None:
    """Line breaks and commas in values, names and messages leave a table of one line a run, that reads as it was."""
    title, key, layer = 'a "b", c', 'columns.layers."x,y"', "odd\nlayer"
    runs = combine("my.toml", [read_axis(f"title='{title}',\"d\\ne\""), read_axis(f"{key}=1")])
    path = Path("x.csv")
    table = SweepTable(path, ["title", key, "seed"], runs)
    table.add(runs[0], Outcome({"spikes": 5}))
    table.add(runs[1], Outcome({"spikes": None, layer: 2.5}, "one\ntwo, three"))
    table.close()
    with path.open(newline="") as file:
        header, first, second = csv.reader(file)

    assert 3 == len(path.read_text().splitlines())
    assert ["title", key, "seed", "status", "spikes", r'"odd\nlayer"'] == header[:6]
    assert [title, "1", "1", "done", "5", ""] == first[:6]
    assert [r'"d\ne"', "1", "1", "failed", "nan", "2.5"] == second[:6]
    assert "one; two, three" == second[-1]
    again = SweepTable(path, ["title", key, "seed"], runs)
    again.close()
    assert table.rows == again.rows


def test_a_slip_in_the_name_of_a_scenario(runen: Runen) -> None:
    """A scenario that is not there is told with the nearest name, as in `runen run`."""
    result = runen("sweep", "colunmar", "--seeds", "1")

    check_manners(result, 2)
    assert f"choices: {', '.join(loading.shipped())}" in result.err
    assert "did you mean 'columnar'?" in result.err
