"""`runen why`: what made a neuron fire, or kept it from firing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from ..looking_back import Arrival, Explanation, RecordedRun, Replay, explain
from .looking_back import plain_values
from .running import moment_of, ticks_of

__all__ = ["Wording", "explain_neuron"]

INDENT = "    "
HEAD = "share", "added", "from", "sent", "arrived", "passed", "weight", "over", "without it"
NOTHING = [""] * 6


def explain_neuron(folder: Path, neuron: int, at: str, window: str, depth: int, most: int, as_json: bool) -> None:
    """Print why a neuron fired at a time, or did not."""
    run = RecordedRun(folder)
    tick, ticks = moment_of(at, run.dt_ms), ticks_of(window, run.dt_ms, "--window")
    assert ticks is not None
    found = explain(Replay(run), neuron, tick, ticks, depth, most)
    if as_json:
        print(json.dumps({"dt_ms": run.dt_ms, **plain_values(asdict(found))}))
        return
    for line in Wording(run, ticks, most).lines(found):
        print(line)


class Wording:
    """Puts explanations into words.

    Parameters
    ----------
    run : RecordedRun
    window : int
        How many ticks were looked back, and ahead.
    most : int
        How many arrivals of each neuron to tell.
    """

    def __init__(self, run: RecordedRun, window: int, most: int) -> None:
        self.run, self.window, self.most = run, window, most
        self.decimals = max(0, 3 - int(Decimal(repr(run.dt_ms)).normalize().as_tuple().exponent))

    def lines(self, found: Explanation) -> Iterator[str]:
        """Yield the lines of an explanation, and behind it, indented, those of its causes."""
        yield self._title(found)
        if found.kind == "source":
            return
        yield from self._round(found) if found.kind == "accumulating" else self._window(found)
        yield from self._table(found)
        if found.kind == "spiking":
            alone = f"{self._outcome(found, found.spike_alone)}; v would be {found.v_alone:.4g} mV"
            yield f"  without any input: {alone}"
        for place, cause in found.causes.items():
            yield ""
            source = found.arrivals[place]
            yield f"{INDENT}the signal over synapse:{source.synapse}, sent at {self._time(source.sent)}:"
            yield from (INDENT + line for line in self.lines(cause))

    def _title(self, found: Explanation) -> str:
        number = int(found.neuron.split(":")[1])
        network = self.run.network
        layer, column = int(network.neuron_layer[number]), int(network.neuron_column[number])
        where = f", {network.layer_names[layer]}" if layer >= 0 else ""
        where += f" of column {column}" if column >= 0 else ""
        did = "fired" if found.fired else "did not fire"
        if found.kind == "source":
            did += " by itself: it is a source of spikes" if found.fired else "; it is a source of spikes"
        elif found.kind == "accumulating" and found.fired:
            did = f"sent {found.size:g}"
        return f"{found.neuron}{where} {did} at {self._time(found.tick)} (tick {found.tick:,})"

    def _window(self, found: Explanation) -> Iterator[str]:
        yield f"  v was {found.v_before:.4g} mV before {self._time(found.first)}, and is {found.v:.4g} mV"
        if not found.fired:
            ahead = self._time(self._ahead(found))
            kept = f"it is {found.kept}; " if found.kept else ""
            later = f"it fires at {self._time(found.spike)}" if found.spike else f"it does not until {ahead}"
            yield f"  {kept}{later}"

    def _round(self, found: Explanation) -> Iterator[str]:
        if found.waiting:
            waits = " ".join(f"synapse:{number}" for number in found.waiting[: self.most])
            more = " …" if len(found.waiting) > self.most else ""
            yield f"  it has gathered {found.size:g}, and waits for {waits}{more}"
            return
        again = found.ended_by
        ended = f"synapse:{again.synapse} was hit again" if again is not None else "all its inputs were hit"
        nothing = "" if found.fired else f" with {found.size:g}, and what is not positive is not sent"
        yield f"  its round ended because {ended}{nothing}"

    def _table(self, found: Explanation) -> Iterator[str]:
        yield f"  what reached it from {self._time(found.first)} on; 100 % is all that drove it up, {self._sum(found)}"
        rows: list[tuple[str, ...]] = [HEAD]
        for place, arrival in enumerate(found.arrivals[: self.most]):
            rows.append((*self._shared(found, arrival.potential), *self._signal(arrival), self._without(found, place)))
        for name, potential in sorted(found.drives.items(), key=lambda drive: -abs(drive[1])):
            rows.append((*self._shared(found, potential), name, *NOTHING))
        if rest := found.arrivals[self.most :]:
            together = self._shared(found, sum(a.potential for a in rest))
            rows.append((*together, f"{len(rest):,} more signal{'s' * (len(rest) > 1)}", *NOTHING))
        columns = [column for column in zip(*rows, strict=True) if {*column[1:]} - {"", "1 of 1"}]
        widths = [max(map(len, column)) for column in columns]
        for row in zip(*columns, strict=True):
            cells = [
                cell.rjust(w) if n < 2 else cell.ljust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))
            ]
            yield f"  {'  '.join(cells)}".rstrip()

    def _shared(self, found: Explanation, potential: float) -> tuple[str, str]:
        share = found.share(potential)
        added = f"{potential:+.4g} {found.unit}".rstrip()
        return ("-" if math.isnan(share) else f"{100 * share:+.1f} %"), added

    def _signal(self, arrival: Arrival) -> tuple[str, ...]:
        passed = f"{arrival.passed:g} of {arrival.size:g}"
        times = self._time(arrival.sent), self._time(arrival.arrived)
        return arrival.source, *times, passed, f"{arrival.weight:.4g}", f"synapse:{arrival.synapse}"

    def _without(self, found: Explanation, place: int) -> str:
        return self._outcome(found, found.spike_without[place]) if found.kind == "spiking" else ""

    def _outcome(self, found: Explanation, spike: int | None) -> str:
        """Say when a spike would come, compared with the one that came."""
        if spike == found.spike:
            return "the same"
        if spike is None:
            return f"no spike until {self._time(self._ahead(found))}"
        if found.spike is None:
            return f"fires at {self._time(spike)}"
        apart = abs(spike - found.spike) * self.run.dt_ms
        return f"fires {apart:g} ms {'later' if spike > found.spike else 'earlier'}"

    def _ahead(self, found: Explanation) -> int:
        return found.tick + self.window

    def _sum(self, found: Explanation) -> str:
        return f"{found.up:.4g} {found.unit}".rstrip()

    def _time(self, tick: int) -> str:
        return f"{tick * self.run.dt_ms / 1000:.{self.decimals}f} s"
