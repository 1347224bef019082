"""The systems of spiking neurons: what drives them, integrates them, sends their spikes on, learns and records."""

from __future__ import annotations

from math import inf

from runen_ecs.engine import DispatcherBuilder
from runen_ecs.network import Selection
from runen_ecs.recording import ValueSeries
from runen_ecs.systems import (
    Firing,
    PostsynapticPotential,
    SignalArrival,
    SignalPropagation,
    Silencing,
    SpikeRecording,
    ThalamicInput,
    TraceRecording,
    WeightRecording,
)
from runen_ecs.systems.divergence_watch import watch_of
from runen_ecs.systems.value_recording import recording_of

from .language.context import COLUMNS
from .language.inputs import targets_of
from .language.models import MODELS
from .schema import Scenario

__all__ = ["STDP", "add_recording", "add_spiking", "rules_of"]

STDP = "stdp"


def add_spiking(builder: DispatcherBuilder, scenario: Scenario) -> None:
    """Add what happens to spiking neurons in a tick, recording aside."""
    driven = _add_drive(builder, scenario)
    last = _add_integration(builder, scenario, driven)
    builder.add(Firing(), "firing", after=last)
    builder.add(SignalPropagation(limit_of(scenario)), "signal_propagation", after=["firing"])
    _add_learning(builder, scenario)


def limit_of(scenario: Scenario) -> float:
    """Return the largest postsynaptic potential that is passed on [mV]."""
    if scenario.synapses is not None:
        return scenario.synapses.limit
    return scenario.signal_propagation.limit if scenario.signal_propagation is not None else inf


def _add_drive(builder: DispatcherBuilder, scenario: Scenario) -> list[str]:
    """Add what is added to the input of neurons; return its names."""
    builder.add(SignalArrival(), "signal_arrival")
    driven = ["signal_arrival"]
    if scenario.has_signals:
        after = ["signal_arrival", "synaptic_transmission"]
        builder.add(PostsynapticPotential(limit_of(scenario)), "postsynaptic_potential", after=after)
        driven = ["postsynaptic_potential"]
    if (noise := scenario.thalamic_input) is not None:
        neurons = targets_of((Selection(COLUMNS),)) if scenario.populations else None
        system = ThalamicInput(noise.low, noise.high, neurons=neurons)
        builder.add(system, "thalamic_input", after=["signal_arrival"])
        driven.append("thalamic_input")
    for name, given in scenario.inputs.items():
        driven.append(f"inputs.{name}")
        builder.add(given.system(name), driven[-1], after=["signal_arrival"])
    for number, event in enumerate(scenario.events):
        if (injection := event.system(scenario.dt)) is not None:
            driven.append(f"events.{number}")
            builder.add(injection, driven[-1], after=["signal_arrival"])
    return driven


def _add_integration(builder: DispatcherBuilder, scenario: Scenario, driven: list[str]) -> list[str]:
    """Add a system for each model, and what keeps neurons from firing; return what firing comes after."""
    used = {population.model for population in scenario.populations.values()}
    if scenario.columns is not None:
        used.add("izhikevich")
    last = driven
    for name, model in MODELS.items():
        if name in used:
            builder.add(model.make(scenario.models), model.system, after=last)
            last = [model.system]
    if any(event.silence is not None for event in scenario.events):
        builder.add(Silencing(), "silencing", after=last)
        last = ["silencing"]
    return last


def _add_learning(builder: DispatcherBuilder, scenario: Scenario) -> None:
    """Add a system for each learning rule, one after another."""
    numbers = rules_of(scenario)
    after = ["signal_propagation", *(["accumulation"] if scenario.network is not None else [])]
    rules = {STDP: scenario.stdp} if scenario.stdp is not None else {}
    for name, rule in (rules | scenario.learning).items():
        system = "stdp_learning" if name == STDP and scenario.stdp is not None else f"learning.{name}"
        builder.add(rule.system(scenario.dt, numbers.get(name)), system, after=after)
        after = [*after, system]


def rules_of(scenario: Scenario) -> dict[str | None, int]:
    """Return the number of each learning rule by name; none where one rule is that of every synapse."""
    names: list[str | None] = [STDP] if scenario.stdp is not None else []
    names += list(scenario.learning)
    added = any(event.connect is not None for event in scenario.events)
    chosen = scenario.learning or scenario.projections or added
    return {name: number for number, name in enumerate(names)} if chosen else {}


def add_recording(builder: DispatcherBuilder, scenario: Scenario) -> None:
    """Add what writes down and what watches, after all that happens in a tick."""
    own = [name for name in builder.names if name.startswith("extensions.")]
    if not scenario.shapes:
        builder.add(watch_of(potentials=False, signals=True)(), "divergence_watch", after=["axonal_conduction", *own])
        return
    builder.add(SpikeRecording(), "spike_recording", after=["firing", *own])
    if scenario.record.traces:
        builder.add(TraceRecording(), "trace_recording", after=["firing", *own])
    models = [MODELS[population.model] for population in scenario.populations.values()]
    potentials = scenario.columns is not None or any(model.driven for model in models)
    signals = scenario.network is not None
    sent = ["axonal_conduction"] if signals else []
    builder.add(watch_of(potentials=potentials, signals=signals)(), "divergence_watch", after=["firing", *sent, *own])
    happened = builder.names
    for number, values in enumerate(scenario.record.values):
        component, field = values.found(scenario.components)
        series = ValueSeries(component, field, values.every or 1, values.words)
        builder.add(recording_of(component)(series), f"record.values.{number}", after=happened)
    if (interval := scenario.record.weights) is not None:  # last: the others stay in one loop
        builder.add(WeightRecording(interval), "weight_recording", after=happened)
