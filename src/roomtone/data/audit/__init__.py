"""Looking for faults in labelled comments, row by row: what a training run would not see."""
