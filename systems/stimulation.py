"""Signals come in from outside."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import InputPort
from runen_ecs.engine import Floats, Int64s, Rows, System, Write, kernel
from runen_ecs.network import WHEN_QUIET, Arrivals, SignalQueue, Stimuli
from runen_ecs.network.ports import input_rows


@kernel
def stimulate(
    tick: int,
    due: Int64s,
    stimulus: Floats,
    port: Rows,
    fed: Rows,
    applied: Int64s,
    following: Int64s,
    signals: Int64s,
    last: Floats,
    tally: Int64s,
    synapse: Rows,
    size: Floats,
    count: Int64s,
) -> None:
    """Let the stimuli in that are due, after the signals that arrive in this tick.

    due : (n,) int64, when each is due; see Stimuli. stimulus : (n,) float64, sizes. port : (n,) int32, rows of
    ports, -1 for one that is gone. fed : (n,) int32, rows of the synapses that they feed, -1 for none. applied :
    (n,) int64, out [tick]. following : (1,) int64, in place: the next stimulus. signals, last : (n_ports,), in
    place. tally : see SignalQueue. synapse, size, count : the arrivals, in place.
    """
    quiet = count[0] == 0 and tally[0] == tally[1] + tally[2]
    i = following[0]
    while i < due.size:
        if due[i] > tick or (due[i] == WHEN_QUIET and not quiet):
            break
        quiet = False
        applied[i] = tick
        tally[0] += 1
        if port[i] >= 0:
            signals[port[i]] += 1
            last[port[i]] = stimulus[i]
        if fed[i] >= 0:
            synapse[count[0]] = fed[i]
            size[count[0]] = stimulus[i]
            count[0] += 1
            tally[1] += 1
        else:
            tally[2] += 1
        i += 1
    following[0] = i


class Stimulation(System):
    """Stimuli come in through input ports, at their tick or when the network is quiet; a free port drops them.

    Writes: Stimuli, InputPort, SignalQueue, Arrivals.
    """

    stimuli: Write[Stimuli]
    input_port: Write[InputPort]
    queue: Write[SignalQueue]
    arrivals: Write[Arrivals]

    whole = True
    kernel = stimulate

    def arguments(self) -> tuple[Any, ...]:
        """Return the stimuli, what their ports feed, and the list of arrivals to add to."""
        stimuli, arrivals, ports = self.stimuli, self.arrivals, self.input_port
        given = stimuli.due, stimuli.size, *input_rows(self.world, stimuli.port), stimuli.applied, stimuli.next
        return (
            *given,
            ports.signals,
            ports.last,
            self.queue.tally,
            arrivals.synapse,
            arrivals.size,
            arrivals.count,
        )
