# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy", "pillow", "tifffile", "imagecodecs"]
# ///
"""Small pictures in the forms that PNG, TIFF, JPEG, WebP, AVIF and GIF files have, and what they are as RGB of 8 bits.

    write_coded_pictures.py packages/core/test/fixtures/pictures/coded

Of lossless forms the expected values are numpy's, from the array that was written and the rule that the documents
state; of lossy ones they are what Pillow (libjpeg-turbo, libwebp, dav1d) or libavif decodes, so that two decoders are
compared. What Pillow does not write (interlaced PNG, key colours of 16 bits, a frame away from its corner) is written
here byte by byte, as the formats' specifications have it.
"""

import json
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import PIL
import tifffile

import coded_lossy  # noqa: F401
import coded_png  # noqa: F401
import coded_tiff  # noqa: F401
from coded_cases import cases, files, refused

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
for name, data in files.items():
    (out / name).write_bytes(data)
(out / "expected.json").write_text(
    '{"cases": [\n'
    + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    + '\n],\n"refused": '
    + json.dumps(refused)
    + "}\n"
)
total = sum(file.stat().st_size for file in out.iterdir())
print(f"{len(cases)} pictures, {total} bytes")
(out / "PROVENANCE.md").write_text(
    "# Pictures in the forms that files have\n\nWritten by `tools/oracles/write_coded_pictures.py` (seed 20261129, "
    f"numpy {np.__version__}, Pillow {PIL.__version__}, tifffile {tifffile.__version__},\nimagecodecs "
    f"{imagecodecs.__version__}).\n"
)
