"""Scenarios with capacity networks: every fault is told with line, key and choices; what is right does what it says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from mistakes import check_manners
from network_texts import JSON, YAML
from runen_command import Runen, runen  # noqa: F401

from runen_ecs.network import WHEN_QUIET, WITH_THE_LAST
from runen_ecs.scenarios import build, load
from runen_ecs.scenarios.faults import ScenarioError
from runen_ecs.scenarios.summary import answers

NETWORK = """\
[network]
inputs = 1
outputs = 1
neurons = [
    { id = "a", bias = 0, input_configs = [{ capacity_max = 4, regeneration = 2, weight = 1 }] },
]
links = [
    { Input = { input_port = 0, dst_id = "a", dst_synapse_idx = 0 } },
    { Output = { src_id = "a", output_port = 0 } },
]
"""
STIMULUS = """\
[stimulus]
signals = [
    [1, 0, 3],
    ["when quiet", 0, 2.5],
    ["with the last", 0, 1],
]
"""
HEAD = 'title = "A neuron"\nduration = "1 s"\n'
FILE = '[network]\nfile = "net.json"\n'
WHEN = 'needs a tick from 1 on, "when quiet" or "with the last"'


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def faults(text: str, *overrides: str) -> list[str]:
    """Return what is wrong with a scenario, a line a fault."""
    Path("my.toml").write_text(text, encoding="utf-8")
    try:
        load("my.toml", overrides)
    except ScenarioError as error:
        return str(error).splitlines()
    return []


def stimuli(text: str, *overrides: str) -> list[tuple[int, int, float]]:
    """Return the stimuli of a scenario."""
    assert [] == faults(text, *overrides)
    scenario = load("my.toml", overrides)
    assert scenario.stimulus is not None
    return scenario.stimulus.rows(scenario.seed)


def signals(row: str) -> str:
    """Return the scenario with another first row of stimuli, in line 15."""
    return HEAD + NETWORK + STIMULUS.replace("[1, 0, 3]", row)


def stimulus(keys: str) -> str:
    """Return the scenario with other keys of the stimulus, from line 14 on."""
    return f"{HEAD}{NETWORK}[stimulus]\n{keys}\n"


# --- faults ---------------------------------------------------------------------------------------------------------


def test_the_scenario_of_these_tests_is_right():
    """What the others change has no faults itself."""
    assert [(1, 0, 3), (WHEN_QUIET, 0, 2.5), (WITH_THE_LAST, 0, 1)] == stimuli(HEAD + NETWORK + STIMULUS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (signals("[1, 7, 3]"), "15: stimulus.signals.0.1: there is no input port 7; choices: 0"),
        (signals("[5, 0, 3], [2, 0, 3]"), "15: stimulus.signals.1.0: tick 2 comes after tick 5; put them in order"),
        (signals("[0, 0, 3]"), f"15: stimulus.signals.0.0: {WHEN}"),
        (signals('["later", 0, 3]'), f"15: stimulus.signals.0.0: {WHEN}"),
        (signals("[true, 0, 3]"), f"15: stimulus.signals.0.0: {WHEN}"),
        (signals("[2147483648, 0, 3]"), f"15: stimulus.signals.0.0: {WHEN}"),
        (signals("[1, 0]"), "15: stimulus.signals.0.2: is missing"),
        (signals("[1, 0, 3, 4]"), "15: stimulus.signals.0: must hold 3 values, not (1, 0, 3, 4)"),
        (signals("5"), "15: stimulus.signals.0: must be a list: [ … ], not 5"),
        (signals("[1, 0.5, 3]"), "15: stimulus.signals.0.1: must be a whole number, not 0.5"),
        (signals("[1, 0, -3]"), "15: stimulus.signals.0.2: must be at least 0.0, not -3"),
        (signals("[1, 0, inf]"), "15: stimulus.signals.0.2: must be finite, not inf"),
        (signals('[1, 0, "3"]'), '15: stimulus.signals.0.2: must be a number, not "3"'),
        (stimulus(""), "13: stimulus: must hold one of signals, file, trains, random, not none"),
        (
            stimulus("signals = []\ntrains = []"),
            "13: stimulus: must hold one of signals, file, trains, random, not signals and trains",
        ),
        (
            stimulus("trains = [{ port = 3, signal = 1, count = 3 }]"),
            "14: stimulus.trains.0.port: there is no input port 3; choices: 0",
        ),
        (stimulus("trains = [{ port = 0, signal = 1 }]"), "14: stimulus.trains.0.count: is missing"),
        (
            stimulus("random = { ports = [0, 4], signals = [1], count = 3 }"),
            "14: stimulus.random.ports.1: there is no input port 4; choices: 0",
        ),
        (
            stimulus("random = { ports = [], signals = [1], count = 3 }"),
            "14: stimulus.random.ports: must not be empty",
        ),
        (
            HEAD + NETWORK.replace("regeneration = 2", "regeneration = 5"),
            "7: network.neurons.0.input_configs.0.regeneration: "
            "regeneration 5 is above the maximum 4; it must be at most that",
        ),
        (
            HEAD + NETWORK.replace('src_id = "a"', 'src_id = "b"'),
            "11: network.links.1.Output.src_id: no neuron is called 'b'; choices: a",
        ),
        (
            HEAD + NETWORK.replace("bias", "bais"),
            "7: network.neurons.0.bais: unknown key; did you mean 'bias'? choices: id, bias, input_configs",
        ),
        (
            HEAD + '[network]\nfile = "gone.json"\n',
            "4: network.file: gone.json: cannot be read: No such file or directory",
        ),
        (
            HEAD + '[network]\nfile = "net.txt"\n',
            "4: network.file: net.txt: a network file must end in .json, .yaml, .yml",
        ),
        (HEAD + "[network]\nfile = 5\n", '4: network.file: must be text in quotes, such as "internal", not 5'),
        (
            HEAD + NETWORK.replace("inputs = 1\n", 'inputs = 1\nfile = "net.json"\n'),
            "5: network: holds a file and inputs, outputs, neurons, links; take one of them out",
        ),
    ],
)
def test_every_fault_has_its_line_and_key(text, told):
    """A fault of the network or of its stimuli is told alone, with the line in which it stands, its key, and a cure."""
    Path("net.json").write_text(JSON)

    assert [f"my.toml:{told}"] == [line for line in faults(text) if ".bias: is missing" not in line]


def test_stimuli_need_a_network():
    """A stimulus without a network is told so."""
    neuron = 'populations.a = { size = 1, model = "izhikevich" }\n'

    assert ["my.toml:4: stimulus: has no meaning without network; take one of them out"] == faults(
        HEAD + neuron + STIMULUS
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("record.traces=[0]", "record.traces: neurons of a capacity network have no potential; leave it out"),
        ('pictures=["spikes"]', "pictures.0: spikes needs columns or populations; leave it out"),
        ("compare_with=columnar", "compare_with: has no meaning without columns; take one of them out"),
        ("stdp={amplitude=1,horizon='1 s'}", "stdp: has no meaning without columns; take one of them out"),
        ("regeneration=tik", "regeneration: cannot be \"tik\"; did you mean 'tick'? choices: signal, tick"),
        ("bridges=[{into=0,column=0,layer='x',neuron=0}]", "bridges: lead to columns, and there are none"),
        ("network=5", "network: must be a table, not 5"),
        ("network.neurons.1.bias=5", "network.neurons.1.bias: the list has 1 elements, counted from 0"),
    ],
)
def test_what_needs_columns_is_told(change, told):
    """What has no meaning for a network alone, or no place in it, is blamed on the option that said so."""
    assert [f"--set: {told}"] == faults(HEAD + NETWORK, change)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("bridges.0.into=44", "bridges.0: there is no input port 44; choices: 0, 1, 2, 3, 4, 5, 6, 7"),
        ("bridges.0.neuron=10", "bridges.0: layer efferent has 10 neurons, counted from 0"),
        ("bridges.0.column=2", "bridges.0: there are 2 columns, counted from 0"),
        ("bridges.8.out_of=9", "bridges.8: there is no output port 9; choices: 0, 1"),
        ("bridges.8.into=1", "bridges.8: must hold one of into and out_of"),
        ("bridges.9.delay='5 s'", "bridges.9: delay must be from 1 to 4095 ticks"),
        (
            "bridges.8.layer=affrent",
            "bridges.8: no layer is called 'affrent'; did you mean 'afferent'? "
            "choices: sensory, motor, afferent, efferent, internal",
        ),
        ("bridges.1.into=0", "bridges.1.into: a spiking neuron takes the place of input port 0: bridges.0"),
        (
            "stimulus={signals=[[5, 3, 1]]}",
            "stimulus.signals.0.1: a spiking neuron takes the place of input port 3: bridges.3",
        ),
    ],
)
def test_bridges_lead_somewhere(change, told, runen: Runen):
    """A bridge to a port, column, layer or neuron that is not there, or to a port that is taken, is refused."""
    result = runen("run", "mixed", "--no-plots", "--quiet", "--set", change)

    check_manners(result, 3)
    assert result.err.removeprefix("runen: ").split(": ", 1)[1] == f"{told}\n"


def test_a_capacity_of_columns_keeps_its_bounds(runen: Runen):
    """The regeneration of the columns' synapses is at most their maximum."""
    result = runen("show", "columnar", "--set", "synapses.capacity={maximum=1,regeneration=2}")

    check_manners(result, 3)
    assert "runen: --set: synapses.capacity: regeneration must be at most maximum\n" == result.err


