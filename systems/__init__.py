"""What happens in a tick: one system a file, its kernel beside it."""

from .columnar_layout import ColumnarLayout
from .divergence_watch import DivergenceWatch
from .firing import Firing
from .izhikevich_integration import IzhikevichIntegration
from .signal_arrival import SignalArrival
from .signal_propagation import SignalPropagation
from .spike_recording import SpikeRecording
from .stdp_learning import StdpLearning
from .thalamic_input import ThalamicInput
from .trace_recording import TraceRecording
from .weight_recording import WeightRecording

__all__ = [
    "ColumnarLayout",
    "DivergenceWatch",
    "Firing",
    "IzhikevichIntegration",
    "SignalArrival",
    "SignalPropagation",
    "SpikeRecording",
    "StdpLearning",
    "ThalamicInput",
    "TraceRecording",
    "WeightRecording",
]
