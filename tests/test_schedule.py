"""The plan of a tick: a catalogue of one-line systems, which pairs of them conflict, and what every refusal says."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement, pairwise

import esper
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runen_ecs.engine import (
    Add,
    Component,
    DispatcherBuilder,
    Float,
    Floats,
    Kind,
    Read,
    Resource,
    System,
    World,
    Write,
    field,
    kernel,
)
from runen_ecs.engine.access import conflict
from runen_ecs.engine.schedule import Entry, Plan, make_plan
from runen_ecs.errors import RunenError, ScheduleError

CELL = Kind("cell")


class Level(Component, kind=CELL):
    value: Float = field(default=0.0)


class Charge(Component, kind=CELL):
    value: Float = field(default=0.0)


class Weather(Resource):
    pass


class TouchNothing(System):
    pass


class ReadLevel(System):
    level: Read[Level]


class WriteLevel(System):
    level: Write[Level]


class AddLevel(System):
    level: Add[Level]


class ReadCharge(System):
    charge: Read[Charge]


class WriteCharge(System):
    charge: Write[Charge]


class AddCharge(System):
    charge: Add[Charge]


class ReadLevelWriteCharge(System):
    level: Read[Level]
    charge: Write[Charge]


class AddBoth(System):
    level: Add[Level]
    charge: Add[Charge]


class ReadWeather(System):
    weather: Read[Weather]


class WriteWeather(System):
    weather: Write[Weather]


class AddWeather(System):
    weather: Add[Weather]


CATALOGUE = [
    TouchNothing,
    ReadLevel,
    WriteLevel,
    AddLevel,
    ReadCharge,
    WriteCharge,
    AddCharge,
    ReadLevelWriteCharge,
    AddBoth,
    ReadWeather,
    WriteWeather,
    AddWeather,
]

# Every pair of the catalogue that cannot run in either order with the same result, and what they conflict on.
CONFLICTS = {
    (ReadLevel, WriteLevel): Level,
    (ReadLevel, AddLevel): Level,
    (ReadLevel, AddBoth): Level,
    (WriteLevel, WriteLevel): Level,
    (WriteLevel, AddLevel): Level,
    (WriteLevel, ReadLevelWriteCharge): Level,
    (WriteLevel, AddBoth): Level,
    (AddLevel, ReadLevelWriteCharge): Level,
    (ReadCharge, WriteCharge): Charge,
    (ReadCharge, AddCharge): Charge,
    (ReadCharge, ReadLevelWriteCharge): Charge,
    (ReadCharge, AddBoth): Charge,
    (WriteCharge, WriteCharge): Charge,
    (WriteCharge, AddCharge): Charge,
    (WriteCharge, ReadLevelWriteCharge): Charge,
    (WriteCharge, AddBoth): Charge,
    (AddCharge, ReadLevelWriteCharge): Charge,
    (ReadLevelWriteCharge, ReadLevelWriteCharge): Charge,
    (ReadLevelWriteCharge, AddBoth): Level,
    (ReadWeather, WriteWeather): Weather,
    (ReadWeather, AddWeather): Weather,
    (WriteWeather, WriteWeather): Weather,
    (WriteWeather, AddWeather): Weather,
}

PAIRS = [
    pytest.param(a, b, CONFLICTS.get((a, b)), id=f"{a.__name__}-{b.__name__}")
    for a, b in combinations_with_replacement(CATALOGUE, 2)
]


def plan_of(*entries: tuple[type[System], str] | tuple[type[System], str, list[str]]) -> Plan:
    """Plan systems given as (class, name) or (class, name, after)."""
    return make_plan(Entry(name, system(), tuple(*after)) for system, name, *after in entries)


# -- conflicts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b", "expected"), PAIRS)
def test_conflict_of_a_pair(a, b, expected):
    """Two systems conflict on what both touch unless both read it or both add to it, whichever is named first."""
    assert expected == conflict(a.accesses, b.accesses)
    assert expected == conflict(b.accesses, a.accesses)


@pytest.mark.parametrize(("a", "b", "expected"), PAIRS)
def test_pair_without_an_order(a, b, expected):
    """A pair is planned without a declared order if and only if it does not conflict."""
    if expected is None:
        assert plan_of((a, "one"), (b, "other")).names == ("one", "other")
    else:
        with pytest.raises(ScheduleError) as caught:
            plan_of((a, "one"), (b, "other"))
        error = caught.value
        assert (("one", "other"), expected.__name__) == (error.systems, error.component)


@pytest.mark.parametrize(("a", "b", "expected"), PAIRS)
def test_pair_with_an_order(a, b, expected):
    """With a declared order every pair is planned, in that order."""
    actual = plan_of((a, "one", ["other"]), (b, "other")).names

    assert ("other", "one") == actual


def test_ambiguity_says_what_to_type():
    """The message names both systems, what they touch, and the line that settles it."""
    with pytest.raises(ScheduleError) as caught:
        plan_of((ReadLevel, "observation"), (WriteLevel, "regeneration"))
    expected = (
        "observation and regeneration both touch Level, at least one writes it, and neither runs after the other; "
        "add after=['observation'] to regeneration, or the reverse"
    )

    assert expected == str(caught.value)
    assert isinstance(caught.value, (RunenError, ValueError))


def test_advice_of_the_message_settles_it():
    """A plan that follows the message is accepted."""
    actual = plan_of((ReadLevel, "observation"), (WriteLevel, "regeneration", ["observation"])).names

    assert ("observation", "regeneration") == actual


def test_order_through_others_settles_a_conflict():
    """An order declared by way of a third system is an order."""
    actual = plan_of((WriteLevel, "a"), (TouchNothing, "b", ["a"]), (WriteLevel, "c", ["b"])).names

    assert ("a", "b", "c") == actual


def test_common_predecessor_is_no_order():
    """Two systems that both run after a third are still ambiguous between themselves."""
    with pytest.raises(ScheduleError, match="b and c both touch Level"):
        plan_of((TouchNothing, "a"), (WriteLevel, "b", ["a"]), (WriteLevel, "c", ["a"]))


def test_start_up_systems_are_checked_too():
    """The start-up schedule is held to the same rules."""
    builder = DispatcherBuilder().add_start_up(WriteLevel(), "a").add_start_up(WriteLevel(), "b")
    with pytest.raises(ScheduleError, match="a and b both touch Level"):
        builder.plans()


def test_start_up_and_tick_do_not_conflict():
    """What runs once before the first tick needs no order to what runs in each."""
    start_up, plan = DispatcherBuilder().add_start_up(WriteLevel(), "a").add(WriteLevel(), "b").plans()

    assert (("a",), ("b",)) == (start_up.names, plan.names)


# -- names and cycles ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keyword", "other", "hint"),
    [
        ("after", "frist", "did you mean 'first'? choices: first, second"),
        ("before", "frist", "did you mean 'first'? choices: first, second"),
        ("after", "x", "choices: first, second"),
    ],
)
def test_unknown_name(keyword, other, hint):
    """A name that no system has is answered with the nearest one and all there are."""
    builder = DispatcherBuilder().add(TouchNothing(), "first").add(TouchNothing(), "second", **{keyword: [other]})
    with pytest.raises(ScheduleError) as caught:
        builder.plans()

    assert f"second is to run {keyword} {other!r}, but no system is called that; {hint}" == str(caught.value)
    assert ("second", other) == caught.value.systems


def test_name_used_twice():
    """Two systems of one name cannot be told apart."""
    with pytest.raises(ScheduleError) as caught:
        plan_of((TouchNothing, "firing"), (ReadLevel, "firing"))
    expected = "two systems are called 'firing'; each needs a name of its own"

    assert expected == str(caught.value)


@pytest.mark.parametrize(
    ("after", "story"),
    [
        ({"a": ["a"]}, "a must run after a"),
        ({"a": ["b"], "b": ["a"]}, "a must run after b, which must run after a"),
        ({"a": ["c"], "b": ["a"], "c": ["b"]}, "a must run after c, which must run after b, which must run after a"),
        (
            {"a": ["b"], "b": ["c"], "c": ["b"], "d": []},
            "b must run after c, which must run after b",  # a waits for the circle and is no part of it
        ),
    ],
)
def test_cycle_is_told_as_a_story(after, story):
    """A circle of orders is told name by name, without those that merely wait for it."""
    with pytest.raises(ScheduleError) as caught:
        plan_of(*((TouchNothing, name, others) for name, others in after.items()))

    assert f"{story}: a circle. Take one `after` or `before` out" == str(caught.value)
    assert tuple(story.split(" must run after ")[0]) == caught.value.systems[:1]


def test_cycle_of_after_and_before():
    """`before` is the same edge as `after`, seen from the other end, in a circle too."""
    builder = DispatcherBuilder().add(TouchNothing(), "a", after=["b"], before=["b"]).add(TouchNothing(), "b")
    with pytest.raises(ScheduleError) as caught:
        builder.plans()
    expected = "a must run after b, which must run after a: a circle. Take one `after` or `before` out"

    assert expected == str(caught.value)


@pytest.mark.parametrize("lookup", ["plan", "priority"])
def test_system_that_is_not_in_the_plan(lookup):
    """Asking a plan for a name that it has not is answered with the nearest name and the choices."""
    dispatcher = DispatcherBuilder().add(TouchNothing(), "firing").add(TouchNothing(), "arrival").build(World())
    with pytest.raises(ScheduleError) as caught:
        dispatcher.plan["fring"] if lookup == "plan" else dispatcher.priority("fring")
    expected = "no system is called 'fring'; did you mean 'firing'? choices: firing, arrival"

    assert expected == str(caught.value)


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
