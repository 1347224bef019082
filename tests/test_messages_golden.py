"""Golden messages of mistakes, and what every message must say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from mistakes import (  # noqa: F401
    MISTAKES,
    REWRITE,
    SCENARIO,
    Mistake,
    Runen,
    check_manners,
    edited,
    read_golden,
    rewrite_golden,
    runen,
    write,
)

from runen_ecs.scenarios import building


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name.replace(" ", "-"))
def test_mistake_gets_its_message(mistake: Mistake, runen: Runen) -> None:
    """A mistake gets the message that was agreed on, on standard error alone, and exit code 2 or 3."""
    write(mistake.files)
    before = sorted(Path().rglob("*"))
    result = runen(*mistake.command)
    text = f"$ runen {' '.join(mistake.command)}\n{result.err}[exit code {result.code}]"
    if REWRITE:
        rewrite_golden(mistake.name, text)

    check_manners(result, mistake.code)
    assert read_golden()[mistake.name] == text
    assert before == sorted(Path().rglob("*"))


def test_every_golden_message_has_its_mistake() -> None:
    """The golden file holds the tested messages, in their order, and no others."""
    assert [mistake.name for mistake in MISTAKES] == list(read_golden())


@pytest.mark.parametrize(
    ("command", "fragment"),
    [
        (("run", "my.toml", "--seed", "x"), "--seed"),
        (("run", "my.toml", "--columns", "x"), "--columns"),
        (("run", "my.toml", "--duration"), "--duration"),
        (("run", "my.toml", "--durration", "5s"), "--duration"),
        (("run", "my.toml", "your.toml"), "your.toml"),
        (("walk",), "walk"),
        (("show",), "scenario"),
        (("plot",), "file"),
    ],
)
def test_an_option_that_is_wrong_is_named(command: Sequence[str], fragment: str, runen: Runen) -> None:
    """A command that cannot be read gets a message with the option or word that is wrong, and exit code 2."""
    result = runen(*command)

    assert (2, "") == (result.code, result.out)
    assert fragment in result.err
    assert "Traceback" not in result.err


def test_all_kinds_of_faults_are_listed_at_once(runen: Runen) -> None:
    """Faults of single keys and keys that do not fit together are told in one go, by line."""
    text = edited(
        ('duration = "20 ms"', 'duration = "0 ms"'),
        ('"internal"\nto = "sensory"\ncolumn = "other"', '"sensory"\nto = "internal"\ncolumn = "same"'),
        ("a = 0.02", 'a = "fast"'),
        ("[0]", "[99]"),
    )
    write({"my.toml": text})
    result = runen("show", "my.toml")
    keys = [line.removeprefix("runen: ").split(": ")[:2] for line in result.err.splitlines()]

    check_manners(result, 3)
    assert [
        ["my.toml:3", "duration"],
        ["my.toml:18", "connections.1"],
        ["my.toml:31", "cell.a"],
        ["my.toml:47", "record.traces.0"],
    ] == keys


def test_every_fault_of_a_list_is_listed(runen: Runen) -> None:
    """The second wrong element of a list is told with the first, and whatever else is wrong beside it."""
    again = '\n[[connections]]\nfrom = "sensory"\nto = "internal"\ncolumn = "same"\nprobability = 0.5\n'
    write({"my.toml": edited(("[0]", "[\n  99,\n  0,\n  -1,\n  100,\n]"), ("0.3", "3")) + again + again})
    result = runen("show", "my.toml")
    keys = [line.removeprefix("runen: ").split(": ")[1] for line in result.err.splitlines()]

    check_manners(result, 3)
    assert [
        "connections.1.probability",
        "record.traces.0",
        "record.traces.2",
        "record.traces.3",
        "connections.2",
        "connections.3",
    ] == keys


@pytest.mark.parametrize(
    ("option", "value"), [("--duration", "20"), ("--seed", "-1"), ("--columns", "0")], ids=lambda text: text
)
def test_a_fault_stands_where_it_was_typed(option: str, value: str, runen: Runen) -> None:
    """A wrong value of an option is blamed on that option, not on one that was not typed."""
    result = runen("run", "my.toml", option, value)

    check_manners(result, 3)
    assert result.err.startswith(f"runen: {option}: ")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("record.traces=[0, 99]", "record.traces.1"),
        ("synapses.delay={longest = '3 ms'}", "synapses.delay.shortest"),
        ("sdtp.amplitude=0.1", "sdtp"),
        ("stdp={}", "stdp.amplitude"),
        ("record.5=1", "record.5"),
        ("phases=[{name = 'all', from = '0 ms'}]", "phases.0.to"),
    ],
)
def test_a_fault_of_a_part_that_was_set_is_blamed_on_set(change: str, key: str, runen: Runen) -> None:
    """What `--set` put there is blamed on `--set`, not on a line of the file that no longer counts."""
    result = runen("show", "my.toml", "--set", change)

    check_manners(result, 3)
    assert result.err.startswith(f"runen: --set: {key}: ")


def test_a_fault_in_a_replaced_list_is_blamed_on_the_file_that_replaces_it(runen: Runen) -> None:
    """Where a file replaces a list of the one it extends, what is missing is missing there."""
    write({"your.toml": 'extends = "my.toml"\n\n[[phases]]\nfrom = "0 ms"\nto = "5 ms"\n'})
    result = runen("show", "your.toml")

    check_manners(result, 3)
    assert result.err.startswith("runen: your.toml:3: phases.0.name: ")


def test_one_mistake_is_one_fault(runen: Runen) -> None:
    """Where there are no layers, no connection is blamed for it."""
    result = runen("show", "my.toml", "--set", "columns.layers={}")

    check_manners(result, 3)
    assert 1 == len(result.err.splitlines())


def test_extends_is_a_key_like_any_other(runen: Runen) -> None:
    """A slip in `extends` gets `extends` as the nearest name."""
    write({"my.toml": 'extend = "columnar"\n'})
    result = runen("show", "my.toml")

    check_manners(result, 3)
    assert "did you mean 'extends'?" in result.err


def test_a_byte_order_mark_does_no_harm(runen: Runen) -> None:
    """A file with the mark that some editors put at the beginning is read as without it."""
    right = runen("show", "my.toml")
    write({"my.toml": b"\xef\xbb\xbf" + SCENARIO.encode()})

    assert right == runen("show", "my.toml")


def test_memory_is_asked_for_before_it_is_taken(runen: Runen, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that does not fit is refused before anything of it is made."""

    def refuse(*_: object) -> None:
        pytest.fail("a world was made")

    monkeypatch.setattr(building, "World", refuse)

    check_manners(runen("run", "my.toml", "--quiet", "--columns", "10000000"), 3)


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        (("--duration", "2000000s", "--set", "record.weights=1000 s"), "duration"),
        (("--duration", "2000000s", "--set", "record.traces=[]", "--set", "record.weights=1 ms"), "record.weights"),
        (("--set", "columns.layers.internal=999999999999"), "layers"),
    ],
    ids=["traces", "weights", "neurons"],
)
def test_the_message_on_memory_names_what_takes_it(options: Sequence[str], fragment: str, runen: Runen) -> None:
    """What is to be lowered is what is too large, and nobody has to count digits."""
    result = runen("run", "my.toml", "--quiet", *options)

    check_manners(result, 3)
    assert fragment in result.err
    assert [] == [word for word in result.err.split() if len(word) > 16 and word[0].isdigit()]


