"""`runen inspect` without an entity: a prompt that moves through a recorded run, forwards and backwards."""

from __future__ import annotations

import cmd
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runen_ecs.components import NEURON, Accumulator, Delay, Membrane, Target, Weight
from runen_ecs.engine import Component, Entity, World
from runen_ecs.errors import RunenError, SelectionError, choices
from runen_ecs.network import dendrite_of

from ..faults import UsageError
from ..looking_back import RecordedRun, Replay, components_of, entities_of, explain, feeder_of, name_of, neighbours_of
from .looking_back import MOST_SHOWN, lines_of, shown
from .running import moment_of, ticks_of
from .why import Wording

__all__ = ["explore_run"]

WINDOW, MOST = "20ms", 10
Ticks = NDArray[np.int32]


def explore_run(folder: Path, at: str) -> None:
    """Read lines until the end of input; do what each says."""
    explorer = Explorer(Replay(RecordedRun(folder)), at)
    if sys.stdin is not None:
        explorer.cmdloop()


class Explorer(cmd.Cmd):
    """A recorded run at some tick, and commands to move it and to look at it.

    Parameters
    ----------
    replay : Replay
    at : str
        Where to begin.
    """

    def __init__(self, replay: Replay, at: str) -> None:
        super().__init__()
        self.replay, self.dt = replay, replay.run.dt_ms
        self.watched: dict[tuple[str, str], tuple[Entity, type[Component], str]] = {}
        self.use_rawinput = sys.stdin is not None and sys.stdin.isatty()
        replay.go(moment_of(at, self.dt))
        if self.use_rawinput:
            end = replay.run.tick * self.dt / 1000
            self.intro = f"{replay.run.path}, recorded until {end:g} s; help tells the commands"
        self._show_prompt()

    @property
    def world(self) -> World:
        """The world as it is at this tick."""
        return self.replay.simulation.world

    # -- moving -----------------------------------------------------------------------------------------------------

    def do_at(self, text: str) -> None:
        """Go to a time (at 5.678s)."""
        self._move(moment_of(text, self.dt, "at"))

    def do_step(self, text: str) -> None:
        """Go some ticks on, one if no number is given (step 10)."""
        self._move(self.world.tick + _number(text, 1))

    def do_back(self, text: str) -> None:
        """Go some ticks back, one if no number is given (back 10)."""
        self._move(self.world.tick - _number(text, 1))

    def do_next(self, text: str) -> None:
        """Go to the next spike, or signal, of a neuron (next neuron:40)."""
        self._move_to_spike(text, lambda ticks, now: ticks[ticks > now][:1])

    def do_previous(self, text: str) -> None:
        """Go to the last spike, or signal, of a neuron before now (previous neuron:40)."""
        self._move_to_spike(text, lambda ticks, now: ticks[ticks < now][-1:])

    # -- looking ----------------------------------------------------------------------------------------------------

    def do_show(self, text: str) -> None:
        """Show the components of entities (show neuron:40, show synapse:17, show column=3 layer=motor)."""
        if not text.strip():
            raise SelectionError(text, "name what to show, such as neuron:40 or synapse:17")
        entities = entities_of(self.world, text)
        for entity in entities[:MOST_SHOWN]:
            print(*lines_of(self.world, entity), sep="\n")
        if len(entities) > MOST_SHOWN:
            print(f"and {len(entities) - MOST_SHOWN:,} more")

    def do_connections(self, text: str) -> None:
        """Show what a neuron is connected to, the strongest synapses first (connections neuron:40)."""
        world, neuron = self.world, self._one_neuron(text)
        for words, numbers in zip(("fed by", "feeds"), neighbours_of(world, neuron), strict=True):
            print(f"{words} {len(numbers):,} synapses")
            synapses = [entities_of(world, f"synapse:{number}")[0] for number in numbers]
            synapses.sort(key=lambda synapse: -abs(world.component(dendrite_of(synapse), Weight).value))
            for synapse in synapses[:MOST_SHOWN]:
                target = name_of(world, world.component(dendrite_of(synapse), Target).neuron)
                name = feeder_of(world, synapse) if words == "fed by" else target
                weight = world.component(dendrite_of(synapse), Weight).value
                delay = world.component(synapse, Delay).ticks * self.dt
                print(f"  {name:14} weight {weight:<10.4g} delay {delay:g} ms  {name_of(world, synapse)}")

    def do_why(self, text: str) -> None:
        """Tell why a neuron fired in this tick, or did not (why neuron:40; as a tree: why neuron:40 2)."""
        name, _, depth = text.partition(" ")
        number = int(name_of(self.world, self._one_neuron(name)).partition(":")[2])
        window = ticks_of(WINDOW, self.dt, "window")
        assert window is not None
        now = self.world.tick
        found = explain(self.replay, number, now, window, _number(depth, 1), MOST)
        self.replay.go(now)
        print(*Wording(self.replay.run, MOST).lines(found), sep="\n")

    def do_watch(self, text: str) -> None:
        """Show a value after every move (watch neuron:40, watch neuron:40 Recovery.u, watch synapse:17)."""
        name, _, field = text.partition(" ")
        for entity in entities_of(self.world, name):
            component, value = self._field(entity, field.strip())
            self.watched[name_of(self.world, entity), f"{component.__name__}.{value}"] = entity, component, value
        self._tell()

    def do_unwatch(self, text: str) -> None:
        """Show values no more after moves, all or those of an entity (unwatch, unwatch neuron:40)."""
        self.watched = {key: what for key, what in self.watched.items() if text and key[0] != text}

    def do_help(self, text: str) -> None:
        """Tell the commands, or one of them (help watch)."""
        for name in [text.strip()] if text.strip() else self._commands():
            if name not in self._commands():
                raise UsageError(f"there is no command {name!r}; {choices(name, self._commands())}")
            print(f"  {name:12} {getattr(self, f'do_{name}').__doc__}")

    def do_quit(self, text: str) -> bool:
        """End."""
        return True

    do_exit = do_quit

    def do_EOF(self, text: str) -> bool:  # noqa: N802 - the name that cmd gives to the end of input
        """End, at the end of input."""
        if self.use_rawinput:
            print()
        return True

    # -- what cmd asks for --------------------------------------------------------------------------------------------

    def onecmd(self, line: str) -> bool:
        """Do what a line says; a mistake is told, and nothing is lost."""
        try:
            return bool(super().onecmd(line))
        except RunenError as error:
            print(f"runen: {error}", file=sys.stderr)
            return False

    def postcmd(self, stop: bool, line: str) -> bool:
        """Show the time in the prompt, and let nobody wait for what was printed."""
        self._show_prompt()
        sys.stdout.flush()
        return stop

    def emptyline(self) -> bool:
        """Do nothing."""
        return False

    def default(self, line: str) -> None:
        """Say what commands there are."""
        word = line.split()[0]
        raise UsageError(f"there is no command {word!r}; {choices(word, self._commands())}")

    # -- how --------------------------------------------------------------------------------------------------------

    def _commands(self) -> list[str]:
        names = [name.removeprefix("do_") for name in self.get_names() if name.startswith("do_")]
        return [name for name in names if name not in ("EOF", "exit")]

    def _move(self, tick: int) -> None:
        self.replay.go(tick)
        self._tell()

    def _tell(self) -> None:
        print(f"{self.world.tick * self.dt / 1000:g} s, tick {self.world.tick:,}")
        for (name, field), (entity, component, value) in self.watched.items():
            now = "is not there"
            if component in (components_of(self.world, entity) if self.world.index.alive(entity) else ()):
                unit = component.fields[value].unit
                now = f"{shown(components_of(self.world, entity)[component][value])} {unit}"
            print(f"  {name} {field} {now}".rstrip())

    def _move_to_spike(self, text: str, choose: Callable[[Ticks, int], Ticks]) -> None:
        neuron = self._one_neuron(text)
        found = choose(self._spikes(neuron), self.world.tick)
        if not found.size:
            raise UsageError(f"{name_of(self.world, neuron)} fires no more that way")
        self._move(int(found[0]))

    def _spikes(self, neuron: Entity) -> Ticks:
        """Return the ticks in which a neuron fired, or sent a signal, in the whole run."""
        run, signals = self.replay.run, self.replay.simulation.signals
        if signals is not None and neuron in signals.neuron and Accumulator in components_of(self.world, neuron):
            if "emissions" not in run.streams:
                raise UsageError("the signals of this run were not recorded; see record.signals")
            number = signals.neuron.tolist().index(neuron)
            rows = run.streams["emissions"].rows()
            return np.unique(rows["tick"][rows["neuron"] == number])
        number = int(name_of(self.world, neuron).partition(":")[2])
        parts = [rows["tick"][rows["neuron"] == number] for rows in run.streams["spikes"].chunks()]
        return np.concatenate([np.zeros(0, np.int32), *parts])

    def _one_neuron(self, text: str) -> Entity:
        found = entities_of(self.world, text) if text.strip() else []
        if len(found) != 1 or self.world.index.find(found[0])[1] != NEURON.name:
            raise SelectionError(text, "name one neuron, such as neuron:40")
        return found[0]

    def _field(self, entity: Entity, field: str) -> tuple[type[Component], str]:
        """Return the field of a name; if none is given, what tells most."""
        has = components_of(self.world, entity)
        known = {
            f"{component.__name__}.{name}": (component, name) for component, names in has.items() for name in names
        }
        telling = [f"{c.__name__}.{name}" for c, name in ((Membrane, "v"), (Accumulator, "value"), (Weight, "value"))]
        field = field or next((name for name in telling if name in known), next(iter(known)))
        if field not in known:
            raise SelectionError(field, f"{name_of(self.world, entity)} has no such field; {choices(field, known)}")
        return known[field]

    def _show_prompt(self) -> None:
        self.prompt = f"({self.world.tick * self.dt / 1000:g} s) " if self.use_rawinput else ""


def _number(text: str, otherwise: int) -> int:
    if text.strip() and not text.strip().isdecimal():
        raise UsageError(f"{text!r} is no number")
    return int(text) if text.strip() else otherwise
