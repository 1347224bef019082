"""What a network file may hold: the types and limits of every key."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ..errors import RegenerationError
from ..network.description import (
    InnerLink,
    InputConfig,
    InputLink,
    Link,
    NetworkDescription,
    NeuronDescription,
    OutputLink,
)

__all__ = ["LINK_KINDS", "NetworkData"]

# Whole numbers beyond this could not be told apart.
LARGEST = 2**53 - 1

Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Size = Annotated[float, Field(ge=0, le=LARGEST)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Index = Annotated[int, Field(ge=0, le=LARGEST)]


def _no_surrogate(text: str) -> str:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("surrogate", "must not hold half a character, such as \\ud800", {})
    return text


Name = Annotated[str, AfterValidator(_no_surrogate)]

LINK_KINDS: dict[str, type[Link]] = {"Input": InputLink, "Inner": InnerLink, "Output": OutputLink}


class _Mapping(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _InputConfig(_Mapping):
    capacity_max: Size
    regeneration: Size
    weight: Number

    @field_validator("regeneration")
    @classmethod
    def _is_at_most_the_maximum(cls, regeneration: float, info: ValidationInfo) -> float:
        maximum = info.data.get("capacity_max")
        if maximum is not None and regeneration > maximum:
            problem = str(RegenerationError(regeneration, maximum))
            raise PydanticCustomError("regeneration", "{problem}", {"problem": problem})
        return regeneration


class _Neuron(_Mapping):
    id: Name
    bias: Number
    input_configs: list[_InputConfig]


class _Input(_Mapping):
    input_port: Count
    dst_id: Name
    dst_synapse_idx: Index


class _Inner(_Mapping):
    src_id: Name
    dst_id: Name
    dst_synapse_idx: Index


class _Output(_Mapping):
    src_id: Name
    output_port: Count


class _Link(_Mapping):
    Input: _Input | None = None
    Inner: _Inner | None = None
    Output: _Output | None = None

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> _Link:
        if len(self._given()) != 1:
            given = " and ".join(self._given())
            context = {"kinds": ", ".join(LINK_KINDS), "not_both": f", not {given}" if given else ""}
            raise PydanticCustomError("link", "must be one of {kinds}{not_both}", context)
        return self

    def _given(self) -> list[str]:
        return [kind for kind in LINK_KINDS if getattr(self, kind) is not None]

    def description(self) -> Link:
        (kind,) = self._given()
        return LINK_KINDS[kind](**dict(getattr(self, kind)))


class NetworkData(_Mapping):
    """A network as a file holds it."""

    inputs: Count
    outputs: Count
    neurons: list[_Neuron]
    links: list[_Link]
    state: dict[str, Any] = Field(default_factory=dict)

    def description(self) -> NetworkDescription:
        """Return it as the rest of the project knows it."""
        neurons = [
            NeuronDescription(
                neuron.id,
                neuron.bias,
                [InputConfig(c.capacity_max, c.regeneration, c.weight) for c in neuron.input_configs],
            )
            for neuron in self.neurons
        ]
        links = [link.description() for link in self.links]
        state = self.state if "state" in self.model_fields_set else None
        return NetworkDescription(self.inputs, self.outputs, neurons, links, state)
