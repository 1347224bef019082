"""The models that a population can be of: their parameters and variables by the names of the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from pydantic import Field as TableField

from runen_ecs.components import (
    ConductanceIntegrateAndFire,
    HindmarshRose,
    HindmarshRoseCurrents,
    Izhikevich,
    LeakyIntegrateAndFire,
    Membrane,
    PoissonSource,
    Recovery,
    SynapticConductances,
    SynapticCurrents,
)
from runen_ecs.components.presets import PRESETS
from runen_ecs.engine import Component, System
from runen_ecs.systems import (
    ConductanceIntegration,
    HindmarshRoseIntegration,
    IzhikevichIntegration,
    LeakyIntegration,
    PoissonFiring,
    SpikeTrainFiring,
)
from runen_ecs.systems.hindmarsh_rose_integration import STEP

from ..table import Table

__all__ = ["MODELS", "Model", "ModelSettings", "Variable"]


class IzhikevichSettings(Table):
    """How all Izhikevich neurons are integrated; published spike times depend on it."""

    substeps: int = TableField(
        default=2, ge=1, le=1000, description="Euler steps of v in a tick; 2 in the paper's networks, 1 in its figures"
    )
    square: float = TableField(default=0.04, description="v' = square v² + linear v + constant - u + I")
    linear: float = TableField(default=5.0, description="the paper of 2004 draws integrators with 4.1")
    constant: float = TableField(default=140.0, description="and 108")
    v_rest: float = TableField(default=0.0, description="u' = a (b (v - v_rest) - leak u)")
    leak: float = TableField(default=1.0, description="it draws accommodation with v_rest = -65, leak = 0")

    def system(self) -> System:
        """Return the system that integrates them."""
        polynomial = self.square, self.linear, self.constant
        return IzhikevichIntegration(self.substeps, polynomial, self.v_rest, self.leak)


class HindmarshRoseSettings(Table):
    """How all Hindmarsh-Rose neurons are integrated."""

    time_scale: float = TableField(
        default=1.0, gt=0, le=1e6, description="how many ms a unit of the model's time stands for"
    )

    def system(self) -> System:
        """Return the system that integrates them."""
        return HindmarshRoseIntegration(self.time_scale)

    @staticmethod
    def problem(time_scale: float, tick: float) -> str | None:
        """Say why a tick [ms] is not a whole number of steps of the integration, if it is not."""
        step = STEP * time_scale
        if not 0 < step < inf or (
            round(tick / step) >= 1 and abs(tick / step - round(tick / step)) < 1e-9 * tick / step
        ):
            return None
        return f"a tick of {tick:g} ms is no multiple of {step:g} ms, its step; take another time_scale or dt"


class ModelSettings(Table):
    """What is the same for all neurons of a model."""

    izhikevich: IzhikevichSettings = IzhikevichSettings()
    hindmarsh_rose: HindmarshRoseSettings = TableField(default=HindmarshRoseSettings(), alias="hindmarsh-rose")


@dataclass(frozen=True)
class Variable:
    """A variable of a model: the field of the component that holds it, and where it starts."""

    component: type[Component]
    field: str
    start: float | str

    @property
    def unit(self) -> str:
        """Its unit."""
        return str(self.component.fields[self.field].unit)


@dataclass(frozen=True)
class Model:
    """A model of neurons.

    Attributes
    ----------
    name : str
    system : str
        What its system is called in the plan.
    make : callable
        Given the settings of the scenario, returns that system.
    parameters : type or None
        The component that holds its parameters, by their names.
    variables : dict of str to Variable
    presets : dict of str to component
        Values of the parameters, by name.
    driven : bool
        Whether its neurons take input.
    """

    name: str
    system: str
    make: Callable[[ModelSettings], System]
    parameters: type[Component] | None = None
    variables: Mapping[str, Variable] = field(default_factory=dict)
    presets: Mapping[str, Any] = field(default_factory=dict)
    driven: bool = True

    def unit(self, name: str) -> str:
        """Return the unit of a parameter or variable."""
        if name in self.variables:
            return self.variables[name].unit
        return str(self.parameters.fields[name].unit) if self.parameters is not None else ""


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            "izhikevich",
            "izhikevich_integration",
            lambda settings: settings.izhikevich.system(),
            Izhikevich,
            {"v": Variable(Membrane, "v", -65.0), "u": Variable(Recovery, "u", "b * v")},
            PRESETS,
        ),
        Model(
            "hindmarsh-rose",
            "hindmarsh_rose_integration",
            lambda settings: settings.hindmarsh_rose.system(),
            HindmarshRose,
            {
                "x": Variable(Membrane, "v", -1.6),
                "y": Variable(HindmarshRoseCurrents, "y", -11.8),
                "z": Variable(HindmarshRoseCurrents, "z", 0.0),
            },
        ),
        Model(
            "leaky-integrate-and-fire",
            "leaky_integration",
            lambda _: LeakyIntegration(),
            LeakyIntegrateAndFire,
            {
                "v": Variable(Membrane, "v", "reset"),
                "excitatory": Variable(SynapticCurrents, "excitatory", 0.0),
                "inhibitory": Variable(SynapticCurrents, "inhibitory", 0.0),
            },
        ),
        Model(
            "conductance-integrate-and-fire",
            "conductance_integration",
            lambda _: ConductanceIntegration(),
            ConductanceIntegrateAndFire,
            {
                "v": Variable(Membrane, "v", "reset"),
                "excitatory": Variable(SynapticConductances, "excitatory", 0.0),
                "inhibitory": Variable(SynapticConductances, "inhibitory", 0.0),
            },
        ),
        Model("poisson", "poisson_firing", lambda _: PoissonFiring(), PoissonSource, driven=False),
        Model("spike-train", "spike_train_firing", lambda _: SpikeTrainFiring(), driven=False),
    )
}
