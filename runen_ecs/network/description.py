"""The description of a capacity network as a file holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import NetworkError
from .wiring import Wiring

__all__ = ["InnerLink", "InputConfig", "InputLink", "Link", "NetworkDescription", "NeuronDescription", "OutputLink"]


@dataclass(frozen=True)
class InputConfig:
    """An input of a neuron: a synapse and its dendrite.

    Attributes
    ----------
    capacity_max, regeneration : float
        Of the synapse.
    weight : float
        Of the dendrite.
    """

    capacity_max: float = 1
    regeneration: float = 1
    weight: float = 1


@dataclass(frozen=True)
class NeuronDescription:
    """A neuron; one without inputs has a single input of the default sizes."""

    id: str
    bias: float
    input_configs: Sequence[InputConfig] = ()

    @property
    def inputs(self) -> Sequence[InputConfig]:
        """Its inputs, the default one included."""
        return self.input_configs or (InputConfig(),)


@dataclass(frozen=True)
class InputLink:
    """An input port feeds an input of a neuron."""

    input_port: int
    dst_id: str
    dst_synapse_idx: int

    def apply(self, wiring: Wiring) -> None:
        """Wire it, or raise a NetworkError."""
        wiring.bind_input(self.input_port, self.dst_id, self.dst_synapse_idx)


@dataclass(frozen=True)
class InnerLink:
    """The axon of a neuron feeds an input of a neuron."""

    src_id: str
    dst_id: str
    dst_synapse_idx: int

    def apply(self, wiring: Wiring) -> None:
        """Wire it, or raise a NetworkError."""
        wiring.connect(self.src_id, self.dst_id, self.dst_synapse_idx)


@dataclass(frozen=True)
class OutputLink:
    """An output port reads the axon of a neuron."""

    src_id: str
    output_port: int

    def apply(self, wiring: Wiring) -> None:
        """Wire it, or raise a NetworkError."""
        wiring.bind_output(self.output_port, self.src_id)


Link = InputLink | InnerLink | OutputLink


@dataclass(frozen=True)
class NetworkDescription:
    """A capacity network: neurons and links, each in their order.

    Attributes
    ----------
    inputs, outputs : int
        How many input and output ports there are; their numbers need not be contiguous.
    neurons : sequence of NeuronDescription
    links : sequence of Link
        In the order in which they are made, which is that in which an axon serves its listeners.
    state : dict, optional
        What a network that was saved while it ran was doing; see `describe`.
    """

    inputs: int
    outputs: int
    neurons: Sequence[NeuronDescription]
    links: Sequence[Link]
    state: dict[str, Any] | None = field(default=None)

    def wire(self) -> tuple[Wiring, list[Link], list[tuple[int, NetworkError]]]:
        """Make the links one after another, as far as the rules of wiring let them.

        Returns
        -------
        wiring : Wiring
        made : list of Link
            Those that were made.
        refused : list of (int, NetworkError)
            The number of each link that was not, and why.

        Raises
        ------
        DuplicateNeuronError
            If two neurons have one id.
        """
        wiring = Wiring()
        for neuron in self.neurons:
            wiring.add(neuron.id, len(neuron.inputs))
        made: list[Link] = []
        refused = []
        for number, link in enumerate(self.links):
            try:
                link.apply(wiring)
                made.append(link)
            except NetworkError as error:
                refused.append((number, error))
        return wiring, made, refused
