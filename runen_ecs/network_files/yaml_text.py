"""YAML texts: parsed by PyYAML; plain values mean what they mean in YAML 1.2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from .json_text import MOST_DIGITS
from .marks import Built, Event, TextFaultError, build

__all__ = ["read_yaml"]

TAGS = {"!Input": "Input", "!Inner": "Inner", "!Output": "Output"}

WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

# Digits after a leading 0 are text, because some readers take them for octal and some do not.
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+")
FRACTION = re.compile(
    r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)

_LOADERS = (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)


def read_yaml(text: str) -> Built:
    """Return what a YAML text says, and where.

    Raises
    ------
    TextFaultError
        If it is not YAML.
    """
    fast, thorough = _LOADERS
    try:
        return build(_events(text, fast), _resolve, TAGS)
    except yaml.YAMLError:
        pass  # the loader in C has other words for what is wrong
    try:
        return build(_events(text, thorough), _resolve, TAGS)
    except yaml.reader.ReaderError as error:
        problem = f"is not YAML: the character U+{error.character:04X} is not allowed; write it as an escape in quotes"
        raise TextFaultError(error.position, problem) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        raise TextFaultError(mark.index if mark else 0, f"is not YAML: {problem}") from None
    except (ValueError, OverflowError):  # PyYAML's scanner has no words for these
        raise TextFaultError(0, "is not YAML: an escape such as \\UFFFFFFFF stands for no character") from None


def _events(text: str, loader: Any) -> Iterator[Event]:
    n_documents = 0
    parsed: Iterator[Any] = yaml.parse(text, Loader=loader)
    for event in parsed:
        start = event.start_mark.index
        if isinstance(event, yaml.DocumentStartEvent):
            n_documents += 1
            if n_documents > 1:
                raise TextFaultError(start, "a second document begins; a file holds one network")
        elif isinstance(event, yaml.MappingStartEvent):
            yield Event("{", start, tag=event.tag, anchor=event.anchor)
        elif isinstance(event, yaml.SequenceStartEvent):
            yield Event("[", start, tag=event.tag, anchor=event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            yield Event("end", start)
        elif isinstance(event, yaml.ScalarEvent):
            plain = not event.style and event.tag is None
            yield Event("value", start, event.value, plain, event.tag, event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            yield Event("alias", start, str(event.anchor))


def _resolve(text: str) -> Any:
    """Return what a plain value stands for."""
    if text in WORDS:
        return WORDS[text]
    if WHOLE.fullmatch(text):
        return int(text, 0) if len(text) < MOST_DIGITS else float("inf")
    if FRACTION.fullmatch(text):
        return float(text.replace(".i", "i").replace(".I", "I").replace(".n", "n").replace(".N", "N"))
    return text
