"""The command `runen drive`: lines in, outputs out, whatever the lines are and wherever they come from."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from capacity_runs import link, network, neuron
from mistakes import check_manners
from runen_command import PATIENCE_S, RUNEN, Result, Runen, runen  # noqa: F401

VECTORS = json.loads((Path(__file__).parent / "data" / "capacity-vectors.json").read_text())

ONE = '{"port": 0, "signal": 1, "outputs": {"0": [], "1": [1]}, "error": null'
STATUS = (
    '"status": {"accumulator": [1, 1, 1], "hit_count": [1, 2, 2], "reset_count": [1, 1, 1], '
    '"dendrite_hit_count": [0, 0, 0], "hits": [[], [], []], "capacities": [[1], [2, 1], [1, 2]]}'
)

RESTLESS = network(
    [neuron("a", 1, *[(9, 9, 1)] * 3), neuron("b", 1, *[(9, 9, 1)] * 3)],
    [
        *(link(0, "a"), link("b", "a", 1), link("b", "a", 2)),
        *(link("b", "b"), link("a", "b", 1), link("a", "b", 2), link("b", 0)),
    ],
)
"""Two neurons that go on for ever after the third signal of 1."""

FAULTY = network(
    [neuron("a", 1, (1, 1, 1)), neuron("b", 0, (1, 1, 1))],
    [link(0, "a"), link("a", "b", 3), link(0, "b"), link("c", "b"), link("a", 0)],
)
"""A network of which links 1, 2 and 3 cannot be made."""


def written(name: str, content: dict[str, Any]) -> str:
    """Write a network file into the current folder and return its name."""
    Path(name).write_text(json.dumps(content), encoding="utf-8")
    return name


def objects(result: Result) -> list[dict[str, Any]]:
    """Return what was answered in JSON, an object a line."""
    return [json.loads(line) for line in result.out.splitlines()]


def piped(lines: bytes, *arguments: str, **settings: str) -> Result:
    """Pipe bytes into the installed command."""
    done = subprocess.run(
        [RUNEN, "drive", *arguments],
        input=lines,
        env={**os.environ, **settings},
        capture_output=True,
        timeout=PATIENCE_S,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


# --- what is answered -----------------------------------------------------------------------------------------------


def test_json_is_what_scripts_rely_on() -> None:
    """Through a pipe each line gets one object, with exactly these names in this order."""
    zero = ONE.replace('"signal": 1', '"signal": 0').replace('"0": [], "1": [1]', '"0": [1], "1": []')

    assert Result(0, f"{ONE}}}\n{zero}}}\n", "") == piped(b"0 1\n0 0\n", "binary-decoder", "--json")


def test_status_is_what_scripts_rely_on(runen: Runen) -> None:
    """`--status` adds the state of all neurons, lists in the order of the file."""
    result = runen("drive", "binary-decoder", "--json", "--status", stdin="0 1\n")

    assert Result(0, f"{ONE}, {STATUS}}}\n", "") == result


def test_text_is_for_people(runen: Runen) -> None:
    """Without `--json` each line gets a line with every port, and with `--status` a line for each neuron."""
    assert Result(0, "0 → -   1 → 1\n0 → 1   1 → -\n", "") == runen("drive", "binary-decoder", stdin="0 1\n0 0\n")
    lines = runen("drive", "binary-decoder", "--status", stdin="0 1").out.splitlines()

    assert ["0", "M0Z0", "M0Z1", "M0Z2"] == [line.split()[0] for line in lines]
    assert (
        "M0Z1  accumulator 1, bias 1; 0 of 2 connected inputs hit (2 in all); 2 hits, 1 resets; 1 listeners; "
        "total weight 0; capacities 2 1"
    ) == lines[2]


def test_every_output_port_is_there(runen: Runen) -> None:
    """Each answer names every bound output port in ascending order, silent ones too, and also where a line is bad."""
    name = written("net.json", network([neuron("a", 0, (9, 9, 1))], [link(5, "a"), *(link("a", k) for k in (12, 3))]))
    answers = objects(runen("drive", name, "--json", stdin="5 2\n5 0\nx\n6 1\n"))

    assert [["3", "12"]] * 4 == [list(answer["outputs"]) for answer in answers]
    assert [[[3], [3]]] + [[[], []]] * 3 == [list(answer["outputs"].values()) for answer in answers]


def test_numbers_keep_their_digits(runen: Runen) -> None:
    """Whole numbers are printed as whole numbers while every digit counts, all others as they are."""
    most = 2**53 - 1
    name = written("net.json", network([neuron("a", 0, (most, most, 1))], [link(0, "a"), link("a", 0)]))
    result = runen("drive", name, "--json", stdin=f"0 0\n0 0.1\n0 {most}\n0 1e300\n0 1e2\n")

    assert '"signal": 1e+300, ' in result.out
    assert [[1], [0.1], [most], [most], [100]] == [answer["outputs"]["0"] for answer in objects(result)]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_what_the_original_did(vector: dict[str, Any], runen: Runen) -> None:
    """Every vector goes through the command: outputs, errors and statuses are those of the original program."""
    expected, name = vector["expected"], written("net.json", vector["network"])
    lines = "".join(f"{port} {size}\n" for port, size in vector["stimuli"])
    result = runen("drive", name, "--json", "--status", "--lenient", stdin=lines)
    answers = objects(result)

    assert (0, len(expected["setup_errors"])) == (result.code, len(result.err.splitlines()))
    assert vector["stimuli"] == [[answer["port"], answer["signal"]] for answer in answers]
    assert expected["outputs"] == [answer["outputs"] for answer in answers]
    assert expected["statuses"] == [answer["status"] for answer in answers]
    assert [error is None for error in expected["input_errors"]] == [answer["error"] is None for answer in answers]


# --- lines that are wrong -------------------------------------------------------------------------------------------

BAD = {
    "x": "a line is a port and a signal, such as: 0 1; not 'x'",
    "0": "a line is a port and a signal, such as: 0 1; not '0'",
    "0 1 2": "a line is a port and a signal, such as: 0 1; not '0 1 2'",
    "one 1": "a port is a whole number, not 'one'",
    "0.5 1": "a port is a whole number, not '0.5'",
    "0 one": "a signal is a number, not 'one'",
    "0 -1": "a signal is a number from 0 on, not -1",
    "0 nan": "a signal is a number from 0 on, not nan",
    "0 inf": "a signal is a number from 0 on, not inf",
    "0 1e999": "a signal is a number from 0 on, not inf",
    "0 \0": "a signal is a number, not '\\x00'",
    "1 1": "there is no input port 1; choices: 0",
    "-1 1": "there is no input port -1; choices: 0",
    f"{10**30} 1": f"there is no input port {10**30}; choices: 0",
    f"0 {'9' * 400}": "a signal is a number from 0 on, not inf",
    f"{'9' * 5000} 1": f"a port is a whole number, not '{'9' * 60}'",
    "9" * 100_000: f"a line is a port and a signal, such as: 0 1; not '{'9' * 60}'",
}


@pytest.mark.parametrize(("line", "message"), BAD.items(), ids=[line[:12] for line in BAD])
def test_a_bad_line_gets_a_message_and_the_session_goes_on(line: str, message: str, runen: Runen) -> None:
    """A line that cannot be read lets nothing in; it is told, and the next line is answered as if it had not been."""
    told = runen("drive", "binary-decoder", stdin=f"{line}\n0 1\n")
    answers = objects(runen("drive", "binary-decoder", "--json", stdin=f"{line}\n0 1\n"))

    assert Result(0, "0 → -   1 → 1\n", f"runen: {message}\n") == told
    assert [message, None] == [answer["error"] for answer in answers]
    assert [{"0": [], "1": []}, {"0": [], "1": [1]}] == [answer["outputs"] for answer in answers]


def test_lines_of_any_bytes() -> None:
    """Bytes that are no text, other ends of lines and a missing one at the end do no harm."""
    lines = b"0 \xff\r\n\xfe\xfd\x00\n\n  \t\n# 0 1\n0 1 # one\r\n 0\t0"
    result = piped(lines, "binary-decoder", "--json", PYTHONIOENCODING="utf-8:strict")

    assert (0, "") == (result.code, result.err)
    assert [True, True, False, False] == [answer["error"] is not None for answer in objects(result)]
    assert [{"0": [], "1": [1]}, {"0": [1], "1": []}] == [answer["outputs"] for answer in objects(result)[2:]]


def test_no_lines_no_answers(runen: Runen) -> None:
    """Nothing on standard input is no mistake; empty lines and comments get no answer."""
    assert Result(0, "", "") == runen("drive", "binary-decoder", "--json", stdin="")
    assert Result(0, "", "") == runen("drive", "binary-decoder", "--status", stdin="\n \n# 0 1\n\t# x\n\n")


# --- networks that are wrong, or never rest -------------------------------------------------------------------------


def test_a_network_that_never_rests_gets_an_error_object(runen: Runen) -> None:
    """What came out until the limit is told with the error; the next line is answered too, with its own error."""
    name = written("net.json", RESTLESS)
    answers = objects(runen("drive", name, "--json", "--max-ticks", "50", stdin="0 1\n" * 5 + "x\n"))
    error = "the network has not come to rest within 50 ticks"
    refused = f"{error}; no signal was let in"

    assert [None, None, error, refused, refused] == [answer["error"] for answer in answers[:5]]
    assert all(len(answer["outputs"]["0"]) >= 10 for answer in answers[2:5])
    assert answers[5]["error"].startswith("a line is a port and a signal")


def test_a_limit_that_is_just_long_enough(runen: Runen) -> None:
    """A network that needs 2 ticks rests within 2, and not within 1; what is under way goes on with the next line."""
    two = objects(runen("drive", "binary-decoder", "--json", "--max-ticks", "2", stdin="0 1\n"))
    one = objects(runen("drive", "binary-decoder", "--json", "--max-ticks", "1", stdin="0 1\n0 0\n"))

    assert [None] == [answer["error"] for answer in two]
    assert "the network has not come to rest within 1 ticks" == one[0]["error"]
    assert {"0": [], "1": []} == one[0]["outputs"]


def test_a_network_with_faults_is_refused_as_a_whole(runen: Runen) -> None:
    """All faults are listed with line and column, with exit code 3, and no line is answered."""
    result = runen("drive", written("net.json", FAULTY), "--json", stdin="0 1\n")

    check_manners(result, 3)
    assert ["links.1.Inner.dst_synapse_idx", "links.2.Input.input_port", "links.3.Inner.src_id"] == [
        line.removeprefix("runen: ").split(": ")[1] for line in result.err.splitlines()
    ]
    assert all("net.json:1:" in line for line in result.err.splitlines())


def test_lenient_leaves_out_what_is_refused(runen: Runen) -> None:
    """`--lenient` tells the same faults, leaves those links out, and drives the rest."""
    name = written("net.json", FAULTY)
    faults = runen("drive", name).err.removeprefix("runen: ").splitlines()
    result = runen("drive", name, "--lenient", "--json", stdin="0 1\n")

    assert [f"runen: left out: {fault}" for fault in faults] == result.err.splitlines()
    assert (0, [{"0": [2]}]) == (result.code, [answer["outputs"] for answer in objects(result)])


def test_lenient_does_not_help_a_broken_file(runen: Runen) -> None:
    """What is wrong with neurons, and not with links, is refused with `--lenient` too."""
    name = written("net.json", network([neuron("a", 1, (1, 2, 1))], [link(0, "a"), link("b", "a")]))
    result = runen("drive", name, "--lenient", stdin="0 1\n")

    check_manners(result, 3)
    assert "neurons.0.input_configs.0.regeneration: " in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "fragment"),
    [
        (("binary-decodr",), 2, "no scenario is called 'binary-decodr'; did you mean 'binary-decoder'? choices: "),
        (("",), 2, "no scenario is called ''"),
        (("columnar",), 2, "columnar has no capacity network to drive"),
        (("nowhere.yaml",), 2, "nowhere.yaml: cannot be read"),
        (("nowhere.toml",), 2, "there is no file 'nowhere.toml'"),
        (("net.txt",), 2, "net.txt: a network file must end in .json, .yaml, .yml"),
        (("n" * 300,), 2, "no scenario is called"),
    ],
)
def test_what_cannot_be_driven_gets_a_message(
    arguments: tuple[str, ...], code: int, fragment: str, runen: Runen
) -> None:
    """A name that leads to no network is told with what else there is."""
    result = runen("drive", *arguments)

    check_manners(result, code)
    assert fragment in result.err


def test_a_scenario_says_how_synapses_regenerate(runen: Runen) -> None:
    """A network of a scenario with `regeneration = "tick"` regenerates in time, a file's with each signal."""
    chain = network(
        [neuron("a", 0, (4, 1, 1)), neuron("b", 0, (9, 9, 1))], [link(0, "a"), link("a", "b"), link("b", 0)]
    )
    written("net.json", chain)
    Path("my.toml").write_text('title = "t"\nduration = "1 s"\nregeneration = "tick"\nnetwork.file = "net.json"\n')
    by_name = {
        name: [answer["outputs"]["0"] for answer in objects(runen("drive", name, "--json", stdin="0 4\n" * 3))]
        for name in ("net.json", "my.toml")
    }

    assert {"net.json": [[6], [1], [1]], "my.toml": [[6], [2], [2]]} == by_name


