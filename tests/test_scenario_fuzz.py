"""Whatever a scenario file holds, it is loaded or refused with a message; it never breaks the loader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_texts import EVERY_KEY

from runen_ecs.errors import RunenError
from runen_ecs.scenarios import load, shipped
from runen_ecs.scenarios.printing import as_toml
from runen_ecs.scenarios.schema import Scenario

COLUMNAR = shipped()["columnar"].read_text(encoding="utf-8")
NETWORK = """\
title = "A small network"
duration = "20 ms"
regeneration = "tick"
pictures = ["network"]

[network]
inputs = 2
outputs = 1

[[network.neurons]]
id = "a"
bias = 1

[[network.neurons.input_configs]]
capacity_max = 4
regeneration = 2
weight = 1.5

[[network.links]]

[network.links.Input]
input_port = 0
dst_id = "a"
dst_synapse_idx = 0

[[network.links]]

[network.links.Output]
src_id = "a"
output_port = 0

[stimulus]
signals = [["when quiet", 0, 1]]

[record]
signals = true
"""
BRIDGED = (
    NETWORK.partition("[stimulus]")[0]
    + """\
[[bridges]]
into = 0
column = 0
layer = "only"
neuron = 1

[[bridges]]
out_of = 0
column = 0
layer = "only"
weight = 2.5
delay = "2 ms"

[columns]
count = 1
layers = { only = 3 }

[synapses]
delay = { shortest = "1 ms", longest = "2 ms" }
strength = { weakest = 0.5, strongest = 4 }
excitatory = 1
limit = 4

[synapses.capacity]
maximum = 3
regeneration = 1

[cell]
a = 0.02
b = 0.2
c = -65
d = 2
v = -65
spike_size = 1

[[connections]]
from = "only"
to = "only"
column = "same"
probability = 1
"""
)
TRAINS = (
    NETWORK.partition("[stimulus]")[0]
    + """\
[[stimulus.trains]]
port = 0
signal = 1
first = 2
every = 3
count = 4
"""
)
RANDOM = (
    NETWORK.partition("[stimulus]")[0]
    + """\
[stimulus.random]
ports = [0]
signals = [1, 2]
count = 4
"""
)
TEXTS = {
    "columnar": COLUMNAR,
    "network": NETWORK,
    "bridged": BRIDGED,
    "trains": TRAINS,
    "random": RANDOM,
    "language": EVERY_KEY,
}
SETTINGS: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}

ODD_VALUES = {
    "nothing": "",
    "zero": "0",
    "minus one": "-1",
    "minus zero": "-0.0",
    "fraction": "0.5",
    "not a number": "nan",
    "infinity": "-inf",
    "largest float": "1.7e308",
    "too large for a float": "1e999",
    "more than 64 bits": "18446744073709551616",
    "400 digits": "9" * 400,
    "5000 digits": "9" * 5000,
    "5000 hexadecimal digits": f"0x{'f' * 5000}",
    "true": "true",
    "date": "1979-05-27",
    "time of day": "07:32:00",
    "empty text": '""',
    "text": '"text"',
    "null character": '"\\u0000"',
    "beyond the basic plane": '"\U0001f9e0"',
    "time": '"3 ms"',
    "huge time": '"1e308 s"',
    "infinite time": '"1e400 min"',
    "time without end": '"1e999999999999999999 min"',
    "time of 5000 digits": f'"{"9" * 5000} ms"',
    "tiny time": '"1e-320 ms"',
    "negative time": '"-3 ms"',
    "potential": '"3 mV"',
    "huge potential": '"1e308 V"',
    "empty list": "[]",
    "list": "[1, 'a', {b = 2}]",
    "deep list": f"{'[' * 5000}{']' * 5000}",
    "empty table": "{}",
    "table": "{ a = 1, '' = { b = [] } }",
    "deep table": f"{'{a=' * 2000}1{'}' * 2000}",
}


def outcome(name: str, overrides: Sequence[str] = ()) -> Scenario | RunenError:
    """Return the scenario, or the error with which it is refused; any other exception passes through."""
    try:
        return load(name, overrides)
    except RunenError as error:
        return error


def is_in_order(result: Scenario | RunenError) -> bool:
    """Whether a scenario was loaded, or refused with words and an exit code of its own."""
    if isinstance(result, RunenError):
        return bool(str(result)) and result.exit_code in (2, 3)
    return isinstance(result, Scenario)


def check(text: str, path: Path) -> None:
    """Load a text; where it is a scenario, what `show` prints of it must be the same scenario."""
    path.write_text(text, encoding="utf-8", newline="")
    result = outcome(str(path))
    assert is_in_order(result)
    if isinstance(result, Scenario):
        path.write_text(as_toml(result), encoding="utf-8", newline="")
        assert result == outcome(str(path))


def test_the_texts_are_scenarios(tmp_path: Path) -> None:
    """What is changed here is right before it is changed."""
    for name, text in TEXTS.items():
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")

        assert isinstance(outcome(str(path)), Scenario)


@pytest.mark.parametrize("value", ODD_VALUES.values(), ids=[name.replace(" ", "-") for name in ODD_VALUES])
def test_no_value_of_any_key_breaks_the_loader(value: str, tmp_path: Path) -> None:
    """Any value in the place of any value is loaded or refused."""
    broken = {}
    for text in TEXTS.values():
        lines = text.splitlines()
        for number, line in enumerate(lines):
            key, equals, _ = line.partition(" = ")
            if equals and '"""' not in line:
                changed = [*lines[:number], f"{key} = {value}", *lines[number + 1 :]]
                try:
                    check("\n".join(changed), tmp_path / "odd.toml")
                except Exception as error:
                    broken.setdefault(f"{type(error).__name__}: {error}"[:200], []).append(key)

    assert {} == broken


