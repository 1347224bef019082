"""Where the cards of a capacity network stand, and how the links run between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .graph import Graph, Link, Node
from .layers import layers_of

__all__ = ["Box", "Layout", "lay_out", "spaced"]

Item = tuple[str, int] | tuple[str, int, str, int]
"""A port, a neuron, or a lane: a place in a column where an axon passes, ``(*source, direction, layer)``."""

SWEEPS = 24
LANE = 0.05
PAD = 0.16
SHORTEST_GAP, LONGEST_GAP = 0.55, 1.7


@dataclass(frozen=True)
class Box:
    """The size of a card [inches]; where its axon leaves, and where each input lies, above or below its middle."""

    width: float
    height: float
    exit: float = 0.0
    slots: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class Layout:
    """Places in inches, from the lower left.

    Attributes
    ----------
    place : dict of Node to (float, float)
        The middle of each card.
    trunks : list of (n, 2) array
        Where axons pass before they branch, each once.
    branches : list of (n, 2) array
        The last part of each link, by link.
    paths : list of (n, 2) array
        The whole of each link, by link.
    width, height : float
    """

    place: dict[Node, tuple[float, float]]
    trunks: list[NDArray[np.float64]]
    branches: list[NDArray[np.float64]]
    paths: list[NDArray[np.float64]]
    width: float
    height: float


@dataclass(frozen=True)
class _Step:
    """A part of a link, between two items: how far above their middles it begins and ends."""

    source: Item
    target: Item
    leaves: float
    enters: float


def lay_out(graph: Graph, boxes: dict[Node, Box]) -> Layout:
    """Place cards in columns so that few links cross, none runs behind a card, and most are short."""
    columns: list[list[Item]] = [list(layer) for layer in layers_of(graph)]
    column_of = {item: n for n, column in enumerate(columns) for item in column}
    routes = [_route(link, column_of, boxes, graph) for link in graph.links]
    for item in {lane: None for route in routes for step in route for lane in (step.source, step.target)}:
        if item not in column_of:
            column_of[item] = int(item[-1])
            columns[column_of[item]].append(item)
    steps = list({step: None for route in routes for step in route})
    y = _order(columns, column_of, steps, boxes)
    left, right, width = _columns_x(columns, column_of, steps, boxes, y)
    low = min((y[item] - _height(item, boxes) / 2 for item in y), default=0.0)
    high = max((y[item] + _height(item, boxes) / 2 for item in y), default=0.0)

    def curve(step: _Step) -> NDArray[np.float64]:
        a, b = column_of[step.source], column_of[step.target]
        begin = (left[a] if step.source[2:3] == ("back",) else right[a], y[step.source] + step.leaves - low)
        end = (right[b] if step.target[2:3] == ("back",) else left[b], y[step.target] + step.enters - low)
        return _curve(begin, end, _turn(step))

    def lane(item: Item) -> NDArray[np.float64]:
        n, height = column_of[item], y[item] - low
        ends = np.array([(left[n], height), (right[n], height)])
        return ends[::-1] if item[2:3] == ("back",) else ends

    curves = {step: curve(step) for step in steps}
    lanes: dict[Item, NDArray[np.float64]] = {item: lane(item) for item in column_of if len(item) == 4}
    paths = []
    for route in routes:
        parts = [part for step in route for part in (curves[step], lanes.get(step.target)) if part is not None]
        paths.append(np.vstack(parts))
    return Layout(
        {node: ((left[column_of[node]] + right[column_of[node]]) / 2, y[node] - low) for node in boxes},
        [curves[step] for step in {step: None for route in routes for step in route[:-1]}] + list(lanes.values()),
        [curves[route[-1]] for route in routes],
        paths,
        width,
        high - low,
    )


def _route(link: Link, column_of: dict[Item, int], boxes: dict[Node, Box], graph: Graph) -> list[_Step]:
    """Lead a link from column to column; one that leads back passes its own column too, between two turns."""
    a, b = column_of[link.source], column_of[link.target]
    passed: list[Item] = [(*link.source, "on", n) for n in range(a + 1, b)]
    if b <= a:
        passed = [(*link.source, "back", n) for n in range(a, b - 1, -1)]
    items: list[Item] = [link.source, *passed, link.target]
    slot = 0.0
    if link.synapse is not None:
        slot = boxes[link.target].slots[link.synapse - int(graph.first_synapse[link.target[1]])]
    leaves = [boxes[link.source].exit] + [0.0] * len(passed)
    enters = [0.0] * len(passed) + [slot]
    return [_Step(*step) for step in zip(items, items[1:], leaves, enters, strict=False)]


def _height(item: Item, boxes: dict[Node, Box]) -> float:
    return boxes[item].height if len(item) == 2 else LANE


def _separations(column: list[Item], boxes: dict[Node, Box]) -> NDArray[np.float64]:
    """Return how far the middle of each item must lie from that of the one before."""
    apart = [
        (_height(a, boxes) + _height(b, boxes)) / 2 + (PAD if len(a) == 2 or len(b) == 2 else PAD / 2)
        for a, b in pairwise(column)
    ]
    return np.array([0.0, *apart])


def _order(
    columns: list[list[Item]], column_of: dict[Item, int], steps: list[_Step], boxes: dict[Node, Box]
) -> dict[Item, float]:
    """Sort every column by barycentres, sweeping to and fro; return the heights in the order with fewest crossings."""
    near: dict[Item, list[tuple[Item, float]]] = defaultdict(list)
    for step in steps:
        near[step.source].append((step.target, step.enters - step.leaves))
        near[step.target].append((step.source, step.leaves - step.enters))
    y: dict[Item, float] = {}
    for column in columns:
        middles = -np.cumsum(_separations(column, boxes))
        y.update(zip(column, (middles - middles.mean()).tolist(), strict=True))

    def wish(item: Item, columns_seen: set[int]) -> float:
        wishes = [y[other] + shift for other, shift in near[item] if column_of[other] in columns_seen]
        return float(np.mean(wishes)) if wishes else y[item]

    best, fewest = dict(y), _crossings(steps, column_of, y)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for n in range(len(columns)) if forth else reversed(range(len(columns))):
            wishes = {item: wish(item, {n, n - 1 if forth else n + 1}) for item in columns[n]}
            column = sorted(columns[n], key=wishes.__getitem__, reverse=True)
            columns[n] = column
            y.update(_place(column, [wishes[item] for item in column], boxes))
        crossings = _crossings(steps, column_of, y)
        if crossings < fewest:
            best, fewest = dict(y), crossings
    y = best
    for column in columns:
        column.sort(key=y.__getitem__, reverse=True)
    for _ in range(SWEEPS):
        for n, column in enumerate(columns):
            y.update(_place(column, [wish(item, {n - 1, n, n + 1}) for item in column], boxes))
    return y


def _place(column: list[Item], wishes: list[float], boxes: dict[Node, Box]) -> dict[Item, float]:
    """Put a column's items as near to where they want to be as their order and size allow."""
    return dict(zip(column, (-spaced(-np.array(wishes), _separations(column, boxes))).tolist(), strict=True))