# --- other words than numbers ---------------------------------------------------------------------------------------


def test_status_save_help_and_quit(runen: Runen) -> None:
    """People may ask what neurons do, save, ask for help, and end the session; in JSON these are bad lines."""
    lines = "help\nstatus M0Z1\nstatus\nstatus nobody\nsave a b.yaml\nquit\n0 1\n"
    result = runen("drive", "binary-decoder", stdin=lines)
    in_json = objects(runen("drive", "binary-decoder", "--json", stdin="quit\nsave x.json\n0 1\n"))

    assert ["Type:", "status", "save", "help,", "M0Z1", "M0Z0", "M0Z1", "M0Z2", "written:"] == [
        line.split()[0] for line in result.out.splitlines()
    ]
    assert "runen: no neuron is called 'nobody'; choices: M0Z0, M0Z1, M0Z2\n" == result.err
    assert ["a b.yaml"] == sorted(path.name for path in Path().iterdir())
    assert [True, True, False] == [answer["error"] is not None for answer in in_json]


@pytest.mark.parametrize("name", ["", "x.txt", "nowhere/x.json", "x"])
def test_a_network_that_cannot_be_saved_ends_nothing(name: str, runen: Runen) -> None:
    """A file that cannot be written gets a message, and the session goes on."""
    result = runen("drive", "binary-decoder", stdin=f"save {name}\n0 1\n")

    assert (0, "0 → -   1 → 1\n", True) == (result.code, result.out, result.err.startswith("runen: "))
    assert [] == list(Path().iterdir())


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_saved_network_goes_on_identically(suffix: str, runen: Runen) -> None:
    """A network saved while signals are on their way goes on from the file as it would have gone on."""
    first = "0 1\n" * 3 + f"save middle.{suffix}\n"
    written("net.json", RESTLESS)
    runen("drive", "net.json", "--max-ticks", "7", stdin=first)
    there = runen("drive", "net.json", "--max-ticks", "7", "--status", stdin=first + "0 2\n0 3\nsave end.json\n")
    again = runen("drive", f"middle.{suffix}", "--max-ticks", "7", "--status", stdin="0 2\n0 3\nsave again.json\n")

    assert json.loads(runen("network", "show", f"middle.{suffix}", "--json").out)["neurons"]
    assert again.out.splitlines()[:-1] == there.out.splitlines()[-len(again.out.splitlines()) : -1]
    assert Path("end.json").read_bytes() == Path("again.json").read_bytes()


