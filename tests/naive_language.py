"""The specification of what the language draws: parameters, pairs, weights and delays in plain Python.

It shares no code with the simulator. What the simulator draws must equal this bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import naive
from naive_models import normal


def number(table: Any, seed: int, purpose: str, place: int) -> float:
    """A number as the language writes it, for one place."""
    if not isinstance(table, dict):
        return float(table)
    key = naive.stream(seed, purpose)
    if "uniform" in table:
        low, high = table["uniform"]
        drawn = low + (high - low) * naive.uniform(key, place, 0)
    elif "normal" in table:
        mean, sd = table["normal"]
        drawn = min(max(mean + sd * normal(key, place), table.get("low", -math.inf)), table.get("high", math.inf))
    else:
        raise ValueError(table)
    turned = table.get("negative", 0) and naive.uniform(naive.stream(seed, f"{purpose}/sign"), place, 0)
    return -drawn if table.get("negative", 0) and turned < table["negative"] else drawn


def delay(table: Any, seed: int, purpose: str, place: int) -> int:
    """A delay in ticks; uniform ones are whole, both bounds included."""
    if isinstance(table, dict) and "uniform" in table:
        low, high = table["uniform"]
        return low + int(naive.uniform(naive.stream(seed, purpose), place, 0) * (high - low + 1))
    return min(max(round(number(table, seed, purpose, place)), 1), 4095)


def leaps(n_sources: int, n_targets: int, p: float, seed: int, purpose: str, skip_self: bool) -> Iterator[Any]:
    """Pairs with a probability."""
    key = naive.stream(seed, purpose)
    for i in range(n_sources):
        j, draws = -1, 0
        while True:
            gap = math.log(1.0 - naive.uniform(key, i, draws)) / math.log1p(-p)
            draws += 1
            if gap >= n_targets - j - 1:
                break
            j += int(gap) + 1
            if not (skip_self and i == j):
                yield i, j


def choose(n_choosers: int, n: int, degree: int, seed: int, purpose: str, repeats: bool, skip_self: bool) -> Any:
    """Of each chooser its degree of others."""
    key = naive.stream(seed, purpose)
    for i in range(n_choosers):
        chosen: list[int] = []
        draws = 0
        while len(chosen) < degree:
            j = int(naive.uniform(key, i, draws) * n)
            draws += 1
            if not (skip_self and i == j) and (repeats or j not in chosen):
                chosen.append(j)
        yield from ((i, j) for j in chosen)


def pairs(rule: Any, sources: list[int], targets: list[int], seed: int, purpose: str, selves: bool, repeats: bool):
    """The pairs that a rule lists, those of a neuron with itself included where it cannot leave them out."""
    n, m, skip = len(sources), len(targets), sources == targets and not selves
    if rule == "all-to-all":
        found = [(i, j) for i in range(n) for j in range(m) if not (skip and i == j)]
    elif rule == "one-to-one":
        found = [(i, i) for i in range(n)]
    else:
        ((kind, value),) = rule.items()
        if kind == "probability":
            found = list(leaps(n, m, value, seed, purpose, skip))
        elif kind == "in_degree":
            found = [(j, i) for i, j in choose(m, n, value, seed, purpose, repeats, skip)]
        elif kind == "out_degree":
            found = list(choose(n, m, value, seed, purpose, repeats, skip))
        else:
            found = [tuple(pair) for pair in value]
    return [(sources[i], targets[j]) for i, j in found]


def projection(
    name: str, given: dict[str, Any], sources: list[int], targets: list[int], seed: int, column: dict[int, int]
) -> list[tuple[int, int, float, int]]:
    """Source, target, weight, delay of each synapse of a projection, in order."""
    rule, selves = given["rule"], given.get("self_connections", True)
    purpose, wanted = f"projection/{name}/pairs", given.get("column")
    numbered = rule == "one-to-one" or (isinstance(rule, dict) and "pairs" in rule)
    rest: tuple[bool, bool] = selves, given.get("repeats", False)
    if wanted is None or numbered:
        found = pairs(rule, sources, targets, seed, purpose, *rest)
    else:
        by_target = isinstance(rule, dict) and "in_degree" in rule
        found = []
        for number_ in sorted({column[i] for i in (targets if by_target else sources)}):
            near = [i for i in (targets if by_target else sources) if column[i] == number_]
            far = [i for i in (sources if by_target else targets) if (column[i] == number_) == (wanted == "same")]
            ends = (far, near) if by_target else (near, far)
            found += pairs(rule, *ends, seed, f"{purpose}/{number_}", *rest)
    synapses = []
    for place, (i, j) in enumerate(found):
        weight = number(given["weight"], seed, f"projection/{name}/weight", place)
        ticks = delay(given.get("delay", 1), seed, f"projection/{name}/delay", place)
        fits = not numbered or wanted is None or (column[i] == column[j]) == (wanted == "same")
        if (selves or i != j) and fits:
            synapses.append((i, j, weight, ticks))
    return synapses
