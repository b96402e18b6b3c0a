from __future__ import annotations

import numpy as np

from roomtone.export.graph import Graph, axes


def test_nodes_are_named_once_and_refer_to_each_other():
    graph = Graph("a_")
    total = graph("Add", "left", np.float32(1))
    first, second = graph.several("Split", total, axes(1, 1), out=2)
    graph("Identity", second, out="result")
    names = [name for node in graph.nodes for name in node.output]
    assert len(set(names)) == len(names) == 4
    assert all(name.startswith("a_") for name in names[:-1])
    assert graph.nodes[2].input == [second] != [first]


def test_equal_small_constants_are_one_and_types_are_told_apart():
    graph = Graph()
    same = {graph.constant(axes(0)), graph.constant(axes(0)), graph.constant(np.int64([0]))}
    others = {graph.constant(np.int64(0)), graph.constant(np.float32([0])), *same}
    assert (len(same), len(others), len(graph.constants)) == (1, 3, 3)


def test_large_constants_are_kept_as_they_are():
    graph = Graph()
    values = np.arange(3000, dtype=np.float32).reshape(50, 60).T
    graph.constant(values, "weight")
    (constant,) = graph.constants
    assert (constant.name, list(constant.dims)) == ("weight", [60, 50])
    np.testing.assert_array_equal(
        np.frombuffer(constant.raw_data, np.float32).reshape(60, 50), values
    )
