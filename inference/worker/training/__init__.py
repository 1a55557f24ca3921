"""What a training machine does: images out of storage, the training command, a package in again.

Nothing here imports torch: the work is done by `python -m inference.training`, in processes of
their own.
"""
