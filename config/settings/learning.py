"""Models in service and the next ones: data sets, training, comparison, watching them."""

from datetime import timedelta
from pathlib import Path

import environ

env = environ.Env()
_VAR_DIR = Path(__file__).resolve().parent.parent.parent / "var"

# --- Data sets ------------------------------------------------------------------------------------
# How long an export is handed out before its files are removed.
EXPORT_KEPT = timedelta(days=env.int("EXPORT_KEPT_DAYS", default=7))

# --- Models in service --------------------------------------------------------------------------
INFERENCE_CACHE_DIR = env.path("INFERENCE_CACHE_DIR", default=str(_VAR_DIR / "models"))
INFERENCE_LEASE_SECONDS = env.int("INFERENCE_LEASE_SECONDS", default=120)
INFERENCE_DEVICE = env("INFERENCE_DEVICE", default="auto")
INFERENCE_LOADING_THREADS = env.int("INFERENCE_LOADING_THREADS", default=4)
# A long queue is handed over to a new task after this long, so that other tasks get their turn.
INFERENCE_DRAIN_SECONDS = env.int("INFERENCE_DRAIN_SECONDS", default=300)

# A machine that only trains answers no images: it need not hold the models in service.
INFERENCE_LOAD_EARLY = env.bool("INFERENCE_LOAD_EARLY", default=True)

# --- Candidates -----------------------------------------------------------------------------------
# How much worse than the model in service a candidate may at most be, as shares, and how many
# sealed images it takes to say so. docs/promotion.md says why these.
COMPARISON_MARGINS = {
    "balanced_accuracy": env.float("COMPARISON_MARGIN_BALANCED_ACCURACY", default=0.03),
    "sensitivity": env.float("COMPARISON_MARGIN_SENSITIVITY", default=0.03),
}
COMPARISON_FEWEST_IMAGES = env.int("COMPARISON_FEWEST_IMAGES", default=200)
COMPARISON_FEWEST_MALIGNANT = env.int("COMPARISON_FEWEST_MALIGNANT", default=90)
COMPARISON_SUBGROUP_IMAGES = env.int("COMPARISON_SUBGROUP_IMAGES", default=50)
COMPARISON_SUBGROUP_PATIENTS = env.int("COMPARISON_SUBGROUP_PATIENTS", default=20)
COMPARISON_RESAMPLES = env.int("COMPARISON_RESAMPLES", default=2000)
# How many old images may wait in the queue at a time while they are put before a new model.
RESCORING_WAITING = env.int("RESCORING_WAITING", default=2000)

# --- Training -------------------------------------------------------------------------------------
# Where a training machine keeps a run's images and checkpoint while it trains.
TRAINING_FOLDER = env.path("TRAINING_FOLDER", default=str(_VAR_DIR / "training"))
TRAINING_LEASE_SECONDS = env.int("TRAINING_LEASE_SECONDS", default=180)
TRAINING_DEVICE = env("TRAINING_DEVICE", default="auto")
# CPU threads of a process; 0: as many as cores.
TRAINING_THREADS = env.int("TRAINING_THREADS", default=0)
# Where a run that names no model begins, by architecture: resnet18=/weights/imagenet.pt,...
TRAINING_STARTING_WEIGHTS = env.dict("TRAINING_STARTING_WEIGHTS", default={})
# Above 1 a run is started with torchrun: one process a GPU.
TRAINING_PROCESSES = env.int("TRAINING_PROCESSES", default=1)
TRAINING_HOURS = env.int("TRAINING_HOURS", default=14 * 24)
# So long a failed or lost run's folder is kept, to go on from.
TRAINING_KEPT_DAYS = env.int("TRAINING_KEPT_DAYS", default=7)

# --- Watching them (docs/monitoring.md) ---------------------------------------------------------
# Beyond these an alert is opened. Shares from 0 to 1, waits in seconds.
MONITORING: dict[str, float] = {
    "queue_seconds": env.float("MONITORING_QUEUE_SECONDS", default=600),
    "wait_seconds": env.float("MONITORING_WAIT_SECONDS", default=60),
    "failed_share": env.float("MONITORING_FAILED_SHARE", default=0.05),
    "unlike_share": env.float("MONITORING_UNLIKE_SHARE", default=0.1),
    "stability": env.float("MONITORING_STABILITY", default=0.25),
    "malignancy_gap": env.float("MONITORING_MALIGNANCY_GAP", default=0.1),
    "agreement": env.float("MONITORING_AGREEMENT", default=0.6),
}
# Who asks for /metrics sends it as a bearer token; without one there is no such address.
METRICS_TOKEN = env("METRICS_TOKEN", default="")
