"""Recorded fields in saved runs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from runen_ecs.errors import FileError
from runen_ecs.files import RunData, Values, is_whole, load_run, save_run
from runen_ecs.scenarios.building import build
from runen_ecs.scenarios.loading import load


@pytest.fixture(scope="module")
def data() -> RunData:
    """A short run that records a field of neurons and one of synapses."""
    values = [
        {"field": "Recovery.u", "of": "excitatory neuron=0..2", "every": "5 ms"},
        {"field": "Weight.value", "of": "inhibition", "every": "10 ms"},
    ]
    keys = {"populations.excitatory.size": 8, "populations.inhibitory.size": 2, "duration": "20 ms"}
    simulation = build(load("izhikevich-2003", keys | {"record.values": values}))
    simulation.run(20)
    return simulation.data()


def same(first: list[Values], second: list[Values]) -> bool:
    return [(x.field, x.unit, x.of, x.number.tolist(), x.tick.tolist(), x.value.tolist()) for x in first] == [
        (x.field, x.unit, x.of, x.number.tolist(), x.tick.tolist(), x.value.tolist()) for x in second
    ]


def test_recorded_fields_survive_a_file(data: RunData, tmp_path: Path) -> None:
    """What was recorded of fields is in the file, and comes back the same."""
    save_run(data, tmp_path / "x.npz")
    again = load_run(tmp_path / "x.npz")

    assert [("Recovery.u", (4, 3)), ("Weight.value", (2, 20))] == [(x.field, x.value.shape) for x in again.values]
    assert same(data.values, again.values)
    assert data.values_of("Weight.value") is data.values[1]
    assert data.values_of("Weight") is None


def test_recorded_fields_are_a_table(data: RunData, tmp_path: Path) -> None:
    """As CSV they are a row for each field, moment and entity."""
    save_run(data, tmp_path / "x.csv")
    with (tmp_path / "x.values.csv").open(newline="") as file:
        rows = list(csv.reader(file))

    assert ["field", "of", "tick", "number", "value"] == rows[0]
    assert 4 * 3 + 2 * 20 == len(rows) - 1
    assert ["Recovery.u", "excitatory neuron=0..2", "5", "0", repr(float(data.values[0].value[0, 0]))] == rows[1]


def test_a_field_that_does_not_fit_is_no_run(data: RunData, tmp_path: Path) -> None:
    """A file whose parts do not fit together is told from a run, and one that lacks a part is none."""
    broken = Values("Recovery.u", "mV/ms", "all", np.zeros(3, np.int32), np.zeros(2, np.int32), np.zeros((3, 3)))
    save_run(RunData(**{**vars(data), "values": [broken]}), tmp_path / "x.npz")

    assert is_whole(data)
    assert not is_whole(load_run(tmp_path / "x.npz"))

    with np.load(tmp_path / "x.npz") as file:
        np.savez(tmp_path / "y.npz", **{name: file[name] for name in file.files if name != "values_0_tick"})
    with pytest.raises(FileError):
        load_run(tmp_path / "y.npz")
