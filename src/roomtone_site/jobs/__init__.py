"""What workers do: taken by one at a time, taken up again where a worker died."""
