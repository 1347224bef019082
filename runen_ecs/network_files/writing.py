"""Writing network files in the form that the original program gave them."""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import Any

import yaml

from ..engine.esper_context import garbage_kept
from ..errors import FileError
from ..files import write_atomically
from ..network.description import Link, NetworkDescription
from .checking import check_data
from .schema import LINK_KINDS
from .source import TABLES, NetworkFileError, format_of
from .yaml_values import yaml_of_id, yaml_of_number, yaml_of_state

__all__ = ["network_to_data", "save_network"]


def network_to_data(description: NetworkDescription) -> dict[str, Any]:
    """Return a network as a JSON file holds it; `network_from_data` is the way back."""
    data: dict[str, Any] = {
        "inputs": description.inputs,
        "outputs": description.outputs,
        "neurons": [
            {
                "id": neuron.id,
                "bias": _number(neuron.bias),
                "input_configs": [
                    {
                        "capacity_max": _number(config.capacity_max),
                        "regeneration": _number(config.regeneration),
                        "weight": _number(config.weight),
                    }
                    for config in neuron.input_configs
                ],
            }
            for neuron in description.neurons
        ],
        "links": [{_kind(link): vars(link)} for link in description.links],
    }
    if description.state is not None:
        data["state"] = description.state
    return data


@garbage_kept()
def save_network(description: NetworkDescription, path: FilePath) -> None:
    """Write a network to a JSON or YAML file; what is written can be read again.

    Parameters
    ----------
    description : NetworkDescription
    path : Path
        Ends in ``.json``, ``.yaml`` or ``.yml``.

    Raises
    ------
    NetworkFileError
        If it holds what no network file may hold.
    FileError
        If it cannot be written.
    """
    write = {"json": _json, "yaml": _yaml}[format_of(path)]
    data = network_to_data(description)
    faults = check_data(data, lambda _: str(path), TABLES[format_of(path)]).faults
    if faults:
        raise NetworkFileError(faults)
    try:
        content = write(data).encode()
    except (TypeError, ValueError, RecursionError, yaml.YAMLError):
        raise FileError(
            path, "the state of the network holds more than finite numbers, texts, lists and mappings"
        ) from None
    write_atomically(path, lambda file: file.write(content))


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() else float(value)


def _kind(link: Link) -> str:
    return next(kind for kind, made in LINK_KINDS.items() if isinstance(link, made))


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _yaml(data: dict[str, Any]) -> str:
    lines = [f"inputs: {data['inputs']}", f"outputs: {data['outputs']}"]
    lines += ["neurons:", *map(_yaml_neuron, data["neurons"])] if data["neurons"] else ["neurons: []"]
    lines += ["links:", *map(_yaml_link, data["links"])] if data["links"] else ["links: []"]
    text = "\n".join(lines) + "\n"
    if "state" in data:
        text += yaml_of_state(json.loads(_json(data["state"])))  # so that both formats hold the same
    return text


def _yaml_neuron(neuron: dict[str, Any]) -> str:
    lines = [f"- id: {yaml_of_id(neuron['id'])}", f"  bias: {yaml_of_number(neuron['bias'])}"]
    lines.append("  input_configs:" if neuron["input_configs"] else "  input_configs: []")
    for config in neuron["input_configs"]:
        pairs = [f"{key}: {yaml_of_number(value)}" for key, value in config.items()]
        lines += [f"  - {pairs[0]}", *(f"    {pair}" for pair in pairs[1:])]
    return "\n".join(lines)


def _yaml_link(link: dict[str, Any]) -> str:
    ((kind, ends),) = link.items()
    pairs = (f"  {key}: {yaml_of_id(end) if isinstance(end, str) else end}" for key, end in ends.items())
    return "\n".join([f"- !{kind}", *pairs])