def test_faults_of_a_network_file_have_its_own_places():
    """What is wrong inside a file that a scenario names is told with that file's line and column, all at once."""
    Path("net.json").write_text(JSON.replace('"bias": 1', '"bias": "x"').replace('"src_id": "second"', '"src_id": "q"'))

    assert [
        'net.json:5:21: neurons.0.bias: must be a number, not "x"',
        "net.json:19:17: links.3.Output.src_id: no neuron is called 'q'; choices: first, second",
    ] == faults(HEAD + FILE)


# --- what is right --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "content"), [("net.json", JSON), ("net.yaml", YAML), ("net.yml", YAML)])
def test_a_file_and_a_table_are_the_same_network(name, content):
    """A network is the same in JSON, in YAML and in the scenario; its file is looked for beside the scenario's."""
    Path("folder").mkdir()
    Path("folder", name).write_text(content)
    Path("folder", "my.toml").write_text(f'{HEAD}[network]\nfile = "{name}"\n')
    Path("inline.toml").write_text(HEAD)
    named = load("folder/my.toml").network
    inline = load("inline.toml", {"network": json.loads(JSON)}).network

    assert named is not None
    assert inline is not None
    assert inline.description == named.description


def test_extending_a_scenario_of_a_network():
    """A scenario may extend one of a network and change the stimulus alone, or one key of it."""
    Path("net.json").write_text(JSON)
    Path("base.toml").write_text(HEAD + FILE + '[stimulus]\nsignals = [["when quiet", 0, 1]]\n')
    text = 'extends = "base.toml"\n[stimulus]\nsignals = [["when quiet", 1, 2]]\n'

    assert [(WHEN_QUIET, 1, 2)] == stimuli(text)
    assert ["my.toml:3: stimulus.signals.0.1: there is no input port 9; choices: 0, 1"] == faults(
        text.replace('quiet", 1', 'quiet", 9')
    )
    assert [(WHEN_QUIET, 0, 7)] == stimuli('extends = "base.toml"\n', "stimulus.signals.0.2=7")


