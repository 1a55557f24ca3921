"""The network in ONNX Runtime: faster than eager torch on a CPU, and no torch needed to serve."""

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
)

from inference.engine.forward_pass import ForwardPass

OUTPUTS = ["logits", "class_maps", "features"]


class StaleNetworkError(Exception):
    """The ONNX file was exported by another version of this engine, or is damaged."""


class OnnxRuntime:
    """One session over all of the process's cores; safe to call from several threads."""

    name = "onnxruntime-cpu"
    batch_size = 8  # larger batches gain nothing on a CPU

    def __init__(self, network: bytes, *, threads: int = 0) -> None:
        """``threads`` 0: one a core. Raises StaleNetworkError for what ``onnx_export`` would not
        write today."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Spinning idle threads would take cores from the decoding of the next images.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                network, options, providers=["CPUExecutionProvider"]
            )
        except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf) as error:
            raise StaleNetworkError from error
        if [output.name for output in self._session.get_outputs()] != OUTPUTS:
            raise StaleNetworkError

    def forward(self, batch: NDArray[np.float32]) -> ForwardPass:
        return ForwardPass(*map(np.asarray, self._session.run(OUTPUTS, {"images": batch})))
