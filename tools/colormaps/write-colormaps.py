# /// script
# requires-python = ">=3.11"
# dependencies = ["matplotlib==3.11.2"]
# ///
"""Writes the colour tables of packages/core from matplotlib's data. Usage: write-colormaps.py > tables.generated.ts"""

import matplotlib

HEADER = """// Written by tools/colormaps/write-colormaps.py; do not edit.
// 256 colours each as hex, RRGGBB. viridis and inferno: S. van der Walt, N. Smith, E. Firing, CC0.
// turbo: A. Mikhailov, Google, Apache-2.0.
"""

print(HEADER)
for name in ("turbo", "viridis", "inferno"):
    table = matplotlib.colormaps[name]
    colours = ["".join(f"{round(v * 255):02x}" for v in table(i)[:3]) for i in range(256)]
    print(f"export const {name}Table =")
    for row in range(0, 256, 16):
        end = ";\n" if row == 240 else " +"
        print(f"  '{''.join(colours[row:row + 16])}'{end}")