def test_set_reaches_into_the_network(runen: Runen):
    """`--set network…` changes one number of an inline network, and the run with it."""
    lively = json.loads(runen("run", "ring", "--no-plots", "--json", "--set", "network.neurons.0.bias=50").out)
    silent = json.loads(runen("run", "ring", "--no-plots", "--json", "--set", "network.neurons.0.bias=-50").out)

    assert (1000, 1) == (lively["ticks"], silent["outputs"]["0"])


def test_trains_are_merged_by_tick():
    """Trains go on side by side, in the order of their ticks, and of the file where they meet."""
    text = stimulus(
        "trains = [{ port = 0, signal = 1, first = 2, every = 3, count = 3 }, { port = 0, signal = 9, count = 5 }]"
    )

    assert [(1, 9), (2, 1), (2, 9), (3, 9), (4, 9), (5, 1), (5, 9), (8, 1)] == [(due, s) for due, _, s in stimuli(text)]


def test_random_signals_depend_on_the_seed_alone():
    """The generator gives the same signals for the same seed, others for another, and all ports and sizes evenly."""
    text = stimulus("random = { ports = [0], signals = [0, 1, 2.5], count = 3000 }")
    first, again, other = stimuli(text), stimuli(text), stimuli(text, "seed=2")
    shorter = stimuli(text, "stimulus.random.count=10")

    assert first == again
    assert first != other
    assert shorter == first[:10]
    assert {(WHEN_QUIET, 0)} == {(due, port) for due, port, _ in first}
    assert {0, 1, 2.5} == {size for *_, size in first}
    assert all(900 < n < 1100 for n in Counter(size for *_, size in first).values())


