"""`make bench`: what it costs to watch that no number is lost."""

from __future__ import annotations

from statistics import median
from time import process_time

from test_guards import unwatched

from runen_ecs.engine import DispatcherBuilder
from runen_ecs.scenarios import build, load

ROUNDS = 31
TICKS = 5000
MOST = 2


def everything(builder: DispatcherBuilder) -> None:
    """Leave the plan as it is."""


def test_watch_of_the_default_network(benchmark, capsys):
    """The loop of the default network with and without the watch, by turns; beside it, without and without."""
    plans = {"watched": everything, "without": unwatched, "without, once more": unwatched}
    runs = {name: build(load("columnar", ['duration="1000 s"']), plan) for name, plan in plans.items()}
    spent: dict[str, list[float]] = {name: [] for name in runs}
    order = list(runs)

    def one_round() -> None:
        order.append(order.pop(0))
        for name in order:
            began = process_time()
            runs[name].run(TICKS)
            spent[name].append(process_time() - began)

    benchmark.pedantic(one_round, rounds=ROUNDS, warmup_rounds=2)
    assert len({simulation.n_spikes for simulation in runs.values()}) == 1

    def cost(name: str) -> float:
        pairs = zip(spent[name], spent["without"], strict=True)
        return 100 * (median(a / b for a, b in pairs) - 1)

    with capsys.disabled():
        loop = 1e6 * median(spent["without"]) / TICKS
        print(f"\n\nWatch of the default network, median of {ROUNDS} rounds of {TICKS:,} ticks of {loop:.1f} µs")
        print(f"  costs {cost('watched'):.1f} % (at most {MOST}); noise {abs(cost('without, once more')):.1f} %")
