"""Ticks of other lengths: every time of a scenario follows them, and what does not fit is said."""

from __future__ import annotations

import numpy as np
import pytest
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.components import Delay
from runen_ecs.scenarios import build, load
from runen_ecs.scenarios.faults import ScenarioError
from runen_ecs.scenarios.printing import as_toml
from runen_ecs.systems import IzhikevichIntegration, StdpLearning

SMALL = {"columns.count": 1, "duration": "200 ms", "phases": []}


def test_times_are_counted_in_ticks() -> None:
    """With ticks of half a millisecond there are twice as many: of the run, of delays, of the learning horizon."""
    whole, half = (build(load("columnar", SMALL | {"dt": dt})) for dt in ("1 ms", "0.5 ms"))
    delays = [simulation.world.storage(Delay).arrays.ticks for simulation in (whole, half)]
    rules = [simulation.dispatcher.plan["stdp_learning"] for simulation in (whole, half)]

    assert (200, 400) == (whole.scenario.duration, half.scenario.duration)
    assert (1, 19) == (delays[0].min(), delays[0].max())
    assert (2, 38) == (delays[1].min(), delays[1].max())
    assert all(isinstance(rule, StdpLearning) for rule in rules)
    assert [100.0, 200.0] == [rule.horizon for rule in rules if isinstance(rule, StdpLearning)]


def test_data_know_the_tick() -> None:
    """What a run leaves is as long as the model time, whatever the tick."""
    simulation = build(load("columnar", SMALL | {"dt": "0.25 ms"}))
    simulation.run(simulation.scenario.duration)
    data = simulation.data()

    assert (800, 0.25, (800, 1)) == (data.n_ticks, data.meta["dt_ms"], data.trace_v.shape)
    assert not data.meta["partial"]


def test_one_millisecond_is_the_default() -> None:
    """A tick of 1 ms, said or not, gives the same bits."""
    first, second = (build(load("columnar", SMALL | more)) for more in ({}, {"dt": "1 ms"}))
    for simulation in (first, second):
        simulation.run(200)

    assert np.array_equal(first.data().weight, second.data().weight)
    assert first.scenario == second.scenario


def test_scheme_of_integration() -> None:
    """`models.izhikevich.substeps` is what the system integrates with, and it changes the result."""
    two, four = (build(load("columnar", SMALL | {"models.izhikevich.substeps": n})) for n in (2, 4))
    system = four.dispatcher.plan["izhikevich_integration"]
    for simulation in (two, four):
        simulation.run(200)

    assert isinstance(system, IzhikevichIntegration)
    assert 4 == system.substeps
    assert not np.array_equal(two.data().trace_v, four.data().trace_v)


@pytest.mark.parametrize("dt", ["0.5 ms", "0.1 ms", "1 ms", "2 ms"])
def test_printed_scenario_is_the_same(dt: str, tmp_path) -> None:
    """What `runen show` prints is read again as the same scenario, at any tick."""
    changes = SMALL | {"dt": dt, "synapses.delay": {"shortest": "2 ms", "longest": "18 ms"}, "record.weights": False}
    scenario = load("columnar", changes)
    (tmp_path / "again.toml").write_text(as_toml(scenario), encoding="utf-8")

    assert scenario == load(str(tmp_path / "again.toml"))
    assert f'dt = "{dt}"' in as_toml(scenario)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dt": "0.3 ms"}, "duration: must be a whole number of ticks of 0.3 ms; it is 20 s"),
        ({"dt": "0 ms"}, "dt: must be longer than 0, and at most 100 ms"),
        ({"dt": "1 s"}, "dt: must be longer than 0, and at most 100 ms"),
        ({"dt": 0.5}, 'dt: needs a time with its unit (us, ms, s or min), such as "0.5 ms"'),
        ({"dt": "2 ms"}, "synapses.delay.shortest: must be a whole number of ticks of 2 ms; it is 1 ms"),
        ({"models.izhikevich.substeps": 0}, "models.izhikevich.substeps: must be at least 1, not 0"),
    ],
)
def test_misfit_is_told(changes: dict[str, object], message: str) -> None:
    """A time that is no multiple of the tick is a fault that names both, and so is an impossible tick."""
    with pytest.raises(ScenarioError) as caught:
        load("columnar", changes)

    assert message in str(caught.value)


def test_command_speaks_of_seconds(runen: Runen) -> None:
    """The summary of a run at ticks of 0.5 ms tells model time, not ticks."""
    result = runen("run", "columnar", "--columns", "1", "--duration", "2s", "--set", "dt=0.5 ms", "--no-plots")

    assert "2 s of model time:" in result.out
