"""`runen drive`: signals typed or piped in, outputs printed."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from runen_ecs.errors import NetworkError, RunenError, choices
from runen_ecs.network import CapacityNetwork, describe, neuron_status
from runen_ecs.network.description import NetworkDescription
from runen_ecs.network_files import load_network, save_network

from ..faults import UsageError
from ..loading import find, load, shipped
from ..network_simulation import NetworkSimulation, RestlessError
from ..summary import plain

__all__ = ["drive_network", "shown"]

MOST_SIZES = 40
HELP = """Type: PORT SIGNAL        let a signal in, and see what comes out
      status [NEURON]    what every neuron does now, or one
      save FILE          write the network with what it is doing: net.json, net.yaml
      help, quit"""


def drive_network(name: str, as_json: bool, with_status: bool, max_ticks: int, lenient: bool) -> None:
    """Read lines until the end of input; answer each."""
    description, per_signal = _load(name, lenient)
    session = Session(NetworkSimulation(description, per_signal=per_signal), as_json, with_status, max_ticks)
    for line in _lines(session):
        if not session.answer(line):
            break
        print(end="", flush=True)


def _load(name: str, lenient: bool) -> tuple[NetworkDescription, bool]:
    """Return a network from its own file, or from a scenario that has one; and whether it regenerates per signal."""
    path = Path(name)
    if name not in shipped() and not path.suffix:
        raise UsageError(f"no scenario is called {name!r}; {choices(name, shipped())}, or a file: .json, .yaml, .toml")
    if name in shipped() or path.suffix == ".toml":
        scenario = load(str(find(name)))
        if scenario.network is None:
            raise UsageError(f"{name} has no capacity network to drive; see: runen list")
        return scenario.network.description, scenario.regeneration == "signal"
    if not lenient:
        return load_network(path), True
    description, refused = load_network(path, lenient=True)
    for fault in refused:
        print(f"runen: left out: {fault}", file=sys.stderr)
    return description, True


def _lines(session: Session) -> Iterator[str]:
    """Yield the lines of standard input; with a prompt, if somebody types them."""
    if sys.stdin is None:
        return
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # bytes that are no text make a bad line like any other
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    import readline  # noqa: F401 - gives the prompt its history

    print(f"{session.title}\n{HELP}")
    while True:
        try:
            yield input("> ")
        except EOFError:
            print()
            return


class Session:
    """One network and the answers to lines about it.

    Parameters
    ----------
    simulation : NetworkSimulation
    as_json, with_status : bool
        How to answer.
    max_ticks : int
        How long to wait until the network is quiet.
    """

    def __init__(self, simulation: NetworkSimulation, as_json: bool, with_status: bool, max_ticks: int) -> None:
        self.simulation = simulation
        self.network: CapacityNetwork = simulation.network
        self.as_json, self.with_status, self.max_ticks = as_json, with_status, max_ticks

    @property
    def title(self) -> str:
        """One line: what there is to drive."""
        wiring = self.network.wiring
        ports = f"input ports {_listed(wiring.input_port)}; output ports {_listed(wiring.output_port)}"
        return f"{len(wiring.n_inputs):,} neurons; {ports}"

    def answer(self, line: str) -> bool:
        """Do what a line says and print what comes of it; return whether to go on."""
        words = line.split("#")[0].split()
        if not words:
            return True
        if not self.as_json and words[0] in ("quit", "exit"):
            return False
        if not self.as_json and words[0] == "help":
            print(HELP)
        elif not self.as_json and words[0] == "status":
            self._print_status(words[1:])
        elif not self.as_json and words[0] == "save":
            self._save(" ".join(words[1:]))
        else:
            self._stimulate(words)
        return True

    def _stimulate(self, words: list[str]) -> None:
        port, signal, error = None, None, ""
        outputs: dict[int, list[float]] = {number: [] for number in self.network.output_ports}
        try:
            port, signal = _read(words)
            self.network.input_port(port)  # is there, however large the number
            outputs = self.simulation.stimulate(port, signal, self.max_ticks)
        except RestlessError as restless:
            outputs, error = outputs | restless.outputs, str(restless)
        except NetworkError as refused:
            error = str(refused)
        if self.as_json:
            told = {str(number): [plain(size) for size in sizes] for number, sizes in outputs.items()}
            answer = {
                "port": port,
                "signal": None if signal is None or not isfinite(signal) else plain(signal),
                "outputs": told,
                "error": error or None,
            }
            print(json.dumps(answer | ({"status": self._status()} if self.with_status else {})))
            return
        if error:
            print(f"runen: {error}", file=sys.stderr)
        if not error or any(outputs.values()):
            print(shown(outputs))
        if self.with_status:
            self._print_status([])

    def _status(self) -> dict[str, Any]:
        """Return what every neuron does now, lists over neurons in the order of the file."""
        found = [neuron_status(self.network, name) for name in self.network.neurons]
        return {
            "accumulator": [plain(neuron.accumulator) for neuron in found],
            "hit_count": [neuron.hits for neuron in found],
            "reset_count": [neuron.resets for neuron in found],
            "dendrite_hit_count": [neuron.round_hits for neuron in found],
            "hits": [list(neuron.hit_inputs) for neuron in found],
            "capacities": [[plain(level) for level in neuron.capacities] for neuron in found],
        }

    def _save(self, name: str) -> None:
        try:
            save_network(describe(self.network, state=True), Path(name))
            print(f"written: {name}")
        except RunenError as error:
            print(f"runen: {error}", file=sys.stderr)

    def _print_status(self, names: list[str]) -> None:
        try:
            found = [neuron_status(self.network, name) for name in names or self.network.neurons]
        except NetworkError as error:
            print(f"runen: {error}", file=sys.stderr)
            return
        width = max((len(neuron.neuron) for neuron in found), default=0)
        for neuron in found:
            levels = " ".join(f"{plain(level)}" for level in neuron.capacities)
            print(
                f"{neuron.neuron:{width}}  accumulator {plain(neuron.accumulator)}, bias {plain(neuron.bias)}; "
                f"{neuron.round_hits} of {neuron.connected} connected inputs hit ({neuron.inputs} in all); "
                f"{neuron.hits} hits, {neuron.resets} resets; {neuron.listeners} listeners; "
                f"total weight {plain(neuron.total_weight)}; capacities {levels}"
            )


def _read(words: list[str]) -> tuple[int, float]:
    """Return the port and the signal that a line says."""
    if len(words) != 2:
        raise NetworkError(f"a line is a port and a signal, such as: 0 1; not {' '.join(words)[:60]!r}")
    try:
        port = int(words[0])
    except ValueError:
        raise NetworkError(f"a port is a whole number, not {words[0][:60]!r}") from None
    try:
        return port, float(words[1])
    except ValueError:
        raise NetworkError(f"a signal is a number, not {words[1][:60]!r}") from None


def _listed(numbers: dict[int, Any]) -> str:
    return ", ".join(map(str, sorted(numbers)[:20])) + (" …" if len(numbers) > 20 else "") if numbers else "none"


def shown(outputs: Mapping[Any, list[float]]) -> str:
    """Return what came out of each port, in one line; of very many signals the first."""
    parts = []
    for port, sizes in outputs.items():
        more = f" … {len(sizes):,} in all" if len(sizes) > MOST_SIZES else ""
        parts.append(f"{port} → {' '.join(str(plain(size)) for size in sizes[:MOST_SIZES]) or '-'}{more}")
    return "   ".join(parts) or "no output port is bound"
