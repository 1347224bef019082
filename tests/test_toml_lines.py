"""Every key of a TOML text is found, on the line where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runen_ecs.scenarios.toml_lines import Path, lines_of


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every key and element of what a TOML text says."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for part, below in items:
        yield (*path, part)
        yield from paths_of(below, (*path, part))


CASES: dict[str, tuple[str, dict[Path, int]]] = {
    "nothing": ("", {}),
    "comments alone": ("# [a]\n\n# b = 1\n", {}),
    "keys": ("a = 1\n\nb = 2\n", {("a",): 1, ("b",): 3}),
    "no line end at the end": ("a = 1\nb = 2", {("a",): 1, ("b",): 2}),
    "two bytes to a line end": ("a = 1\r\nb = 2\r\n[c]\r\nd = 3", {("a",): 1, ("b",): 2, ("c",): 3, ("c", "d"): 4}),
    "values of every kind": (
        "a = 1979-05-27 07:32:00 # no key = 1\nb = +1_000\nc = 1e-3\nd = inf\ne = 0xff\nf = true\ng = 07:32:00",
        {("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4, ("e",): 5, ("f",): 6, ("g",): 7},
    ),
    "tables": ("[a]\nb = 1\n[c]\nb = 2", {("a",): 1, ("a", "b"): 2, ("c",): 3, ("c", "b"): 4}),
    "table in a table": ("[a]\nb = 1\n[a.c]\nd = 2", {("a",): 1, ("a", "b"): 2, ("a", "c"): 3, ("a", "c", "d"): 4}),
    "spaces in a header": ('[ a . "b" ]\nc = 1', {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 2}),
    "table below one that comes later": (
        "[a.b]\nc = 1\n[a]\nd = 2",
        {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 2, ("a", "d"): 4},
    ),
    "dotted keys": (
        "a.b.c = 1\na.b.d = 2\na . e = 3",
        {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1, ("a", "b", "d"): 2, ("a", "e"): 3},
    ),
    "dotted key in a table": ("[a]\nb.c = 1", {("a",): 1, ("a", "b"): 2, ("a", "b", "c"): 2}),
    "quoted keys": ('"a.b" = 1\n\'c = d\' = 2\n"" = 3', {("a.b",): 1, ("c = d",): 2, ("",): 3}),
    "quotes inside a quoted key": ("\"'a'\" = 1\n'\"b\"' = 2", {("'a'",): 1, ('"b"',): 2}),
    "escapes in a quoted key": ('"a\\"b" = 1\n"\\u0063\\t" = 2', {('a"b',): 1, ("c\t",): 2}),
    "quoted part of a dotted key": ('a."b.c".d = 1', {("a",): 1, ("a", "b.c"): 1, ("a", "b.c", "d"): 1}),
    "inline table": (
        "a = { b = 1, c.d = 2 }\ne = {}",
        {("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", "d"): 1, ("e",): 2},
    ),
    "inline table over lines of its values": (
        'a = { b = [\n1,\n2], c = """\n""", d = 3 }',
        {("a",): 1, ("a", "b"): 1, ("a", "b", 0): 2, ("a", "b", 1): 3, ("a", "c"): 3, ("a", "d"): 4},
    ),
    "array over lines": (
        "a = [\n  1, 2, # ] no end\n\n  3,\n]\nb = 4",
        {("a",): 1, ("a", 0): 2, ("a", 1): 2, ("a", 2): 4, ("b",): 6},
    ),
    "empty array": ("a = [\n# nothing\n]\nb = 1", {("a",): 1, ("b",): 4}),
    "array in an array": (
        "a = [[1,\n2],\n[[3]]]",
        {("a",): 1, ("a", 0): 1, ("a", 0, 0): 1, ("a", 0, 1): 2, ("a", 1): 3, ("a", 1, 0): 3, ("a", 1, 0, 0): 3},
    ),
    "array of inline tables": (
        "a = [\n{ b = 1 },\n{ b = 2 }]",
        {("a",): 1, ("a", 0): 2, ("a", 0, "b"): 2, ("a", 1): 3, ("a", 1, "b"): 3},
    ),
    "text with all that could mislead": (
        'a = "[b] # \' = \\" ]"\nc = \'[d] # " = \\\'\ne = ["]", \'}\',\n","]',
        {("a",): 1, ("c",): 2, ("e",): 3, ("e", 0): 3, ("e", 1): 3, ("e", 2): 4},
    ),
    "text over lines": ('a = """\n[b]\nc = 1 # "" \\"""\n"""\nd = 2', {("a",): 1, ("d",): 5}),
    "literal text over lines": ("a = '''\n[b]\n'' \\\n'''\nc = 2", {("a",): 1, ("c",): 5}),
    "text that ends with quotes": ("a = \"\"\"\"b\"\"\"\"\"\nc = ''''d'''''\ne = 1", {("a",): 1, ("c",): 2, ("e",): 3}),
    "empty texts": (
        "a = \"\"\nb = ''\nc = \"\"\"\"\"\"\nd = ''''''\ne = 1",
        dict(zip([(k,) for k in "abcde"], range(1, 6), strict=True)),
    ),
    "array of tables": (
        "[[a]]\nb = 1\n[[ a ]]\nb = 2",
        {("a",): 1, ("a", 0): 1, ("a", 0, "b"): 2, ("a", 1): 3, ("a", 1, "b"): 4},
    ),
    "array of tables in a table": (
        "[[a.b]]\nc = 1\n[[a.b]]\nc = 2",
        {("a",): 1, ("a", "b"): 1, ("a", "b", 0): 1, ("a", "b", 0, "c"): 2, ("a", "b", 1): 3, ("a", "b", 1, "c"): 4},
    ),
    "array of tables in an array of tables": (
        "[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[[a.b]]\nc = 3",
        {
            ("a",): 1,
            ("a", 0): 1,
            ("a", 0, "b"): 2,
            ("a", 0, "b", 0): 2,
            ("a", 0, "b", 0, "c"): 3,
            ("a", 0, "b", 1): 4,
            ("a", 0, "b", 1, "c"): 5,
            ("a", 1): 6,
            ("a", 1, "b"): 7,
            ("a", 1, "b", 0): 7,
            ("a", 1, "b", 0, "c"): 8,
        },
    ),
    "dotted header under an array of tables": (
        "[[a]]\n[a.b.c]\nd = 1\n[[a]]\n[a.b.c]\nd = 2",
        {
            ("a",): 1,
            ("a", 0): 1,
            ("a", 0, "b"): 2,
            ("a", 0, "b", "c"): 2,
            ("a", 0, "b", "c", "d"): 3,
            ("a", 1): 4,
            ("a", 1, "b"): 5,
            ("a", 1, "b", "c"): 5,
            ("a", 1, "b", "c", "d"): 6,
        },
    ),
    "dotted key under an array of tables": (
        "[[a]]\nb.c = 1\n[[a]]\nb.c = 2",
        {
            ("a",): 1,
            ("a", 0): 1,
            ("a", 0, "b"): 2,
            ("a", 0, "b", "c"): 2,
            ("a", 1): 3,
            ("a", 1, "b"): 4,
            ("a", 1, "b", "c"): 4,
        },
    ),
}


