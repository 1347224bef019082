"""Mistakes in the general language, as somebody makes them who knows Brian2 or NEST."""

from __future__ import annotations

from mistakes import Mistake

BASE = """\
title = "Two populations"
duration = "20 ms"

[populations.exc]
size = 8
model = "izhikevich"
preset = "regular spiking"
variables = { r = { uniform = [0, 1] } }
parameters = { d = "8 - 6 * r**2" }
initial = { v = { normal = [-65, 2] } }

[populations.cortex]
columns = 2
layers = { upper = 3, lower = 2 }
model = "leaky-integrate-and-fire"

[populations.source]
size = 2
model = "poisson"
parameters = { rate = 20 }

[projections.rec]
from = "exc"
to = "exc"
rule = { probability = 0.5 }
weight = { uniform = [0.5, 4], negative = 0.2 }
delay = { uniform = ["1 ms", "10 ms"] }
learning = "stdp"

[inputs.noise]
to = "exc"
uniform = [0, 5]

[learning.stdp]
amplitude = 0.2
horizon = "100 ms"

[[events]]
at = "10 ms"
set = { field = "Weight.value", of = "rec", value = "0.5 * value" }

[record]
traces = ["exc neuron=0..1"]
values = [{ field = "Recovery.u", of = "exc", every = "1 ms" }]
"""


def changed(name: str, *changes: tuple[str, str], command: tuple[str, ...] = ("show", "my.toml")) -> Mistake:
    """A scenario with some texts changed once each."""
    text = BASE
    for old, new in changes:
        assert text.count(old), old
        text = text.replace(old, new, 1)
    return Mistake(name, command, {"my.toml": text})


def added(name: str, text: str, command: tuple[str, ...] = ("show", "my.toml"), code: int = 3) -> Mistake:
    """A scenario with a text at its end."""
    return Mistake(name, command, {"my.toml": f"{BASE}\n{text}\n"}, code)


def event(name: str, text: str, command: tuple[str, ...] = ("show", "my.toml"), code: int = 3) -> Mistake:
    """A scenario with another event."""
    return added(name, f'[[events]]\nat = "10 ms"\n{text}', command, code)


RUN = ("run", "my.toml", "--quiet", "--no-plots")
MODEL, RULE = 'model = "izhikevich"', "rule = { probability = 0.5 }"
WEIGHT, DELAY = "weight = { uniform = [0.5, 4], negative = 0.2 }", 'delay = { uniform = ["1 ms", "10 ms"] }'
NOISE = "uniform = [0, 5]"
SET = 'set = { field = "Weight.value", of = "rec", value = "0.5 * value" }'

