"""Which field of which component, and of whom: what events change and what is recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from runen_ecs import components
from runen_ecs.components import DENDRITE, NEURON, SYNAPSE
from runen_ecs.engine import Component, Rows, World
from runen_ecs.engine.component import Reference
from runen_ecs.errors import SelectionError, choices
from runen_ecs.network import ALL, Populations, Selection, Shape, dendrites_of

from ..table import Table

__all__ = ["Place", "check_projections"]

COMPONENTS: dict[str, type[Component]] = {
    name: found
    for name in components.__all__
    if isinstance(found := getattr(components, name), type)
    and issubclass(found, Component)
    and found.kind in (NEURON, SYNAPSE, DENDRITE)
}


class Place(Table):
    """A field of a component, of chosen neurons or of the synapses of projections."""

    field: str = Field(description='component and field, such as "Recovery.u" or "Weight.value"')
    of: str | list[str] = Field(default=ALL, description="neurons; of a synapse or dendrite: projections by name")

    known_projections: ClassVar = "projections"  # which names of the context it may use; events may use more

    @model_validator(mode="after")
    def _is_there(self, info: ValidationInfo) -> Place:
        context = info.context or {}
        own = context.get("components", {})
        if own is None and self.field.partition(".")[0] not in COMPONENTS:
            return self  # it may be of an extension, of which it is told that it cannot be loaded
        component, field = self._found(COMPONENTS | (own or {}))
        if isinstance(component.fields[field], Reference):
            raise PydanticCustomError("field", "{name} points at an entity; it is no number", {"name": self.field})
        if component.kind != NEURON:
            check_projections(self._names, context.get(self.known_projections))
        elif "shapes" in context:
            _check_neurons(self._names, context["shapes"])
        return self

    @property
    def words(self) -> str:
        """Whose field it is, in words."""
        return ", ".join(self._names)

    @property
    def _names(self) -> list[str]:
        return [self.of] if isinstance(self.of, str) else self.of

    def _found(self, known: Mapping[str, type[Component]]) -> tuple[type[Component], str]:
        component, _, field = self.field.partition(".")
        if component not in known and "." not in self.field:
            having = [f"{name}.{component}" for name, found in known.items() if component in found.fields]
            problem = choices(component, having) if having else 'such as "Membrane.v"'
            words = {"name": self.field, "problem": problem}
            raise PydanticCustomError("field", "'{name}' needs its component before it; {problem}", words)
        if component not in known:
            words = {"name": component, "choices": choices(component, known)}
            raise PydanticCustomError("field", "no component is called '{name}'; {choices}", words)
        if field not in known[component].fields:
            words = {"component": component, "name": field, "choices": choices(field, known[component].fields)}
            raise PydanticCustomError("field", "{component} has no field '{name}'; {choices}", words)
        return known[component], field

    def found(self, own: Mapping[str, type[Component]]) -> tuple[type[Component], str]:
        """Return component and name of the field; ``own`` are those of extensions, by name."""
        return self._found(COMPONENTS | dict(own))

    def entities(self, world: World, component: type[Component]) -> Rows:
        """Return the living ones that have the component, (n,) int32.

        Raises
        ------
        SelectionError
            If none has.
        """
        if component.kind == NEURON:
            populations = world.resource(Populations)
            chosen = populations.select(world, *map(Selection.parse, self._names))
        else:
            chosen = world.resource(Populations).select_synapses(world, self._names)
            chosen = dendrites_of(chosen) if component.kind == DENDRITE else chosen
        having = chosen[world.storage(component).present[world.index.row[chosen]]]
        if not having.size:
            raise SelectionError(self.words, f"none of them has {component.__name__}")
        return having


def check_projections(names: Collection[str], known: Collection[str] | None) -> None:
    """Refuse names of projections that are not there; None: nobody can tell."""
    for name in names:
        if known is not None and name not in (*known, ALL):
            words = {"name": name, "choices": choices(name, [*known, ALL])}
            raise PydanticCustomError("projection", "no projection is called '{name}'; {choices}", words)


def _check_neurons(names: Collection[str], shapes: Mapping[str, Shape]) -> None:
    try:
        for name in names:
            Selection.parse(name).count(shapes)
    except SelectionError as error:
        raise PydanticCustomError("selection", "{problem}", {"problem": error.problem}) from None
