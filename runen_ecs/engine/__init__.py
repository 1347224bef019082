"""The engine: Specs' World, Entity, Component, Storage, System, Dispatcher, Resource and LazyUpdate on esper."""

from .access import Add, Read, Write
from .arrays import Flags, Floats, Int64s, Rows, Shorts
from .compile import array_kernel, kernel
from .component import Batch, Component, Entity, Flag, Float, Int, Kind, Long, Reference, Short, field, reference
from .dispatcher import Dispatcher, DispatcherBuilder
from .lazy import LazyUpdate
from .resource import Clock, Interrupt, Resource
from .schedule import Plan
from .storage import Table, VecStorage
from .system import System
from .world import World

__all__ = [
    "Add",
    "Batch",
    "Clock",
    "Component",
    "Dispatcher",
    "DispatcherBuilder",
    "Entity",
    "Flag",
    "Flags",
    "Float",
    "Floats",
    "Int",
    "Int64s",
    "Interrupt",
    "Kind",
    "LazyUpdate",
    "Long",
    "Plan",
    "Read",
    "Reference",
    "Resource",
    "Rows",
    "Short",
    "Shorts",
    "System",
    "Table",
    "VecStorage",
    "World",
    "Write",
    "array_kernel",
    "field",
    "kernel",
    "reference",
]
