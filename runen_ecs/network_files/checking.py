"""Checking what a network file says: its form first, then how it is wired."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..errors import (
    DendriteNotFoundError,
    DuplicateNeuronError,
    NetworkError,
    NeuronNotFoundError,
    PortBusyError,
    SynapseBusyError,
)
from ..faults import Fault, Path, faults_of, key_of
from ..network.description import InnerLink, InputLink, Link, NetworkDescription
from ..network.wiring import Wiring
from .schema import LINK_KINDS, NetworkData

__all__ = ["Checked", "check_data"]

MOST_COMPARED = 100


class Checked(NamedTuple):
    """What was found out about a network.

    Attributes
    ----------
    description : NetworkDescription, optional
        The network without the links that are refused; nothing, if something else is wrong with it.
    faults : list of Fault
        What is wrong apart from links that are refused.
    refused : list of Fault
        Why links are.
    """

    description: NetworkDescription | None
    faults: list[Fault]
    refused: list[Fault]


def check_data(data: Any, place_of: Callable[[Path], str], table: str) -> Checked:
    """Check what a file says.

    Parameters
    ----------
    data : object
    place_of : callable
        Says of the path of a key where it stands.
    table : str
        What keys and values are called in this format.
    """

    def fault(path: Path, problem: str) -> Fault:
        return Fault(place_of(path), key_of(path), problem)

    form = _check_form(data, place_of, table)
    faults = form.faults
    if form.description is None:
        return Checked(None, faults, [])
    neurons = form.description.neurons
    twice = _twice(form.description)
    for number, first in twice.items():
        problem = f"{DuplicateNeuronError(neurons[number].id)} (see neurons.{first})"
        faults.append(fault(("neurons", number, "id"), problem))
    single = [neuron for number, neuron in enumerate(neurons) if number not in twice]
    wiring, made, refusals = replace(form.description, neurons=single).wire()
    refused: list[Fault] = []
    for number, link, error in _refusals(form.description, wiring, refusals):
        problem = str(error if len(refused) < MOST_COMPARED else error.args[0])
        refused.append(fault(_path_of_link(link, form.numbers[number], error), problem))
    return Checked(None if faults else replace(form.description, links=made), faults, refused)


class _Form(NamedTuple):
    """What can be made of a network, the number in the file of each of its links, and what else is wrong."""

    description: NetworkDescription | None
    numbers: Sequence[int]
    faults: list[Fault]


def _check_form(data: Any, place_of: Callable[[Path], str], table: str) -> _Form:
    words = {
        "greater_than_equal": "must be at least {ge:.16g}",
        "less_than_equal": "must be at most {le:.16g}",
        "string_type": "must be text in quotes",
        "string_unicode": "a key must not hold half a character",
        "list_type": "must be a list: [ … ]",
        "dict_type": f"must be {table}",
        "model_type": f"must be {table}",
    }
    try:
        network = NetworkData.model_validate(data)
        return _Form(network.description(), range(len(network.links)), [])
    except ValidationError as error:
        found = faults_of(error, NetworkData, place_of, words)
    faults = [fault for _, fault in found]
    neurons, links = _parts(data, {path for path, _ in found})
    if neurons is None:
        return _Form(None, [], faults)
    faulty = {path[1] for path, _ in found if path[:1] == ("links",)}
    numbers = [number for number in range(len(links)) if number not in faulty]
    rest = {"inputs": 0, "outputs": 0, "neurons": neurons, "links": [links[number] for number in numbers]}
    return _Form(NetworkData.model_validate(rest).description(), numbers, faults)


def _parts(data: Any, faulty: set[Path]) -> tuple[list[dict[str, Any]] | None, list[Any]]:
    """Return neurons on which the wiring of a faulty network can be checked, and its links; nothing, if it cannot be.

    That takes the ids of all neurons, and how many inputs they have.
    """
    neurons, links = (data.get("neurons"), data.get("links")) if isinstance(data, dict) else (None, None)
    if not isinstance(neurons, list) or not isinstance(links, list) or () in faulty:
        return None, []
    usable = []
    for number, neuron in enumerate(neurons):
        name, configs = (neuron.get("id"), neuron.get("input_configs")) if isinstance(neuron, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(configs, list) or ("neurons", number, "id") in faulty:
            return None, []
        config = {"capacity_max": 1, "regeneration": 1, "weight": 1}
        usable.append({"id": name, "bias": 0, "input_configs": [config] * len(configs)})
    return usable, links


def _twice(description: NetworkDescription) -> dict[int, int]:
    """Return the numbers of the neurons whose id an earlier one has, and the numbers of those."""
    first: dict[str, int] = {}
    twice = {}
    for number, neuron in enumerate(description.neurons):
        if first.setdefault(neuron.id, number) != number:
            twice[number] = first[neuron.id]
    return twice


def _refusals(
    description: NetworkDescription, wiring: Wiring, refused: list[tuple[int, NetworkError]]
) -> Iterator[tuple[int, Link, NetworkError]]:
    """Go through the links that are refused; one with two unknown ends comes twice."""
    for number, error in refused:
        link = description.links[number]
        yield number, link, error
        if isinstance(link, InnerLink) and isinstance(error, NeuronNotFoundError) and link.dst_id != error.neuron:
            try:
                wiring.check_input(link.dst_id, link.dst_synapse_idx)
            except NetworkError as other:
                yield number, link, other


def _path_of_link(link: Link, number: int, error: NetworkError | None = None) -> Path:
    """Return the path of a link, or of the key in it that an error is about."""
    (kind,) = (name for name, made in LINK_KINDS.items() if isinstance(link, made))
    path: Path = ("links", number, kind)
    if isinstance(error, NeuronNotFoundError):
        is_source = not isinstance(link, InputLink) and link.src_id == error.neuron
        return (*path, "src_id" if is_source else "dst_id")
    if isinstance(error, DendriteNotFoundError | SynapseBusyError):
        return (*path, "dst_synapse_idx")
    if isinstance(error, PortBusyError):
        return (*path, f"{error.kind}_port")
    return path
