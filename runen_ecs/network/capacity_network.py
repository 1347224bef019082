"""Capacity networks, by the names of their neurons and the numbers of their ports."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from ..components import (
    INPUT_PORT,
    NEURON,
    OUTPUT_PORT,
    SYNAPSE,
    Accumulator,
    Activity,
    Capacity,
    Delay,
    InputPort,
    LastHit,
    LastSignal,
    OutputPort,
    Source,
    Target,
    Weight,
)
from ..engine.component import Batch, Entity
from ..engine.world import World
from ..errors import EntityError, NetworkError, PortNotFoundError, RegenerationError
from .connecting import connect_synapse, disconnect, fill_up, next_order
from .description import InputConfig
from .ports import Stimuli
from .topology import same_parts
from .wiring import Input, Wiring

__all__ = ["NEW", "CapacityNetwork", "input_batches"]

Config = InputConfig | tuple[float, float, float]
NEW = 1.0


class CapacityNetwork:
    """The accumulating neurons of a world, their synapses and the ports; every change is checked before it is made.

    A neuron is named by its id, ``"M0Z0"``, or by its entity. Its inputs are numbered from 0, in the order in which
    they were created. What is changed here takes effect in the next tick; so does what is changed in the world by other
    means, which is seen here too.

    >>> network = CapacityNetwork(World())
    >>> first, second = network.neuron(), network.neuron([(2, 2, -1), (1, 1, 1)])
    >>> network.connect("M0Z0", "M0Z1", 0)
    >>> network.bind_input(0, "M0Z0", 0)
    >>> network.bind_output(0, second)

    Parameters
    ----------
    world : World

    Attributes
    ----------
    inputs, outputs : int
        How many ports a description of this network says there are.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.inputs = self.outputs = 0
        self._id: dict[Entity, str] = {}
        self._entity: dict[str, Entity] = {}
        self._synapses: dict[str, list[Entity]] = {}
        self._input_ports: dict[int, Entity] = {}
        self._output_ports: dict[int, Entity] = {}
        self._wiring = Wiring()
        self._seen: tuple[object, ...] = ()
        for component in (Accumulator, Activity, Source, Capacity, Target, InputPort, OutputPort):
            world.register(component)

    # -- names ----------------------------------------------------------------------------------------------------

    @property
    def wiring(self) -> Wiring:
        """Who feeds whom, at this moment; to be read."""
        self._refresh()
        return self._wiring

    @property
    def neurons(self) -> list[str]:
        """The ids of all neurons, in order of creation."""
        return list(self.wiring.n_inputs)

    def entity(self, neuron: str | Entity) -> Entity:
        """Return the entity of a neuron.

        Raises
        ------
        NeuronNotFoundError
        """
        name = self.id(neuron)
        return self._entity[name]

    def id(self, neuron: str | Entity) -> str:
        """Return the id of a neuron.

        Raises
        ------
        NeuronNotFoundError, EntityError
        """
        wiring = self.wiring
        if isinstance(neuron, str):
            wiring.check_neuron(neuron)
            return neuron
        if int(neuron) not in self._id:
            raise EntityError(int(neuron), "is no neuron that accumulates")
        return self._id[int(neuron)]

    def synapse(self, neuron: str | Entity, k: int) -> Entity:
        """Return the synapse of input ``k`` of a neuron; see `dendrite_of`.

        Raises
        ------
        NeuronNotFoundError, DendriteNotFoundError
        """
        name = self.id(neuron)
        self.wiring.check_input(name, k)
        return self._synapses[name][k]

    def synapses(self, neuron: str | Entity) -> list[Entity]:
        """Return the synapses of all inputs of a neuron, in order."""
        name = self.id(neuron)
        return list(self._synapses[name])

    def input_port(self, number: int) -> Entity:
        """Return the entity of an input port.

        Raises
        ------
        PortNotFoundError
        """
        self._refresh()
        if number not in self._input_ports:
            raise PortNotFoundError(number, self._input_ports)
        return self._input_ports[number]

    def output_port(self, number: int) -> Entity:
        """Return the entity of an output port.

        Raises
        ------
        PortNotFoundError
        """
        self._refresh()
        if number not in self._output_ports:
            raise PortNotFoundError(number, self._output_ports, "output")
        return self._output_ports[number]

    @property
    def output_ports(self) -> list[int]:
        """The numbers of the output ports that are bound, ascending."""
        return sorted(self.wiring.output_port)

    # -- structure ------------------------------------------------------------------------------------------------

    def neuron(self, inputs: Iterable[Config] = (), bias: float = 1.0, id: str | None = None) -> Entity:
        """Create a neuron.

        Parameters
        ----------
        inputs : iterable of InputConfig, or of (maximum, regeneration, weight)
            By default one input, (1, 1, 1).
        bias : float
            What every round but the first starts from; the first starts from 1.
        id : str, optional
            By default ``M0Z0``, ``M0Z1`` and so on.

        Raises
        ------
        DuplicateNeuronError, RegenerationError
        """
        configs = [c if isinstance(c, InputConfig) else InputConfig(*c) for c in inputs]
        configs = configs or [InputConfig()]
        batches = input_batches(configs)
        if not np.isfinite(bias):
            raise NetworkError(f"a bias is a finite number, not {bias}")
        wiring, world = self.wiring, self.world
        name = id if id is not None else free_id(self._entity, world.table(NEURON).n_created)
        wiring.add(name, len(configs))
        with self._changing():
            neuron = world.create_entity(Accumulator(value=NEW, bias=bias), Activity())
            synapses = world.create_entities(len(configs), Target.batch(neuron=neuron), Source.batch(), *batches)
            self._id[neuron], self._entity[name], self._synapses[name] = name, neuron, synapses.tolist()
        return neuron

    def remove(self, neuron: str | Entity) -> None:
        """Remove a neuron; its inputs go too, and what it fed is free.

        Raises
        ------
        NeuronNotFoundError
        """
        self.world.delete_entity(self.entity(neuron))

    def connect(self, source: str | Entity, target: str | Entity, k: int) -> None:
        """Let a neuron feed input ``k`` of a neuron, as the last that its axon feeds; its capacity is filled up.

        Raises
        ------
        NeuronNotFoundError, ClosedLoopError, DendriteNotFoundError, SynapseBusyError
        """
        source, target = self.id(source), self.id(target)
        self.wiring.connect(source, target, k)
        with self._changing():
            connect_synapse(self.world, self._synapses[target][k], self._entity[source])

    def disconnect(self, target: str | Entity, k: int) -> None:
        """Take input ``k`` of a neuron off the axon that feeds it.

        Raises
        ------
        NeuronNotFoundError, DendriteNotFoundError, AlreadyFreeError
        """
        target = self.id(target)
        self.wiring.disconnect(target, k)
        with self._changing():
            disconnect(self.world, self._synapses[target][k])

    def bind_input(self, port: int, target: str | Entity, k: int) -> None:
        """Let an input port feed input ``k`` of a neuron; its capacity is filled up.

        Raises
        ------
        NeuronNotFoundError, DendriteNotFoundError, SynapseBusyError, PortBusyError
        """
        target = self.id(target)
        self.wiring.bind_input(port, target, k)
        with self._changing():
            self.inputs = max(self.inputs, len(self._wiring.input_port))
            synapse, order = self._synapses[target][k], next_order(self.world)
            if port in self._input_ports:
                view = self.world.component(self._input_ports[port], InputPort)
                view.synapse, view.order = synapse, order
            else:
                bound = InputPort(number=port, synapse=synapse, order=order)
                self._input_ports[port] = self.world.create_entity(bound)
            fill_up(self.world, synapse)

    def bind_output(self, port: int, source: str | Entity) -> None:
        """Let an output port read the axon of a neuron.

        Raises
        ------
        NeuronNotFoundError, PortBusyError
        """
        source = self.id(source)
        self.wiring.bind_output(port, source)
        with self._changing():
            self.outputs = max(self.outputs, len(self._wiring.output_port))
            neuron, order = self._entity[source], next_order(self.world)
            if port in self._output_ports:
                view = self.world.component(self._output_ports[port], OutputPort)
                view.neuron, view.order = neuron, order
            else:
                bound = OutputPort(number=port, neuron=neuron, order=order)
                self._output_ports[port] = self.world.create_entity(bound)

    def free_input(self, port: int) -> None:
        """Take an input port off what it feeds.

        Raises
        ------
        AlreadyFreeError
        """
        self.wiring.free_input(port)
        with self._changing():
            self.world.component(self._input_ports[port], InputPort).synapse = 0

    def free_output(self, port: int) -> None:
        """Take an output port off the axon that it reads.

        Raises
        ------
        AlreadyFreeError
        """
        self.wiring.free_output(port)
        with self._changing():
            self.world.component(self._output_ports[port], OutputPort).neuron = 0

    def send(self, port: int, size: float) -> None:
        """Let a signal in through an input port, in the next tick in which the network is quiet.

        Raises
        ------
        PortNotFoundError, NetworkError
        """
        self._refresh()  # a port that was deleted is gone
        self.world.resource(Stimuli).add(self.world, port, size)

    def name(self, ids: dict[Entity, str]) -> None:
        """Give neurons their ids."""
        self._id |= ids
        self._seen = ()

    # -- what is kept of the world --------------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Go on with what is known when a change has been made here; look again if it fails."""
        self._seen = ()
        yield
        self._seen = self._parts()

    def _refresh(self) -> None:
        if not self.world.clock.in_tick:
            self.world.settle()
        if not same_parts(self._seen, self._parts()):
            self._look()
            self._seen = self._parts()

    def _parts(self) -> tuple[object, ...]:
        """Return what is looked at: there is something new when one of these is another object."""
        world = self.world
        tables = [world.table(kind).first_entity for kind in (NEURON, SYNAPSE)]
        ends = ((Source, "neuron"), (Target, "neuron"), (InputPort, "synapse"), (OutputPort, "neuron"))
        pointers = [world.storage(component).array[name] for component, name in ends]
        return world.storage(Accumulator).mask, *tables, *pointers

    def _look(self) -> None:
        """Find out again who is there and who feeds whom."""
        world = self.world
        neurons = world.entities(NEURON)
        accumulates = world.storage(Accumulator).present
        numbers = world.table(NEURON).creation_number(neurons)
        old, taken = self._id, set(self._id.values())
        self._id = {}
        for entity, number in zip(neurons[accumulates].tolist(), numbers[accumulates].tolist(), strict=True):
            name = old.get(entity)
            if name is None:
                name = free_id(taken, number)
                taken.add(name)
            self._id[entity] = name
        self._entity = {name: entity for entity, name in self._id.items()}
        target, source = world.storage(Target).arrays.neuron, world.storage(Source).arrays.neuron
        rows = np.flatnonzero((target >= 0) & accumulates[target]).astype(np.int32) if neurons.size else target[:0]
        entities = world.entities(SYNAPSE)
        rows = rows[np.lexsort((entities[rows], target[rows]))]
        self._wiring = wiring = Wiring()
        self._synapses = {name: [] for name in self._entity}
        place: dict[int, Input] = {}
        for row, owner, feeder in zip(
            rows.tolist(), neurons[target[rows]].tolist(), source[rows].tolist(), strict=True
        ):
            name = self._id[owner]
            place[row] = name, len(self._synapses[name])
            self._synapses[name].append(int(entities[row]))
            if feeder >= 0:
                entity = int(neurons[feeder])
                wiring.source[place[row]] = self._id.get(entity, f"entity {entity}")
        wiring.n_inputs = {name: len(found) for name, found in self._synapses.items()}
        ports = world.storage(InputPort).arrays
        self._input_ports = dict(zip(ports.number.tolist(), world.entities(INPUT_PORT).tolist(), strict=True))
        for number, row in zip(ports.number.tolist(), ports.synapse.tolist(), strict=True):
            if row in place:
                wiring.input_port[number], wiring.feeding_port[place[row]] = place[row], number
        read = world.storage(OutputPort).arrays
        self._output_ports = dict(zip(read.number.tolist(), world.entities(OUTPUT_PORT).tolist(), strict=True))
        for number, row in zip(read.number.tolist(), read.neuron.tolist(), strict=True):
            if row >= 0:
                entity = int(neurons[row])
                wiring.output_port[number] = self._id.get(entity, f"entity {entity}")


