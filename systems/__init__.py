"""What happens in a tick: one system a file, its kernel beside it."""

from .accumulation import Accumulation
from .axonal_conduction import AxonalConduction
from .columnar_layout import ColumnarLayout
from .conductance_integration import ConductanceIntegration
from .current_input import CurrentInput
from .divergence_watch import DivergenceWatch
from .emission_recording import EmissionRecording
from .exponential_stdp_learning import ExponentialStdpLearning
from .firing import Firing
from .gaussian_input import GaussianInput
from .hindmarsh_rose_integration import HindmarshRoseIntegration
from .hit_recording import HitRecording
from .izhikevich_integration import IzhikevichIntegration
from .leaky_integration import LeakyIntegration
from .network_layout import NetworkLayout
from .poisson_firing import PoissonFiring
from .population_layout import PopulationLayout
from .port_readout import PortReadout
from .postsynaptic_potential import PostsynapticPotential
from .projection_layout import ProjectionLayout
from .quiet_watch import QuietWatch
from .regeneration import Regeneration, RegenerationInTime
from .signal_arrival import SignalArrival
from .signal_delivery import SignalDelivery
from .signal_propagation import SignalPropagation
from .silencing import Silencing
from .spike_emission import SpikeEmission
from .spike_recording import SpikeRecording
from .spike_train_firing import SpikeTrainFiring
from .status_monitoring import StatusMonitoring
from .stdp_learning import StdpLearning
from .stimulation import Stimulation
from .synaptic_transmission import SynapticTransmission
from .thalamic_input import ThalamicInput
from .trace_recording import TraceRecording
from .value_recording import ValueRecording
from .weight_recording import WeightRecording

__all__ = [
    "Accumulation",
    "AxonalConduction",
    "ColumnarLayout",
    "ConductanceIntegration",
    "CurrentInput",
    "DivergenceWatch",
    "EmissionRecording",
    "ExponentialStdpLearning",
    "Firing",
    "GaussianInput",
    "HindmarshRoseIntegration",
    "HitRecording",
    "IzhikevichIntegration",
    "LeakyIntegration",
    "NetworkLayout",
    "PoissonFiring",
    "PopulationLayout",
    "PortReadout",
    "PostsynapticPotential",
    "ProjectionLayout",
    "QuietWatch",
    "Regeneration",
    "RegenerationInTime",
    "SignalArrival",
    "SignalDelivery",
    "SignalPropagation",
    "Silencing",
    "SpikeEmission",
    "SpikeRecording",
    "SpikeTrainFiring",
    "StatusMonitoring",
    "StdpLearning",
    "Stimulation",
    "SynapticTransmission",
    "ThalamicInput",
    "TraceRecording",
    "ValueRecording",
    "WeightRecording",
]
