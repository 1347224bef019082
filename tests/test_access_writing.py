"""A system that writes what it declared as Read fails at its first tick."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from faulty_systems import Charge, Level, _Compiled, _Python, run, ways, world  # noqa: F401

from runen_ecs.engine import (
    DispatcherBuilder,
    Floats,
    kernel,
)
from runen_ecs.errors import AccessError, RunenError

# -- kernels that write what their system reads -------------------------------------------------------------------


@kernel
def overwrite(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    for i in range(heat.size):
        charge[i] = level[i] + heat[i]


@kernel
def increase(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    for i in range(heat.size):
        charge[i] += level[i] + heat[i]


@kernel
def clear(array: Floats) -> None:
    array[:] = 0.0


@kernel
def overwrite_through_another(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    clear(charge)


@kernel
def fill(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    charge.fill(0.0)


class OverwritingKernel(_Compiled):
    kernel = overwrite


class IncreasingKernel(_Compiled):
    kernel = increase


class IndirectKernel(_Compiled):
    kernel = overwrite_through_another


class FillingKernel(_Compiled):
    kernel = fill


# -- Python systems that write what they read ---------------------------------------------------------------------


class WritingASlice(_Python):
    def run(self) -> None:
        self.charge.value[:] = 0.0


class WritingAnItem(_Python):
    def run(self) -> None:
        self.charge.value[0] = 0.0


class IncreasingItems(_Python):
    def run(self) -> None:
        self.charge.value[[0, 1, 2]] += self.level.value


class IncreasingTheArray(_Python):
    def run(self) -> None:
        charge = self.charge.value
        charge += self.level.value


class IncreasingTheAttribute(_Python):
    def run(self) -> None:
        self.charge.value += self.level.value


class WritingThroughAName(_Python):
    def run(self) -> None:
        charge = self.charge.value
        charge[0] = self.level.value[0]


class WritingOnSeveralLines(_Python):
    def run(self) -> None:
        self.charge.value[[0, 1, 2]] = np.clip(
            self.level.value,
            0.0,
            1.0,
        )


class WritingTwoThings(_Python):
    def run(self) -> None:
        self.heat.value[0], self.charge.value[0] = 1.0, 1.0


class WritingThroughAMethod(_Python):
    def run(self) -> None:
        self.charge.value.fill(0.0)


class WritingThroughNumPy(_Python):
    def run(self) -> None:
        np.add(self.level.value, 1.0, out=self.charge.value)


COMPILED = [OverwritingKernel, IncreasingKernel, IndirectKernel, FillingKernel]


PYTHON = [
    WritingASlice,
    WritingAnItem,
    IncreasingItems,
    IncreasingTheArray,
    IncreasingTheAttribute,
    WritingThroughAName,
    WritingOnSeveralLines,
    WritingTwoThings,
    WritingThroughAMethod,
    WritingThroughNumPy,
]


@ways
@pytest.mark.parametrize("system", [*COMPILED, *PYTHON])
def test_writing_what_is_read_fails_at_the_first_tick(world, system, stepped):
    """Whoever writes what it declares as Read is named with the component and the line that would allow it."""
    with pytest.raises(AccessError) as caught:
        run(world, system(), stepped)
    error = caught.value
    expected = (
        f"{system.__name__} writes Charge, which it declares as Read; "
        "declare `charge: Write[Charge]`, or leave the array as it is"
    )

    assert expected == str(error)
    assert (system.__name__, "Charge", "charge") == (error.system, error.component, error.attribute)
    assert world.tick <= 1


@ways
@pytest.mark.parametrize("system", [*COMPILED, *PYTHON])
def test_nothing_is_written_that_is_read(world, system, stepped):
    """The write that fails has changed nothing."""
    with pytest.raises(AccessError):
        run(world, system(), stepped)
    expected = ([1.0] * 3, [2.0] * 3)

    assert expected == tuple(world.storage(c).arrays.value.tolist() for c in (Level, Charge))


@pytest.mark.parametrize("system", [WritingASlice, IncreasingTheArray])
def test_start_up_system_is_held_to_its_declaration(world, system):
    """A start-up system that writes what it reads is named like one that does it in a tick."""
    dispatcher = DispatcherBuilder().add_start_up(system(), "suspect").build(world)
    with pytest.raises(AccessError, match=rf"^{system.__name__} writes Charge, "):
        dispatcher.start()


def test_access_error_is_of_the_project_and_builtin():
    """An AccessError can be caught as the project's or as a PermissionError."""
    assert issubclass(AccessError, RunenError)
    assert issubclass(AccessError, PermissionError)


@pytest.mark.parametrize("tests", ["fails_at_the_first_tick", "nothing_is_written"])
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="runs the uncompiled half of itself")
def test_uncompiled_kernels_are_held_to_their_declarations(tests):
    """Without a compiler the same systems fail in the same way: the declaration, not numba, is the rule."""
    options = ["-p", "no:cacheprovider", "-k", f"{tests} and Kernel"]
    finished = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *options, __file__],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert finished.returncode == 0, finished.stdout
    assert f"{2 * len(COMPILED)} passed" in finished.stdout
