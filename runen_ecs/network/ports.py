"""What ports are bound to, which inputs are connected, and what is to come in through ports."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..components import INPUT_PORT, NEURON, Activity, InputPort, LastHit, OutputPort, Source, Target
from ..engine.arrays import Rows
from ..engine.resource import Resource
from ..engine.storage import EntityIndex
from ..engine.world import World
from ..errors import NetworkError, PortNotFoundError
from .signals import Arrivals, SignalQueue
from .topology import group_rows, same_parts

__all__ = ["WHEN_QUIET", "WITH_THE_LAST", "Connections", "Stimuli"]

WHEN_QUIET = 0
WITH_THE_LAST = -1


class Connections(Resource):
    """Which inputs of a neuron are connected, by an axon or a port, and which ports read its axon.

    When an input is no longer connected, what is on its way to it is dropped, and its hit in this round forgotten.

    Attributes
    ----------
    n_connected : (n_neurons,) int64
        How many inputs of each neuron are connected.
    port_first : (n_neurons + 1,) int64
        The output ports of neuron i are ``port_row[port_first[i]:port_first[i + 1]]``.
    port_row : (n_bound,) int32
        Rows of output ports, by neuron.
    """

    derived = ("n_connected", "port_first", "port_row", "_made_from")

    def __init__(self) -> None:
        self.n_connected = np.zeros(0, np.int64)
        self.port_first = np.zeros(1, np.int64)
        self.port_row: Rows = np.empty(0, np.int32)
        self._made_from: tuple[object, ...] = ()

    def maintain(self, world: World) -> None:
        """Find out again what is connected."""
        source, target = world.storage(Source).array["neuron"], world.storage(Target).array["neuron"]
        fed, read = world.storage(InputPort).array["synapse"], world.storage(OutputPort).array["neuron"]
        n = len(world.table(NEURON))
        made_from = (n, source, target, fed, read)
        if same_parts(self._made_from, made_from):
            return
        connected = source >= 0
        connected[fed[fed >= 0]] = True
        connected &= target >= 0
        self.n_connected = np.bincount(target[connected], minlength=n)
        self._forget(world, connected, target)
        bound = np.flatnonzero(read >= 0)
        self.port_first, place = group_rows(read[bound], n)
        self.port_row = bound[place].astype(np.int32)
        self._made_from = made_from

    @staticmethod
    def _forget(world: World, connected: NDArray[np.bool_], target: Rows) -> None:
        """Leave no trace of signals at inputs that are not connected."""
        world.resource(SignalQueue).keep(np.where(connected, np.arange(connected.size, dtype=np.int32), np.int32(-1)))
        hit, activity = world.storage(LastHit).array["round"], world.storage(Activity).array
        present = np.zeros(hit.size, np.int64)
        present[connected] = activity["resets"][target[connected]] + 1
        hit[hit > present] = 0  # of unconnected inputs, and of what belonged to another neuron
        hit_now = connected & (hit == present)
        activity["round_hits"][:] = np.bincount(target[hit_now], minlength=activity["round_hits"].size)


class Stimuli(Resource):
    """Signals that are to come in through input ports, one after another.

    Attributes
    ----------
    due : (n,) int64
        In which tick each is due; `WHEN_QUIET` (0): when no signal is on its way any more; `WITH_THE_LAST` (-1):
        together with the one before.
    port : (n,) int32
        Numbers of ports.
    size : (n,) float64
    applied : (n,) int64
        In which tick each was given; 0 for those that still wait.
    next : (1,) int64
        Which is next.
    """

    derived = ("_index",)

    def __init__(self) -> None:
        self.due = np.zeros(0, np.int64)
        self.port: Rows = np.zeros(0, np.int32)
        self.size = np.zeros(0)
        self.applied = np.zeros(0, np.int64)
        self.next = np.zeros(1, np.int64)
        self._index: EntityIndex | None = None

    def maintain(self, world: World) -> None:
        """Get to know where systems look whether their arrays are old."""
        self._index = world.index

    @property
    def done(self) -> bool:
        """Whether all were given."""
        return bool(self.next[0] == self.due.size)

    def add(self, world: World, port: ArrayLike, size: ArrayLike, due: ArrayLike = WHEN_QUIET) -> None:
        """Append signals.

        Parameters
        ----------
        world : World
        port : (n,) int, or one for all
            Numbers of input ports.
        size : (n,) float, or one for all
            0 or more.
        due : (n,) int, or one for all
            See `Stimuli`.

        Raises
        ------
        PortNotFoundError
            If there is no such port.
        NetworkError
            If a signal is negative or no number, or a port or a tick no whole number. Then nothing is appended.
        """
        given = _numbers(port, "iu", "a port"), _numbers(size, "fiu", "a signal"), _numbers(due, "iu", "a tick")
        port, size, due = np.broadcast_arrays(*map(np.atleast_1d, given))
        known = world.storage(InputPort).array["number"]
        for number in port[~np.isin(port, known)][:1]:
            raise PortNotFoundError(int(number), known.tolist())
        for wrong in size[~(size >= 0) | np.isinf(size)][:1]:
            raise NetworkError(f"a signal is a number from 0 on, not {wrong:g}")
        for wrong in due[due < WITH_THE_LAST][:1]:
            raise NetworkError(f"a signal is due in a tick, when quiet (0) or with the last (-1), not in tick {wrong}")
        self.due = np.concatenate([self.due, due.astype(np.int64)])
        self.port = np.concatenate([self.port, port.astype(np.int32)])
        self.size = np.concatenate([self.size, size.astype(np.float64)])
        self.applied = np.concatenate([self.applied, np.zeros(port.size, np.int64)])
        arrivals = world.resource(Arrivals)
        arrivals.most_stimuli = max(arrivals.most_stimuli, self._most_at_once())
        world.index.version += 1

    def forget_past(self) -> None:
        """Forget those that were given."""
        n = int(self.next[0])
        self.due, self.port, self.size = self.due[n:], self.port[n:], self.size[n:]
        self.applied = self.applied[n:]
        self.next[0] = 0
        if self._index is not None:
            self._index.version += 1

    def _most_at_once(self) -> int:
        """Return how many may be given in one tick: what stands between two that wait for quiet."""
        return int(np.diff(np.concatenate([[0], np.flatnonzero(self.due == WHEN_QUIET), [self.due.size]])).max())


def _numbers(values: ArrayLike, kinds: str, what: str) -> NDArray[Any]:
    """Return an array of numbers of one of the kinds of NumPy.

    Raises
    ------
    NetworkError
        If they are something else.
    """
    array = np.asarray(values)
    if array.size and array.dtype.kind not in kinds:
        raise NetworkError(f"{what} is a {'whole ' if 'f' not in kinds else ''}number, not {values!r}")
    return array


def input_rows(world: World, port: Rows) -> tuple[Rows, Rows]:
    """Return rows of input ports, by their numbers, and of the synapses that they feed (-1: none); (n,) int32 each."""
    ports = world.storage(InputPort).array
    if not len(world.table(INPUT_PORT)) or not port.size:
        return np.full(port.size, -1, np.int32), np.full(port.size, -1, np.int32)
    order = np.argsort(ports["number"], kind="stable").astype(np.int32)
    numbers = ports["number"][order]
    place = np.searchsorted(numbers, port).clip(0, numbers.size - 1)
    row = np.where(numbers[place] == port, order[place], np.int32(-1))
    fed = np.where(row >= 0, ports["synapse"][row], np.int32(-1))
    fed[fed >= 0] = np.where(world.storage(Target).array["neuron"][fed[fed >= 0]] >= 0, fed[fed >= 0], np.int32(-1))
    return row, fed
