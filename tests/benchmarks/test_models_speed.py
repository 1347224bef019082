"""`make bench`: what the neuron models cost."""

from __future__ import annotations

from statistics import median
from time import perf_counter

from model_worlds import cuba, spikes

from runen_ecs.engine.compile import compiled_for

TICKS = 10_000
ROUNDS = 9
SYSTEMS = {
    "signal_arrival": "input starts at 0",
    "firing 0": "arrivals, integration, threshold",
    "firing": "who fires",
    "signal_propagation": "spikes to synapses",
    "spike_recording": "recording",
}


def test_cuba(benchmark, capsys):
    """The loop of the CUBA network, 1 s at 0.1 ms, and where its time goes, by calling the kernels one by one."""
    loop: list[float] = []
    parts = dict.fromkeys(SYSTEMS, 0.0)

    def one_round() -> None:
        world, dispatcher = cuba(1)
        dispatcher.run(1)
        began = perf_counter()
        dispatcher.run(TICKS)
        loop.append(perf_counter() - began)
        assert 5.0 < len(spikes(world)) / 4000 < 6.5

    benchmark.pedantic(one_round, rounds=ROUNDS, warmup_rounds=1)
    world, dispatcher = cuba(1)
    dispatcher.run(1)
    calls = {
        name: [(compiled_for(type(dispatcher.plan[name]).kernel, call), call) for call in dispatcher.plan[name].calls()]
        for name in SYSTEMS
    }
    for tick in range(2, TICKS + 1):
        for name in SYSTEMS:
            began = perf_counter()
            for function, arguments in calls[name]:
                function(tick, *arguments)
            parts[name] += perf_counter() - began
        world.clock.tick = tick
    with capsys.disabled():
        print(f"\n\nCUBA, 1 s in ticks of 0.1 ms: {median(loop[1:]):.3f} s, median of {ROUNDS} rounds")
        print("  of other simulators on such a machine: Brian2 in C++ 0.08 s, NEST 1.15 s")
        for name, seconds in parts.items():
            print(f"  {SYSTEMS[name]:34} {100 * seconds / sum(parts.values()):4.0f} %")
