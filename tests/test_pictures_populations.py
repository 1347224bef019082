"""Names in pictures: which population, column and layer a neuron belongs to, and what is written beside rasters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib import rc_context
from test_pictures_runs import make_populations
from test_plots import make_run

from runen_ecs.files import RunData
from runen_ecs.plots import draw_spikes, draw_trace, draw_traces, save_picture
from runen_ecs.plots.populations import (
    Population,
    colours_of,
    groups_of,
    in_columns,
    models_of,
    names_of,
    populations_of,
)
from runen_ecs.plots.style import PALETTE, SETTINGS


def beside(data: RunData) -> list[str]:
    """Return what is written beside the raster of a run, from above."""
    with rc_context(SETTINGS):
        axes = draw_spikes(data).axes[0]
    return [label.get_text() for label in axes.get_yticklabels()]


def legend_of(data: RunData) -> list[str]:
    """Return the names whose colours the raster of a run explains."""
    with rc_context(SETTINGS):
        legends = draw_spikes(data).legends
    return [text.get_text() for legend in legends for text in legend.get_texts()]


def in_layers(*names: str) -> RunData:
    """Return a run of two columns of neurons, two in each layer."""
    return make_run(2, 100, layers=dict.fromkeys(names, 2))


def test_populations_are_stretches_of_neurons() -> None:
    """A population is named for its first neuron and the one after its last."""
    data = make_populations({"relay": 3, "reticular": 2})

    assert [Population("relay", 0, 3), Population("reticular", 3, 5)] == populations_of(data)
    assert ["relay[0]", "relay[2]", "reticular[0]", "reticular[1]"] == names_of(data, [0, 2, 3, 4])


def test_neurons_that_were_added_later_go_on_counting() -> None:
    """A population whose neurons were created at two times has one count over both."""
    data = make_populations({"relay": 3, "reticular": 2})
    data.neuron_layer[:] = [0, 0, 1, 1, 0]

    assert ["relay[1]", "reticular[0]", "relay[2]"] == names_of(data, [1, 2, 4])


def test_deleted_neurons_keep_their_number() -> None:
    """A neuron that was deleted amid others is counted with them."""
    data = make_populations({"relay": 4, "reticular": 2})
    data.neuron_layer[1:3] = -1

    assert ["relay[1]", "relay[3]", "reticular[0]"] == names_of(data, [1, 3, 4])


def test_neurons_without_a_population_are_numbered() -> None:
    """In columns without a population, and where all neurons were deleted, a neuron has its number alone."""
    gone = make_populations({"relay": 2})
    gone.neuron_layer[:] = -1

    assert ["neuron 3"] == names_of(in_layers("motor", "sensory"), [3])
    assert ["neuron 1"] == names_of(gone, [1])


def test_the_model_of_a_neuron_is_that_of_its_population() -> None:
    """The scenario of the run says of which model neurons are; one population of layers is known by its model alone."""
    data, layered, unknown = make_populations({"relay": 2, "source": 1}), in_layers("L2", "L5"), in_layers("L2", "L5")
    data.meta["scenario"]["populations"] = {"relay": {"model": "izhikevich"}, "source": {"model": "poisson"}}
    layered.meta["scenario"]["populations"] = {"cortex": {"model": "leaky-integrate-and-fire"}}

    assert ["izhikevich", "poisson"] == models_of(data, [1, 2])
    assert ["leaky-integrate-and-fire"] == models_of(layered, [0])
    assert [""] == models_of(unknown, [0])


def test_signs_that_the_font_lacks_are_no_matter(tmp_path: Path) -> None:
    """Names in any script are drawn, with boxes for what the font lacks, and without a warning."""
    data = make_populations({"日本": 2}, title="日本語")

    for draw in (draw_spikes, draw_trace, draw_traces):
        assert save_picture(draw, data, tmp_path / "x.png").is_file()


@pytest.mark.parametrize(
    ("layers", "populations"),
    [
        (("motor", "sensory"), []),
        (("cortex.motor", "cortex.sensory"), [Population("cortex", 0, 8)]),
        (("L2.3", "L5.1"), []),
        (("L2", "L5.1"), []),
    ],
)
def test_a_population_of_columns_is_told_from_layers(layers: tuple[str, ...], populations: list[Population]) -> None:
    """Before the dot stands a population only where its neurons lie side by side; a layer may have a dot, too."""
    data = in_layers(*layers)

    assert populations == populations_of(data)
    assert in_columns(data)


def test_columns_are_numbered_where_all_neurons_lie_in_them() -> None:
    """Beside the raster stand the columns, and colours tell their layers."""
    assert ["0", "1"] == beside(in_layers("motor", "sensory")) == beside(in_layers("cortex.motor", "cortex.sensory"))
    assert ["cortex.motor", "cortex.sensory"] == legend_of(in_layers("cortex.motor", "cortex.sensory"))


def test_populations_are_named_where_there_are_no_columns() -> None:
    """Beside the raster stand the populations, and so no colour needs to be explained."""
    data = make_populations({"relay": 60, "reticular": 40})

    assert ["relay", "reticular"] == sorted(beside(data))
    assert [] == legend_of(data)


def test_populations_with_and_without_columns() -> None:
    """Beside the raster stand the populations; colours tell the layers of that which has some."""
    column = [0] * 20 + [1] * 20 + [-1] * 30
    data = make_populations({"cortex.L4": 20, "cortex.L5": 20, "thalamus": 30}, column=column)

    assert ["cortex", "thalamus"] == sorted(beside(data))
    assert ["cortex.L4", "cortex.L5"] == legend_of(data)


def test_the_largest_of_too_many_populations_are_named() -> None:
    """Where there is no room for all names, a small population goes without rather than a large one."""
    data = make_populations({f"p{k}": 900 if k == 77 else 5 for k in range(150)})
    named = beside(data)

    assert "p77" in named
    assert 10 < len(named) < 150


def test_colours_of_neighbouring_populations_differ() -> None:
    """Populations have eight colours in turn; columns without a population have the colours of the palette."""
    colours = colours_of(make_populations({f"p{k}": 2 for k in range(20)}))

    assert set(PALETTE) == set(colours[:8])
    assert colours[:8] == colours[8:16]
    assert list(PALETTE[:2]) == colours_of(in_layers("motor", "sensory"))


def test_groups_hold_the_spikes_of_their_neurons() -> None:
    """Each population has its size and its spikes in order of time; one without living neurons is left out."""
    data = make_populations({"relay": 2, "empty": 1, "reticular": 2})
    data.spike_tick, data.spike_neuron = np.array([[1, 3, 5, 6, 9], [4, 0, 3, 2, 1]], np.int32)
    data.neuron_layer[2] = -1
    found = [(g.name, g.size, g.tick.tolist(), g.neuron.tolist()) for g in groups_of(data)]

    assert [("relay", 2, [3, 9], [0, 1]), ("reticular", 2, [1, 5], [4, 3])] == found


def test_traces_are_titled_with_the_names_of_neurons() -> None:
    """Each recorded neuron has a panel of its name and its number of spikes, up to twelve."""
    data = make_populations({"relay": 1, "reticular": 19}, traces=tuple(range(14)))
    with rc_context(SETTINGS):
        titles = [axes.get_title(loc="left") for axes in draw_traces(data).axes]
    spikes = np.bincount(data.spike_neuron, minlength=20)

    assert [f"relay[0]: {spikes[0]} spikes", f"reticular[0]: {spikes[1]} spikes"] == titles[:2]
    assert 12 == len(titles)


@pytest.mark.parametrize(
    ("name", "layer", "column", "title"),
    [("relay", 0, -1, "relay[1]; "), ("cortex.L4", 0, 3, "cortex[1]: column 3, L4 layer; ")],
)
def test_a_trace_is_titled_with_the_place_of_its_neuron(name: str, layer: int, column: int, title: str) -> None:
    """The heading tells population, and column and layer where there are some."""
    data = make_populations({name: 3}, traces=(1,), column=[column] * 3)
    with rc_context(SETTINGS):
        texts = [text.get_text() for text in draw_trace(data).texts]

    assert [text for text in texts if text.startswith(title)]


def test_the_trace_of_a_deleted_neuron_names_no_layer() -> None:
    """Nobody knows where a neuron lay that was deleted; the heading says that it was."""
    data = make_run(1, 500)
    data.neuron_column[0] = data.neuron_layer[0] = -1
    with rc_context(SETTINGS):
        texts = [text.get_text() for text in draw_trace(data).texts]

    assert [text for text in texts if text.startswith("Neuron 0, deleted; ")]
