"""`runen run` of a scenario with panels: each is run, and all come into one picture."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

from runen_ecs.files import RunData, save_run

from ..building import build
from ..schema import Scenario
from ..summary import Summary, summarise
from .live_line import LiveLine

__all__ = ["print_panels", "run_panels"]

PanelRun = tuple[Scenario, RunData, Summary]


def run_panels(
    name: str,
    scenario: Scenario,
    out: Path | None,
    save: Path | None,
    stepped: bool,
    line: LiveLine,
    pressed: list[int],
) -> tuple[list[PanelRun], list[Path]]:
    """Run the panels of a scenario, one after another; return the runs and what was written.

    Parameters
    ----------
    name : str
        The scenario, as it was asked for.
    scenario : Scenario
    out : Path, or None
        Folder of the picture; None: no picture.
    save : Path, or None
        ``run.npz``: each panel is saved, as ``run-0.npz`` and so on.
    stepped : bool
    line : LiveLine
    pressed : list of int
        Not empty once Ctrl-C was pressed: then the panel ends, and the rest are left out.
    """
    runs: list[PanelRun] = []
    for number, panel in enumerate(scenario.variants):
        if pressed:
            break
        line.say(f"panel {number + 1} of {len(scenario.variants)}: {panel.title}")
        runs.append(_run(name, panel, stepped, pressed))
    written: list[Path] = []
    for number, (_, data, _) in enumerate(runs if save is not None else []):
        written += save_run(data, save.with_name(f"{save.stem}-{number}{save.suffix}")) if save is not None else []
    if out is not None and runs:
        line.say("drawing the picture")
        written.insert(0, _draw(runs, out / "panels.png"))
    return runs, written


def _run(name: str, panel: Scenario, stepped: bool, pressed: list[int]) -> PanelRun:
    began = perf_counter()
    simulation = build(panel)
    built = perf_counter()
    simulation.run(panel.duration, stepped=stepped, watch=lambda tick: bool(pressed))
    data = simulation.data()
    return panel, data, summarise(name, data, built - began, perf_counter() - built, 0.0, [])


def _draw(runs: list[PanelRun], path: Path) -> Path:
    from runen_ecs import plots

    titled = [(panel.title, data) for panel, data, _ in runs]
    return plots.save_picture(lambda _: plots.draw_panels(titled), runs[0][1], path)


def print_panels(name: str, runs: list[PanelRun], files: list[str], as_json: bool, wall_s: float) -> None:
    """Print a line a panel, or all summaries as JSON."""
    if as_json:
        panels = [{"title": scenario.title} | summary.as_data() for scenario, _, summary in runs]
        print(json.dumps({"scenario": name, "panels": panels, "files": files}))
        return
    print(f"{name}: {len(runs)} panels")
    width = max(len(scenario.title) for scenario, _, _ in runs)
    for scenario, data, summary in runs:
        seconds = data.n_ticks * summary.dt_ms / 1000
        print(f"  {scenario.title:{width}}  {seconds:7g} s  {summary.spikes:7,} spikes")
    print(f"{wall_s:.1f} s in all")
    if files:
        print(f"written: {', '.join(files)}")
