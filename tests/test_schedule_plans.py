"""The order of a plan, its stages, and a plan in a world."""

from __future__ import annotations

from itertools import combinations, pairwise

import esper
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_line_systems import (
    CATALOGUE,
    CELL,
    AddBoth,
    AddLevel,
    Charge,
    Level,
    ReadLevel,
    ReadLevelWriteCharge,
    ReadWeather,
    TouchNothing,
    WriteLevel,
    WriteWeather,
    plan_of,
)

from runen_ecs.engine import (
    DispatcherBuilder,
    Floats,
    System,
    World,
    Write,
    kernel,
)
from runen_ecs.engine.access import conflict
from runen_ecs.engine.schedule import Entry, make_plan
from runen_ecs.errors import ScheduleError

# -- order and stages ---------------------------------------------------------------------------------------------


def test_order_is_that_of_adding():
    """Where nothing else decides, systems run in the order in which they were added."""
    names = list("dbacfe")
    actual = plan_of(*((TouchNothing, name) for name in names)).names

    assert tuple(names) == actual


def test_systems_that_add_run_in_the_order_of_adding():
    """Sums are taken in one order, the declared one of the scenario, for float sums do not commute."""
    actual = plan_of((AddLevel, "noise"), (AddBoth, "arrival"), (AddLevel, "current")).names

    assert ("noise", "arrival", "current") == actual


def test_order_moves_only_what_it_must():
    """An `after` delays its system until the other has run, and leaves the rest in place."""
    actual = plan_of((TouchNothing, "a", ["c"]), (TouchNothing, "b"), (TouchNothing, "c"), (TouchNothing, "d")).names

    assert ("b", "c", "a", "d") == actual


def test_before_is_after_from_the_other_end():
    """`before` puts its system ahead of one added earlier."""
    builder = DispatcherBuilder().add(WriteLevel(), "a").add(WriteLevel(), "b", before=["a"])
    _, plan = builder.plans()

    assert ("b", "a") == plan.names


def test_stages_hold_what_may_run_together():
    """A system falls into the stage after the last of those that it must run after."""
    plan = plan_of(
        (WriteLevel, "arrival"),
        (WriteWeather, "weather"),
        (ReadLevel, "integration", ["arrival"]),
        (ReadLevelWriteCharge, "firing", ["integration"]),
        (ReadWeather, "recording", ["weather"]),
    )

    assert (("arrival", "weather"), ("integration", "recording"), ("firing",)) == plan.stages


def test_plan_of_nothing():
    """No systems make an empty plan, whose ticks pass."""
    world = World()
    dispatcher = DispatcherBuilder().build(world)
    ran = [dispatcher.run(3), dispatcher.run(2, stepped=True)]

    assert ((), ()) == (dispatcher.plan.names, dispatcher.plan.stages)
    assert ([3, 2], 5) == (ran, world.tick)


def reachable(after: dict[str, set[str]], name: str) -> set[str]:
    """All that must run before ``name``: naively, by walking every edge."""
    found: set[str] = set()
    to_visit = list(after[name])
    while to_visit:
        other = to_visit.pop()
        if other not in found:
            found.add(other)
            to_visit.extend(after[other])
    return found


@st.composite
def declarations(draw: st.DrawFn) -> list[Entry]:
    """Up to seven systems of the catalogue, with edges along a hidden order, and now and then one against it."""
    hidden = "abcdefg"[: draw(st.integers(0, 7))]
    entries = []
    for name in draw(st.permutations(hidden)):
        place = hidden.index(name)
        after = draw(st.sets(st.sampled_from(hidden[:place]))) if place else set()
        before = draw(st.sets(st.sampled_from(hidden[place + 1 :]), max_size=2)) if hidden[place + 1 :] else set()
        if draw(st.integers(0, 20)) == 20:
            after.add(draw(st.sampled_from(hidden)))
        entries.append(Entry(name, draw(st.sampled_from(CATALOGUE))(), tuple(sorted(after)), tuple(sorted(before))))
    return entries


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(declarations())
def test_any_plan_respects_every_declaration(entries):
    """A plan is refused exactly for a circle or an ambiguity; an accepted one respects all that is declared."""
    after = {entry.name: set(entry.after) for entry in entries}
    for entry in entries:
        for other in entry.before:
            after[other].add(entry.name)
    earlier = {name: reachable(after, name) for name in after}
    circle = any(name in earlier[name] for name in after)
    ambiguous = any(
        conflict(a.system.accesses, b.system.accesses)
        for a, b in combinations(entries, 2)
        if a.name not in earlier[b.name] and b.name not in earlier[a.name]
    )
    try:
        plan = make_plan(entries)
    except ScheduleError:
        assert circle or ambiguous
        return
    added = [entry.name for entry in entries]
    stage = {name: number for number, names in enumerate(plan.stages) for name in names}

    assert not circle
    assert not ambiguous
    assert sorted(added) == sorted(plan.names)
    assert sorted(added) == sorted(stage)
    for number, name in enumerate(plan.names):
        assert earlier[name] <= set(plan.names[:number])
        assert all(stage[other] < stage[name] for other in after[name])
    for one, next_one in pairwise(plan.names):
        assert added.index(one) < added.index(next_one) or one in after[next_one]
    for names in plan.stages:
        for one in names:
            for other in names:
                assert one == other or conflict(plan[one].accesses, plan[other].accesses) is None


