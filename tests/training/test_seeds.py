"""The streams of randomness are reproducible and apart from each other."""

import torch

from roomtone.training.seeds import DROPOUT, INITIALISATION, derive, generator


def test_the_same_path_gives_the_same_seed_and_every_other_path_another():
    paths = [(seed, stream, step) for seed in range(20) for stream in (1, 2) for step in range(50)]
    seeds = [derive(*path) for path in paths]
    assert seeds == [derive(*path) for path in paths]
    assert len(set(seeds)) == len(seeds)


def test_a_seed_stays_what_it_is_from_release_to_release():
    assert derive(42, DROPOUT, 0) == 11821647455969306524


def test_a_generator_repeats_its_numbers():
    first, second = (torch.rand(5, generator=generator(7, INITIALISATION)) for _ in range(2))
    other = torch.rand(5, generator=generator(8, INITIALISATION))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
