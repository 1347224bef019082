"""Components: what an entity is made of, declared once, typed, with units and defaults.

>>> class Capacity(Component, kind=Kind("synapse")):
...     '''How much signal a synapse can still pass.'''
...     level: Float = field(default=1.0, unit="signal")
>>> Capacity(level=0.5)
Capacity(level=0.5)

A type checker knows ``Capacity(level=0.5).level`` as a ``float`` and ``storage.arrays.level`` as an array of
float64, and rejects ``levle`` in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, dataclass_transform, get_args
from typing import overload as _overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ComponentError, EntityError, FieldError

if TYPE_CHECKING:
    from .storage import VecStorage

__all__ = [
    "Arrays",
    "Batch",
    "Component",
    "Entity",
    "Field",
    "Flag",
    "Float",
    "Int",
    "Kind",
    "Long",
    "Reference",
    "Short",
    "batch_of",
    "field",
    "reference",
]

Scalar = TypeVar("Scalar")
DType = TypeVar("DType", bound=np.generic)
Entity = int


@dataclass(frozen=True)
class Kind:
    """What sort of entity carries a component: neuron, synapse, dendrite, port, or one of your own.

    Entities of one kind share one numbering of rows, so all their components are aligned. Kinds of one `group`
    share it as well: row k of the synapses belongs to row k of the dendrites.

    Parameters
    ----------
    name : str
        What error messages and schedules call it.
    group : tuple of str
        All kinds that share rows with this one, itself included; by default itself alone.
    """

    name: str
    group: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "group", self.group or (self.name,))

    @property
    def position(self) -> int:
        """Which of the kinds that share a row this one is, from 0."""
        return self.group.index(self.name)


class Field(Generic[Scalar, DType]):
    """One value of a component: a scalar on a row view, an array on a storage.

    Parameters
    ----------
    default : scalar
        The value of a row that says nothing else.
    unit : str
        Unit, as text; empty for a pure number.
    low, high : float
        Smallest and largest value that a row view accepts.
    structural : bool
        Whether indexes are made from it, so that writing it through a view has them made anew before the next tick.
    """

    __slots__ = ("default", "dtype", "high", "low", "name", "owner", "structural", "unit")

    def __init__(
        self,
        default: Any,
        unit: str = "",
        low: float = -np.inf,
        high: float = np.inf,
        structural: bool = False,
    ) -> None:
        self.default = default
        self.unit = unit
        self.low = low
        self.high = high
        self.structural = structural
        self.name = ""
        self.owner = ""
        self.dtype: np.dtype[Any] = np.dtype(np.float64)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.owner = owner.__name__

    @_overload
    def __get__(self, view: None, owner: type) -> NDArray[DType]: ...
    @_overload
    def __get__(self, view: Component, owner: type) -> Scalar: ...
    def __get__(self, view: Component | None, owner: type) -> Any:
        if view is None:
            return self
        return view._storage.get(self, view._entity)

    def __set__(self, view: Component, value: Scalar) -> None:
        view._storage.set(self, view._entity, self.check_one(value))

    @property
    def fill(self) -> Any:
        """What an array holds where nothing was said."""
        return self.default

    def bind(self, hint: Any) -> None:
        """Take the dtype from the annotation, and check the default."""
        arguments = get_args(hint)
        if len(arguments) != 2:
            raise ComponentError(self.owner, f"{self.name} needs a type: `{self.name}: Float = field(default=…)`")
        self.dtype = np.dtype(arguments[1])
        if self.dtype.kind in "iu":
            self.low = max(self.low, np.iinfo(self.dtype).min)
            self.high = min(self.high, np.iinfo(self.dtype).max)
        self.default = self.check_one(self.default).item()

    def check(self, value: Any) -> Any:
        """Return ``value`` as an array of this field's dtype, or say what is wrong with it."""
        array = np.asarray(value)
        takes = {"f": "fiu", "i": "iu", "u": "iu", "b": "b"}[self.dtype.kind]
        if array.dtype.kind not in takes:
            shown = repr(value) if array.ndim == 0 else f"an array of {array.dtype}"
            raise ComponentError(self.owner, f"{self.name} takes {self.dtype}, not {shown}")
        if array.size and self.dtype.kind != "b":
            for extreme in (np.fmin.reduce(array, axis=None), np.fmax.reduce(array, axis=None)):
                if extreme < self.low or extreme > self.high:
                    limits = f"{_plain(self.low)} … {_plain(self.high)} {self.unit}".strip()
                    raise ComponentError(self.owner, f"{self.name} must lie in {limits}, not {extreme}")
        return array.astype(self.dtype)

    def check_one(self, value: Any) -> Any:
        """Return one value as this field's dtype, or say what is wrong with it."""
        if np.ndim(value):
            raise ComponentError(
                self.owner, f"{self.name} takes one value, not {np.size(value)}; for many rows: batch()"
            )
        return self.check(value)

    def __repr__(self) -> str:
        unit = f" [{self.unit}]" if self.unit else ""
        return f"{self.owner}.{self.name}: {self.dtype} = {self.default}{unit}"


class Reference(Field[Entity, np.int32]):
    """A field that points at another entity: the entity id on a row view, its row on a storage (-1: nobody).

    Parameters
    ----------
    kind : Kind
        What it points at.
    cascade : bool
        What becomes of the entity when the one it points at is deleted: it is deleted too (True), or points at nobody.
    """

    __slots__ = ("cascade", "kind")

    def __init__(self, kind: Kind, cascade: bool) -> None:
        super().__init__(default=0, structural=True)
        self.kind = kind
        self.cascade = cascade

    @property
    def fill(self) -> Any:
        """What an array holds where nothing was said: the row of nobody."""
        return -1

    def bind(self, hint: Any) -> None:
        """Do nothing: a reference is declared without a choice of type."""
        self.dtype = np.dtype(np.int64)  # of entities, until the storage has looked up their rows


