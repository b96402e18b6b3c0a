"""Every command and fragment of `docs/service.md`, in their order, in one folder."""

from __future__ import annotations

import csv

from doc_pages import ROOT, blocks, commands, page, run, write_songs

BLOCKS = blocks(page("service.md"))
ASK = """
import threading, urllib.error, urllib.request
threading.Thread(target=server.serve_forever, daemon=True).start()
def ask(body):
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        return json.load(urllib.request.urlopen(address, data=body, timeout=60))
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["error"]
answer = ask(json.dumps({"texts": ["so good", ""]}).encode())
assert [r["known"] for r in answer["results"]] == [True, False], answer
assert ask(b"{") [0] == 400 and ask(b" " * (LARGEST + 1))[0] == 413
server.shutdown()
"""


def test_the_page_runs_as_it_stands(tmp_path):
    (tmp_path / "data").mkdir()
    for split, rows in (("train", 240), ("val", 120), ("test", 60)):
        write_songs(tmp_path / "data" / f"{split}.csv", rows, luck=0)
    shown = [language for language, _ in BLOCKS]
    assert shown == ["bash"] * 5 + ["python"] * 2
    for language, block in BLOCKS:
        if language == "python":
            # Another port, which is free; and someone who asks.
            code = block.replace("8000), Service", "0), Service")
            result = run(tmp_path, "-c", code + (ASK if "HTTPServer" in block else ""))
            assert result.returncode == 0, result.stderr
            continue
        for program, *arguments in commands(block):
            assert program == "roomtone"
            tiny = str(ROOT / "configs" / "tiny.yaml")
            typed = [tiny if word == "configs/fast.yaml" else word for word in arguments]
            result = run(tmp_path, "-m", "roomtone", *typed)
            assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"
    for name in ("svm", "logreg", "onnx", "ensemble"):
        assert (tmp_path / "models" / name / "MODEL_CARD.md").is_file(), name
    with (tmp_path / "scored.csv").open(encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == 60
