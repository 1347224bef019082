"""Runs of small capacity networks, simulated in plain Python, for tests of what is drawn from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from runen_ecs.files import RunData

Network = dict[str, Any]


def neuron(name: str, bias: float, *inputs: tuple[float, float, float]) -> dict[str, Any]:
    """Describe a neuron; each input is (maximum, regeneration, weight)."""
    keys = ("capacity_max", "regeneration", "weight")
    return {"id": name, "bias": bias, "input_configs": [dict(zip(keys, sizes, strict=True)) for sizes in inputs]}


def link(source: str | int, target: str | int, k: int = 0) -> dict[str, Any]:
    """Describe a link; ports are numbers, neurons names."""
    if isinstance(target, int):
        return {"Output": {"src_id": source, "output_port": target}}
    if isinstance(source, int):
        return {"Input": {"input_port": source, "dst_id": target, "dst_synapse_idx": k}}
    return {"Inner": {"src_id": source, "dst_id": target, "dst_synapse_idx": k}}


def network(neurons: list[dict[str, Any]], links: list[dict[str, Any]]) -> Network:
    """Describe a network."""
    counts = [sum(kind in one for one in links) for kind in ("Input", "Output")]
    return {"inputs": counts[0], "outputs": counts[1], "neurons": neurons, "links": links}


def decoder() -> Network:
    """Return the binary decoder: signal 0 comes out of port 0, signal 1 out of port 1."""
    neurons = [neuron("n0", 1), neuron("n1", 1, (2, 2, -1), (1, 1, 1)), neuron("n2", 1, (1, 1, -2), (2, 2, 1))]
    inner = [link("n0", name, k) for name in ("n1", "n2") for k in (0, 1)]
    return network(neurons, [link(0, "n0"), *inner, link("n1", 0), link("n2", 1)])


def xor() -> Network:
    """Return a network that computes XOR of two ports."""
    neurons = [neuron("n0", 0, (1, 1, 1), (1, 1, 1)), neuron("n1", 1, (1, 1, 1), (2, 2, -1))]
    return network(
        neurons, [link(0, "n0", 0), link(1, "n0", 1), link("n0", "n1", 0), link("n0", "n1", 1), link("n1", 0)]
    )


def ring() -> Network:
    """Return three neurons in a circle, one of which feeds itself and has an input that nothing feeds."""
    neurons = [
        neuron("a", 1, (4, 1, 1), (3, 2, 1)),
        neuron("b", 0, (5, 1, 2), (2, 1, -1), (9, 1, 1)),
        neuron("c", -1, (6, 2, 1)),
    ]
    return network(
        neurons, [link(0, "a"), link("a", "b"), link("b", "c"), link("c", "a", 1), link("b", "b", 1), link("c", 0)]
    )


def tangle(n: int, seed: int, back: float = 0.2) -> Network:
    """Return a random network of up to four inputs a neuron, some fed from further on, some by nothing."""
    generator = np.random.default_rng(seed)
    neurons, links, port = [], [], 0
    for i in range(n):
        sizes = generator.integers([2, 1, -2], [11, 3, 5], (generator.integers(1, 5), 3)).tolist()
        neurons.append(neuron(f"M0Z{i}", int(generator.integers(-1, 4)), *map(tuple, sizes)))
        for k in range(len(sizes)):
            chance = generator.random()
            if i < n / 5 or chance < 0.05:
                links.append(link(port, f"M0Z{i}", k))
                port += 1
            elif chance < 1 - back:
                links.append(link(f"M0Z{generator.integers(0, i)}", f"M0Z{i}", k))
            elif chance < 0.95:
                links.append(link(f"M0Z{generator.integers(i + 1, n + 1) % n}", f"M0Z{i}", k))
    links += [link(f"M0Z{i}", i) for i in range(n - n // 3, n)]
    return network(neurons, links)


def odd() -> Network:
    """Return a network of long and strange names, and of sizes that are very large, very small or fractions."""
    names = ["x" * 30 + "y" * 30, "a line\nbreak, $math$ and 漢字 " + "z" * 40]
    neurons = [
        neuron(names[0], -3, (1e6, 0.125, -0.5), (123456, 0.001, 1e6)),
        neuron(names[1], 0.125, (3, 1, 0), (2, 1, 1), (0, 0, 1)),
        neuron("", 1),
    ]
    return network(
        neurons,
        [
            link(0, names[0]),
            link(1, names[0], 1),
            link(names[0], names[1]),
            link(12345, names[1], 1),
            link(names[0], 7),
        ],
    )


def layered(width: int, depth: int, fan_in: int) -> Network:
    """Return layers of neurons, each fed from the layer before at random."""
    generator = np.random.default_rng(1)
    neurons, links = [], []
    for i in range(width * depth):
        sizes = [(5, 1, int(generator.choice([-1, 1, 2]))) for _ in range(fan_in if i >= width else 1)]
        neurons.append(neuron(f"M0Z{i}", 1, *sizes))
        first = (i // width - 1) * width
        sources = [i] if first < 0 else [f"M0Z{first + j}" for j in generator.integers(0, width, fan_in)]
        links += [link(source, f"M0Z{i}", k) for k, source in enumerate(sources)]
    links += [link(f"M0Z{width * (depth - 1) + j}", j) for j in range(width)]
    return network(neurons, links)


@dataclass
class _Neuron:
    number: int
    bias: float
    inputs: list[dict[str, float]]
    value: float = 1.0
    hit: set[int] = field(default_factory=set)
    fed: set[int] = field(default_factory=set)
    listeners: list[Any] = field(default_factory=list)


def simulate(described: Network, stimuli: list[tuple[int, float]], most: int = 60) -> RunData:
    """Give signals, (port, size), to a network one after another, each when it is quiet; return what was recorded."""
    neurons, ports, n_synapses = {}, {}, 0
    for i, one in enumerate(described["neurons"]):
        inputs = one["input_configs"] or [{"capacity_max": 1, "regeneration": 1, "weight": 1}]
        inputs = [{**config, "level": config["capacity_max"], "id": n_synapses + k} for k, config in enumerate(inputs)]
        n_synapses += len(inputs)
        neurons[one["id"]] = _Neuron(i, one["bias"], inputs)
    for one in described["links"]:
        for kind, ends in one.items():
            if kind == "Output":
                neurons[ends["src_id"]].listeners.append(ends["output_port"])
                continue
            end = neurons[ends["dst_id"]], ends["dst_synapse_idx"]
            end[0].fed.add(end[1])
            if kind == "Input":
                ports[ends["input_port"]] = end
            else:
                neurons[ends["src_id"]].listeners.append(end)
    initial = [config["level"] for one in neurons.values() for config in one.inputs]
    given, out, hits, sent, arriving, waiting, tick = [], [], [], [], [], list(stimuli), 0
    while tick < most and (arriving or waiting):
        tick += 1
        if not arriving:
            port, size = waiting.pop(0)
            given.append((tick, port, size))
            arriving = [(*ports[port], size)]
        leaving, taken = [], []
        for one, k, size in arriving:
            passed, total = _hit(one, k, size)
            taken.append((one, k, size, passed))
            if total is None or total <= 0:
                continue
            sent.append((tick, one.number, total))
            out += [(tick, to, total) for to in one.listeners if isinstance(to, int)]
            leaving += [(*to, total) for to in one.listeners if not isinstance(to, int)]
        hits += [
            (tick, one.inputs[k]["id"], size, passed, one.inputs[k]["level"], one.value)
            for one, k, size, passed in taken
        ]
        arriving = leaving
    recorded = {
        "stimulus": (given, ("tick", "port", "size")),
        "output": (out, ("tick", "port", "size")),
        "hit": (hits, ("tick", "synapse", "size", "passed", "level", "accumulator")),
        "emission": (sent, ("tick", "neuron", "size")),
    }
    arrays = {
        f"{what}_{name}": np.array([row[n] for row in rows], np.int32 if n < 2 else np.float64)
        for what, (rows, names) in recorded.items()
        for n, name in enumerate(names)
    }
    arrays |= {"initial_level": np.array(initial, np.float64), "initial_accumulator": np.ones(len(neurons))}
    return empty_run(described, tick, arrays)


def _hit(one: _Neuron, k: int, size: float) -> tuple[float, float | None]:
    """Return what the synapse lets through, and what the neuron sends if it resets."""
    config, total = one.inputs[k], None
    passed = min(size, config["level"])
    config["level"] = min(config["level"] - passed + config["regeneration"], config["capacity_max"])
    if k in one.hit:
        total, one.value, one.hit = one.value, one.bias + passed * config["weight"], {k}
        return passed, total
    one.value += passed * config["weight"]
    one.hit.add(k)
    if one.hit == one.fed:
        total, one.value, one.hit = one.value, one.bias, set()
    return passed, total


def empty_run(described: Network | None, ticks: int, arrays: dict[str, Any]) -> RunData:
    """Return a run without spiking neurons."""
    names = "spike_tick spike_neuron neuron_column neuron_layer synapse_source synapse_target synapse_delay"
    spiking = dict.fromkeys([*names.split(), "trace_neuron", "weight_tick"], np.zeros(0, np.int32))
    floats = {"weight_initial": np.zeros(0), "weight": np.zeros(0), "weight_snapshot": np.zeros((0, 0))}
    meta: dict[str, Any] = {
        "scenario": {"title": "Capacity network"},
        "seed": 1,
        "phases": [],
        "ticks": ticks,
        "dt_ms": 1.0,
        "partial": False,
        "versions": {"runen-ecs": "0.1.0"},
    }
    if described is not None:
        meta["network"] = described
    return RunData(
        **spiking, **floats, layer_names=np.array(["none"]), trace_v=np.zeros((ticks, 0)), **arrays, meta=meta
    )
