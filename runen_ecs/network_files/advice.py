"""What is odd about a network that can be built: warnings, given only where they are certain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from ..faults import Fault, Path, key_of
from ..network.description import InnerLink, NetworkDescription
from ..network.wiring import Wiring

__all__ = ["warnings_of"]


def warnings_of(description: NetworkDescription, place_of: Callable[[Path], str]) -> list[Fault]:
    """Return what is odd about a network whose links can all be made.

    Parameters
    ----------
    description : NetworkDescription
    place_of : callable
        Says of the path of a key where it stands.
    """
    wiring, _, _ = description.wire()
    found = [*_ports(description, wiring), *_numbers(description), *_paths(description, wiring)]
    return [Fault(place_of(path), key_of(path), problem) for path, problem in found]


def _ports(description: NetworkDescription, wiring: Wiring) -> Iterator[tuple[Path, str]]:
    """Find counts of ports that are not those of the ports that links bind."""
    for key, count, bound in (
        ("inputs", description.inputs, wiring.input_port),
        ("outputs", description.outputs, wiring.output_port),
    ):
        if count != len(bound):
            kind = key.removesuffix("s")
            free = [port for port in range(min(count, len(bound) + 1)) if port not in bound][:1]
            hint = f"; {kind} port {free[0]} is not" if free else ""
            yield (key,), f"is {count}, but links bind {_counted(len(bound), f'{kind} port')}{hint}"


def _numbers(description: NetworkDescription) -> Iterator[tuple[Path, str]]:
    """Find capacities of nothing, and the first number that is not whole."""
    fractions: list[Path] = []
    for number, neuron in enumerate(description.neurons):
        values: list[tuple[Path, float]] = [(("neurons", number, "bias"), neuron.bias)]
        for k, config in enumerate(neuron.input_configs):
            path = ("neurons", number, "input_configs", k)
            if config.capacity_max == 0:
                yield (*path, "capacity_max"), "a capacity of 0 lets nothing through, ever"
            values += [((*path, key), getattr(config, key)) for key in ("capacity_max", "regeneration", "weight")]
        fractions += [path for path, value in values if value != int(value)]
    if fractions:
        more = len(fractions) - 1
        others = f", nor {'is' if more == 1 else 'are'} {_counted(more, 'other')} of this file" if more else ""
        yield fractions[0], f"is not whole{others}; the original program holds whole numbers only"


def _paths(description: NetworkDescription, wiring: Wiring) -> Iterator[tuple[Path, str]]:
    """Find neurons that no signal reaches, rounds that never complete, and signals that go nowhere."""
    listeners: dict[str, list[str]] = defaultdict(list)
    for link in description.links:
        if isinstance(link, InnerLink):
            listeners[link.src_id].append(link.dst_id)
    reached: set[str] = set()
    ahead = [target for target, _ in wiring.input_port.values()]
    while ahead:
        neuron = ahead.pop()
        if neuron not in reached:
            reached.add(neuron)
            ahead += listeners[neuron]
    read = set(wiring.output_port.values())
    for number, described in enumerate(description.neurons):
        name, path = described.id, ("neurons", number)
        inputs = range(len(described.inputs))
        free = [k for k in inputs if (name, k) not in wiring.source and (name, k) not in wiring.feeding_port]
        silent = [k for k in inputs if (name, k) in wiring.source and wiring.source[name, k] not in reached]
        if name not in reached:
            yield (*path, "id"), f"no signal from an input port can reach neuron {name!r}"
        else:
            for k in free:
                yield (*path, "input_configs", k), f"nothing is connected to input {k} of neuron {name!r}"
            for k in silent:
                source = wiring.source[name, k]
                yield (
                    (*path, "input_configs", k),
                    f"input {k} of neuron {name!r} waits for neuron {source!r}, which no signal can reach: "
                    "the neuron sends only when another input is hit again",
                )
        if name not in read and not listeners[name]:
            yield (*path, "id"), f"nobody listens to neuron {name!r}: what it sends goes nowhere"


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
