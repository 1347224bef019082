"""Single values as YAML: ids are quoted where a reader of any version of YAML could take them for something else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import yaml

__all__ = ["yaml_of_id", "yaml_of_number", "yaml_of_state"]

# A letter first, and no word for true or nothing: text in every version of YAML, and in need of no quotes.
_PLAIN = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[^\W\d_]\w*(?:[ ./-]\w+)*", re.IGNORECASE)

# What YAML 1.2 takes for a number, or some reader of YAML 1.1 for true or false, and PyYAML for text.
_NUMBER = re.compile(r"[-+]?(?:0o[0-7]+|0x[0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)$")
_TRUTH = re.compile(r"[yYnN]$")


# Line breaks in YAML 1.1 and none in 1.2, so they have to be escaped.
_BREAKS = re.compile("[\x85\u2028\u2029]")

_UNBROKEN = 2**31 - 1


class _IdDumper(yaml.SafeDumper):
    """Writes texts of several lines as such."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = '"' if _BREAKS.search(text) else "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)


class _StateDumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes what stands in several places once for each."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = None if _PLAIN.fullmatch(text) else '"'
        node: yaml.ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style)
        return node


_IdDumper.add_representer(str, _IdDumper.represent_text)
_IdDumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))
_IdDumper.add_implicit_resolver("tag:yaml.org,2002:bool", _TRUTH, list("yYnN"))
_StateDumper.add_representer(str, _StateDumper.represent_text)


@lru_cache(maxsize=100_000)
def yaml_of_id(text: str) -> str:
    """Return an id as the value of a key of a neuron or link; what comes after its first line is indented."""
    if _PLAIN.fullmatch(text):
        return text
    neuron = [{"id": text, "bias": 0}]
    written: str = yaml.dump(neuron, Dumper=_IdDumper, allow_unicode=True, width=_UNBROKEN, sort_keys=False)
    return written.removeprefix("- id: ").removesuffix("\n  bias: 0\n")


def yaml_of_number(value: float) -> str:
    """Return a finite number, with a point in it where YAML 1.1 asks for one."""
    text = repr(value)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def yaml_of_state(state: dict[str, Any]) -> str:
    """Return what a network was doing as the last key of its file."""
    written: str = yaml.dump(
        {"state": state}, Dumper=_StateDumper, allow_unicode=True, width=_UNBROKEN, sort_keys=False
    )
    return written
