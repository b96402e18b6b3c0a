from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from roomtone.errors import TrainingError
from roomtone.experiments.recipes import BaselineRecipe
from roomtone.experiments.running import Experiment

ROOT = Path(__file__).parents[2]
# In a process of its own: a cluster of two nodes, each with one processor, on this machine.
ON_RAY = """
import json, os, sys, time
import ray
from ray.cluster_utils import Cluster

from roomtone.cli.main import main
from roomtone.config import load_config
from roomtone.experiments.design import Design
from roomtone.experiments.folder import CellFolder
from roomtone.experiments.recipes import BaselineRecipe
from roomtone.experiments.running import Experiment
from roomtone.experiments.source import read_source
from pathlib import Path

class Placed(BaselineRecipe):
    def fit(self, train, validation, terms):
        time.sleep(0.2)
        engine, _ = super().fit(train, validation, terms)
        return engine, {"node": ray.get_runtime_context().get_node_id()}

data, out = sys.argv[1:]
node = {"num_cpus": 1, "object_store_memory": 80_000_000}
cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
cluster.add_node(**node)
os.environ["RAY_ADDRESS"] = cluster.address
command = f"crossval --models logreg,svm,ensemble --folds 3 --data_csv {data} --on ray"
code = main([*command.split(), "--output_dir", f"{out}/ray"])

config = load_config(None, check_files=False)
design = Design({"logreg": Placed("logreg")}, {"logreg": 6})
watched = []
Experiment(read_source([Path(data)], config), design, Path(out) / "placed").run(
    jobs=2, on="ray",
    watch=lambda cell, left, total: watched.append((cell and cell.details["node"], left["logreg"])),
)
nodes = sorted({node for node, _ in watched if node})
alive = sorted(node["NodeID"] for node in ray.nodes())
print(json.dumps({"code": code, "nodes": nodes, "alive": alive, "left": [n for _, n in watched]}))
ray.shutdown()
cluster.shutdown()
"""


def test_the_cells_run_on_all_nodes_of_a_ray_cluster_and_are_those_of_this_machine(
    data, source, design, tmp_path
):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'roomtone[ray]'")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY")}
    (tmp_path / "on_ray.py").write_text(ON_RAY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "on_ray.py", data, tmp_path],
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": str(ROOT / "src"), "RAY_USAGE_STATS_ENABLED": "0"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "On a Ray cluster of 2 processors: 2 at once" in done.stdout
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["code"] == 0
    assert len(said["nodes"]) == 2
    assert said["nodes"] == said["alive"]
    assert said["left"] == [6, 5, 4, 3, 2, 1, 0], "each cell is told as soon as it is finished"
    Experiment(source, design("logreg", "svm", "ensemble"), tmp_path / "here").run()
    for path in (tmp_path / "here").rglob("*.npz"):
        assert path.read_bytes() == (tmp_path / "ray" / "cells" / path.name).read_bytes()
    for name in ("plan.json", "crossval.json"):
        here, ray = ((tmp_path / place / name).read_bytes() for place in ("here", "ray"))
        assert here == ray


@dataclass(frozen=True)
class Killed(BaselineRecipe):
    """A baseline whose second fold ends its process, as the system does where memory runs out."""

    place: Path = Path()

    def fit(self, train, validation, terms):
        try:
            (self.place / "begun").touch(exist_ok=False)
        except FileExistsError:  # another fold began before; it is finished and saved first
            while not list(self.place.glob("cells/*.json")):
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(train, validation, terms)


def test_a_process_killed_for_memory_is_told_and_what_is_finished_is_kept(source, design, tmp_path):
    plain = design("logreg", folds=6)
    killed = type(plain)({"logreg": Killed("logreg", place=tmp_path)}, {"logreg": 6})
    with pytest.raises(TrainingError, match=r"one of 2 processes.*kept: the same.*fewer --jobs"):
        Experiment(source, killed, tmp_path).run(jobs=2)
    assert len(list((tmp_path / "cells").glob("*.json"))) == 1
    computed = []
    Experiment(source, plain, tmp_path).run(watch=lambda cell, *_: computed.append(cell))
    assert len(computed) == 1 + 6 - 1


def test_without_ray_it_is_said_how_to_get_it(monkeypatch):
    from roomtone.errors import MissingExtraError
    from roomtone.experiments.executing import connect

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'roomtone\[ray\]'"):
        connect()
