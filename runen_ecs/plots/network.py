"""``network.png``: a capacity network as a graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..files import RunData
from .cards import Cards, draw_cards, draw_links, fill_gauges, make_cards, sign_handles
from .graph import Graph, graph_of
from .layout import Layout, lay_out
from .network_summary import draw_summary
from .overview import MOST_LINKS, draw_overview
from .style import FAINT, network_footer, new_figure

__all__ = ["MOST_CARDS", "Scene", "draw_network", "scene_of"]

MOST_CARDS = 40
WIDEST, HIGHEST = 34.0, 26.0
MARGIN, ABOVE, BELOW = 0.3, 0.95, 0.85
NARROWEST = 9.0
KEY = "card of a neuron: its bias; each input's number, store, maximum +regeneration, ×weight"


@dataclass(frozen=True)
class Scene:
    """A network with a card for every neuron, laid out to fit a picture of so many inches."""

    graph: Graph
    cards: Cards
    layout: Layout
    width: float
    height: float

    def axes(self, figure: Figure) -> Axes:
        """Return axes over the whole figure in which the layout's inches hold."""
        axes = figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        left = (self.width - self.layout.width) / 2
        axes.set_xlim(-left, self.width - left)
        axes.set_ylim(-BELOW, self.height - BELOW)
        return axes


def scene_of(graph: Graph) -> Scene | None:
    """Give every neuron a card, if there are at most 40 and they fit a picture that a person can look at."""
    if len(graph.neurons) > MOST_CARDS:
        return None
    cards = make_cards(new_figure(1, 1), graph)
    layout = lay_out(graph, cards.boxes)
    width = max(layout.width + 2 * MARGIN, NARROWEST)
    height = layout.height + ABOVE + BELOW
    return Scene(graph, cards, layout, width, height) if width <= WIDEST and height <= HIGHEST else None


def draw_network(data: RunData) -> Figure:
    """Draw the capacity network of a run: cards up to 40 neurons, dots up to 1,500 links, and a summary beyond.

    Raises
    ------
    NetworkError
        If the run has no capacity network.
    """
    graph = graph_of(data)
    scene = scene_of(graph)
    if scene is not None:
        figure = _draw_scene(scene)
    elif len(graph.links) <= MOST_LINKS:
        figure = draw_overview(graph)
    else:
        figure = draw_summary(graph)
    width, height = figure.get_size_inches()
    figure.text(0.3 / width, 1 - 0.18 / height, _title(graph), size=13, weight="bold", va="top")
    network_footer(figure, data, len(graph.neurons), graph.neuron_of.size)
    return figure


def _draw_scene(scene: Scene) -> Figure:
    figure = new_figure(scene.width, scene.height)
    axes = scene.axes(figure)
    draw_cards(axes, scene.graph, scene.cards, scene.layout)
    draw_links(axes, scene.graph, scene.layout)
    maximum = np.array([config.capacity_max for config in scene.graph.synapses], np.float64)
    fill_gauges(axes, scene.graph, scene.cards, scene.layout, maximum)
    draw_key(figure, scene)
    return figure


def draw_key(figure: Figure, scene: Scene, key: str = KEY) -> None:
    """Explain the signs below the network, and say what is left out."""
    notes = [key] if scene.graph.neurons else ["there is nothing to draw"]
    if scene.cards.n_shortened:
        notes.append("…: a long name, shortened")
    below = 0.3 / scene.height
    figure.text(0.3 / scene.width, below, "   ".join(notes), size=8, color=FAINT, va="bottom")
    if scene.graph.links:
        figure.legend(
            handles=sign_handles(scene.graph),
            loc="lower left",
            bbox_to_anchor=(0.18 / scene.width, 0.43 / scene.height),
            ncols=5,
            frameon=False,
            fontsize=8,
        )


def _title(graph: Graph) -> str:
    parts = [
        _count(len(graph.neurons), "neuron"),
        _count(len(graph.inputs), "input port"),
        _count(len(graph.outputs), "output port"),
    ]
    return f"Capacity network: {', '.join(parts)}"


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" + ("" if n == 1 else "s")
