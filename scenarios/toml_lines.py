"""Where in a TOML text each key stands. The standard library reads TOML but does not tell."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

from runen_ecs.faults import Path

__all__ = ["lines_of"]

_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")


def lines_of(text: str) -> dict[Path, int]:
    r"""Return the 1-based line of every key, table and array element of a TOML text that has been read without error.

    >>> lines_of('a = 1\n[b]\nc = [5,\n6]')[("b", "c", 1)]
    4
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line_ends = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {(): 1}
        self.elements: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self.skip()
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self.header(2)
            elif self.text[self.at] == "[":
                table = self.header(1)
            else:
                self.pair(table)
            self.skip()
        return self.lines

    def skip(self) -> None:
        match = _SKIP.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def note(self, path: Path) -> None:
        self.lines.setdefault(path, bisect_left(self.line_ends, self.at) + 1)

    def header(self, brackets: int) -> Path:
        start, self.at = self.at, self.at + brackets
        names = self.key()
        end, self.at = self.at + brackets, start
        path: Path = ()
        for number, name in enumerate(names, start=1):
            path = (*path, name)
            self.note(path)
            if path in self.elements and (brackets == 1 or number < len(names)):
                path = (*path, self.elements[path])
        if brackets == 2:
            self.elements[path] = self.elements.get(path, -1) + 1
            path = (*path, self.elements[path])
            self.note(path)
        self.at = end
        return path

    def key(self) -> tuple[str, ...]:
        names: list[str] = []
        while True:
            self.skip()
            match = _STRING.match(self.text, self.at) or _BARE_KEY.match(self.text, self.at)
            if match is None:  # cannot be in a text that has been read
                self.at = len(self.text)
                return tuple(names)
            names.append(next(iter(tomllib.loads(f"{match.group()} = 0"))))  # which also reads escapes
            self.at = match.end()
            self.skip()
            if not self.text.startswith(".", self.at):
                return tuple(names)
            self.at += 1

    def pair(self, table: Path) -> None:
        start = self.at
        names = self.key()
        end, self.at = self.at, start
        for n in range(1, len(names) + 1):
            self.note((*table, *names[:n]))
        self.at = end + 1  # the equals sign
        self.value((*table, *names))

    def value(self, path: Path) -> None:
        self.skip()
        opening = self.text[self.at : self.at + 1]
        if opening in ("[", "{"):
            self.at += 1
            number = 0
            self.skip()
            while self.at < len(self.text) and self.text[self.at] not in "]}":
                if opening == "[":
                    self.note((*path, number))
                    self.value((*path, number))
                else:
                    self.pair(path)
                number += 1
                self.skip()
                if self.text.startswith(",", self.at):
                    self.at += 1
                    self.skip()
            self.at += 1
            return
        match = _STRING.match(self.text, self.at) or _BARE_VALUE.match(self.text, self.at)
        self.at = match.end() if match else self.at + 1