# --- any change of the text -----------------------------------------------------------------------------------------

TOKEN = re.compile(r'-?\d+(?:\.\d+)?|"[^"\n]*"|[A-Za-z_]\w*')
CHARACTERS = st.sampled_from([*"[]{}\"'=,.#\n\t \\0-e_", "\r", "\0", "é", "日", "\U0001f9e0", "\u2028", "\ufeff"])


@st.composite
def changed_texts(draw: st.DrawFn) -> str:
    """Draw a scenario with one to four changes."""
    text = draw(st.sampled_from(list(TEXTS.values())))
    for _ in range(draw(st.integers(1, 4))):
        lines = text.split("\n")
        places = st.integers(0, len(lines) - 1)
        number = draw(places)
        kind = draw(st.sampled_from(["delete", "double", "swap", "move", "insert", "remove", "replace", "end"]))
        if kind == "delete":
            del lines[number : number + draw(st.integers(1, 5))]
        elif kind == "double":
            lines.insert(draw(places), lines[number])
        elif kind == "swap":
            other = draw(places)
            lines[number], lines[other] = lines[other], lines[number]
        elif kind == "move":
            lines.insert(draw(places), lines.pop(number))
        elif kind == "insert":
            at = draw(st.integers(0, len(lines[number])))
            lines[number] = lines[number][:at] + draw(CHARACTERS) + lines[number][at:]
        elif kind == "remove":
            at = draw(st.integers(0, len(lines[number])))
            lines[number] = lines[number][:at] + lines[number][at + draw(st.integers(1, 3)) :]
        elif kind == "replace":
            tokens = list(TOKEN.finditer(lines[number]))
            if tokens:
                token = draw(st.sampled_from(tokens))
                value = draw(st.sampled_from(list(ODD_VALUES.values())) | st.text(max_size=8).map(lambda s: f'"{s}"'))
                lines[number] = lines[number][: token.start()] + value + lines[number][token.end() :]
        else:
            del lines[number:]
        text = "\n".join(lines) or "\n"
    return text


@settings(max_examples=2000, **SETTINGS)
@given(text=changed_texts())
def test_no_change_of_a_scenario_breaks_the_loader(text: str, tmp_path: Path) -> None:
    """A scenario file with slips of any kind is loaded or refused."""
    check(text, tmp_path / "slip.toml")


@settings(max_examples=200, **SETTINGS)
@given(table=st.text('0123456789.,-+einfa \r\n"\t\0\ufeff', max_size=30) | st.text(max_size=30))
def test_no_table_of_stimuli_breaks_the_loader(table: str, tmp_path: Path) -> None:
    """A table of stimuli with any text below its heading is read or refused."""
    path = tmp_path / "table.toml"
    path.write_text(NETWORK.replace('signals = [["when quiet", 0, 1]]', 'file = "s.csv"'), encoding="utf-8")
    (tmp_path / "s.csv").write_text("tick,port,signal\n" + table, encoding="utf-8", errors="replace", newline="")

    assert is_in_order(outcome(str(path)))


@settings(max_examples=100, **SETTINGS)
@given(content=st.binary(max_size=60))
def test_no_bytes_break_the_loader(content: bytes, tmp_path: Path) -> None:
    """A file of any bytes is refused."""
    path = tmp_path / "bytes.toml"
    path.write_bytes(content)

    assert isinstance(outcome(str(path)), RunenError)


@settings(max_examples=200, **SETTINGS)
@given(
    key=st.text(max_size=12) | st.sampled_from(["phases.0", "stdp", "columns.layers.new", "²", "0"]),
    value=st.text(max_size=12),
)
def test_no_override_breaks_the_loader(key: str, value: str) -> None:
    """Anything after `--set` is taken or refused."""
    assert is_in_order(outcome("columnar", [f"{key}={value}"]))


# --- numbers with units ---------------------------------------------------------------------------------------------


@settings(max_examples=300, **SETTINGS)
@given(ticks=st.integers(1, 10**7), unit=st.sampled_from([("ms", 1), ("s", 1000), ("min", 60_000)]))
def test_a_whole_number_of_ticks_is_one_in_any_unit(ticks: int, unit: tuple[str, int]) -> None:
    """1.001 s is 1001 ms: no time that is a whole number of ticks is refused for how it is written."""
    name, ms = unit
    ticks -= ticks % 3 if ms == 60_000 else 0  # the others have no end in decimals of a minute
    ticks = ticks or 3
    number = Decimal(ticks) / ms

    assert ticks == load("columnar", [f"duration={number:f} {name}", "columns.count=1"]).duration


@settings(max_examples=100, **SETTINGS)
@given(millivolts=st.floats(0, 1e6))
def test_a_potential_is_one_number_with_and_without_its_unit(millivolts: float) -> None:
    """4.0 and "4.0 mV" are the same potential, to the last digit."""
    plain, named = (load("columnar", [f"stdp.amplitude={millivolts!r}{unit}"]) for unit in ("", " mV"))

    assert millivolts == plain.stdp.amplitude == named.stdp.amplitude  # type: ignore[union-attr]
