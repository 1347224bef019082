"""Capacity networks as text: tables of neurons and links."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from runen_ecs.network.description import InnerLink, InputLink, Link, NetworkDescription
from runen_ecs.network_files import network_to_data

__all__ = ["network_as_data", "network_as_text"]

Row = tuple[str, ...]

WIDEST_NAME = 40


def network_as_data(network: NetworkDescription) -> dict[str, Any]:
    """Return a network as plain data: as a file holds it, and what feeds each input and hears each axon."""
    wiring, _, _ = network.wire()
    listeners: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for link in network.links:
        if isinstance(link, InnerLink):
            listeners[link.src_id].append({"neuron": link.dst_id, "input": link.dst_synapse_idx})
        elif not isinstance(link, InputLink):
            listeners[link.src_id].append({"output_port": link.output_port})
    data = network_to_data(network)
    for described, neuron in zip(network.neurons, data["neurons"], strict=True):
        configs = neuron.pop("input_configs") or [vars(each) for each in described.inputs]
        neuron["inputs"] = [
            {
                **config,
                "neuron": wiring.source.get((described.id, k)),
                "input_port": wiring.feeding_port.get((described.id, k)),
            }
            for k, config in enumerate(configs)
        ]
        neuron["listeners"] = listeners[described.id]
    return data


def network_as_text(network: NetworkDescription) -> str:
    """Return a network as two tables: an input a line, then a link a line."""
    data = network_as_data(network)
    rows: list[Row] = [("neuron", "bias", "input", "maximum", "regeneration", "weight", "fed by")]
    for neuron in data["neurons"]:
        head = _name(neuron["id"]), _number(neuron["bias"])
        for k, config in enumerate(neuron["inputs"]):
            sizes = (_number(config[key]) for key in ("capacity_max", "regeneration", "weight"))
            rows.append((*(head if k == 0 else ("", "")), str(k), *sizes, _feeder(config)))
    links: list[Row] = [("link", "from", "to"), *((str(k), *_ends(link)) for k, link in enumerate(network.links))]
    heading = (
        f"{len(network.neurons):,} neurons, {len(network.links):,} links; "
        f"inputs {network.inputs}, outputs {network.outputs}"
    )
    if network.state is not None:
        heading += "; with the state of a run"
    return "\n".join([heading, "", *_aligned(rows, "lrrrrrl"), "", *_aligned(links, "rll")])


def _feeder(config: dict[str, Any]) -> str:
    if config["neuron"] is not None:
        return _name(config["neuron"])
    return "nothing" if config["input_port"] is None else f"input port {config['input_port']}"


def _ends(link: Link) -> tuple[str, str]:
    if isinstance(link, InputLink):
        return f"input port {link.input_port}", f"{_name(link.dst_id)}, input {link.dst_synapse_idx}"
    if isinstance(link, InnerLink):
        return _name(link.src_id), f"{_name(link.dst_id)}, input {link.dst_synapse_idx}"
    return _name(link.src_id), f"output port {link.output_port}"


def _name(neuron: str) -> str:
    """Return an id so that it stays on its line, and is told from words."""
    shown = neuron if neuron.isprintable() and neuron.strip() == neuron != "" else repr(neuron)
    return shown if len(shown) <= WIDEST_NAME else f"{shown[: WIDEST_NAME - 1]}…"


def _number(value: float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _aligned(rows: list[Row], sides: str) -> list[str]:
    """Return lines with columns aligned, each to the left or the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(row, widths, sides, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    return lines
