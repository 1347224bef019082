"""`runen why`: what made a neuron fire, or kept it from firing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..looking_back import Arrival, Explanation, RecordedRun, Replay, explain
from .looking_back import plain_values
from .running import moment_of, ticks_of

__all__ = ["Wording", "explain_neuron"]

INDENT = "    "
HEAD = "share", "input", "from", "sent", "arrived", "passed", "weight", "synapse", "without it"
NOTHING = [""] * 6


def explain_neuron(folder: Path, neuron: int, at: str, window: str, depth: int, most: int, as_json: bool) -> None:
    """Print why a neuron fired at a time, or did not."""
    run = RecordedRun(folder)
    tick, ticks = moment_of(at, run.dt_ms), ticks_of(window, run.dt_ms, "--window")
    assert ticks is not None
    found = explain(Replay(run), neuron, tick, ticks, depth, most)
    if as_json:
        print(json.dumps({"dt_ms": run.dt_ms, **plain_values(_as_data(found))}))
        return
    for line in Wording(run, most).lines(found):
        print(line)


def _as_data(found: Explanation) -> dict[str, Any]:
    """Return an explanation as data, with the shares."""
    shares = {"arrivals": [found.share(added) for added in found.inputs]}
    drives = {name: [found.share(part) for part in parts] for name, parts in found.drives.items()}
    causes = {str(place): _as_data(cause) for place, cause in found.causes.items()}
    return {**asdict(found), "shares": {**shares, "drives": drives}, "causes": causes}


class Wording:
    """Puts explanations into words.

    Parameters
    ----------
    run : RecordedRun
    most : int
        How many arrivals of each neuron to tell.
    """

    def __init__(self, run: RecordedRun, most: int) -> None:
        self.run, self.most = run, most
        self.decimals = max(0, 3 - int(Decimal(repr(run.dt_ms)).normalize().as_tuple().exponent))

    def lines(self, found: Explanation) -> Iterator[str]:
        """Yield the lines of an explanation, and behind it, indented, those of its causes."""
        yield self._title(found)
        if found.kind == "source":
            return
        yield from self._round(found) if found.kind == "accumulating" else self._window(found)
        yield from self._table(found)
        if found.kind == "spiking":
            alone = f"{self._outcome(found, found.spike_alone)}; v would be {self._v(found, found.v_alone)}"
            yield f"  without any input in this time: {alone}"
        for place, cause in found.causes.items():
            yield ""
            source = found.arrivals[place]
            yield f"{INDENT}the signal over synapse:{source.synapse}, sent at {self._time(source.sent)}:"
            yield from (f"{INDENT}{line}".rstrip() for line in self.lines(cause))

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
        now = f"is reset to {self._v(found, found.v)}" if found.fired else f"is {self._v(found, found.v)}"
        yield f"  v was {self._v(found, found.v_before)} before {self._time(found.first)}, and {now}"
        if not found.fired:
            kept = f"it is {found.kept}; " if found.kept else ""
            later = f"it fires at {self._time(found.spike)}" if found.spike else self._none_by(found)
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
        since = f"{self._time(found.first)} on"
        if found.fired_before is not None:
            since += f", after its spike at {self._time(found.fired_before)}"
        yield f"  what reached it from {since}; 100 % is all that excites it, {self._added(found, found.up)[1:]}"
        rows: list[tuple[str, ...]] = [HEAD]
        for place, (arrival, added) in enumerate(zip(found.arrivals[: self.most], found.inputs, strict=False)):
            rows.append((*self._shared(found, added), *self._signal(arrival), self._without(found, place)))
        rest = found.inputs[self.most :]
        for sign, acts in ((1, "excite"), (-1, "inhibit")):
            if parts := [added for added in rest if added * sign > 0]:
                together = f"{len(parts):,} more that {acts}{'s' * (len(parts) == 1)}"
                rows.append((*self._shared(found, sum(parts)), together, *NOTHING))
        for name, both in found.drives.items():
            for added in [part for part in both if part] or [0.0]:
                rows.append((*self._shared(found, added), name, *NOTHING))
        columns = [column for column in zip(*rows, strict=True) if {*column[1:]} - {"", "1 of 1"}]
        widths = [max(map(len, column)) for column in columns]
        for row in zip(*columns, strict=True):
            right, left = zip(row[:2], widths[:2], strict=True), zip(row[2:], widths[2:], strict=True)
            cells = [*(cell.rjust(w) for cell, w in right), *(cell.ljust(w) for cell, w in left)]
            yield f"  {'  '.join(cells)}".rstrip()

    def _shared(self, found: Explanation, added: float) -> tuple[str, str]:
        share = found.share(added)
        return ("-" if math.isnan(share) else f"{100 * share:+.1f} %"), self._added(found, added)

    def _signal(self, arrival: Arrival) -> tuple[str, ...]:
        if arrival.synapse < 0:
            return arrival.source, "", self._time(arrival.arrived), "", f"{arrival.weight:.4g}", ""
        passed = f"{arrival.passed:g} of {arrival.size:g}"
        times = self._time(arrival.sent), self._time(arrival.arrived)
        return arrival.source, *times, passed, f"{arrival.weight:.4g}", f"synapse:{arrival.synapse}"

    def _without(self, found: Explanation, place: int) -> str:
        return self._outcome(found, found.spike_without[place]) if found.kind == "spiking" else ""

    def _outcome(self, found: Explanation, spike: int | None) -> str:
        """Say when a spike would come, compared with the one that came."""
        if spike is None:
            return self._none_by(found)
        if spike == found.spike:
            return "the same"
        if found.spike is None:
            return f"fires at {self._time(spike)}"
        apart = abs(spike - found.spike) * self.run.dt_ms
        return f"fires {apart:g} ms {'later' if spike > found.spike else 'earlier'}"

    def _none_by(self, found: Explanation) -> str:
        end = ", when the run ends" if found.ahead == self.run.tick else ""
        return f"no spike by {self._time(found.ahead)}{end}"

    def _added(self, found: Explanation, added: float) -> str:
        return f"{added:+.4g} {found.unit}".rstrip()

    def _v(self, found: Explanation, v: float) -> str:
        return f"{v:.4g} mV" if found.unit else f"{v:.4g}"

    def _time(self, tick: int) -> str:
        return f"{tick * self.run.dt_ms / 1000:.{self.decimals}f} s"
