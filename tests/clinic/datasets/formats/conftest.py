"""The library that reads the imagefolder asks nobody on the network."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # read when `datasets` is imported, so it is set before
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
