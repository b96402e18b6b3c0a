"""The fragment of docs/export.md, run as it stands."""

from __future__ import annotations

import numpy as np
from doc_pages import blocks, page

from roomtone.engines import save_engine
from roomtone.engines.onnx import OnnxEngine
from roomtone.export import build_model


def test_the_file_can_be_used_by_itself(make_run, tmp_path, monkeypatch):
    run = make_run()
    engine = OnnxEngine(
        "onnx",
        ("negative", "neutral", "positive"),
        model=build_model(run.weights()).SerializeToString(),
        vocabulary=run.vocabulary,
        max_len=run.config.max_len,
    )
    save_engine(engine, tmp_path / "models" / "onnx")
    monkeypatch.chdir(tmp_path)
    ((_, fragment),) = blocks(page("export.md"), "python")
    names: dict = {}
    exec(fragment, names)
    np.testing.assert_allclose(names["logits"], run.logits(["What a song!"]), atol=1e-5)
