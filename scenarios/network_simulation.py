"""A capacity network that is given signals from outside, one after another."""

from __future__ import annotations

from collections.abc import Callable

from runen_ecs.engine.dispatcher import Dispatcher, DispatcherBuilder
from runen_ecs.engine.world import World
from runen_ecs.errors import NetworkError
from runen_ecs.network import CapacityNetwork, SignalQueue, Stimuli, create_network
from runen_ecs.network.description import NetworkDescription
from runen_ecs.recording import OutputRecord
from runen_ecs.systems import QuietWatch
from runen_ecs.systems.divergence_watch import watch_of

from .plans import add_arriving, add_leaving

__all__ = ["NetworkSimulation", "RestlessError", "is_quiet"]


Extension = Callable[[DispatcherBuilder, CapacityNetwork], object]


class RestlessError(NetworkError):
    """A network goes on and on.

    Attributes
    ----------
    ticks : int
        How long was waited.
    let_in : bool
        Whether a signal had been let in before.
    outputs : dict of int to list of float
        What came out of each port until then.
    """

    def __init__(self, ticks: int, outputs: dict[int, list[float]], let_in: bool) -> None:
        waits = "" if let_in else "; no signal was let in"
        super().__init__(f"the network has not come to rest within {ticks:,} ticks{waits}")
        self.ticks = ticks
        self.let_in = let_in
        self.outputs = outputs


def is_quiet(world: World) -> bool:
    """Whether no signal is on its way and no stimulus waits."""
    queue = world.resource(SignalQueue)
    return world.resource(Stimuli).done and queue.in_flight == 0


class NetworkSimulation:
    """A capacity network with its systems.

    >>> simulation = NetworkSimulation(load_network(Path("decoder.json")))  # doctest: +SKIP
    >>> simulation.stimulate(port=0, size=1)  # doctest: +SKIP
    {0: [], 1: [1.0]}

    Parameters
    ----------
    description : NetworkDescription, optional
        Without one the network is empty, to be built through ``network``.
    per_signal : bool
        Whether synapses regenerate with each signal that arrives, or in each tick.
    extend : callable, optional
        Adds systems of one's own to the plan: ``extend(builder, network)``.

    Attributes
    ----------
    network : CapacityNetwork
    world : World
    dispatcher : Dispatcher
    """

    def __init__(
        self,
        description: NetworkDescription | None = None,
        *,
        per_signal: bool = True,
        extend: Extension | None = None,
    ) -> None:
        self.world = World()
        description = description or NetworkDescription(0, 0, [], [])
        self.network: CapacityNetwork = create_network(self.world, description)
        builder = DispatcherBuilder()
        add_arriving(builder, per_signal=per_signal)
        add_leaving(builder)
        builder.add(QuietWatch(), "quiet_watch", after=["axonal_conduction"])
        watch = watch_of(potentials=False, signals=True)
        builder.add(watch(), "divergence_watch", after=["axonal_conduction"])
        if extend is not None:
            extend(builder, self.network)
        self.dispatcher: Dispatcher = builder.build(self.world)

    def settle(self, max_ticks: int = 100_000) -> int:
        """Run until the network is quiet; return how many ticks that took.

        Raises
        ------
        RestlessError
            If it is not after ``max_ticks``.
        """
        return self._settle(max_ticks, let_in=False)

    def _settle(self, max_ticks: int, let_in: bool) -> int:
        ticks = self.dispatcher.run(max_ticks, watch=lambda tick: is_quiet(self.world))
        if not is_quiet(self.world):
            raise RestlessError(max_ticks, self.outputs(), let_in)
        return ticks

    def outputs(self) -> dict[int, list[float]]:
        """Return what came out since the last stimulus, for each output port that is bound, in order."""
        events = self.world.resource(OutputRecord).events()
        outputs: dict[int, list[float]] = {number: [] for number in self.network.output_ports}
        for number, out in zip(events["port"].tolist(), events["size"].tolist(), strict=True):
            outputs.setdefault(number, []).append(out)
        return outputs

    def stimulate(self, port: int, size: float, max_ticks: int = 100_000) -> dict[int, list[float]]:
        """Let a signal in and run until the network is quiet again.

        Returns
        -------
        dict of int to list of float
            For each output port that is bound, what came out of it, in order.

        Raises
        ------
        PortNotFoundError
            If there is no such port.
        RestlessError
            If the network was not quiet, or is not again, after ``max_ticks``.
        """
        stimuli, record = self.world.resource(Stimuli), self.world.resource(OutputRecord)
        record.forget()
        if not is_quiet(self.world):
            self.settle(max_ticks)
            record.forget()  # what an earlier signal has caused
        stimuli.forget_past()
        stimuli.add(self.world, port, size)
        self._settle(max_ticks, let_in=True)
        return self.outputs()