Float = Field[float, np.float64]
Int = Field[int, np.int32]
Long = Field[int, np.int64]
Short = Field[int, np.uint16]
Flag = Field[bool, np.bool_]


def _plain(limit: float) -> str:
    return str(int(limit)) if np.isfinite(limit) and limit == int(limit) else repr(float(limit))


def field(*, default: Any, unit: str = "", low: float = -np.inf, high: float = np.inf, structural: bool = False) -> Any:
    """Declare a field of a component; see `Field` for the parameters."""
    return Field(default, unit, low, high, structural)


def reference(kind: Kind, *, cascade: bool) -> Any:
    """Declare a field that points at another entity; see `Reference` for the parameters."""
    return Reference(kind, cascade)


class _ComponentMeta(type):
    """Gives every component class empty slots, so that a row view stays two slots large."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> type:
        namespace.setdefault("__slots__", ())
        return super().__new__(cls, name, bases, namespace, **options)


@dataclass_transform(kw_only_default=True, field_specifiers=(field, reference))
class Component(metaclass=_ComponentMeta):
    """Base class of the components that live in arrays (`VecStorage`).

    An instance is a *row view*: a storage and an entity. It reads and writes the arrays that the kernels read and
    write. An instance made by its constructor holds its values itself until it is given to a world.

    Raises
    ------
    FieldError
        For a name that is not a field.
    ComponentError
        For a value of the wrong type or outside its limits.
    """

    __slots__ = ("_entity", "_storage")
    _entity: Entity
    _storage: VecStorage[Any] | _Detached

    kind: ClassVar[Kind]
    fields: ClassVar[dict[str, Field[Any, Any]]] = {}

    def __init_subclass__(cls, kind: Kind) -> None:
        cls.kind = kind
        own = {name: f for name, f in vars(cls).items() if isinstance(f, Field)}
        hints = get_annotations(cls, eval_str=True)
        for name, f in own.items():
            f.bind(hints.get(name))
        cls.fields = {**cls.fields, **own}
        for name in hints:
            if name not in cls.fields:
                raise ComponentError(cls.__name__, f"{name} needs a default: `{name}: … = field(default=…)`")

    def __init__(self, **values: Any) -> None:
        object.__setattr__(self, "_storage", _Detached(type(self), values))
        object.__setattr__(self, "_entity", 0)

    if not TYPE_CHECKING:  # a checker must not think that every name is there

        def __setattr__(self, name: str, value: Any) -> None:
            if name not in type(self).fields:
                raise FieldError(type(self).__name__, name, type(self).fields)
            object.__setattr__(self, name, value)

        def __getattr__(self, name: str) -> Any:
            raise FieldError(type(self).__name__, name, type(self).fields)

    @classmethod
    def batch(cls, **values: ArrayLike) -> Batch:
        """Many rows at once: for each field an array of one value a row, or one value for all.

        >>> world.create_entities(1000, Membrane.batch(v=-65.0))  # doctest: +SKIP
        """
        for name in values:
            if name not in cls.fields:
                raise FieldError(cls.__name__, name, cls.fields)
        return Batch(cls, {name: cls.fields[name].check(value) for name, value in values.items()})

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).fields)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        try:
            values = ", ".join(f"{name}={getattr(self, name)!r}" for name in type(self).fields)
        except EntityError:
            values = f"of deleted entity {self._entity}"
        return f"{type(self).__name__}({values})"


@dataclass(frozen=True)
class Batch:
    """Values for many rows of one component; made by `Component.batch`."""

    component: type[Component]
    values: dict[str, Any]


def batch_of(component: Component) -> Batch:
    """Return the values of one component as those of one row."""
    return type(component).batch(**{name: getattr(component, name) for name in component.fields})


class _Detached:
    """The storage of one component instance that is in no world yet."""

    __slots__ = ("values",)

    def __init__(self, component: type[Component], values: dict[str, Any]) -> None:
        for name in values:
            if name not in component.fields:
                raise FieldError(component.__name__, name, component.fields)
        self.values = {
            name: f.check_one(values[name]).item() if name in values else f.default
            for name, f in component.fields.items()
        }

    def get(self, field: Field[Any, Any], entity: Entity) -> Any:
        return self.values[field.name]

    def set(self, field: Field[Any, Any], entity: Entity, value: Any) -> None:
        self.values[field.name] = value.item()


class Arrays:
    """The arrays of one component by field name, as a system sees them.

    Parameters
    ----------
    component : type
        Whose arrays they are.
    arrays : dict of str to array
        One array a field, all of one length.
    """

    def __init__(self, component: type[Component], arrays: dict[str, NDArray[Any]]) -> None:
        self.__dict__.update(arrays)
        self.__dict__["_component"] = component

    def __getattr__(self, name: str) -> Any:
        component = cast("type[Component]", self.__dict__["_component"])
        raise FieldError(component.__name__, name, component.fields)

    def __setattr__(self, name: str, value: Any) -> None:
        component = cast("type[Component]", self.__dict__["_component"])
        raise ComponentError(
            component.__name__, f"an array is written in place: `{name}[:] = …`, never replaced by `{name} = …`"
        )
