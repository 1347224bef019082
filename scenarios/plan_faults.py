"""What is wrong with the plan of a scenario: systems that have no order, events that change what is not there."""

from __future__ import annotations

from runen_ecs.errors import ScheduleError, choices
from runen_ecs.faults import Path, key_of

from .faults import Fault, place_of
from .plans import plan
from .schema import Scenario

__all__ = ["plan_faults"]


def plan_faults(scenario: Scenario, places: dict[Path, str]) -> list[Fault]:
    """Return a fault for each system of an extension that finds no place, and each event that names what is not there.

    Parameters
    ----------
    scenario : Scenario
    places : dict of path to str
        Where each key stands.
    """
    try:
        systems = {entry.name: entry.system for entry in plan(scenario).plans()[1].entries}
    except ScheduleError as error:
        named = [name.removeprefix("extensions.") for name in error.systems if name.startswith("extensions.")]
        path: Path = ("extensions", *named[:1])
        return [Fault(place_of(path, places), key_of(path), str(error))]
    found: list[tuple[Path, str]] = []
    for number, event in enumerate(scenario.events):
        if (change := event.change) is None:
            continue
        if change.system not in systems:
            problem = f"no system is called {change.system!r}; {choices(change.system, systems)}"
            found.append((("events", number, "change", "system"), problem))
        elif change.parameter not in (known := change.parameters(systems[change.system])):
            problem = f"{change.system} has no parameter {change.parameter!r}; {choices(change.parameter, known)}"
            found.append((("events", number, "change", "parameter"), problem))
        elif (wrong := change.problem(systems[change.system])) is not None:
            found.append((("events", number, "change", "value"), wrong))
    return [Fault(place_of(path, places), key_of(path), problem) for path, problem in found]
