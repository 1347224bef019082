"""JSON texts: read by the standard library; where things stand is found out when there is a fault to tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .marks import Built, Event, TextFaultError, build

__all__ = ["find_in_json", "read_json"]

MOST_DIGITS = 400

_TOKEN = re.compile(r'[{}\[\]]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}\[\]:,"]+', re.DOTALL)


def read_json(text: str) -> tuple[Any, bool]:
    """Return what a JSON text says, and whether a mapping in it has a key twice.

    Raises
    ------
    TextFaultError
        If it is not JSON.
    """
    twice = False

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        made = dict(pairs)
        twice = twice or len(made) != len(pairs)
        return made

    try:
        return json.loads(text, object_pairs_hook=mapping, parse_int=_whole), twice
    except json.JSONDecodeError as error:
        problem = error.msg[:1].lower() + error.msg[1:].removesuffix(" at").removesuffix(" starting")
        raise TextFaultError(error.pos, f"is not JSON: {problem}") from None
    except RecursionError:
        find_in_json(text)
        raise TextFaultError(0, "is nested too deeply") from None


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < MOST_DIGITS else float(digits)


def find_in_json(text: str) -> Built:
    """Return where the parts of a JSON text stand; what its single values are is left out.

    Raises
    ------
    TextFaultError
        If it is nested too deeply.
    """
    return build(_events(text), lambda _: None)


def _events(text: str) -> Iterator[Event]:
    for match in _TOKEN.finditer(text):
        token, start = match.group(), match.start()
        if token == "{":
            yield Event("{", start)
        elif token == "[":
            yield Event("[", start)
        elif token in "}]":
            yield Event("end", start)
        elif token.startswith('"'):
            yield Event("value", start, json.loads(token, strict=False))
        else:
            yield Event("value", start, token, plain=True)
