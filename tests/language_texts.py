"""Scenarios in the general language: the columns of the default experiment, and one that has every key."""

from __future__ import annotations

import json
from pathlib import Path

from runen_ecs.scenarios import build, load
from runen_ecs.scenarios.building import Simulation
from runen_ecs.scenarios.schema import Scenario

SAME = {
    ("sensory", "sensory"): 0.4,
    ("motor", "motor"): 0.4,
    ("afferent", "afferent"): 0.4,
    ("efferent", "efferent"): 0.4,
    ("internal", "internal"): 0.8,
    ("sensory", "internal"): 0.8,
    ("afferent", "internal"): 0.8,
    ("internal", "motor"): 0.8,
    ("internal", "efferent"): 0.8,
}
OTHER = {("efferent", "afferent"): 0.3}


def projection(source: str, target: str, column: str, probability: float) -> str:
    """The text of a projection between layers of the columns."""
    return f"""
[projections.{source}-to-{target}-{column}]
from = "cortex layer={source}"
to = "cortex layer={target}"
column = "{column}"
rule = {{ probability = {probability} }}
weight = {{ uniform = [0.5, 4.0], negative = 0.2 }}
delay = {{ uniform = ["1 ms", "19 ms"] }}
learning = "hyperbolic"
"""


COLUMNS = """\
title = "The columns of the default experiment, as populations and projections"
duration = "2 s"
signal_propagation = { limit = 4.0 }

[populations.cortex]
model = "izhikevich"
columns = 20
layers = { sensory = 10, motor = 10, afferent = 10, efferent = 10, internal = 60 }
parameters = { a = 0.02, b = 0.2, c = -65, d = 2 }
initial = { v = -65 }

[inputs.thalamus]
uniform = [0, 5]

[learning.hyperbolic]
window = "hyperbolic"
amplitude = 0.2
horizon = "100 ms"
""" + "".join(
    projection(*layers, column, probability)
    for column, table in (("same", SAME), ("other", OTHER))
    for layers, probability in table.items()
)

EVERY_KEY = """\
title = "Every key of the language"
seed = 4
dt = "0.5 ms"
duration = "40 ms"
signal_propagation = { limit = 40.0 }

[populations.excitatory]
size = 12
model = "izhikevich"
preset = "regular spiking"
variables = { r = { uniform = [0, 1] } }
parameters = { c = "-65 + 15 * r**2", d = "max(8 - 6 * r**2, 2)" }
initial = { v = { normal = [-65, 2], low = -70, high = -60 }, u = "b * v + 0 * index / size" }
spike_size = 2

[populations.cortex]
model = "leaky-integrate-and-fire"
columns = 2
layers = { upper = 3, lower = 2 }
parameters = { tau_m = { lognormal = ["20 ms", 0.1] }, refractory = "2 ms", threshold = "-50 mV" }

[populations.bursting]
size = 2
model = "hindmarsh-rose"
initial = { x = -1.6 }

[populations.background]
size = 5
model = "poisson"
parameters = { rate = "0.2 kHz" }

[populations.list]
size = 2
model = "spike-train"
times = [["2 ms", "4.5 ms"], []]

[models.izhikevich]
substeps = 2
square = 0.04
linear = 5
constant = 140
v_rest = 0
leak = 1

[models.hindmarsh-rose]
time_scale = 1

[projections.background]
from = "background"
to = ["excitatory", "cortex layer=upper"]
rule = { in_degree = 3 }
weight = { lognormal = [2, 0.5], negative = 0.1 }
delay = { normal = ["2 ms", "1 ms"], low = "1 ms", high = "4 ms" }

[projections.recurrent]
from = "excitatory"
to = "excitatory"
rule = { probability = 0.4 }
self_connections = false
weight = { uniform = [0.5, 4], negative = 0.25 }
delay = { uniform = ["0.5 ms", "10 ms"] }
capacity = { maximum = 3, regeneration = 0.5 }
learning = "hyperbolic"

[projections.columnar]
from = "cortex column=0..1 layer=upper neuron=0,2..5"
to = "cortex"
rule = { out_degree = 2 }
column = "same"
repeats = true
weight = "1.5 mV"
learning = "exponential"

[projections.one]
from = "list"
to = "bursting"
rule = "one-to-one"
weight = -1

[projections.pairs]
from = "excitatory"
to = "cortex"
rule = { pairs = [[0, 1], [11, 9]] }
weight = 3

[projections.everybody]
from = "cortex layer=lower"
to = "cortex layer=lower"
rule = "all-to-all"
column = "other"
weight = 0.1
learning = false

[inputs.constant]
to = "excitatory"
current = 4

[inputs.step]
to = "cortex"
step = { at = "3 ms", current = "2 mV" }

[inputs.pulses]
to = ["excitatory neuron=0..3", "bursting"]
pulses = [{ from = "1 ms", to = "2 ms", current = 3 }, { from = "4 ms", to = "6 ms", current = -3 }]

[inputs.ramp]
ramp = { from = "2 ms", to = "9 ms", first = 1, last = 3 }

[inputs.waveform]
waveform = [["0 ms", 1], ["5 ms", 2.5]]

[inputs.noise]
to = "excitatory"
uniform = [0, 5]

[inputs.gauss]
to = "cortex column=1"
normal = [0, 2]

[learning.hyperbolic]
window = "hyperbolic"
amplitude = 0.2
horizon = inf

[learning.exponential]
window = "exponential"
a_plus = 0.1
a_minus = 0.12
tau_plus = "17 ms"
tau_minus = "34 ms"
pairing = "all-to-all"
bounds = { low = 0, high = 5, soft = true }
excitatory_only = true

[[events]]
at = "0 ms"
set = { field = "Weight.value", of = ["recurrent", "pairs"], value = "0.5 * value" }

[[events]]
at = "5 ms"
inject = { of = "cortex", current = 20, for = "3 ms" }

[[events]]
at = "5 ms"
silence = { of = "excitatory neuron=0..2", for = "10 ms" }

[[events]]
at = "10 ms"
cut = { projection = "recurrent", from = "excitatory", to = "excitatory neuron=4..11", share = 0.5 }

[[events]]
at = "10 ms"
remove = { of = "excitatory", share = 0.25 }

[[events]]
at = "10 ms"
change = { system = "inputs.noise", parameter = "high", value = 7 }

[[events]]
at = "12 ms"

[events.connect]
from = "background"
to = "excitatory"
rule = { probability = 0.5 }
weight = { uniform = [0, 9] }
learning = "hyperbolic"

[record]
traces = [0, "cortex neuron=0..1"]
weights = "10 ms"
values = [{ field = "Recovery.u", of = "excitatory", every = "1 ms" }, { field = "Weight.value", of = "recurrent" }]

[[phases]]
name = "first"
from = "0 ms"
to = "20 ms"

[[panels]]
title = "Without noise"
inputs.noise.uniform = [0, 0]
"""


def scenario(text: str, folder: Path, **overrides: object) -> Scenario:
    """The scenario of a text."""
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return load(str(path), overrides)


def made(text: str, folder: Path, **overrides: object) -> Simulation:
    """The simulation of a text, before its first tick."""
    return build(scenario(text, folder, **overrides))


def toml(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {toml(part)}' for key, part in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value)
