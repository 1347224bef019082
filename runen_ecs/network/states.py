"""Whether a state fits a capacity network, before anything is made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import inf
from sys import float_info
from typing import Any

from ..errors import NetworkError
from .ports import WITH_THE_LAST
from .wiring import MOST_PORTS, Wiring

__all__ = ["check_state"]

LONGEST = 4095
MOST = 2**62
LARGEST = float_info.max
KEYS = ("neurons", "signals", "stimuli", "inputs", "outputs")
NEURON_KEYS = ("accumulator", "hits", "resets", "hit_inputs", "capacities")


def check_state(wiring: Wiring, state: Any) -> None:
    """Raise a NetworkError if a state, see `describe`, does not fit a network that is wired like this."""
    try:
        for problem in _problems(wiring, state):
            raise NetworkError(f"the state does not fit the network: {problem}")
    except RecursionError:
        raise NetworkError("the state does not fit the network: it is nested too deeply") from None


def _problems(wiring: Wiring, state: Any) -> Iterator[str]:
    if not isinstance(state, dict) or set(state) != set(KEYS) or not all(isinstance(state[key], list) for key in KEYS):
        yield f"it holds {', '.join(KEYS)}, each a list"
        return
    if len(state["neurons"]) != len(wiring.n_inputs):
        yield f"it has {len(state['neurons'])} neurons for {len(wiring.n_inputs)}"
        return
    fed = set(wiring.source) | set(wiring.feeding_port)
    for (name, n), told in zip(wiring.n_inputs.items(), state["neurons"], strict=True):
        if not _is_neuron(told, n, {k for k in range(n) if (name, k) in fed}):
            yield f"neuron {name!r} is {told!r}"
    for told in state["signals"]:
        if not _is_signal(told, fed):
            yield f"a signal is {told!r}"
    for kind, bound in (("inputs", wiring.input_port), ("outputs", wiring.output_port)):
        ports = [told[0] for told in state[kind] if _is_port(told)]
        if len(ports) < len(state[kind]) or len(set(ports)) < len(ports) or not set(bound) <= set(ports):
            yield f"{kind} is {state[kind]!r}, for ports {sorted(bound)}"
    numbers = {told[0] for told in state["inputs"] if _is_port(told)}
    for told in state["stimuli"]:
        if not _is_stimulus(told, numbers):
            yield f"a stimulus is {told!r}"


def _is_neuron(told: Any, n_inputs: int, connected: Collection[int]) -> bool:
    if not isinstance(told, dict) or set(told) != set(NEURON_KEYS):
        return False
    value, hits, resets, hit_inputs, capacities = (told[key] for key in NEURON_KEYS)
    return (
        _is_number(value)
        and _is_count(hits)
        and _is_count(resets)
        and isinstance(hit_inputs, list)
        and all(_is_count(k) and k in connected for k in hit_inputs)
        and len(set(hit_inputs)) == len(hit_inputs)
        and isinstance(capacities, list)
        and len(capacities) == n_inputs
        and all(_is_number(level, infinite=True) and level >= 0 for level in capacities)
    )


def _is_signal(told: Any, fed: Collection[tuple[str, int]]) -> bool:
    if not isinstance(told, list) or len(told) != 4:
        return False
    ahead, neuron, k, size = told
    place = isinstance(neuron, str) and _is_count(k) and (neuron, k) in fed
    return place and _is_count(ahead) and 1 <= ahead <= LONGEST and _is_size(size)


def _is_stimulus(told: Any, ports: Collection[int]) -> bool:
    if not isinstance(told, list) or len(told) != 3:
        return False
    due, port, size = told
    return (_is_count(due) or due == WITH_THE_LAST) and _is_count(port) and port in ports and _is_size(size)


def _is_port(told: Any) -> bool:
    if not isinstance(told, list) or len(told) != 3:
        return False
    port, signals, last = told
    return _is_count(port) and port <= MOST_PORTS and _is_count(signals) and _is_number(last)


def _is_count(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= MOST


def _is_number(number: Any, *, infinite: bool = False) -> bool:
    if not isinstance(number, int | float) or isinstance(number, bool):
        return False
    return abs(number) <= LARGEST or (infinite and number == inf)


def _is_size(number: Any) -> bool:
    return _is_number(number) and number >= 0
