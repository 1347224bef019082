"""The specification of events: a network of plain objects to which things are done at times.

It shares no code with the simulator. What the simulator computes must equal this bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import naive
import naive_language


@dataclass
class Neuron(naive.Neuron):
    """A neuron with the entity that stands for it in the simulator."""

    entity: int = 0
    population: str = ""
    silent_until: int = 0


@dataclass
class Network(naive.Network):
    """Populations of Izhikevich neurons under uniform noise, with projections, and events in the order of the file."""

    populations: dict[str, list[Neuron]] = field(default_factory=dict)
    projections: dict[str, list[naive.Synapse]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    injected: list[tuple[int, int, float, list[Neuron]]] = field(default_factory=list)
    high: float = 5.0

    def add(self, name: str, size: int) -> None:
        """Create a population."""
        first = len(self.neurons) + 1
        self.populations[name] = [Neuron(entity=first + i, population=name) for i in range(size)]
        self.neurons += self.populations[name]

    def project(self, name: str, given: dict[str, Any]) -> None:
        """Create a projection among the living."""
        numbered = isinstance(given["rule"], dict) and "pairs" in given["rule"]
        ends = [self.all_of(given[key]) if numbered else self.select(given[key]) for key in ("from", "to")]
        numbers = [[neuron.entity for neuron in end] for end in ends]
        by_entity = {neuron.entity: neuron for neuron in self.neurons}
        for i, j, weight, delay in naive_language.projection(name, given, *numbers, self.seed, {}):
            if i in by_entity and j in by_entity:
                synapse = naive.Synapse(by_entity[i], by_entity[j], delay, weight)
                self.synapses.append(synapse)
                synapse.source.axon.append(synapse)
                synapse.target.dendrites.append(synapse)
                self.projections.setdefault(name, []).append(synapse)

    def all_of(self, selection: str) -> list[Neuron]:
        """The neurons of a selection: a population, and of it those from a number to a number; dead ones too."""
        name, _, stretch = selection.partition(" neuron=")
        chosen = [n for part in self.populations.values() for n in part] if name == "all" else self.populations[name]
        first, _, last = stretch.partition("..")
        return chosen[int(first) : int(last) + 1] if stretch else chosen

    def select(self, selection: str) -> list[Neuron]:
        """The living neurons of a selection."""
        living = {id(neuron) for neuron in self.neurons}
        return [neuron for neuron in self.all_of(selection) if id(neuron) in living]

    def some(self, things: list[Any], share: float, name: str) -> list[Any]:
        """A share of things, drawn without repeats."""
        key = naive.stream(self.seed, f"{name}/share")
        order = sorted(range(len(things)), key=lambda i: naive.uniform(key, i, 0))
        return [things[i] for i in sorted(order[: round(share * len(things))])]

    def drop(self, synapses: list[naive.Synapse]) -> None:
        """Take synapses out; what is on its way arrives."""
        gone = {id(synapse) for synapse in synapses}
        self.synapses = [s for s in self.synapses if id(s) not in gone]
        for neuron in self.neurons:
            neuron.axon = [s for s in neuron.axon if id(s) not in gone]
            neuron.dendrites = [s for s in neuron.dendrites if id(s) not in gone]

    def do(self, number: int, event: dict[str, Any]) -> None:
        """Do one event."""
        name = f"event/{number}"
        ((kind, what),) = ((k, v) for k, v in event.items() if k != "at")
        if kind == "set":
            self.set(name, what)
        elif kind == "cut":
            left = {id(s) for s in self.synapses}
            chosen = self.synapses if what["projection"] == "all" else self.projections.get(what["projection"], [])
            ends = [{id(n) for n in self.select(what.get(key, "all"))} for key in ("from", "to")]
            cut = [s for s in chosen if id(s) in left and id(s.source) in ends[0] and id(s.target) in ends[1]]
            self.drop(self.some(cut, what.get("share", 1.0), name))
        elif kind == "connect":
            self.project(name, what)
        elif kind == "remove":
            gone = {id(n) for n in self.some(self.select(what["of"]), what.get("share", 1.0), name)}
            self.drop([s for s in self.synapses if id(s.source) in gone or id(s.target) in gone])
            self.neurons = [n for n in self.neurons if id(n) not in gone]
        elif kind == "silence":
            for neuron in self.select(what["of"]):
                neuron.silent_until = max(neuron.silent_until, self.tick + what["for"])
        elif kind == "inject":
            self.injected.append((self.tick, self.tick + what["for"], what["current"], self.select(what["of"])))
        else:
            self.high = what["value"]

    def set(self, name: str, what: dict[str, Any]) -> None:
        """Give a field another value: a number, a distribution, or a share of what it was."""
        attribute = {"Weight.value": "weight", "Delay.ticks": "delay"}.get(what["field"], what["field"][-1])
        left = {id(s) for s in self.synapses}
        if attribute in ("weight", "delay"):
            chosen: list[Any] = [s for s in self.projections.get(what["of"], []) if id(s) in left]
        else:
            chosen = self.select(what["of"])
        for place, thing in enumerate(chosen):
            value = what["value"]
            if isinstance(value, str):
                drawn = float(value.split()[0]) * getattr(thing, attribute)  # "0.5 * value"
            else:
                drawn = naive_language.number(value, self.seed, name, place)
            setattr(thing, attribute, round(drawn) if attribute == "delay" else drawn)

    def step(self) -> None:
        """Do what is due, and live through a tick."""
        for number, event in enumerate(self.events):
            if event["at"] == self.tick:
                self.do(number, event)
        tick_key = naive.threefry2x32(naive.stream(self.seed, "input/noise"), (self.tick + 1, 0))
        potentials = {id(n): [0.0 + self.high * naive.uniform(tick_key, n.entity, 0)] for n in self.neurons}
        for start, stop, current, neurons in self.injected:
            for neuron in neurons:
                if start <= self.tick < stop and id(neuron) in potentials:
                    potentials[id(neuron)].append(current)
        before = len(self.spikes)
        firing = [n for n in self.live(potentials) if self.tick > n.silent_until]
        self.spikes[before:] = [(self.tick, n.entity - 1) for n in firing]
        self.send(firing)
        self.learn(firing)
