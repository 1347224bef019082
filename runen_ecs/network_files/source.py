"""A network file as text: what it says, and where."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path as FilePath

from ..errors import FileError, RunenError
from ..faults import Fault, Path, key_of
from .json_text import find_in_json, read_json
from .marks import Built, Found, TextFaultError
from .yaml_text import read_yaml

__all__ = ["TABLES", "NetworkFileError", "Source", "format_of"]

FORMATS = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}

TABLES = {"json": "an object in braces", "yaml": "a mapping of keys to values", "toml": "a table"}


class NetworkFileError(RunenError, ValueError):
    """A network file that cannot be used; lists every fault."""

    exit_code = 3

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def format_of(path: FilePath) -> str:
    """Return the format that the ending of a file stands for, ``json`` or ``yaml``.

    Raises
    ------
    FileError
        For another ending.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise FileError(path, f"a network file must end in {', '.join(FORMATS)}")
    return FORMATS[suffix]


class Source:
    """A network file.

    Attributes
    ----------
    path : Path
    format : str
        ``json`` or ``yaml``.
    text : str
    data : object
        What it says.

    Raises
    ------
    NetworkFileError
        If it is not JSON or YAML; places are told with line and column.
    FileError
        If it cannot be read at all.
    """

    def __init__(self, path: FilePath) -> None:
        self.path = path
        self.format = format_of(path)
        self.text = _read(path)
        self._is_doubtful = False
        try:
            if not self.text.strip():
                raise TextFaultError(0, "is empty; a network file holds inputs, outputs, neurons and links")
            if self.format == "json":
                self.data, self._is_doubtful = read_json(self.text)
            else:
                self.data = self._built.data
        except TextFaultError as error:
            raise NetworkFileError([self._fault(error.found)]) from None

    @cached_property
    def _built(self) -> Built:
        return find_in_json(self.text) if self.format == "json" else read_yaml(self.text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def with_faults_of_the_text(self, faults: list[Fault]) -> list[Fault]:
        """Return faults with those of the text, and without those that these are the cause of."""
        looked_for = self.format == "yaml" or self._is_doubtful
        found = self._built.found if looked_for else []
        covered = [key_of(each.path) for each in found if each.covers]
        own = [fault for fault in faults if not any(f"{fault.key}.".startswith(f"{key}.") for key in covered)]
        return [self._fault(each) for each in found] + own

    def place_of(self, path: Path) -> str:
        """Return where a key or element stands, or that which ought to hold it, ``file:line:column``."""
        return self._place(self._built.marks.start_of(path))

    def in_order(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return faults in the order of their places."""
        return sorted(faults, key=lambda fault: [int(number) for number in fault.place.rsplit(":", 2)[1:]])

    def _fault(self, found: Found) -> Fault:
        return Fault(self._place(found.start), key_of(found.path), found.problem)

    def _place(self, start: int) -> str:
        line = bisect_right(self._line_starts, start)
        return f"{self.path}:{line}:{start - self._line_starts[line - 1] + 1}"


def _read(path: FilePath) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(path, f"is not a text file in UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise FileError(path, "no file can have this name") from None
