"""Storages: where components live, and the tables of rows that keep them aligned.

Which storage for which component:

- `VecStorage`, one array a field over all rows of a kind: every `Component`. A component without fields is a tag, and
  costs one mask (Specs: NullStorage).
- esper's own dict (Specs: HashMapStorage): plain dataclasses given to an entity with esper's functions or with
  `World.insert`; for what is rare or odd: a probe, a label, a lesion. Kernels do not see them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import ComponentError, EntityError
from .arrays import Rows
from .component import Arrays, Batch, Component, Entity, Field, Kind, Reference

__all__ = ["EntityIndex", "Table", "VecStorage", "cascade", "row_dtype"]

C = TypeVar("C", bound=Component)

NO_ROW = np.int32(-1)


class EntityIndex:
    """From entity to table and row, for every entity whose components live in arrays.

    Attributes
    ----------
    row : (n_entities_ever,) int32
        Row of each entity id in its table; -1 for the deleted and for those that esper alone knows.
    last : int
        The highest entity id in use or used.
    version : int
        Counts the changes of structure in the whole world.
    """

    def __init__(self) -> None:
        self.row: Rows = np.full(1, NO_ROW)
        self.last = 0
        self.version = 0
        self._first: list[Entity] = []
        self._last: list[Entity] = []
        self._table: list[Table] = []

    def add(self, table: Table, first: Entity, row: int, n_rows: int) -> None:
        """Enter ``n_rows`` new rows whose entities are consecutive from ``first``."""
        width = len(table.group)
        last = first + n_rows * width
        self.last = max(self.last, last - 1)
        if last > self.row.size:
            grown = np.full(max(last, self.row.size + self.row.size // 8 if n_rows < 1000 else last), NO_ROW)
            grown[: self.row.size] = self.row
            self.row = grown
        self.row[first:last] = np.repeat(np.arange(row, row + n_rows, dtype=np.int32), width)
        if self._last and self._last[-1] == first and self._table[-1] is table:
            self._last[-1] = last
        else:
            self._first.append(first)
            self._last.append(last)
            self._table.append(table)

    def find(self, entity: Entity) -> tuple[Table | None, str]:
        """Return the table that holds or held ``entity``, and its kind; None and nothing for one of esper alone."""
        i = bisect_right(self._first, entity) - 1
        if i < 0 or entity >= self._last[i]:
            return None, ""
        table = self._table[i]
        return table, table.group[(entity - self._first[i]) % len(table.group)]

    def alive(self, entity: Entity) -> bool:
        """Whether ``entity`` has a row."""
        return 0 < entity < self.row.size and bool(self.row[entity] >= 0)

    def blocks(self, table: Table) -> list[tuple[Entity, Entity]]:
        """Return the ranges of ids, dead ones included, that were ever made in ``table``, in order of creation."""
        return [(a, b) for a, b, t in self.all_blocks() if t is table]

    def all_blocks(self) -> list[tuple[Entity, Entity, Table]]:
        """Return all such ranges with their tables."""
        return list(zip(self._first, self._last, self._table, strict=True))

    def restore(self, last: Entity, blocks: Sequence[tuple[Entity, Entity, Table]], tables: Sequence[Table]) -> None:
        """Know these ranges of ids, and of them as living those that the rows of the tables hold."""
        self.last = last
        self._first, self._last, self._table = ([block[i] for block in blocks] for i in range(3))  # type: ignore[assignment]
        self.row = np.full(last + 1, NO_ROW)
        for table in tables:
            for position in range(len(table.group)):
                self.row[table.first_entity + position] = np.arange(len(table), dtype=np.int32)
        self.version += 1


class Table:
    """The rows that a group of kinds shares, in order of creation unless something sorts them.

    Parameters
    ----------
    group : tuple of str
        The kinds; entity ids of one row are consecutive, in this order.
    index : EntityIndex
        The index of the world.
    tables : dict of str to Table
        All tables of the world by the name of the kind, to look references up.
    """

    def __init__(self, group: tuple[str, ...], index: EntityIndex, tables: dict[str, Table]) -> None:
        self.group = group
        self.index = index
        self.tables = tables
        self.first_entity: Rows = np.empty(0, np.int32)
        self.storages: dict[type[Component], VecStorage[Any]] = {}

    def __len__(self) -> int:
        return self.first_entity.size

    def entity(self, kind: Kind) -> Rows:
        """Return the entity id of every row, (n_rows,) int32."""
        return self.first_entity + np.int32(kind.position)

    def of_kind(self, kind: str) -> list[tuple[type[Component], VecStorage[Any]]]:
        """Return the components of one of the kinds, and their storages."""
        return [(c, storage) for c, storage in self.storages.items() if c.kind.name == kind]

    def creation_number(self, entity: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Return the 0-based order of creation of entities of this table, dead ones included."""
        number = np.full(entity.shape, -1, np.int64)
        before = 0
        for first, last in self.index.blocks(self):
            inside = (entity >= first) & (entity < last)
            number[inside] = before + (entity[inside] - first) // len(self.group)
            before += (last - first) // len(self.group)
        return number

    @property
    def n_created(self) -> int:
        """How many rows were ever made."""
        return sum(last - first for first, last in self.index.blocks(self)) // len(self.group)

    def append(self, first: Entity, n_rows: int, batches: list[Batch]) -> None:
        """Add rows; components without a batch are absent from them. A refused batch changes nothing."""
        given = {batch.component: batch.values for batch in batches}
        checked = [(s, s.converted(given.get(c, {}), n_rows), c in given) for c, s in self.storages.items()]
        self.index.add(self, first, len(self), n_rows)
        width = len(self.group)
        new = np.arange(first, first + n_rows * width, width, dtype=np.int32)
        self.first_entity = np.concatenate([self.first_entity, new]) if len(self) else new
        for storage, arrays, present in checked:
            storage.append(n_rows, arrays, present)
        self.index.version += 1

    def rearrange(self, order: NDArray[np.integer[Any]]) -> Rows:
        """Keep the rows ``order``, in that order; return the new row of each old one, -1 for the removed."""
        new_row = np.full(len(self), NO_ROW)
        new_row[order] = np.arange(order.size, dtype=np.int32)
        for position in range(len(self.group)):
            self.index.row[self.first_entity + position] = new_row
        self.first_entity = self.first_entity[order]
        for storage in self.storages.values():
            storage.rearrange(order)
        self.index.version += 1
        return new_row


