"""SONATA files: what the field's own reader finds in them is the run."""

from __future__ import annotations

import builtins
import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded_runs import recorded

from runen_ecs.files import RunData
from runen_ecs.run_folder import Recording, RunFolderError
from runen_ecs.scenarios import build, load

h5py = pytest.importorskip("h5py")
libsonata = pytest.importorskip("libsonata")

RUNS = {
    "columnar": (("columns.count=2", 'dt="0.5 ms"', "thalamic_input.high=9"), 400, ["columns"]),
    "cuba": (("populations.excitatory.size=160", "populations.inhibitory.size=40"), 300, ["excitatory", "inhibitory"]),
    "mixed": ((), 400, ["columns", "others"]),
    "half-adder": ((), 20, ["others"]),
}


@pytest.fixture(scope="module", params=RUNS)
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, RunData, list[str]]:
    """The files of a run, the run, and the populations that it should have."""
    overrides, ticks, populations = RUNS[request.param]
    folder = tmp_path_factory.mktemp("sonata")
    recorded(folder / "run", build(load(request.param, overrides)), *[ticks // 4] * 4)
    recording = Recording(folder / "run")
    written = recording.export(folder / "x.h5")
    names = ["x.h5", "x.nodes.h5", "x.node_types.csv", "x.edges.h5", "x.edge_types.csv"]
    assert names == [path.name for path in written]
    assert {*names, "run"} == {path.name for path in folder.iterdir()}
    return folder, recording.run_data(), populations


def numbers(data: RunData, populations: list[str]) -> dict[str, Any]:
    """Return the numbers of the neurons of each population, in order, from what the run says about neurons."""
    names = data.layer_names.tolist()
    others = data.neuron_layer < 0
    of_group = np.array([*names, ""])[data.neuron_layer]
    found = {"others": np.flatnonzero(others), "columns": np.flatnonzero(~others)}
    return {name: found.get(name, np.flatnonzero(of_group == name)) for name in populations}


def test_spikes(exported: tuple[Path, RunData, list[str]]) -> None:
    """Libsonata reads every spike of every population: time in ms, and the neuron's place in its population."""
    folder, data, populations = exported
    reader = libsonata.SpikeReader(str(folder / "x.h5"))
    assert sorted(populations) == sorted(reader.get_population_names())
    for name, neurons in numbers(data, populations).items():
        population = reader[name]
        inside = np.isin(data.spike_neuron, neurons)
        expected = (np.searchsorted(neurons, data.spike_neuron[inside]), data.spike_tick[inside] * data.meta["dt_ms"])
        found = population.get_dict()

        assert "by_time" == population.sorting
        assert expected[0].tolist() == found["node_ids"].tolist()
        assert expected[1].tolist() == found["timestamps"].tolist()
    with h5py.File(folder / "x.h5") as file:
        assert ["ms"] * len(populations) == [file[f"spikes/{name}/timestamps"].attrs["units"] for name in populations]


def test_spikes_of_a_slice(exported: tuple[Path, RunData, list[str]]) -> None:
    """Libsonata's selection by node and time gives the spikes of the run in that slice."""
    folder, data, populations = exported
    name, neurons = next(iter(numbers(data, populations).items()))
    time = data.spike_tick * data.meta["dt_ms"]
    inside = np.isin(data.spike_neuron, neurons[3:9]) & (time >= 10) & (time <= 120)
    population = libsonata.SpikeReader(str(folder / "x.h5"))[name]
    if neurons.size > 9:
        found = population.get(node_ids=libsonata.Selection([(3, 9)]), tstart=10, tstop=120)

        assert sorted(zip(data.spike_neuron[inside] - neurons[0], time[inside], strict=True)) == sorted(found)


def test_nodes(exported: tuple[Path, RunData, list[str]]) -> None:
    """Libsonata reads all neurons, with column and layer; the table of types names each population."""
    folder, data, populations = exported
    storage = libsonata.NodeStorage(str(folder / "x.nodes.h5"))
    assert set(populations) == storage.population_names
    layers = np.array(["", *data.layer_names])
    for name, neurons in numbers(data, populations).items():
        nodes = storage.open_population(name)
        every = nodes.select_all()

        assert neurons.size == nodes.size
        assert {"point_neuron"} == set(nodes.get_attribute("model_type", every))
        assert data.neuron_column[neurons].tolist() == nodes.get_attribute("column", every).tolist()
        assert layers[data.neuron_layer[neurons] + 1].tolist() == list(nodes.get_attribute("layer", every))
    with (folder / "x.node_types.csv").open() as file:
        rows = list(csv.DictReader(file, delimiter=" "))
    assert populations == [row["population"] for row in rows]
    assert {"point_neuron"} == {row["model_type"] for row in rows}


def test_edges(exported: tuple[Path, RunData, list[str]]) -> None:
    """Libsonata reads every synapse between neurons once: ends, weight, delay and projection."""
    folder, data, populations = exported
    there = (data.synapse_source >= 0) & (data.synapse_target >= 0)
    storage = libsonata.EdgeStorage(str(folder / "x.edges.h5"))
    neurons, found = numbers(data, populations), []
    for name in storage.population_names:
        edges = storage.open_population(name)
        every = edges.select_all()
        assert name == f"{edges.source}__{edges.target}__chemical"
        attributes = ("syn_weight", "weight_initial", "delay", "projection")
        found += zip(
            neurons[edges.source][edges.source_nodes(every)].tolist(),
            neurons[edges.target][edges.target_nodes(every)].tolist(),
            *(list(edges.get_attribute(attribute, every)) for attribute in attributes),
            strict=True,
        )
    projection = data.synapse_projection if data.synapse_projection.size else np.full(data.weight.size, -1)
    expected = zip(
        data.synapse_source[there].tolist(),
        data.synapse_target[there].tolist(),
        data.weight[there].tolist(),
        data.weight_initial[there].tolist(),
        (data.synapse_delay[there] * data.meta["dt_ms"]).tolist(),
        np.array(["", *data.projection_names])[projection[there] + 1].tolist(),
        strict=True,
    )

    assert there.sum() == len(found)
    assert sorted(expected) == sorted(found)


def test_edges_of_a_node(exported: tuple[Path, RunData, list[str]]) -> None:
    """Libsonata finds the synapses onto and of each neuron through the indexes."""
    folder, data, populations = exported
    storage, neurons = libsonata.EdgeStorage(str(folder / "x.edges.h5")), numbers(data, populations)
    for name in storage.population_names:
        edges = storage.open_population(name)
        source, target = neurons[edges.source], neurons[edges.target]
        here = np.isin(data.synapse_source, source) & np.isin(data.synapse_target, target)
        for node, neuron in [*enumerate(source.tolist())][:: max(source.size // 7, 1)]:
            onto = edges.target_nodes(edges.efferent_edges([node]))
            expected = data.synapse_target[here & (data.synapse_source == neuron)]
            assert sorted(expected.tolist()) == sorted(target[onto].tolist())
        for node, neuron in [*enumerate(target.tolist())][:: max(target.size // 7, 1)]:
            of = edges.source_nodes(edges.afferent_edges([node]))
            expected = data.synapse_source[here & (data.synapse_target == neuron)]
            assert sorted(expected.tolist()) == sorted(source[of].tolist())


def test_runs_have_what_is_compared(exported: tuple[Path, RunData, list[str]]) -> None:
    """The runs that are compared have spikes, unless their neurons accumulate, and synapses between neurons."""
    _, data, populations = exported

    assert (data.synapse_source >= 0).any()
    assert populations == ["others"] or data.spike_tick.size > 50


def test_an_export_replaces_the_old_one(exported: tuple[Path, RunData, list[str]], tmp_path: Path) -> None:
    """A second export replaces the first, whole, and leaves no other file."""
    recording = Recording(exported[0] / "run")
    for path in recording.export(tmp_path / "x.h5"):
        path.write_bytes(b"old")
    recording.export(tmp_path / "x.h5")

    assert 5 == len([*tmp_path.iterdir()])
    assert libsonata.SpikeReader(str(tmp_path / "x.h5")).get_population_names()


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where h5py or neo is missing, the message says what to install, and nothing is left behind."""
    recorded(tmp_path / "run", build(load("half-adder")), 3)
    recording, plain = Recording(tmp_path / "run"), builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name in ("h5py", "neo"):
            raise ImportError(name)
        return plain(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RunFolderError, match=r"/x.h5: h5py is missing; .*: pip install 'runen-ecs\[sonata\]'"):
        recording.export(tmp_path / "x.h5")
    with pytest.raises(RunFolderError, match=r"neo is missing; install it with: pip install 'runen-ecs\[neo\]'"):
        recording.to_neo()
    assert ["run"] == [path.name for path in tmp_path.iterdir()]
