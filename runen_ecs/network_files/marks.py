"""What a text says and where it says it, from the events of its parser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ..errors import choices
from ..faults import Path

__all__ = ["Built", "Event", "Found", "Marks", "TextFaultError", "build"]

MOST_DEEP = 200
MOST_REPEATED = 2_000_000
NO_TAGS: Mapping[str, str] = {}


class Event(NamedTuple):
    """A part of a text begins, or ends.

    Attributes
    ----------
    kind : "{", "[", "end", "value" or "alias"
        A mapping, a list, the end of one of them, a single value, or one that stands elsewhere under a name.
    start : int
        Where in the text.
    text : str
        Of a value, quotes and escapes resolved; the name of an alias.
    plain : bool
        Whether a value stands without quotes, and so may be a number.
    tag : str, optional
        Stands for a mapping around it, which has a single key.
    anchor : str, optional
        The name under which an alias finds it.
    """

    kind: Literal["{", "[", "end", "value", "alias"]
    start: int
    text: str = ""
    plain: bool = False
    tag: str | None = None
    anchor: str | None = None


class Found(NamedTuple):
    """A fault, and where in the text it is; one that covers a part is the cause of other faults in there."""

    path: Path
    start: int
    problem: str
    covers: bool = False


class TextFaultError(Exception):
    """A text cannot be read on because of a fault."""

    def __init__(self, start: int, problem: str, path: Path = ()) -> None:
        super().__init__(problem)
        self.found = Found(path, start, problem)


@dataclass
class Marks:
    """Where a mapping or list and its parts begin: keys, or elements.

    Attributes
    ----------
    start : int
    parts : dict
        Where each part begins, by its key or number.
    inside : dict
        The marks of those parts that have parts themselves.
    """

    start: int
    parts: dict[str | int, int] = field(default_factory=dict)
    inside: dict[str | int, Marks] = field(default_factory=dict)

    def start_of(self, path: Path) -> int:
        """Return where a part begins, or that which ought to hold it."""
        start, marks = self.start, self
        for part in path:
            if part not in marks.parts:
                break
            start = marks.parts[part]
            if part not in marks.inside:
                break
            marks = marks.inside[part]
        return start


@dataclass
class _Open:
    """A mapping or list that has begun; one that wraps ends with its first part."""

    data: dict[str, Any] | list[Any]
    marks: Marks
    anchor: str | None = None
    wraps: bool = False
    key: str | None = None
    size: int = 1

    @property
    def part(self) -> str | int | None:
        """The key or number of what comes next; nothing, if that is a key."""
        return self.key if isinstance(self.data, dict) else len(self.data)


class _Builder:
    def __init__(self, resolve: Callable[[str], Any], tags: Mapping[str, str]) -> None:
        self.resolve = resolve
        self.tags = tags
        self.open = [_Open([], Marks(0))]
        self.known: dict[str, tuple[Any, int]] = {}
        self.repeated = 0
        self.found: list[Found] = []

    @property
    def path(self) -> Path:
        return tuple(inner.part for inner in self.open[1:] if inner.part is not None)

    def take(self, event: Event) -> None:
        last = self.open[-1]
        if event.kind == "end":
            self.open.pop()
            self.put(last.data, last.size, last.anchor)
        elif last.part is None:
            self.take_key(event, last)
        else:
            if isinstance(last.data, list):
                last.marks.parts[len(last.data)] = event.start
            if event.tag is None:
                self.take_value(event)
            elif event.tag in self.tags:
                self.begin({}, event.start, event.anchor, self.tags[event.tag])
                self.take_value(event._replace(anchor=None))
            else:
                problem = f"unknown tag {event.tag}; {choices(event.tag, self.tags)}"
                self.found.append(Found(self.path, event.start, problem, covers=True))
                self.take_value(event)

    def take_key(self, event: Event, last: _Open) -> None:
        if event.kind != "value":
            raise TextFaultError(event.start, "a key must be text", self.path)
        last.key = event.text
        if event.text in last.marks.parts:
            self.found.append(Found(self.path, event.start, "is there twice; take one of them out"))
        last.marks.parts[event.text] = event.start

    def take_value(self, event: Event) -> None:
        if event.kind == "value":
            self.put(self.resolve(event.text) if event.plain else event.text, 1, event.anchor)
        elif event.kind == "alias":
            if event.text not in self.known:
                raise TextFaultError(event.start, f"nothing before this is called &{event.text}", self.path)
            value, size = self.known[event.text]
            self.repeated += size
            if self.repeated > MOST_REPEATED:
                raise TextFaultError(event.start, f"aliases repeat more than {MOST_REPEATED:,} values", self.path)
            self.put(value, size, None)
        else:
            self.begin({} if event.kind == "{" else [], event.start, event.anchor)

    def begin(
        self, data: dict[str, Any] | list[Any], start: int, anchor: str | None, wrapped_in: str | None = None
    ) -> None:
        if len(self.open) > MOST_DEEP:
            raise TextFaultError(start, f"is nested more than {MOST_DEEP} deep")
        last, marks = self.open[-1], Marks(start)
        if last.part is not None:
            last.marks.inside[last.part] = marks
        if wrapped_in is not None:
            marks.parts[wrapped_in] = start
        self.open.append(_Open(data, marks, anchor, wrapped_in is not None, wrapped_in))

    def put(self, value: Any, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self.known[anchor] = value, size
        last = self.open[-1]
        last.size += size
        if isinstance(last.data, list):
            last.data.append(value)
        elif last.key is not None:
            last.data[last.key] = value
            last.key = None
        if last.wraps:
            self.open.pop()
            self.put(last.data, last.size, last.anchor)


class Built(NamedTuple):
    """What a text says, where it says it, and the faults that did not keep it from being read."""

    data: Any
    marks: Marks
    found: list[Found]


def build(events: Iterable[Event], resolve: Callable[[str], Any], tags: Mapping[str, str] = NO_TAGS) -> Built:
    """Put together what a text says.

    Parameters
    ----------
    events : iterable of Event
    resolve : callable
        Says of a value without quotes what it stands for.
    tags : mapping of str to str
        The tags that there are, and the key that each stands for.

    Raises
    ------
    TextFaultError
        If it cannot be read to its end.
    """
    builder = _Builder(resolve, tags)
    for event in events:
        builder.take(event)
    outermost = builder.open[0]
    data = outermost.data[0] if isinstance(outermost.data, list) and outermost.data else None
    return Built(data, outermost.marks.inside.get(0, Marks(0)), builder.found)
