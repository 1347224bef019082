"""Which column of a picture each port and neuron of a capacity network stands in."""

from __future__ import annotations

import networkx as nx

from .graph import Graph, Node

__all__ = ["layers_of"]

_START: Node = ("start", 0)


def layers_of(graph: Graph) -> list[list[Node]]:
    """Put input ports in the first layer, output ports in the last, and each neuron behind those that feed it.

    Where neurons feed one another in a circle, those nearer to where signals come in stand to the left.

    Returns
    -------
    list of list of Node
        Layers from left to right, none of them empty, in each ports and neurons in their order.
    """
    if not graph.neurons:
        return []
    directed = graph.directed()
    forward = nx.DiGraph()
    forward.add_nodes_from(directed)
    forward.add_edges_from(_forward_links(directed))
    forward.add_edges_from((_START, node) for node in directed if node[0] == "neuron")
    layer = {node: n for n, layer in enumerate(nx.topological_generations(forward)) for node in layer}
    last = 1 + max(layer[node] for node in directed if node[0] == "neuron")
    layers: list[list[Node]] = [[] for _ in range(last + 1)]
    for node in directed:
        layers[last if node[0] == "out" else layer[node]].append(node)
    return [nodes for nodes in layers if nodes]


def _forward_links(directed: nx.DiGraph) -> list[tuple[Node, Node]]:
    """Leave out the links that lead back in a circle."""
    circles = nx.condensation(directed)
    circle = circles.graph["mapping"]
    entries = [min(circles.nodes[c]["members"], key=_rank) for c in circles if not circles.in_degree(c)]
    distance = {node: d for d, nodes in enumerate(nx.bfs_layers(directed, entries)) for node in nodes}
    return [(a, b) for a, b in directed.edges if circle[a] != circle[b] or distance[a] < distance[b]]


def _rank(node: Node) -> tuple[bool, int]:
    return node[0] != "in", node[1]