NINES = "9" * 400


ENDLESS_NAME = "n" * 300


NEEDS_WORDS = [
    (("run", "my.toml", "--duration", "1e308s"), (3,), "duration"),
    (("run", "my.toml", "--duration", "1e400s"), (3,), "duration"),
    (("run", "my.toml", "--duration", "1e999999999999999999min"), (3,), "duration"),
    (("show", "my.toml", "--set", "stdp.horizon=1e999999999999999999 min"), (3,), "stdp.horizon"),
    (("show", "my.toml", "--set", "phases.0.to=1e308s"), (3,), "phases.0.to"),
    (("show", "my.toml", "--set", f"duration={NINES}"), (3,), "duration"),
    (("show", "my.toml", "--set", f"thalamic_input.high={NINES}"), (3,), "thalamic_input.high"),
    (("show", "my.toml", "--set", f"seed={'9' * 5000}"), (2, 3), "seed"),
    (("show", "my.toml", "--set", f"seed=0x{'f' * 5000}"), (2, 3), "seed"),
    (("show", "my.toml", "--set", f"title={'[' * 5000}"), (2, 3), "title"),
    (("show", "my.toml", "--set", "connections.²=1"), (2, 3), "connections.²"),
    (("show", "my.toml", "--set", "stdp..amplitude=0.1"), (2, 3), "--set"),
    (("show", "my.toml", "--set", ".=1"), (2, 3), "--set"),
    (("run", "my.toml", "--quiet", "--set", f"columns.layers.internal={NINES}"), (3,), "columns"),
    (("run", ENDLESS_NAME), (2,), ENDLESS_NAME),
    (("run", ""), (2,), "''"),
    (("run", "my.toml", "--save", f"{ENDLESS_NAME}.npz"), (2,), "--save"),
    (("run", "my.toml", "--save", f"{'日' * 100}.npz"), (2,), "--save"),
    (("run", "my.toml", "--out", ENDLESS_NAME), (2,), "--out"),
]


@pytest.mark.parametrize(
    ("command", "codes", "fragment"), NEEDS_WORDS, ids=[" ".join(command)[:60] for command, _, _ in NEEDS_WORDS]
)
def test_no_mistake_is_too_odd_for_a_message(
    command: Sequence[str], codes: tuple[int, ...], fragment: str, runen: Runen
) -> None:
    """Numbers, names and keys that nobody has in mind get a message with the key or option, too."""
    result = runen(*command)

    check_manners(result, *codes)
    assert fragment in result.err


@pytest.mark.parametrize(
    "text",
    [
        f"notes = {'[' * 5000}{']' * 5000}",
        f"seed = {'9' * 5000}",
        f'extends = "{ENDLESS_NAME}"',
        'extends = "a\\u0000b"',
    ],
    ids=["deep", "long number", "long name", "null"],
)
def test_no_file_is_too_odd_for_a_message(text: str, runen: Runen) -> None:
    """A file that the TOML reader or the file system chokes on gets a message with its name."""
    write({"my.toml": text})
    result = runen("show", "my.toml")

    check_manners(result, 3)
    assert result.err.startswith("runen: my.toml")
