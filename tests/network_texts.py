"""Networks as files: the original program's own, a small one to make mistakes in, and random ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck
from hypothesis import strategies as st

from runen_ecs.network.description import (
    InnerLink,
    InputConfig,
    InputLink,
    Link,
    NetworkDescription,
    NeuronDescription,
    OutputLink,
)

SETTINGS: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}

DATA = Path(__file__).parent / "data"

PAIRS: list[dict[str, str]] = json.loads((DATA / "capacity-files.json").read_text(encoding="utf-8"))

JSON = """\
{
  "inputs": 2,
  "outputs": 1,
  "neurons": [
    {"id": "first", "bias": 1, "input_configs": [{"capacity_max": 4, "regeneration": 2, "weight": -1}]},
    {
      "id": "second",
      "bias": 0,
      "input_configs": [
        {"capacity_max": 1, "regeneration": 1, "weight": 1},
        {"capacity_max": 3, "regeneration": 3, "weight": 2}
      ]
    }
  ],
  "links": [
    {"Input": {"input_port": 0, "dst_id": "first", "dst_synapse_idx": 0}},
    {"Input": {"input_port": 1, "dst_id": "second", "dst_synapse_idx": 0}},
    {"Inner": {"src_id": "first", "dst_id": "second", "dst_synapse_idx": 1}},
    {"Output": {"src_id": "second", "output_port": 0}}
  ]
}
"""

YAML = """\
inputs: 2
outputs: 1
neurons:
- id: first
  bias: 1
  input_configs:
  - capacity_max: 4
    regeneration: 2
    weight: -1
- id: second
  bias: 0
  input_configs:
  - capacity_max: 1
    regeneration: 1
    weight: 1
  - capacity_max: 3
    regeneration: 3
    weight: 2
links:
- !Input
  input_port: 0
  dst_id: first
  dst_synapse_idx: 0
- !Input
  input_port: 1
  dst_id: second
  dst_synapse_idx: 0
- !Inner
  src_id: first
  dst_id: second
  dst_synapse_idx: 1
- !Output
  src_id: second
  output_port: 0
"""

TEXTS = {"json": JSON, "yaml": YAML}


def written(folder: Path, text: str | bytes, suffix: str = "json") -> Path:
    """Write a network file."""
    path = folder / f"net.{suffix}"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with each of some texts in it changed, the first time it comes."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def place_of(text: str, word: str, after: str = "") -> str:
    """Return the line and column at which a word stands in a text, the first time it comes after another."""
    start = text.index(word, text.index(after) + len(after))
    before = text[:start]
    return f"{before.count(chr(10)) + 1}:{start - before.rfind(chr(10))}"


NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1).map(float),
    st.integers(-5, 5).map(float),
    st.floats(-1e15, 1e15, allow_nan=False),
)

IDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(" \n\t\r:#-?,[]{}&*!|>'\"%@`~=.+_0123456789eExoyntfNULa\x85\u2028\ufeff\x00é日🧠", max_size=8),
    st.from_regex(r"[-+]?[0-9._xoeE:]{1,8}", fullmatch=True),
)


@st.composite
def configs(draw: st.DrawFn) -> InputConfig:
    """Return an input of any sizes that go together."""
    maximum = abs(draw(NUMBERS))
    return InputConfig(maximum, draw(st.sampled_from([0.0, maximum / 2, maximum])), draw(NUMBERS))


@st.composite
def networks(draw: st.DrawFn) -> NetworkDescription:
    """Return a network of any sizes and ids, with links that can be made."""
    ids = draw(st.lists(IDS, unique=True, max_size=6))
    neurons = [NeuronDescription(name, draw(NUMBERS), draw(st.lists(configs(), max_size=3))) for name in ids]
    links: list[Link] = []
    if ids:
        end, port = st.sampled_from(ids), st.integers(0, 2**31 - 1)
        kinds: list[st.SearchStrategy[Any]] = [
            st.builds(InputLink, port, end, st.integers(0, 2)),
            st.builds(InnerLink, end, end, st.integers(0, 2)),
            st.builds(OutputLink, end, port),
        ]
        links = draw(st.lists(st.one_of(kinds), max_size=12))
    state = draw(st.none() | st.dictionaries(IDS, st.lists(NUMBERS | IDS | st.none() | st.booleans()), max_size=3))
    network = NetworkDescription(draw(st.integers(0, 9)), draw(st.integers(0, 9)), neurons, links, state)
    _, made, _ = network.wire()
    return NetworkDescription(network.inputs, network.outputs, neurons, made, state)