def spaced(wishes: NDArray[np.float64], separations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rising places nearest to ``wishes``, in least squares, that are so far apart from one another.

    Isotonic regression by pooling adjacent violators.
    """
    offset = np.cumsum(separations)
    blocks: list[tuple[float, int]] = []
    for value in (wishes - offset).tolist():
        mean, size = value, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    return np.repeat([mean for mean, _ in blocks], [size for _, size in blocks]) + offset


def _crossings(steps: list[_Step], column_of: dict[Item, int], y: dict[Item, float]) -> int:
    """Count the pairs of links between two columns that cross."""
    gaps: dict[frozenset[int], list[tuple[float, float]]] = defaultdict(list)
    for step in steps:
        a, b = column_of[step.source], column_of[step.target]
        ends = (y[step.source] + step.leaves, y[step.target] + step.enters)
        gaps[frozenset((a, b))].append(ends if a <= b else ends[::-1])
    crossings = 0
    for pairs in gaps.values():
        begin, end = np.array(pairs).T
        crossings += int(((begin[:, None] < begin) & (end[:, None] > end)).sum())
    return crossings


def _columns_x(
    columns: list[list[Item]],
    column_of: dict[Item, int],
    steps: list[_Step],
    boxes: dict[Node, Box],
    y: dict[Item, float],
) -> tuple[list[float], list[float], float]:
    """Return where columns begin and end, and the whole width; where links are many or steep, columns are far apart."""
    load = np.zeros(len(columns) + 1)
    for step in steps:
        b = column_of[step.target]
        rise = abs(y[step.source] + step.leaves - y[step.target] - step.enters)
        gap = b if step.target[2:3] != ("back",) else b + 1
        load[gap] = max(load[gap], 0.3 * rise) + 0.012
    left, right, x = [], [], 0.0
    for n, column in enumerate(columns):
        x += float(np.clip(0.4 + load[n], SHORTEST_GAP, LONGEST_GAP)) if n or load[0] else 0.0
        left.append(x)
        x += max((boxes[item].width for item in column if len(item) == 2), default=0.0)
        right.append(x)
    return left, right, x + (SHORTEST_GAP if load[-1] else 0.0)


def _turn(step: _Step) -> float:
    """Say to which side a step turns round, if it does: 1 right, -1 left."""
    back = [item[2:3] == ("back",) for item in (step.source, step.target)]
    return 0.0 if back[0] == back[1] else (1.0 if back[1] else -1.0)


def _curve(begin: tuple[float, float], end: tuple[float, float], turn: float) -> NDArray[np.float64]:
    """Return a Bezier curve that begins and ends horizontally."""
    (x0, y0), (x1, y1) = begin, end
    reach = turn * min(0.2 + 0.1 * abs(y1 - y0), 0.65) if turn else (x1 - x0) / 2
    controls = np.array([(x0, y0), (x0 + reach, y0), ((x1 + reach) if turn else (x1 - reach), y1), (x1, y1)])
    t = np.linspace(0, 1, 25)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    curve: NDArray[np.float64] = weights @ controls
    return curve