def row_dtype(field: Field[Any, Any]) -> np.dtype[Any]:
    """Return the dtype of the array of a field: rows for references."""
    return np.dtype(np.int32) if isinstance(field, Reference) else field.dtype


def _filled(field: Field[Any, Any], n_rows: int) -> NDArray[Any]:
    return np.full(n_rows, field.fill, row_dtype(field))


class VecStorage(Generic[C]):
    """One array a field, over all rows of a kind, and a mask where not every row has the component.

    Slices of it are aligned with every other storage of the same kind (and group of kinds): row k here is row k
    there. Rows without the component hold its defaults.

    A change of structure replaces arrays by new ones, and never changes one in place: whoever has made an index from
    an array sees by its identity that the index is old.

    Attributes
    ----------
    component : type
        What it stores.
    mask : (n_rows,) bool, or None
        Which rows have the component; None when all have.
    """

    def __init__(self, component: type[C], table: Table) -> None:
        self.component = component
        self.table = table
        self.index = table.index
        self.array: dict[str, NDArray[Any]]
        self.mask: NDArray[np.bool_] | None
        self.clear()
        table.storages[component] = self

    def __len__(self) -> int:
        return len(self.table) if self.mask is None else int(self.mask.sum())

    @property
    def arrays(self) -> type[C]:
        """The arrays by field name: ``storage.arrays.level[row]``."""
        return Arrays(self.component, self.array)  # type: ignore[return-value]

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which rows have the component, (n_rows,) bool."""
        return np.ones(len(self.table), np.bool_) if self.mask is None else self.mask

    def row_of(self, entity: Entity) -> int:
        """Return the row of an entity that has the component.

        Raises
        ------
        EntityError
            If it was deleted, or has not the component any more.
        """
        row = int(self.index.row[entity])
        if row < 0:
            raise EntityError(entity, f"was deleted, and its {self.component.__name__} with it")
        if self.mask is not None and not self.mask[row]:
            raise EntityError(entity, f"has no {self.component.__name__}")
        return row

    def has(self, row: int) -> bool:
        """Whether a row has this component."""
        return self.mask is None or bool(self.mask[row])

    def get(self, field: Field[Any, Any], entity: Entity) -> Any:
        """Return one value; of a reference, the entity it points at (0: nobody)."""
        value = self.array[field.name].item(self.row_of(entity))
        return self._entity_at(field, value) if isinstance(field, Reference) else value

    def set(self, field: Field[Any, Any], entity: Entity, value: Any) -> None:
        """Write one checked value; of a reference, the entity to point at (0: nobody)."""
        row = self.row_of(entity)
        if isinstance(field, Reference):
            value = self._rows_of(field, value)
        if field.structural:
            self.array[field.name] = self.array[field.name].copy()
            self.index.version += 1
        self.array[field.name][row] = value

    def set_many(self, name: str, row: Rows, value: Any) -> None:
        """Write a field of many rows, one value a row or one for all, checked.

        Raises
        ------
        ComponentError
            For a value of the wrong type or outside its limits.
        """
        field = self.component.fields[name]
        value = field.check(value)
        if isinstance(field, Reference):
            value = self._rows_of(field, value)
        if field.structural:
            self.array[name] = self.array[name].copy()
            self.index.version += 1
        self.array[name][row] = value

    def _entity_at(self, field: Reference, row: int) -> Entity:
        return 0 if row < 0 else int(self.table.tables[field.kind.name].entity(field.kind)[row])

    def _rows_of(self, field: Reference, entity: Any) -> Any:
        entity = np.asarray(entity)
        table = self.table.tables.get(field.kind.name)
        width = len(field.kind.group)
        right = entity == 0
        for first, last in self.index.blocks(table) if table else ():
            right |= (entity >= first) & (entity < last) & ((entity - first) % width == field.kind.position)
        row = self.index.row[np.where(right, entity, 0)]
        for wrong in entity[~right | ((row < 0) & (entity != 0))].ravel()[:1]:
            what = f"is a {self.index.find(int(wrong))[1]}" if self.index.alive(int(wrong)) else "does not exist"
            name = f"{self.component.__name__}.{field.name}"
            raise EntityError(int(wrong), f"{what}; {name} points at a {field.kind.name}, or with 0 at nobody")
        return row

    def converted(self, values: dict[str, Any], n_rows: int) -> dict[str, NDArray[Any]]:
        """Return one array a field for new rows: given values, references as rows, defaults for the rest."""
        arrays = {}
        for name, f in self.component.fields.items():
            if name in values:
                value = self._rows_of(f, values[name]) if isinstance(f, Reference) else values[name]
                if np.shape(value) not in ((), (n_rows,)):
                    raise ComponentError(
                        self.component.__name__, f"{name} has shape {np.shape(value)} for {n_rows} entities"
                    )
                arrays[name] = value if np.ndim(value) else np.full(n_rows, value, row_dtype(f))
            else:
                arrays[name] = _filled(f, n_rows)
        return arrays

    def append(self, n_rows: int, arrays: dict[str, NDArray[Any]], present: bool) -> None:
        """Add rows of `converted` values; ``present`` says whether they have this component."""
        n = len(self.table) - n_rows
        for name, new in arrays.items():
            self.array[name] = np.concatenate([self.array[name], new]) if n else new.copy()
        if self.mask is not None or not present:
            old = np.ones(n, np.bool_) if self.mask is None else self.mask
            mask = np.concatenate([old, np.full(n_rows, present)])
            self.mask = None if mask.all() else mask

    def insert(self, row: Rows, values: dict[str, Any]) -> None:
        """Give the component to some rows."""
        for name, new in self.converted(values, row.size).items():
            self.array[name] = self.array[name].copy()
            self.array[name][row] = new
        if self.mask is not None:
            mask = self.mask.copy()
            mask[row] = True
            self.mask = None if mask.all() else mask

    def remove(self, row: int) -> None:
        """Take the component from one row."""
        self.mask = np.ones(len(self.table), np.bool_) if self.mask is None else self.mask.copy()
        self.mask[row] = False
        for name, f in self.component.fields.items():
            self.array[name] = self.array[name].copy()
            self.array[name][row] = f.fill

    def rearrange(self, order: NDArray[np.integer[Any]]) -> None:
        """Keep the rows ``order``, in that order."""
        self.array = {name: array[order] for name, array in self.array.items()}
        if self.mask is not None:
            self.mask = self.mask[order]
            self.mask = None if self.mask.all() else self.mask

    def clear(self) -> None:
        """Take the component from all rows, of which there may be another number now."""
        self.array = {name: _filled(f, len(self.table)) for name, f in self.component.fields.items()}
        self.mask = np.zeros(len(self.table), np.bool_) if len(self.table) else None

    def __repr__(self) -> str:
        return f"<VecStorage of {self.component.__name__}: {len(self)} of {len(self.table)} rows>"


def cascade(tables: list[Table], gone: dict[int, NDArray[np.bool_]]) -> None:
    """Mark the rows that go with the rows marked, because they refer to them, until nothing more is marked.

    tables : all of a world. gone : for the id() of each, which rows are deleted, (n_rows,) bool, in place.
    """
    grew = True
    while grew:
        grew = False
        for table in tables:
            for storage in table.storages.values():
                for name, f in storage.component.fields.items():
                    target = table.tables.get(f.kind.name) if isinstance(f, Reference) and f.cascade else None
                    if target is None or not gone[id(target)].any():
                        continue
                    row = storage.array[name]
                    follows = (row >= 0) & gone[id(target)][row] & ~gone[id(table)]
                    gone[id(table)] |= follows
                    grew = grew or bool(follows.any())
