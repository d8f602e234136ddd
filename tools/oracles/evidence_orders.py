# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/evidence/numpy-orders.json: how NumPy orders equal values.

python tools/oracles/evidence_orders.py DATA

DATA holds peers/metrics-maps.npy, five maps with many equal values. RISE and xplique order pixels by NumPy's
argsort, reversed. It is not stable, and its order of equal values follows no rule that can be stated, so the
tests that compare with their numbers read it from this file.
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/evidence"

maps = np.load(Path(sys.argv[1]) / "peers/metrics-maps.npy")
orders = [np.flip(np.argsort(m.ravel())).astype("<u2") for m in maps]
lines = ",\n".join(json.dumps(base64.b64encode(order.tobytes()).decode()) for order in orders)
(FOLDER / "numpy-orders.json").write_text(f'{{ "maps": [\n{lines}\n] }}\n')
