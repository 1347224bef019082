"""A type checker knows what is a number, what is an array and what is a resource, and rejects misspelt names."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("mypy")

HEADING = '''\
"""A component and a system as a user writes them."""

from typing import assert_type

import numpy as np
from numpy.typing import NDArray

from runen_ecs.engine import Add, Clock, Component, Flag, Float, Int, Kind, Read, Reference, Short, System, World, Write
from runen_ecs.engine import field, reference


class Capacity(Component, kind=Kind("synapse")):
    level: Float = field(default=1.0, unit="signal")
    hits: Int = field(default=0)
    ticks: Short = field(default=1)
    spent: Flag = field(default=False)


class Feed(Component, kind=Kind("synapse")):
    neuron: Reference = reference(Kind("neuron"), cascade=False)


class Regeneration(System):
    read: Read[Capacity]
    write: Write[Capacity]
    add: Add[Capacity]
    clock: Read[Clock]
    own_clock: Write[Clock]


def check(system: Regeneration, world: World) -> None:
'''

UNKNOWN = 'has no attribute "levle"'
ACCEPTED = [
    "assert_type(Capacity(level=0.5).level, float)",
    "assert_type(Capacity().hits, int)",
    "assert_type(Capacity().ticks, int)",
    "assert_type(Capacity().spent, bool)",
    "assert_type(world.component(1, Capacity), Capacity)",
    "assert_type(world.component(1, Capacity).level, float)",
    "assert_type(world.storage(Capacity).arrays.level, NDArray[np.float64])",
    "assert_type(world.storage(Capacity).arrays.hits, NDArray[np.int32])",
    "assert_type(world.storage(Capacity).arrays.ticks, NDArray[np.uint16])",
    "assert_type(world.storage(Capacity).arrays.spent, NDArray[np.bool_])",
    "assert_type(Feed(neuron=1).neuron, int)",
    "assert_type(world.storage(Feed).arrays.neuron, NDArray[np.int32])",
    "assert_type(system.read.level, NDArray[np.float64])",
    "assert_type(system.write.level, NDArray[np.float64])",
    "assert_type(system.add.level, NDArray[np.float64])",
    "assert_type(system.clock, Clock)",
    "assert_type(system.clock.dt, float)",
    "assert_type(system.own_clock, Clock)",
    "assert_type(world.resource(Clock), Clock)",
    "Capacity().level = 2.0",
    "Capacity.batch(level=np.zeros(3), hits=1)",
]
REJECTED = [
    ("Capacity().levle", UNKNOWN),
    ("Capacity().levle = 2.0", UNKNOWN),
    ("world.component(1, Capacity).levle", UNKNOWN),
    ("world.storage(Capacity).arrays.levle", UNKNOWN),
    ("world.storage(Capacity).arrays.levle = np.zeros(3)", UNKNOWN),
    ("system.read.levle", UNKNOWN),
    ("system.write.levle[:] = 0.0", UNKNOWN),
    ("system.write.levle", UNKNOWN),
    ("system.add.levle", UNKNOWN),
    ("system.clock.tikc", 'has no attribute "tikc"'),
    ("Capacity(levle=0.5)", 'Unexpected keyword argument "levle"'),
    ('Capacity(level="high")', 'Argument "level" to "Capacity" has incompatible type "str"; expected "float"'),
    ('Capacity().level = "high"', 'expression has type "str", variable has type "float"'),
    ("Capacity(0.5)", "Too many positional arguments"),
]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """What ``mypy --strict`` says about each line: its errors, joined; nothing where it is content."""
    folder = tmp_path_factory.mktemp("typing")
    lines = [*ACCEPTED, *(line for line, _ in REJECTED)]
    (folder / "sample.py").write_text(HEADING + "".join(f"    {line}\n" for line in lines))
    options = ["--strict", "--cache-dir", str(folder / "cache"), "--no-error-summary", "--hide-error-context"]
    finished = subprocess.run(
        [sys.executable, "-P", "-m", "mypy", *options, "sample.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.stderr == ""
    first = HEADING.count("\n") + 1
    said: dict[str, str] = dict.fromkeys(lines, "")
    for report in finished.stdout.splitlines():
        number, problem = report.removeprefix("sample.py:").split(": error: ")
        said[lines[int(number) - first]] += problem
    return said


@pytest.mark.parametrize("line", ACCEPTED)
def test_type_checker_accepts(verdicts, line):
    """A view holds Python numbers, a storage and every access arrays of the declared dtype, a resource is itself."""
    expected = ""

    assert expected == verdicts[line]


@pytest.mark.parametrize(("line", "problem"), REJECTED)
def test_type_checker_rejects(verdicts, line, problem):
    """A misspelt or mistyped field is an error before anything runs: on a view, a storage, an access, a resource."""
    assert problem in verdicts[line]
