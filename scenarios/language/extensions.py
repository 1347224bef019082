"""Extensions of a scenario: systems and components from a Python file of one's own."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from runen_ecs.components import DENDRITE, NEURON
from runen_ecs.engine import Component, System, World
from runen_ecs.errors import RunenError, choices
from runen_ecs.network import Populations, Selection, dendrites_of

from ..table import Table
from .places import check_projections

__all__ = ["Extension", "ExtensionError", "components_of", "load_extension", "told"]


class Extension(Table):
    """A system from a Python file, and where it has its turn in the tick."""

    file: str = Field(description="a Python file; beside this file, or its path")
    system: str = Field(description="name of the class in it")
    parameters: dict[str, Any] = Field(default={}, description="what its constructor takes")
    components: dict[str, str | list[str]] = Field(
        default={}, description="components of the file, and the neurons or projections that get them"
    )
    after: list[str] = Field(default=[], description="systems that it runs after")
    before: list[str] = Field(default=[], description="systems that it runs before")
    start_up: bool = Field(default=False, description="runs once, before the first tick")
    _module: ModuleType = PrivateAttr()

    @model_validator(mode="after")
    def _is_there(self, info: ValidationInfo) -> Extension:
        context = info.context or {}
        module = context.get("extensions", {}).get(self.file)
        if module is None:
            return self  # why it could not be loaded is told elsewhere
        self._module = module
        systems = _classes(module, System)
        if self.system not in systems:
            words = {"file": self.file, "name": self.system, "choices": choices(self.system, systems)}
            raise PydanticCustomError("extension", "{file} has no system '{name}'; {choices}", words)
        signature = inspect.signature(systems[self.system])
        for name in self.parameters:
            if name not in signature.parameters:
                words = {"system": self.system, "name": name, "choices": choices(name, signature.parameters)}
                raise PydanticCustomError("extension", "{system} takes no parameter '{name}'; {choices}", words)
        try:
            signature.bind(**self.parameters)
        except TypeError as error:
            words = {"error": str(error), "known": choices("", signature.parameters)}
            raise PydanticCustomError("extension", "parameters: {error}; {known}", words) from None
        own = components_of(module)
        for name, of in self.components.items():
            if name not in own:
                words = {"file": self.file, "name": name, "choices": choices(name, own)}
                raise PydanticCustomError("extension", "{file} has no component '{name}'; {choices}", words)
            if own[name].kind != NEURON:
                check_projections([of] if isinstance(of, str) else of, context.get("projections"))
        return self

    @property
    def code(self) -> Path:
        """The file that was run: this one, or another that holds the same."""
        return Path(self._module.__file__ or self.file)

    @property
    def own_components(self) -> dict[str, type[Component]]:
        """The components that the file declares, by name."""
        return components_of(self._module)

    def make(self) -> System:
        """Return the system.

        Raises
        ------
        ExtensionError
            If its constructor fails.
        """
        try:
            made: System = _classes(self._module, System)[self.system](**self.parameters)
        except Exception as error:
            line = _line(error, self.code)
            raise ExtensionError(f"{self.file}{line}: {type(error).__name__}: {error}") from None
        return made

    def insert(self, world: World) -> None:
        """Give its components to those that are to have them."""
        for name, of in self.components.items():
            component, names = components_of(self._module)[name], [of] if isinstance(of, str) else of
            if component.kind == NEURON:
                chosen = world.resource(Populations).select(world, *map(Selection.parse, names))
            else:
                chosen = world.resource(Populations).select_synapses(world, names)
                chosen = dendrites_of(chosen) if component.kind == DENDRITE else chosen
            world.insert_many(chosen, component.batch())


class ExtensionError(RunenError):
    """An extension that cannot be loaded."""

    exit_code = 3


def load_extension(path: Path) -> ModuleType:
    """Run a Python file, and return its module.

    Raises
    ------
    ExtensionError
        With the kind of error and the line in the file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ExtensionError(f"{path}: {why}") from None
    # by its content, because the caches of compiled kernels name the module, and files move with their caches
    name = f"runen_extension_{path.stem}_{crc32(content):08x}"
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ExtensionError(f"{path}: is no Python file (.py)")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        why = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ExtensionError(f"{path}{_line(error, path)}: {type(error).__name__}: {why}") from None
    return module


@contextmanager
def told(extensions: Iterable[Extension]) -> Iterator[None]:
    """Say of an error that comes from the file of an extension where it is from.

    Raises
    ------
    ExtensionError
    """
    try:
        yield
    except RunenError:
        raise
    except Exception as error:
        for extension in extensions:
            if place := _line(error, extension.code):
                raise ExtensionError(f"{extension.file}{place}: {type(error).__name__}: {error}") from error
        raise


def _line(error: BaseException, path: Path) -> str:
    """Return where in a file an error came up: the innermost line of it."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}" if error.lineno else ""
    whole = path.resolve()
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).resolve() == whole]
    return f":{frames[-1].lineno}" if frames else ""


def components_of(module: ModuleType) -> dict[str, type[Component]]:
    """Return the components that a module declares itself, by name."""
    return _classes(module, Component)


def _classes(module: ModuleType, base: type) -> dict[str, Any]:
    """Return the classes that a module makes from a base itself, by name."""
    made = {name: found for name, found in vars(module).items() if isinstance(found, type) and issubclass(found, base)}
    return {name: found for name, found in made.items() if found.__module__ == module.__name__}
