"""Which pairs of one-line systems conflict, and what every refusal says."""

from __future__ import annotations

import pytest
from one_line_systems import PAIRS, ReadLevel, TouchNothing, WriteLevel, plan_of

from runen_ecs.engine import (
    DispatcherBuilder,
    World,
)
from runen_ecs.engine.access import conflict
from runen_ecs.errors import RunenError, ScheduleError

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
