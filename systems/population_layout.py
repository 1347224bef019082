"""Populations are laid out: their neurons, with what each model needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runen_ecs.components import ActionPotential, ColumnCoordinates, LastSpike, Membrane, SynapticInput
from runen_ecs.engine import Batch, System, World, Write
from runen_ecs.network import Populations, Shape


@dataclass(frozen=True)
class Population:
    """What a population is made of.

    Attributes
    ----------
    name : str
    shape : Shape
    batches : callable
        Given the world, returns the components of its neurons, one row each.
    """

    name: str
    shape: Shape
    batches: Callable[[World], Sequence[Batch]]


class PopulationLayout(System):
    """Populations appear, one after another, and get their names in the `Populations`.

    A start-up system: it runs once. Layers are numbered over all populations, in the order in which they are named.

    Writes: Populations, ColumnCoordinates, Membrane, SynapticInput, ActionPotential, LastSpike.

    Parameters
    ----------
    populations : sequence of Population
    layers : sequence of str
        Names of layers that are there already.
    """

    registered: Write[Populations]
    coordinates: Write[ColumnCoordinates]
    membrane: Write[Membrane]
    synaptic_input: Write[SynapticInput]
    action_potential: Write[ActionPotential]
    last_spike: Write[LastSpike]

    def __init__(self, populations: Sequence[Population], layers: Sequence[str] = ()) -> None:
        self.populations, self.layers = populations, list(layers)

    def run(self) -> None:
        """Create the neurons."""
        for population in self.populations:
            shape = population.shape
            batches = [*population.batches(self.world)]
            if shape.columns:
                self.layers += [name for name in shape.layers if name not in self.layers]
                number = [self.layers.index(name) for name in shape.layers]
                layer = [number[place] for place in shape.layer.tolist()]
                batches.append(ColumnCoordinates.batch(column=shape.column, layer=layer))
            neurons = self.world.create_entities(shape.size, *batches)
            self.registered.add(population.name, shape, neurons)
