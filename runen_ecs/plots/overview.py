"""A capacity network of many neurons: dots in layers, and lines between them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from .cards import PORT, SIGNS, head_style, shorten_to, sign_handles
from .graph import Graph, Node
from .layers import layers_of
from .style import FAINT, INK, new_figure

__all__ = ["MOST_LINKS", "draw_overview"]

MOST_LINKS = 1500
WIDTH, HEIGHT = 15.0, 11.0
LEFT, BELOW, ABOVE = 0.5, 1.0, 0.9
MOST_IN_COLUMN = 60
SWEEPS = 12
NAME_SIZE = 6.5
HEAD = 0.07


def draw_overview(graph: Graph) -> Figure:
    """Draw neurons as circles and ports as squares in layers, with names where there is room."""
    figure = new_figure(WIDTH, HEIGHT)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, HEIGHT)
    columns, layer = _columns(graph)
    place = _places(columns)
    apart = (WIDTH - 2 * LEFT) / max(len(columns), 1)
    high = (HEIGHT - BELOW - ABOVE) / max((len(column) for column in columns), default=1)
    radius = float(np.clip(0.22 * min(apart, high), 0.015, 0.12))
    _draw_lines(axes, graph, place, layer, radius)
    _draw_dots(axes, place, radius)
    named = min(apart * 0.9, 1.2) > 0.45 and high > 2 * radius + 0.22
    if named:
        _write_names(figure, axes, graph, place, min(apart * 0.9, 1.2), radius)
    left_out = ["sizes of inputs, biases, inputs that nothing feeds"] + ([] if named else ["names"])
    note = f"left out, as there is no room: {', '.join(left_out)}"
    figure.text(0.3 / WIDTH, 0.3 / HEIGHT, note, size=8, color=FAINT, va="bottom")
    place_legend = (0.18 / WIDTH, 0.43 / HEIGHT)
    figure.legend(
        handles=_handles(graph), loc="lower left", bbox_to_anchor=place_legend, ncols=7, frameon=False, fontsize=8
    )
    return figure


def _columns(graph: Graph) -> tuple[list[list[Node]], dict[Node, int]]:
    """Split layers that are too high into columns, after sorting each by barycentres."""
    layers = layers_of(graph)
    layer = {node: n for n, nodes in enumerate(layers) for node in nodes}
    near: dict[Node, list[Node]] = {node: [] for node in layer}
    for link in graph.links:
        near[link.source].append(link.target)
        near[link.target].append(link.source)
    height = {node: (k + 0.5) / len(nodes) for nodes in layers for k, node in enumerate(nodes)}
    for sweep in range(SWEEPS):
        side = -1 if sweep % 2 == 0 else 1
        for nodes in layers[::-side]:
            wish = {}
            for node in nodes:
                heights = [height[other] for other in near[node] if (layer[other] - layer[node]) * side > 0]
                wish[node] = float(np.mean(heights)) if heights else height[node]
            nodes.sort(key=wish.__getitem__)
            height.update({node: (k + 0.5) / len(nodes) for k, node in enumerate(nodes)})
    columns = []
    for nodes in layers:
        n = -(-len(nodes) // MOST_IN_COLUMN)
        columns += [nodes[k::n] for k in range(n)]
    return columns, layer


def _places(columns: list[list[Node]]) -> dict[Node, tuple[float, float]]:
    apart = (WIDTH - 2 * LEFT) / max(len(columns), 1)
    room = HEIGHT - BELOW - ABOVE
    lower = min(0.2, 0.12 * room / max((len(column) for column in columns), default=1))
    return {
        node: (LEFT + (n + 0.5) * apart, HEIGHT - ABOVE - (room - lower) * (k + 0.5) / len(column) - lower * (n % 2))
        for n, column in enumerate(columns)
        for k, node in enumerate(column)
    }


def _draw_dots(axes: Axes, place: dict[Node, tuple[float, float]], radius: float) -> None:
    for marker, face, kinds in (("s", PORT, ("in", "out")), ("o", "white", ("neuron",))):
        x, y = np.array([at for (kind, _), at in place.items() if kind in kinds]).reshape(-1, 2).T
        size = 2 * 72 * radius
        axes.plot(x, y, ls="", marker=marker, ms=size, mfc=face, mec=INK, mew=min(1.0, size / 4), zorder=4)


def _write_names(
    figure: Figure, axes: Axes, graph: Graph, place: dict[Node, tuple[float, float]], width: float, radius: float
) -> None:
    for (kind, n), (x, y) in place.items():
        name = shorten_to(figure, graph.neurons[n].id if kind == "neuron" else f"{kind} {n}", width, NAME_SIZE)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8}
        axes.text(x, y - radius - 0.03, name, size=NAME_SIZE, ha="center", va="top", zorder=5, bbox=box)


def _draw_lines(
    axes: Axes, graph: Graph, place: dict[Node, tuple[float, float]], layer: dict[Node, int], radius: float
) -> None:
    """Draw each link by itself; those that end at one neuron end above one another."""
    arriving: dict[Node, list[int]] = {node: [] for node in place}
    for n, link in enumerate(graph.links):
        arriving[link.target].append(n)
    shift = np.zeros(len(graph.links))
    for ends in arriving.values():
        ends.sort(key=lambda n: place[graph.links[n].source][1])
        shift[ends] = radius * (2 * (np.arange(len(ends)) + 0.5) / max(len(ends), 1) - 1)
    curves = [
        _curve(place[link.source], place[link.target], float(up), layer[link.source] < layer[link.target], radius)
        for link, up in zip(graph.links, shift, strict=True)
    ]
    faint = float(np.clip(300 / max(len(curves), 1), 0.35, 0.9))
    for sign in (1, -1, 0, None):
        chosen = [
            curve
            for curve, link in zip(curves, graph.links, strict=True)
            if sign == (None if link.synapse is None else link.sign)
        ]
        _, colour, line, head = SIGNS[sign] if sign is not None else ("", INK, "solid", "")
        lines = LineCollection(chosen, colors=colour, linestyles=[line], linewidths=0.8, alpha=faint, zorder=1)
        axes.add_collection(lines)
        if chosen and head:
            tips = np.array([curve[-1] for curve in chosen])
            style = head_style(head, colour) | {"ms": 72 * HEAD * 0.75, "mew": 0.6}
            axes.plot(tips[:, 0] - HEAD / 2, tips[:, 1], ls="", **style, zorder=3)


def _curve(
    begin: tuple[float, float], end: tuple[float, float], up: float, onward: bool, radius: float
) -> NDArray[np.float64]:
    """Return a curve from the right of one dot to the left of another; one that leads back swings out above them."""
    a, b = np.add(begin, (radius, 0)), np.add(end, (-radius, up))
    out = np.array(((b[0] - a[0]) / 2, 0.0)) if onward else np.array((4 * radius, 0.0))
    rise = np.zeros(2) if onward else np.array((0.0, 4 * radius))
    t = np.linspace(0, 1, 21)[:, None]
    curve: NDArray[np.float64] = (
        (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * (a + out + rise) + 3 * t**2 * (1 - t) * (b - out + rise) + t**3 * b
    )
    return curve


def _handles(graph: Graph) -> list[Line2D]:
    neuron = Line2D([], [], ls="", marker="o", mfc="white", mec=INK, ms=7, label="neuron")
    port = Line2D([], [], ls="", marker="s", mfc=PORT, mec=INK, ms=7, label="port")
    return [neuron, port, *(handle for handle in sign_handles(graph) if handle.get_marker() != "x")]
