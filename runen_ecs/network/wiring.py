"""The rules of wiring a capacity network, apart from any world: who may be connected to whom."""

from __future__ import annotations

import numpy as np

from ..errors import (
    AlreadyFreeError,
    ClosedLoopError,
    DendriteNotFoundError,
    DuplicateNeuronError,
    NetworkError,
    NeuronNotFoundError,
    PortBusyError,
    SynapseBusyError,
)

__all__ = ["Input", "Wiring"]

MOST_PORTS = 2**31 - 1

Input = tuple[str, int]
"""An input of a neuron: the neuron's id, and which of its inputs, from 0."""


class Wiring:
    """Who feeds which input, by ids of neurons and numbers of ports. A call that is refused changes nothing.

    Attributes
    ----------
    n_inputs : dict of str to int
        How many inputs each neuron has.
    source : dict of Input to str
        The neuron whose axon feeds an input.
    feeding_port : dict of Input to int
        The input port that feeds an input.
    input_port : dict of int to Input
        What each bound input port feeds.
    output_port : dict of int to str
        The neuron whose axon each bound output port reads.
    """

    def __init__(self) -> None:
        self.n_inputs: dict[str, int] = {}
        self.source: dict[Input, str] = {}
        self.feeding_port: dict[Input, int] = {}
        self.input_port: dict[int, Input] = {}
        self.output_port: dict[int, str] = {}

    def add(self, neuron: str, n_inputs: int) -> None:
        """Add a neuron.

        Raises
        ------
        DuplicateNeuronError
        """
        if neuron in self.n_inputs:
            raise DuplicateNeuronError(neuron)
        self.n_inputs[neuron] = n_inputs

    def remove(self, neuron: str) -> None:
        """Remove a neuron with its inputs; what it fed is free, and so are its ports.

        Raises
        ------
        NeuronNotFoundError
        """
        self.check_neuron(neuron)
        for k in range(self.n_inputs.pop(neuron)):
            self.source.pop((neuron, k), None)
            port = self.feeding_port.pop((neuron, k), None)
            if port is not None:
                del self.input_port[port]
        self.source = {fed: source for fed, source in self.source.items() if source != neuron}
        self.output_port = {port: reader for port, reader in self.output_port.items() if reader != neuron}

    def connect(self, source: str, target: str, k: int) -> None:
        """Let the axon of a neuron feed input ``k`` of a neuron.

        Raises
        ------
        NeuronNotFoundError, ClosedLoopError, DendriteNotFoundError, SynapseBusyError
        """
        self.check_neuron(source)
        self.check_neuron(target)
        if source == target:
            n = self.n_inputs[target]
            if n < 2:
                raise ClosedLoopError(target, "it has a single input, and would wait for itself; give it another")
            if any(self.source.get((target, other)) == target for other in range(n)):
                raise ClosedLoopError(target, "it is already")
        self._check_free(target, k)
        self.source[target, k] = source

    def bind_input(self, port: int, target: str, k: int) -> None:
        """Let an input port feed input ``k`` of a neuron.

        Raises
        ------
        NeuronNotFoundError, DendriteNotFoundError, SynapseBusyError, PortBusyError
        """
        self._check_free(target, k)
        self._check_port(port)
        if port in self.input_port:
            raise PortBusyError(port, "input", "input {1} of neuron {0!r}".format(*self.input_port[port]))
        self.input_port[port] = target, k
        self.feeding_port[target, k] = port

    def bind_output(self, port: int, source: str) -> None:
        """Let an output port read the axon of a neuron.

        Raises
        ------
        NeuronNotFoundError, PortBusyError
        """
        self.check_neuron(source)
        self._check_port(port)
        if port in self.output_port:
            raise PortBusyError(port, "output", f"neuron {self.output_port[port]!r}")
        self.output_port[port] = source

    def disconnect(self, target: str, k: int) -> None:
        """Take input ``k`` of a neuron off the axon that feeds it.

        Raises
        ------
        NeuronNotFoundError, DendriteNotFoundError, AlreadyFreeError
        """
        self.check_input(target, k)
        if (target, k) not in self.source:
            raise AlreadyFreeError(f"input {k} of neuron {target!r}")
        del self.source[target, k]

    def free_input(self, port: int) -> None:
        """Take an input port off the input that it feeds.

        Raises
        ------
        AlreadyFreeError
        """
        if port not in self.input_port:
            raise AlreadyFreeError(f"input port {port}")
        del self.feeding_port[self.input_port.pop(port)]

    def free_output(self, port: int) -> None:
        """Take an output port off the axon that it reads.

        Raises
        ------
        AlreadyFreeError
        """
        if port not in self.output_port:
            raise AlreadyFreeError(f"output port {port}")
        del self.output_port[port]

    def check_neuron(self, neuron: str) -> None:
        """Raise NeuronNotFoundError if no neuron has that id."""
        if neuron not in self.n_inputs:
            raise NeuronNotFoundError(neuron, self.n_inputs)

    def check_input(self, target: str, k: int) -> None:
        """Raise if there is no such neuron, or if it has no such input."""
        self.check_neuron(target)
        if not 0 <= k < self.n_inputs[target]:
            raise DendriteNotFoundError(target, k, self.n_inputs[target])

    def _check_free(self, target: str, k: int) -> None:
        self.check_input(target, k)
        if (target, k) in self.source:
            raise SynapseBusyError(target, k, f"neuron {self.source[target, k]!r}")
        if (target, k) in self.feeding_port:
            raise SynapseBusyError(target, k, f"input port {self.feeding_port[target, k]}")

    @staticmethod
    def _check_port(port: int) -> None:
        if not isinstance(port, int | np.integer) or not 0 <= port <= MOST_PORTS:
            raise NetworkError(f"the number of a port is a whole number from 0 to {MOST_PORTS:,}, not {port!r}")