CSV = "tick,port,signal\n1,0,3\nwhen quiet,0,2.5\nwith the last,0,1\n"


@pytest.mark.parametrize(
    "table", [CSV, CSV.replace("\n", "\r\n"), CSV.replace(",", " , "), "\ufeff" + CSV, CSV.replace("\n", "\n\n")]
)
def test_a_table_of_stimuli(table):
    """A CSV file says the same as the list, with any ends of lines, blanks, empty lines and a byte order mark."""
    Path("s.csv").write_text(table, encoding="utf-8", newline="")

    assert stimuli(HEAD + NETWORK + STIMULUS) == stimuli(stimulus('file = "s.csv"'))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "s.csv:1: must begin with the heading tick,port,signal"),
        ("tick,port\n1,0\n", "s.csv:1: must begin with the heading tick,port,signal"),
        ("1,0,3\n", "s.csv:1: must begin with the heading tick,port,signal"),
        (CSV + "1,0\n", "s.csv:5: signal: is missing"),
        (CSV + "1,0,3,4\n", "s.csv:5: must hold 3 values, not (1, 0, 3, 4)"),
        (CSV + "1,x,3\n", 's.csv:5: port: must be a whole number, not "x"'),
        (CSV + "soon,0,3\n", f"s.csv:5: tick: {WHEN}"),
        (CSV + "1.5,0,3\n", f"s.csv:5: tick: {WHEN}"),
        (CSV + "1,0,-1\n", "s.csv:5: signal: must be at least 0.0, not -1"),
        (CSV + "1,0,inf\n", "s.csv:5: signal: must be finite, not inf"),
        (CSV + "1,9,1\n", "my.toml:14: stimulus.file: there is no input port 9; choices: 0"),
        (
            CSV + "5,0,1\n2,0,1\n",
            "my.toml:14: stimulus.file: tick 2 comes after tick 5; put them in order",
        ),
        (b"\xff\xfe", "my.toml:14: stimulus.file: s.csv: cannot be read: it is no table of text in UTF-8"),
        (None, "my.toml:14: stimulus.file: s.csv: cannot be read: No such file or directory"),
    ],
)
def test_a_table_with_faults(table, told):
    """What is wrong with a table of stimuli is told with the table's line and column."""
    if table is not None:
        Path("s.csv").write_bytes(table if isinstance(table, bytes) else table.encode())

    assert [told] == faults(stimulus('file = "s.csv"'))


def test_every_fault_of_a_table_is_listed():
    """All rows of a table that are wrong are told in one go."""
    Path("s.csv").write_text("tick,port,signal\n0,0,3\n1,0,3\n1,-1,x\n")

    assert ["s.csv:2: tick", "s.csv:4: port", "s.csv:4: signal"] == [
        line.rpartition(": ")[0] for line in faults(stimulus('file = "s.csv"'))
    ]


# --- when stimuli come in -------------------------------------------------------------------------------------------


def test_when_signals_come_in():
    """A tick is kept, a signal "when quiet" waits for quiet, and one "with the last" comes with it."""
    text = signals('["when quiet", 0, 1], ["when quiet", 0, 2], [20, 0, 3], [20, 0, 4], ["with the last", 0, 5]')
    assert [] == faults(text)
    simulation = build(load("my.toml"))
    simulation.run(1000)

    assert [(1, 1), (2, 2), (20, 3), (20, 4), (20, 5), (21, 2.5), (21, 1)] == [
        (one.tick, one.signal) for one in answers(simulation.data())
    ]


def test_a_stimulus_beyond_the_end_is_never_given():
    """Stimuli due after the duration do not come in, and the run ends with the duration."""
    text = HEAD.replace("1 s", "10 ms") + NETWORK + "[stimulus]\nsignals = [[3, 0, 1], [11, 0, 1]]\n"
    assert [] == faults(text)
    simulation = build(load("my.toml"))

    assert 10 == simulation.run(10)
    assert [3] == [one.tick for one in answers(simulation.data())]
