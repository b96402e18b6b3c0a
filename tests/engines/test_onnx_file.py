from __future__ import annotations

import re
from contextlib import suppress

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.engines.hybrid_files import read_run
from roomtone.engines.onnx_file import OPERATORS, BadModelError, check_model
from roomtone.export import Trained, build_model

SIZES = {
    "embedding_dim": 6,
    "max_len": 30,
    "cnn": {"filter_sizes": [2, 3], "num_filters": 3},
    "bilstm": {"hidden_size": 4, "num_layers": 2},
    "classifier": {"hidden_sizes": [5], "dropout": [0.5]},
}


@pytest.fixture(scope="module")
def source(tmp_path_factory, write_model) -> Trained:
    texts = ["the movie was good", "so bad it hurts"]
    model = read_run(write_model(tmp_path_factory.mktemp("run"), texts, **SIZES), None)
    return Trained(model.network, model.config, model.vocabulary)


@pytest.fixture
def model(source) -> onnx.ModelProto:
    return build_model(source.weights())


@pytest.fixture
def refuse(source, model):
    def check(message: str) -> None:
        with pytest.raises(BadModelError, match=message):
            check_model(model.SerializeToString(), len(source.vocabulary))

    return check


def tensor(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    return next(found for found in model.graph.initializer if found.name == name)


def node(model: onnx.ModelProto, op: str) -> onnx.NodeProto:
    return next(found for found in model.graph.node if found.op_type == op)


@pytest.mark.parametrize("int8", [False, True])
def test_what_is_exported_is_let_through(source, int8):
    model = build_model(source.weights(), int8=int8)
    check_model(model.SerializeToString(), len(source.vocabulary))


def test_no_operator_is_let_through_that_no_export_has(source):
    steps = [build_model(source.weights(), int8=int8).graph for int8 in (False, True)]
    used = set()
    while steps:
        graph = steps.pop()
        used |= {node.op_type for node in graph.node}
        steps += [a.g for node in graph.node for a in node.attribute if a.HasField("g")]
    assert used == OPERATORS


def test_other_files_cannot_be_named(model, refuse):
    table = tensor(model, "word_vectors")
    table.data_location = onnx.TensorProto.EXTERNAL
    table.external_data.add(key="location", value="../../../etc/passwd")
    refuse("a field 13")


def test_functions_and_operators_of_others_are_refused(model, refuse):
    model.functions.add(name="f", domain="d")
    refuse("a field 25")


def test_an_unknown_operator_is_refused(model, refuse):
    node(model, "Tanh").op_type = "Loop"
    refuse("the operator b'Loop'")


def test_an_operator_of_another_domain_is_refused(model, refuse):
    node(model, "Tanh").domain = "com.microsoft"
    refuse("a field 7")


def test_the_table_has_a_row_for_each_word(model, refuse, source):
    table = tensor(model, "word_vectors")
    table.dims[0] -= 1
    table.raw_data = table.raw_data[: -4 * 6]
    refuse(re.escape(f"expected a row for each of {len(source.vocabulary)}"))


def test_there_is_one_table(model, refuse):
    tensor(model, "word_vectors").name = "other"
    refuse("its word vectors are absent")


def test_sizes_and_bytes_agree(model, refuse):
    tensor(model, "word_vectors").dims[0] = 2**20
    refuse("values for")


@pytest.mark.parametrize(
    "dims",
    [
        [0, 2**63 - 1],
        [0, -1],
        [0, 2**31],
        [0, *[2**31 - 1] * 7],
        [1] * 9,
        [1] * 65,
    ],
)
def test_sides_that_numpy_cannot_have_are_refused(model, refuse, dims):
    table = tensor(model, "word_vectors")
    table.dims[:] = dims
    table.raw_data = b"" if 0 in dims else bytes(4)
    refuse("expected at most 8 sides")


@pytest.mark.parametrize("last", [0x02, 0x03, 0x7E])
def test_whole_numbers_have_at_most_64_bits(last):
    with pytest.raises(BadModelError, match="more than 64 bits"):
        check_model(b"\x08" + b"\xff" * 9 + bytes([last]), 5)


def test_whole_numbers_of_64_bits_are_let_through():
    with pytest.raises(BadModelError, match="its word vectors are absent"):
        check_model(b"\x08" + b"\xff" * 9 + b"\x01", 5)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_values_are_finite_also_within_a_step_of_the_recurrence(model, refuse, wrong):
    inner = node(model, "Scan").attribute
    (body,) = (attribute.g for attribute in inner if attribute.HasField("g"))
    weight = next(found for found in body.initializer if len(found.dims) == 2)
    weight.raw_data = np.float32(wrong).tobytes() + weight.raw_data[4:]
    refuse("not finite")


@pytest.mark.parametrize("number", [2**30, -(2**63), 2**63 - 1])
def test_numbers_are_no_longer_than_a_side_of_the_weights(model, refuse, number):
    pads = node(model, "Pad").input[1]
    values = np.array([number, 0, 1, 0], dtype=np.int64)
    tensor(model, pads).raw_data = values.tobytes()
    refuse("a number beyond")


def test_attributes_are_small(model, refuse):
    (axis,) = node(model, "Concat").attribute
    axis.i = 10**6
    refuse("an attribute of")


def test_graphs_lie_no_deeper_than_a_step(model, refuse):
    (attribute,) = (a for a in node(model, "Scan").attribute if a.HasField("g"))
    attribute.g.node[0].attribute.add(name="body", type=onnx.AttributeProto.GRAPH).g.name = "x"
    refuse("graphs within graphs")


@given(st.binary(max_size=200))
def test_any_bytes_at_all_end_in_one_kind_of_error(content):
    with pytest.raises(BadModelError):
        check_model(content, 5)


@given(data=st.data())
def test_a_file_that_is_cut_or_changed_ends_in_that_error_or_passes(source, data):
    content = bytearray(build_model(source.weights()).SerializeToString())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(place, len(content)))]
    with suppress(BadModelError):
        check_model(bytes(content), len(source.vocabulary))