# -- a plan in a world --------------------------------------------------------------------------------------------


def test_priorities_leave_room_in_between():
    """The priorities that esper sorts by fall by 100 from system to system in the order of the plan."""
    dispatcher = DispatcherBuilder().add(WriteLevel(), "a").add(ReadLevel(), "b", before=["a"]).build(World())
    (first, second) = (dispatcher.priority(name) for name in dispatcher.plan.names)

    assert ("b", "a") == dispatcher.plan.names
    assert first - second == 100
    assert second > 0


def test_esper_holds_the_processors_in_the_order_of_the_plan():
    """`esper.process` runs what the plan says, in its order."""
    world = World()
    dispatcher = DispatcherBuilder().add(WriteLevel(), "a").add(ReadLevel(), "b", before=["a"]).build(world)
    with world.active():
        actual = sorted((esper.get_processor(type(s)) for s in dispatcher.plan.systems), key=lambda p: -p.priority)

    assert list(dispatcher.plan.systems) == actual


def test_system_belongs_to_one_world():
    """An instance is bound to one world; a second dispatcher needs another instance."""
    system = ReadLevel()
    DispatcherBuilder().add(system, "a").build(World())
    with pytest.raises(ScheduleError) as caught:
        DispatcherBuilder().add(system, "a").build(World())
    expected = "this ReadLevel is in a world already; make another one"

    assert expected == str(caught.value)


def test_system_in_no_world():
    """A system that was never added says how to add it."""
    with pytest.raises(ScheduleError) as caught:
        _ = ReadLevel().world
    expected = "ReadLevel is in no world; add it with DispatcherBuilder.add(…)"

    assert expected == str(caught.value)


def test_negative_number_of_ticks():
    """Time does not run backwards."""
    with pytest.raises(ScheduleError) as caught:
        DispatcherBuilder().build(World()).run(-1)
    expected = "cannot run -1 ticks"

    assert expected == str(caught.value)


class Founding(System):
    """Creates three cells; of all kinds of entities it touches one, of which there is none yet."""

    level: Write[Level]

    def run(self) -> None:
        self.world.create_entities(3, Level.batch(value=1.0))


class Doubling(System):
    """Doubles every level, at start-up."""

    level: Write[Level]

    def run(self) -> None:
        self.level.value[:] *= 2.0


@kernel
def raise_levels(tick: int, value: Floats) -> None:
    value += 1.0


class Raising(System):
    """Raises every level by one, compiled."""

    level: Write[Level]

    kernel = raise_levels

    def arguments(self):
        return (self.level.value,)


def test_start_up_system_may_be_compiled():
    """A start-up system with a kernel runs it once."""
    world = World()
    world.create_entities(2, Level.batch(value=1.0))
    DispatcherBuilder().add_start_up(Raising(), "raising").build(world).run(3)
    expected = [2.0, 2.0]

    assert expected == world.storage(Level).arrays.value.tolist()


def test_start_up_system_runs_in_an_empty_world():
    """A start-up system has its turn although there is no row yet: making the first ones is what it is for."""
    world = World()
    DispatcherBuilder().add_start_up(Founding(), "founding").build(world).start()

    assert len(world.entities(CELL)) == 3


def test_start_up_system_runs_once():
    """Starting twice, and running, start once; a system after another sees what it has made."""
    world = World()
    world.create_entity(Level(value=1.0))
    builder = DispatcherBuilder().add_start_up(Founding(), "founding")
    dispatcher = builder.add_start_up(Doubling(), "doubling", after=["founding"]).build(world)
    dispatcher.start()
    dispatcher.start()
    dispatcher.run(2)
    expected = [2.0] * 4

    assert expected == world.storage(Level).arrays.value.tolist()


def test_start_up_system_runs_once_where_its_rows_are_scattered():
    """One turn is one call of a start-up system, however many stretches its rows fall into."""
    world = World()
    for _ in range(3):
        world.create_entity(Level())
        world.create_entity(Charge())
    DispatcherBuilder().add_start_up(Founding(), "founding").build(world).start()

    assert len(world.entities(CELL)) == 9
