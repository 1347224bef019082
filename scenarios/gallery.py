"""The gallery: every scenario that comes with the project, with the picture that says most."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from runen_ecs.files import write_atomically

from .building import Simulation, build
from .loading import load, shipped
from .pictures import TABLE, draw_pictures
from .schema import Scenario

__all__ = ["PAGE", "Entry", "draw_entry", "entries", "page_of"]

PAGE = "gallery.md"
PANELS = "panels"
WIDTHS = (1200, 1000, 900, 800, 700, 600)
MOST_BYTES = 150_000
COLOURS = 64
HEAD = """# Gallery

Every scenario that comes with the project, its picture, and the command that draws it.
`runen gallery` writes this page and its pictures, which are smaller here than those of the commands.
[scenarios.md](scenarios.md) says how to write one, and `runen show NAME` prints one with all its keys.
"""


@dataclass(frozen=True)
class Entry:
    """A scenario in the gallery.

    Attributes
    ----------
    name : str
    scenario : Scenario
    """

    name: str
    scenario: Scenario

    @property
    def picture(self) -> str:
        """Which picture it gets: its panels, the first that it names, or the first that every run like it gets."""
        if self.scenario.variants:
            return PANELS
        if self.scenario.pictures:
            return self.scenario.pictures[0]
        return "spikes" if self.scenario.shapes else "network"

    @property
    def drawn_as(self) -> str:
        """The file that `runen run` draws it into."""
        return f"{PANELS}.png" if self.picture == PANELS else TABLE[self.picture].file

    @property
    def file(self) -> str:
        """Its picture, from the folder of the page."""
        return f"pictures/{self.name}.png"


def entries() -> list[Entry]:
    """Return the scenarios that come with the project, by name."""
    return [Entry(name, load(name)) for name in shipped()]


def page_of(shown: list[Entry]) -> str:
    """Return the page, in Markdown."""
    return "\n".join([HEAD, *(_section(entry) for entry in shown)])


def _section(entry: Entry) -> str:
    scenario = entry.scenario
    told = " ".join(f"{scenario.title}. {scenario.description}".split())
    picture = f"![{scenario.title}]({entry.file})"
    command = f"`runen run {entry.name}` draws it as `{entry.drawn_as}`; the file is `scenarios/{entry.name}.toml`."
    return f"## {entry.name}\n\n{told}\n\n{picture}\n\n{command}\n"


def draw_entry(entry: Entry, out: Path) -> Path:
    """Run a scenario, and write its picture, made small, below a folder; return its path.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    path = out / entry.file
    with TemporaryDirectory() as folder:
        drawn = _draw(entry, Path(folder))
        small = shrunk(drawn)
    write_atomically(path, lambda file: file.write(small))
    return path


def _draw(entry: Entry, folder: Path) -> Path:
    from runen_ecs import plots

    if entry.picture != PANELS:
        return draw_pictures(_run(entry.scenario).data(), folder, [entry.picture])[0]
    titled = [(panel.title, _run(panel).data()) for panel in entry.scenario.variants]
    return plots.save_picture(plots.draw_panels, titled, folder / entry.drawn_as)


def _run(scenario: Scenario) -> Simulation:
    simulation = build(scenario)
    simulation.run(scenario.duration)
    return simulation


def shrunk(path: Path) -> bytes:
    """Return a picture as PNG of few colours, as wide as it may be without being large."""
    found = b""
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    for width in WIDTHS:
        scale = min(1.0, width / whole.width)
        size = round(whole.width * scale), round(whole.height * scale)
        small = whole.resize(size, Image.Resampling.LANCZOS) if scale < 1 else whole
        file = BytesIO()
        few = small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)  # keeps rare colours apart
        few.save(file, "PNG", optimize=True)
        found = file.getvalue()
        if len(found) <= MOST_BYTES:
            break
    return found