# --- an unfriendly machine ------------------------------------------------------------------------------------------


def shell(command: str) -> Result:
    """Run a line of the shell, in which `$0` is the command."""
    done = subprocess.run(["/bin/sh", "-c", command, RUNEN], capture_output=True, text=True, timeout=PATIENCE_S)
    return Result(done.returncode, done.stdout, done.stderr)


def test_closed_standard_streams() -> None:
    """A command that is started without standard input or output runs as it would with empty ones."""
    assert Result(0, "", "") == shell('"$0" drive binary-decoder <&-')
    assert Result(0, "", "") == shell('echo 0 1 | "$0" drive binary-decoder --json >&-')


def test_a_reader_that_goes_away() -> None:
    """Where nobody reads the answers any more the command ends without a word."""
    result = shell('{ yes "0 1" | head -20000; } | "$0" drive binary-decoder | head -1')

    assert Result(0, "0 → -   1 → 1\n", "") == result


def test_a_plain_terminal_is_enough() -> None:
    """Where the terminal has no arrow, it is shown with an escape."""
    assert Result(0, "0 \\u2192 -   1 \\u2192 1\n", "") == piped(b"0 1\n", "binary-decoder", PYTHONIOENCODING="ascii")


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_ctrl_c(state: str, tmp_path: Path) -> None:
    """Answers come at once; Ctrl-C ends the session without a traceback, while it waits for a line or runs."""
    path = tmp_path / "net.json"
    path.write_text(json.dumps(RESTLESS))
    with subprocess.Popen(
        [RUNEN, "drive", str(path), "--json", "--max-ticks", str(2**30)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for _ in range(2):
            process.stdin.write(b"0 1\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["error"] is None
        if state == "running":
            process.stdin.write(b"0 1\n")
            process.stdin.flush()
            assert [] == select.select([process.stdout], [], [], 0.5)[0]
        process.send_signal(signal.SIGINT)
        assert 130 == process.wait(PATIENCE_S)
        assert b"" == process.stderr.read()


def test_a_prompt_at_a_terminal(tmp_path: Path) -> None:
    """Who types gets told what there is, a prompt and answers; the end of input ends the session."""
    terminal, line = pty.openpty()
    said, limit = "", monotonic() + PATIENCE_S
    with subprocess.Popen([RUNEN, "drive", "binary-decoder"], stdin=line, stdout=line, stderr=line) as process:
        os.close(line)
        try:
            for typed in ("0 1\n", "7 1\n", "\x04"):
                while not said.endswith("> "):
                    assert monotonic() < limit, said
                    assert process.poll() is None, said
                    said += read(terminal)
                os.write(terminal, typed.encode())
                said += "\n"  # until the next prompt comes
            assert 0 == process.wait(PATIENCE_S)
            said += read(terminal)
        finally:
            process.kill()
            os.close(terminal)

    assert "3 neurons; input ports 0; output ports 0, 1" in said
    assert "status [NEURON]" in said
    assert "0 → -   1 → 1" in said
    assert "runen: there is no input port 7; choices: 0" in said


def read(terminal: int) -> str:
    """Return what a terminal shows next; nothing after its end."""
    if not select.select([terminal], [], [], 1.0)[0]:
        return ""
    try:
        return os.read(terminal, 65536).decode(errors="replace").replace("\x1b[?2004h", "").replace("\x1b[?2004l", "")
    except OSError:
        return ""