@pytest.mark.parametrize(("text", "lines"), CASES.values(), ids=[name.replace(" ", "-") for name in CASES])
def test_lines_of_hand_written_texts(text: str, lines: dict[Path, int]) -> None:
    """Each form of key, table and value that TOML has is found on its line; the whole text stands on line 1."""
    assert set(paths_of(tomllib.loads(text))) == set(lines)
    assert {(): 1, **lines} == lines_of(text)


# --- any document ---------------------------------------------------------------------------------------------------


class Writer:
    """Writes a TOML text in a style that is drawn, and keeps on which line it first named each path."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.text = ""
        self.lines: dict[Path, int] = {}

    def choose(self, *choices: Any) -> Any:
        """Return one of these."""
        return self.draw(st.sampled_from(choices))

    def note(self, path: Path) -> None:
        """Keep that a path, and all that it is part of, is named on this line, if that was not before."""
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self.text.count("\n") + 1)

    def space(self) -> None:
        """Write what means nothing inside an array: spaces, comments, line ends."""
        self.text += self.choose("", "", " ", "\t", "\n", " # ], 'no' = \"end\n")

    def key(self, name: str) -> str:
        """Return a key in one of the ways in which it can be written."""
        ways = [quoted(name)]
        if name and name.isascii() and name.replace("-", "").replace("_", "").isalnum():
            ways.append(name)
        if name.isprintable() and "'" not in name:
            ways.append(f"'{name}'")
        return str(self.choose(*ways))

    def dotted(self, path: Path) -> str:
        """Return the names of a path with dots between them; elements of arrays are not named."""
        dot = self.choose(".", " . ", ".")
        return str(dot.join(self.key(part) for part in path if isinstance(part, str)))

    def scalar(self) -> None:
        """Write a value that holds no other."""
        self.text += self.choose(
            *("0", "-1.5e3", "+1_0", "nan", "0b1", "true", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00", "07:32:00"),
            *('""', '"a \\" # ] } , = [b]"', "''", "'\\'", "'\" # ] } , = [b]'", '"\\\\"', '"ü日"'),
            *('"""\n[a]\nb = 1 ""\\"\n\n"""', "'''\n[a]\n'' \\\n'''", '""""a"""""', "''''a'''''", '"""a \\\n b"""'),
        )

    def value(self, path: Path, value: Any) -> None:
        """Write a value, inline."""
        if isinstance(value, list):
            self.text += "["
            for number, element in enumerate(value):
                self.space()
                self.note((*path, number))
                self.value((*path, number), element)
                self.space()
                self.text += "," if number + 1 < len(value) else self.choose("", ",")
            self.space()
            self.text += "]"
        elif isinstance(value, dict):
            self.text += "{"
            for number, (name, below) in enumerate(value.items()):
                self.text += ", " if number else self.choose("", " ")
                self.note((*path, name))
                self.text += f"{self.key(name)} = "
                self.value((*path, name), below)
            self.text += self.choose("", " ") + "}"
        else:
            self.scalar()

    def end_line(self) -> None:
        """Write the end of a line, and perhaps lines that mean nothing."""
        self.text += self.choose("\n", " # [no] table = 1\n", "\n\n", "\n  # 'none\n\t", "\n  ")

    def pair(self, table: Path, path: Path, value: Any) -> None:
        """Write a key of a table with its value, or the keys below it as dotted ones."""
        if isinstance(value, dict) and value and self.choose(True, False):
            for name, below in value.items():
                self.pair(table, (*path, name), below)
            return
        self.note((*table, *path))
        self.text += self.dotted(path) + self.choose(" = ", "=", "\t=  ")
        self.value((*table, *path), value)
        self.end_line()

    def table(self, path: Path, table: dict[str, Any]) -> None:
        """Write what a table holds: keys first, then what has a header."""
        headed = {}
        for name, value in table.items():
            is_table = isinstance(value, dict)
            are_tables = isinstance(value, list) and value and all(isinstance(element, dict) for element in value)
            if (is_table or are_tables) and self.choose(True, False):
                headed[name] = value
            else:
                self.pair(path, (name,), value)
        for name, value in headed.items():
            if isinstance(value, list):
                for number, element in enumerate(value):
                    self.header((*path, name, number), "[[", "]]")
                    self.table((*path, name, number), element)
            else:
                below = value.values()
                if not value or not all(isinstance(v, dict) for v in below) or self.choose(True, False):
                    self.header((*path, name), "[", "]")
                    self.table((*path, name), value)
                else:  # a table that is only named in the headers of the tables below it
                    for inner, held in value.items():
                        self.header((*path, name, inner), "[", "]")
                        self.table((*path, name, inner), held)

    def header(self, path: Path, opening: str, closing: str) -> None:
        """Write a header."""
        self.note(path)
        space = self.choose("", " ")
        self.text += f"{opening}{space}{self.dotted(path)}{space}{closing}"
        self.end_line()


def quoted(name: str) -> str:
    """Return a text in double quotes, with escapes."""
    for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("ü", "\\u00FC")):
        name = name.replace(character, escape)
    return f'"{name}"'


KEYS = st.sampled_from(
    ["a", "b", "c-1", "d_2", "0", "", "a.b", "ü", "'", '"', "'e'", "\\", "\n", "[f]", "# g", "h = 1"]
)
VALUES = st.recursive(
    st.none(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Path, int]]:
    """Draw a TOML text, and the line of each path in it."""
    writer = Writer(draw)
    writer.text += draw(st.sampled_from(["", "\n", "# first\n\n", "  "]))
    writer.table((), draw(st.dictionaries(KEYS, VALUES, max_size=5)))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return writer.text.replace("\n", end), writer.lines


@settings(
    max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(documents())
def test_every_key_is_found_on_its_line(document: tuple[str, dict[Path, int]]) -> None:
    """Each path of what a text says is found on the line where it is first named, and nothing else is."""
    text, lines = document

    assert set(paths_of(tomllib.loads(text))) == set(lines)
    assert {(): 1, **lines} == lines_of(text)