LANGUAGE_MISTAKES = [
    # populations
    changed("size under another name", ("size = 8", "N = 8")),
    changed("no size", ("size = 8\n", "")),
    changed("size that is no whole number", ("size = 8", "size = 8.0")),
    changed("size of zero", ("size = 8", "size = 0")),
    changed("size beside columns", ("columns = 2", "size = 10\ncolumns = 2")),
    changed("columns without layers", ("layers = { upper = 3, lower = 2 }\n", "")),
    changed("size too large", ("size = 8", "size = 2_000_000_000"), command=RUN),
    changed("model of NEST", (MODEL, 'model = "iaf_psc_exp"')),
    changed("model without hyphens", ('"leaky-integrate-and-fire"', '"leaky integrate and fire"')),
    changed("no model", (f"{MODEL}\n", "")),
    changed("preset by its letters", ('"regular spiking"', '"RS"')),
    changed("preset of a model that has none", ('"poisson"', '"poisson"\npreset = "regular spiking"')),
    changed("parameter of another model", ('d = "8', 'tau_m = 20, d = "8')),
    changed("number that is too large", (WEIGHT, "weight = 1e308")),
    changed("parameter in capitals", ('d = "8', 'D = "8')),
    changed("variable under parameters", ('d = "8', 'v = -65, d = "8')),
    changed("parameter under initial", ("initial = { v", "initial = { c = -65, v")),
    changed("unit of another kind", ("rate = 20", 'rate = "20 mV"')),
    changed("unit that is not known", ("{ normal = [-65, 2] }", '"-65 mvolt"')),
    changed("number in quotes", ("rate = 20", 'rate = "20"')),
    changed("rate as a product of units", ("rate = 20", 'rate = "20*Hz"')),
    changed("more spikes than ticks", ("rate = 20", "rate = 5000")),
    changed("rate below zero", ("rate = 20", "rate = -20")),
    changed("normal rate below zero", ("rate = 20", "rate = { normal = [20, 30] }")),
    changed("power as a caret", ("r**2", "r^2")),
    changed("random call in an expression", ("8 - 6 * r**2", "8 - 6 * rand()**2")),
    changed("name that is not there", ("8 - 6 * r**2", "8 - 6 * q**2")),
    changed("expression that is Python", ("8 - 6 * r**2", "8 if r > 0.5 else 2")),
    changed("expression that does not end", ("8 - 6 * r**2", "8 - 6 * (r**2")),
    changed("expression that gives no number", ("8 - 6 * r**2", "log(r - 1)"), command=RUN),
    changed("number from itself", ("8 - 6 * r**2", "c"), ("d = ", 'c = "d + 1", d = ')),
    changed("variable called as a parameter", ("{ r = {", "{ d = { uniform = [0, 1] }, r = {")),
    changed("distribution by a call", ("{ normal = [-65, 2] }", '"normal(-65, 2)"')),
    changed("distribution with keys of NumPy", ("{ normal = [-65, 2] }", "{ loc = -65, scale = 2 }")),
    changed("distribution with one number", ("{ normal = [-65, 2] }", "{ normal = -65 }")),
    changed("distribution upside down", ("r = { uniform = [0, 1] }", "r = { uniform = [1, 0] }")),
    changed("name of a population with a space", ("[populations.source]", '[populations."my source"]')),
    changed("population called all", ("[populations.source]", "[populations.all]")),
    changed(
        "refractory period that is no whole tick", ("layers =", 'parameters = { refractory = "0.5 ms" }\nlayers =')
    ),
    changed("spike times in a model that takes none", ("rate = 20 }", 'rate = 20 }\ntimes = [["1 ms"], []]')),
    added("spike train without times", '[populations.train]\nsize = 2\nmodel = "spike-train"'),
    added("spike train of too few lists", '[populations.train]\nsize = 2\nmodel = "spike-train"\ntimes = [["1 ms"]]'),
    added("spike times as numbers", '[populations.train]\nsize = 1\nmodel = "spike-train"\ntimes = [[1, 2]]'),
    added("spike before the first tick", '[populations.train]\nsize = 1\nmodel = "spike-train"\ntimes = [["0 ms"]]'),
    # projections
    changed("source and target in short", ('from = "exc"\nto = "exc"', 'pre = "exc"\npost = "exc"')),
    changed("population that is not there", ('from = "exc"', 'from = "excitatory"')),
    changed("selection as a slice", ('from = "exc"', 'from = "exc[0:4]"')),
    changed("selection by index", ('from = "exc"', 'from = "exc index=0..3"')),
    changed("selection beyond the end", ('from = "exc"', 'from = "exc neuron=0..8"')),
    changed("selection that goes down", ('from = "exc"', 'from = "exc neuron=1,7..3"')),
    changed("layer that is not there", ('from = "exc"', 'from = "cortex layer=middle"')),
    changed("column beyond the end", ('from = "exc"', 'from = "cortex column=2"')),
    changed("rule of NEST", (RULE, 'rule = "fixed_indegree"')),
    changed("rule with underscores", (RULE, 'rule = "all_to_all"')),
    changed("rule as a number", (RULE, "rule = 0.5")),
    changed("probability by its letter", (RULE, "rule = { p = 0.5 }")),
    changed("probability above one", (RULE, "rule = { probability = 50 }")),
    changed("degree that there are too few for", (RULE, "rule = { in_degree = 9 }")),
    changed("degree that is no whole number", (RULE, "rule = { in_degree = 2.5 }")),
    changed(
        "one to one of different sizes", (RULE, 'rule = "one-to-one"'), ('to = "exc"\nrule', 'to = "cortex"\nrule')
    ),
    changed("repeats without a degree", (RULE, f"{RULE}\nrepeats = true")),
    changed("pairs beyond the end", (RULE, "rule = { pairs = [[0, 8]] }")),
    changed("pairs that are none", (RULE, "rule = { pairs = [0, 1] }")),
    changed("no pairs", (RULE, "rule = { pairs = [] }")),
    changed("column where there are none", (RULE, f'{RULE}\ncolumn = "same"')),
    changed("file that is not there", (RULE, 'rule = { file = "pairs.csv" }')),
    changed("no weight", (f"{WEIGHT}\n", "")),
    changed("weight as an expression", (WEIGHT, 'weight = "0.5 * r"')),
    changed("weight in volts per second", (WEIGHT, 'weight = "1.5 pA"')),
    changed("delay without a unit", (DELAY, "delay = 1.5")),
    changed("delay between two ticks", (DELAY, 'delay = "1.5 ms"')),
    changed("delay of zero", (DELAY, 'delay = "0 ms"')),
    changed("delay of zero among others", (DELAY, 'delay = { uniform = ["0 ms", "5 ms"] }')),
    changed("delay as an expression", (DELAY, 'delay = "r * 5"')),
    changed("learning rule that is not there", ('learning = "stdp"', 'learning = "hebb"')),
    changed("learning rule in place", ('learning = "stdp"', "learning = { amplitude = 0.2 }")),
    # inputs, learning
    changed("input without a kind", (NOISE, "")),
    changed("input of two kinds", (NOISE, f"{NOISE}\ncurrent = 3")),
    changed("input by another name", (NOISE, "amplitude = 5")),
    changed("noise upside down", (NOISE, "uniform = [5, 0]")),
    changed("step without a unit", (NOISE, "step = { at = 5, current = 3 }")),
    changed("pulse upside down", (NOISE, 'pulses = [{ from = "5 ms", to = "2 ms", current = 3 }]')),
    changed("no pulses", (NOISE, "pulses = []")),
    changed("waveform of nothing", (NOISE, "waveform = []")),
    changed("learning without its numbers", ("amplitude = 0.2\n", "")),
    changed("window that is not there", ("amplitude = 0.2", 'window = "gaussian"\namplitude = 0.2')),
    changed("number of another window", ("amplitude = 0.2", "amplitude = 0.2\na_plus = 0.1")),
    # events, recording
    event("event without anything", ""),
    event("event of two kinds", f'{SET}\nremove = {{ of = "exc" }}'),
    event("field without its component", 'set = { field = "v", of = "exc", value = -65 }'),
    event("field that is not there", 'set = { field = "Membrane.u", of = "exc", value = -65 }'),
    event("weights of a population", 'set = { field = "Weight.value", of = "exc", value = 1 }'),
    event("neurons of a projection", 'set = { field = "Membrane.v", of = "rec", value = 1 }'),
    event("expression with another name", 'set = { field = "Membrane.v", of = "exc", value = "v + 1" }'),
    event("field that points at an entity", 'set = { field = "Target.neuron", of = "rec", value = 1 }'),
    event("fraction for a field of whole numbers", 'set = { field = "Delay.ticks", of = "rec", value = 2.5 }'),
    event("field that is told anew in each tick", 'set = { field = "ActionPotential.fired", of = "exc", value = 1 }'),
    event("synapses of an event that adds none", 'cut = { projection = "event/0" }'),
    event("silence for no time", 'silence = { of = "exc", for = "0 ms" }'),
    event("share in percent", 'remove = { of = "exc", share = 50 }'),
    event("silence without an end", 'silence = { of = "exc" }'),
    event("system that is not there", 'change = { system = "noise", parameter = "high", value = 0 }'),
    event("parameter that is not there", 'change = { system = "inputs.noise", parameter = "hi", value = 0 }'),
    event("parameter out of its limits", 'change = { system = "learning.stdp", parameter = "horizon", value = 0 }'),
    event("field that nobody has", 'set = { field = "HindmarshRose.r", of = "all", value = 0 }', RUN, code=4),
    changed("values by a variable", ('field = "Recovery.u"', 'field = "u"')),
    changed(
        "values of all where nobody has them", ('"Recovery.u", of = "exc"', '"Recovery.u", of = "source"'), command=RUN
    ),
    changed("trace of a population that is not there", ("exc neuron=0..1", "ex neuron=0..1")),
    changed("models by their settings", ("[record]", "[models.izhikevich]\nsteps = 1\n\n[record]")),
    # all at once
    changed(
        "many at once",
        ("size = 8", "size = -8"),
        ('"poisson"', '"poison"'),
        (RULE, "rule = { in_degree = -1 }"),
        (NOISE, "normal = [0, -1]"),
        ("amplitude = 0.2", "amplitude = -0.2"),
        ('at = "10 ms"', "at = 10"),
        ("Recovery.u", "Recovry.u"),
    ),
]
