"""`runen new`, `runen validate`, `runen schema`: what helps to write scenarios."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from runen_ecs.errors import FileError, RunenError

from ..faults import UsageError
from ..json_schema import json_schema
from ..loading import load, shipped
from ..memory import check_memory, expected_size
from ..unreached import unreached

__all__ = ["as_argument", "new_scenario", "print_schema", "validate_scenarios"]

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "network.toml"


def new_scenario(name: str) -> Path:
    """Write a commented file to start from; return its path.

    Raises
    ------
    UsageError
        If there is a file already, or a scenario of that name comes with the project.
    FileError
        If it cannot be written.
    """
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    if not path.stem.removesuffix(".toml").strip():
        raise UsageError("a scenario needs a name: runen new mine")
    if path.stem in shipped():
        raise UsageError(f"a scenario called {path.stem} comes with the project (see: runen list); take another name")
    text = TEMPLATE.read_text(encoding="utf-8").replace("NAME.toml", as_argument(Path(path.name)))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"there is a file {path} already; take another name, or remove it") from None
    except OSError as error:
        raise FileError(path, f"cannot be written: {error.strerror or error}") from None
    return path


def as_argument(path: Path) -> str:
    """Return a path as a shell takes it: in quotes where it needs them, and never as an option."""
    return shlex.quote(f"./{path}" if str(path).startswith("-") else str(path))


def validate_scenarios(names: list[str]) -> int:
    """Say of each scenario what is wrong with it, or what it comes to; return the exit code."""
    code = 0
    for name in names:
        try:
            scenario = load(name)
            check_memory(scenario)
            neurons, synapses = expected_size(scenario)
            print(f"{name}: is in order; {neurons:,} neurons, about {synapses:,.0f} synapses")
            for line in unreached(scenario):
                print(f"{name}: {line}")
        except RunenError as error:
            print(error)
            code = max(code, error.exit_code)
    return code


def print_schema() -> None:
    """Print the JSON Schema of scenarios."""
    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
