"""The capacity network of a run as a graph: ports and neurons, and the links between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import networkx as nx
import numpy as np
from matplotlib.font_manager import FontProperties, findfont, get_font
from numpy.typing import NDArray

from ..errors import NetworkError
from ..files import RunData
from ..network.description import InputConfig, InputLink, NeuronDescription, OutputLink
from ..network_files import network_from_data

__all__ = ["Graph", "Link", "Node", "graph_of", "number", "printable", "sign_of"]

Node = tuple[str, int]
"""``("in", port)``, ``("neuron", number)`` or ``("out", port)``."""


@dataclass(frozen=True)
class Link:
    """A port or an axon feeds a synapse, or an output port, which has none."""

    source: Node
    target: Node
    synapse: int | None
    sign: int


@dataclass(frozen=True)
class Graph:
    """A capacity network.

    Attributes
    ----------
    neurons : list of NeuronDescription
    inputs, outputs : list of int
        Numbers of the ports that are bound, rising.
    links : list of Link
        In the order in which they were made.
    neuron_of : (n_synapses,) int64
        The neuron of each synapse.
    first_synapse : (n_neurons + 1,) int64
    """

    neurons: list[NeuronDescription]
    inputs: list[int]
    outputs: list[int]
    links: list[Link]
    neuron_of: NDArray[np.int64]
    first_synapse: NDArray[np.int64]

    @property
    def nodes(self) -> list[Node]:
        """Input ports, neurons, output ports."""
        return [
            *(("in", port) for port in self.inputs),
            *(("neuron", n) for n in range(len(self.neurons))),
            *(("out", port) for port in self.outputs),
        ]

    @property
    def synapses(self) -> list[InputConfig]:
        """All inputs, over the neurons, and over the inputs of each."""
        return [config for neuron in self.neurons for config in neuron.inputs]

    def directed(self) -> nx.DiGraph:
        """Return who feeds whom, however often."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from((link.source, link.target) for link in self.links)
        return graph


def graph_of(data: RunData) -> Graph:
    """Return the capacity network of a run.

    Raises
    ------
    NetworkError
        If the run has none, or another one.
    """
    content = data.meta.get("network")
    if content is None:
        raise NetworkError("this run has no capacity network to draw")
    description = network_from_data(content, lambda path: "saved run")
    neurons = list(description.neurons)
    number_of = {neuron.id: n for n, neuron in enumerate(neurons)}
    counts = [len(neuron.inputs) for neuron in neurons]
    first = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    if (first[-1], len(neurons)) != (data.initial_level.size, data.initial_accumulator.size):
        raise NetworkError("the run's signals are those of another network than the one it names")
    links = []
    for made in description.wire()[1]:
        if isinstance(made, OutputLink):
            links.append(Link(("neuron", number_of[made.src_id]), ("out", made.output_port), None, 1))
            continue
        target = number_of[made.dst_id]
        source = ("in", made.input_port) if isinstance(made, InputLink) else ("neuron", number_of[made.src_id])
        sign = sign_of(neurons[target].inputs[made.dst_synapse_idx].weight)
        links.append(Link(source, ("neuron", target), int(first[target]) + made.dst_synapse_idx, sign))
    inputs = sorted({link.source[1] for link in links if link.source[0] == "in"})
    outputs = sorted({link.target[1] for link in links if link.target[0] == "out"})
    return Graph(neurons, inputs, outputs, links, np.repeat(np.arange(len(neurons)), counts), first)


def sign_of(weight: float) -> int:
    """Return 1 for an excitatory weight, -1 for an inhibitory one, 0 for none."""
    return (weight > 0) - (weight < 0)


def number(value: float) -> str:
    """Write a number in at most four digits, or in full if it is whole and short; with a true minus sign."""
    value += 0.0  # no minus sign for a negative zero
    text = f"{value:.0f}" if value == round(value) and abs(value) < 100_000 else f"{value:.4g}"
    mantissa, _, exponent = text.partition("e")
    text = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return text.replace("-", "−")


def printable(text: str) -> str:
    """Put a sign for what cannot be printed in the place of what cannot: line breaks, letters the font lacks."""
    return "".join(letter if _in_font(letter) else "�" for letter in text) or "(no name)"


@lru_cache(maxsize=4096)
def _in_font(letter: str) -> bool:
    font = get_font(findfont(FontProperties(family="DejaVu Sans")))
    return letter.isprintable() and font.get_char_index(ord(letter)) != 0
