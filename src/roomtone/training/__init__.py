"""The training of a network: loop, checkpoints, exact resume, and the folder that a run leaves."""