def free_id(taken: Collection[str], number: int) -> str:
    """Return the id of the neuron that was created as the ``number``-th: ``M0Z0``, or the next that is free."""
    return next(name for i in itertools.count(number) if (name := f"M0Z{i}") not in taken)


def input_batches(configs: Sequence[InputConfig]) -> tuple[Batch, ...]:
    """Return the components, beside `Source` and `Target`, of synapses and dendrites of these sizes.

    Raises
    ------
    RegenerationError
        If one can regenerate more than it can hold.
    NetworkError
        If a weight is no finite number.
    """
    maximum = np.array([c.capacity_max for c in configs], np.float64)
    regeneration = np.array([c.regeneration for c in configs], np.float64)
    for wrong in np.flatnonzero(~(regeneration <= maximum))[:1]:
        raise RegenerationError(float(regeneration[wrong]), float(maximum[wrong]))
    weight = np.array([c.weight for c in configs], np.float64)
    for wrong in weight[~np.isfinite(weight)][:1]:
        raise NetworkError(f"a weight is a finite number, not {wrong}")
    return (
        Delay.batch(),
        Capacity.batch(level=maximum, maximum=maximum, regeneration=regeneration),
        LastSignal.batch(),
        Weight.batch(value=weight),
        LastHit.batch(),
    )
