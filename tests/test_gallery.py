"""The gallery: the page is what the command writes, every scenario is in it, and its pictures are small."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from runen_command import Runen, runen  # noqa: F401 - a fixture

from runen_ecs.scenarios import build
from runen_ecs.scenarios.gallery import PAGE, Entry, draw_entry, entries, page_of
from runen_ecs.scenarios.loading import shipped
from runen_ecs.scenarios.pictures import TABLE, fitting

DOCS = Path(__file__).resolve().parent.parent / "docs"
ENTRIES = entries()
MOST_BYTES = 150_000


def test_the_page_is_up_to_date() -> None:
    """docs/gallery.md is what `runen gallery` writes; if it is not: runen gallery --out docs."""
    assert (DOCS / PAGE).read_text() == page_of(ENTRIES)


def test_every_scenario_is_shown() -> None:
    """Every scenario that comes with the project has a section with its picture and its command."""
    sections = (DOCS / PAGE).read_text().split("\n## ")[1:]

    assert [*shipped()] == [section.splitlines()[0] for section in sections]
    for name, section in zip(shipped(), sections, strict=True):
        assert f"](pictures/{name}.png)" in section
        assert f"`runen run {name}`" in section


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_picture(entry: Entry) -> None:
    """Every picture is there, wide enough to be read and small enough to be loaded."""
    path = DOCS / entry.file

    assert path.stat().st_size <= MOST_BYTES
    with Image.open(path) as picture:
        assert 900 <= picture.width <= 1200


@pytest.mark.parametrize("entry", [e for e in ENTRIES if not e.scenario.panels], ids=lambda entry: entry.name)
def test_the_picture_is_one_that_the_run_gets(entry: Entry) -> None:
    """The picture of a scenario without panels is the first that `runen run` draws of it."""
    simulation = build(entry.scenario)
    simulation.run(20)
    chosen = entry.scenario.pictures or fitting(simulation.data())

    assert entry.picture == chosen[0]
    assert entry.drawn_as == TABLE[chosen[0]].file


def test_same_bytes(tmp_path: Path) -> None:
    """A picture that is drawn again has the bytes of the one in docs."""
    entry = next(entry for entry in ENTRIES if entry.name == "stdp-window")
    (tmp_path / "pictures").mkdir()

    assert draw_entry(entry, tmp_path).read_bytes() == (DOCS / entry.file).read_bytes()


def test_some_alone(runen: Runen, tmp_path: Path) -> None:
    """Scenarios that are named are drawn alone; the page is whole all the same."""
    done = runen("gallery", "xor", "--out", "here")

    assert done.code == 0
    assert done.out.split() == ["here/pictures/xor.png", "here/gallery.md"]
    assert Path("here", PAGE).read_text() == page_of(ENTRIES)


def test_unknown_scenario(runen: Runen) -> None:
    """A name that is none of the project's is told with the nearest, and nothing is written."""
    done = runen("gallery", "xorr", "--out", "here")

    assert done.code == 2
    assert "did you mean 'xor'" in done.err
    assert not Path("here").exists()
