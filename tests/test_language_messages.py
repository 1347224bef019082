"""Golden messages of mistakes in the general language."""

from __future__ import annotations

from pathlib import Path

import pytest
from language_mistakes import BASE, LANGUAGE_MISTAKES, RUN
from mistakes import REWRITE, Mistake, Runen, check_manners, read_golden, rewrite_golden, runen, write  # noqa: F401

GOLDEN = Path(__file__).parent / "golden" / "language-messages.txt"


def test_the_scenario_is_right_before_a_mistake(runen: Runen) -> None:
    """What mistakes are made in has none itself."""
    write({"my.toml": BASE})

    assert 0 == runen("show", "my.toml").code


@pytest.mark.parametrize("mistake", LANGUAGE_MISTAKES, ids=lambda mistake: mistake.name.replace(" ", "-"))
def test_mistake_gets_its_message(mistake: Mistake, runen: Runen) -> None:
    """A mistake gets the message that was agreed on, with file, line and key, on standard error alone."""
    write(mistake.files)
    result = runen(*mistake.command)
    text = f"$ runen {' '.join(mistake.command)}\n{result.err}[exit code {result.code}]"
    if REWRITE:
        rewrite_golden(mistake.name, text, GOLDEN, LANGUAGE_MISTAKES)

    check_manners(result, mistake.code)
    assert read_golden(GOLDEN)[mistake.name] == text
    if mistake.command != RUN:
        for line in result.err.splitlines():
            assert line.removeprefix("runen: ").startswith("my.toml:")


def test_every_golden_message_has_its_mistake() -> None:
    """The golden file holds the tested messages, in their order, and no others."""
    assert [mistake.name for mistake in LANGUAGE_MISTAKES] == list(read_golden(GOLDEN))
