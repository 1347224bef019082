"""Files that only look like saved runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mistakes import Runen, check_manners, runen  # noqa: F401

from runen_ecs.files import ARRAYS, load_run


def other_than_a_run(change: str) -> None:
    """Write ``x.npz``, a saved run of `my.toml` with a flaw."""
    data = load_run(Path("right.npz"))
    arrays: dict[str, Any] = {name: getattr(data, name) for name in ARRAYS} | {"meta": np.array(json.dumps(data.meta))}
    if change == "other arrays":
        arrays = {"x": np.arange(3)}
    elif change == "an array less":
        del arrays["trace_v"]
    elif change == "meta without figures":
        arrays["meta"] = np.array('{"ticks": 20}')
    elif change == "meta is a list":
        arrays["meta"] = np.array("[]")
    elif change == "spikes of nobody":
        arrays |= {"spike_tick": np.array([1], np.int32), "spike_neuron": np.array([99], np.int32)}
    elif change == "a spike without a neuron":
        arrays |= {"spike_tick": np.array([1, 2], np.int32), "spike_neuron": np.array([1], np.int32)}
    elif change == "a spike before the run":
        arrays |= {"spike_tick": np.array([-7], np.int32), "spike_neuron": np.array([1], np.int32)}
    elif change == "spikes in words":
        arrays |= {"spike_tick": np.array(["one"]), "spike_neuron": np.array([1], np.int32)}
    elif change == "a flat trace":
        arrays["trace_v"] = np.zeros(3)
    np.savez("x.npz", **arrays)
    if change == "half of it":
        whole = Path("right.npz").read_bytes()
        Path("x.npz").write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    "change",
    [
        "half of it",
        "other arrays",
        "an array less",
        "meta without figures",
        "meta is a list",
        "spikes of nobody",
        "a spike without a neuron",
        "a spike before the run",
        "spikes in words",
        "a flat trace",
    ],
)
def test_plot_refuses_what_is_no_run(change: str, runen: Runen) -> None:
    """`runen plot` draws nothing from a file that no run has left, and says how to make one."""
    assert 0 == runen("run", "my.toml", "--no-plots", "--quiet", "--save", "right.npz").code
    other_than_a_run(change)
    result = runen("plot", "x.npz", "--out", "folder")

    check_manners(result, 2)
    assert "x.npz: is no saved run" in result.err
    assert "--save" in result.err
    assert [] == list(Path("folder").iterdir())
