# /// script
# requires-python = ">=3.11"
# dependencies = ["fonttools", "brotli"]
# ///
"""Writes packages/core/src/image/render/glyphs.generated.ts: the outlines of Inter that pictures need.

Usage: python write-glyphs.py <folder of the npm package inter-ui 4.1.1>

The outlines are TrueType's: lines and quadratic curves, in the font's units of 1/2048 of the font size. They are
written as relative SVG paths, y downwards from the baseline. In this edition of the font no two contours of a glyph
overlap, which the drawing of their areas needs.
"""
import sys
from pathlib import Path

from fontTools.pens.basePen import decomposeQuadraticSegment
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

UNITS = 2048


def wanted():
    """Basic Latin, Latin-1, Latin Extended-A, Greek, Cyrillic, and signs of captions."""
    for first, last in [(0x20, 0x7E), (0xA0, 0x17F), (0x386, 0x3CE), (0x400, 0x45F)]:
        yield from range(first, last + 1)
    yield from map(ord, "–—‘’‚“”„•…‹›€™−→←√∞≈≠≤≥șțȘȚ")


def outline(font, name):
    glyph_set = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyph_set)
    glyph_set[name].draw(pen)
    if font["head"].unitsPerEm != UNITS:
        raise ValueError("the font has other units")
    at = (0, 0)
    parts = []

    def to(point):
        return (round(point[0]), round(-point[1]))

    def step(points):
        nonlocal at
        numbers = [v for p in points for v in (p[0] - at[0], p[1] - at[1])]
        at = points[-1]
        return " ".join(map(str, numbers)).replace(" -", "-")

    for kind, points in pen.value:
        if kind == "moveTo":
            start = at = to(points[0])
            parts.append(f"M{start[0]} {start[1]}".replace(" -", "-"))
        elif kind == "lineTo":
            parts.append("l" + step([to(points[0])]))
        elif kind == "qCurveTo":
            if points[-1] is None:
                raise ValueError(f"{name}: a contour without a point on the curve")
            for control, end in decomposeQuadraticSegment(points):
                parts.append("q" + step([to(control), to(end)]))
        elif kind not in ("closePath", "endPath"):
            raise ValueError(f"{name}: {kind}")
    return font["hmtx"][name][0], "".join(parts)


def quote(text):
    """A TypeScript string; characters that an editor does not show are escaped."""
    shown = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(c if c not in "\u00a0\u00ad" else f"\\u{ord(c):04x}" for c in shown) + "'"


def main():
    font = TTFont(Path(sys.argv[1]) / "web/Inter-Regular.woff2")
    names = font.getBestCmap()
    lines = []
    for code in sorted(set(wanted())):
        if code not in names:
            continue
        advance, path = outline(font, names[code])
        lines.append(f"  [{quote(chr(code))}, {advance}, {quote(path)}],")
    licence = (Path(sys.argv[1]) / "LICENSE.txt").read_text().strip()
    head = "\n".join(f" * {line}".rstrip() for line in licence.splitlines())
    text = f"""/*
{head}
 */

// Written by tools/fonts/write-glyphs.py from Inter Regular (see NOTICE); do not edit.
/* prettier-ignore */
/** Characters of Inter, each with its advance and its outline, in units of 1/2048 of the font size. */
export const glyphTable: readonly (readonly [character: string, advance: number, path: string])[] = [
{chr(10).join(lines)}
];
"""
    target = Path(__file__).parents[2] / "packages/core/src/image/render/glyphs.generated.ts"
    target.write_text(text)
    print(f"{len(lines)} glyphs, {len(text)} bytes")


main()
