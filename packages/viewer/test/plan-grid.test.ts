import type { ResultExplanation } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { measureCard, measures } from '../src/grid/card-measures.ts';
import { planGrid, rowsWithin } from '../src/grid/plan-grid.ts';
import { listEntries, type Entry } from '../src/run/entry.ts';

const REM = 16;

/** An image with some maps, `b` for a blank one. */
function planEntries(...kinds: readonly string[]): Entry[] {
  return listEntries(
    kinds.map((kind, i) => {
      const image = `${i}.png`;
      if (kind === 'failed') return { image, error: 'no' };
      const explanations = [...kind].map((letter, target): ResultExplanation => ({
        method: 'grad-cam',
        layer: 'block4',
        target: { kind: 'class', index: target },
        score: 1,
        grid: [7, 7],
        relu: true,
        files: {},
        peak: { x: 0, y: 0 },
        box: null,
        diagnostics: {
          probability: 1,
          gradientNorm: 1,
          negativeShare: 0,
          cellSize: [1, 1],
          ...(letter === 'b' ? { blank: 'zero' } : {}),
        },
      }));
      return { image, sha256: '', width: 4, height: 3, predictions: [], explanations, ms: 1 };
    }),
  );
}

describe('the plan of the grid', () => {
  test.each([
    [360, 1],
    [700, 2],
    [1216, 3],
    [1760, 5],
  ])('a width of %d has %d columns', (width, columns) => {
    const plan = planGrid(planEntries('m', 'm'), width, REM);
    expect(plan.columns).toBe(columns);
    expect(plan.cardWidth * columns + plan.gap * (columns - 1)).toBeCloseTo(width);
  });

  test('rows are as high as their highest card, and stand a gap apart', () => {
    const plan = planGrid(planEntries('m', 'b', 'failed', 'm'), 700, REM);
    const [plain, blank] = [plan.heights[0]!, plan.heights[1]!];
    expect(blank - plain).toBeCloseTo(measures.note * REM);
    expect(plan.rows.map(({ height }) => height)).toEqual([blank, plain]);
    expect(plan.rows[1]!.top).toBe(blank + plan.gap);
    expect(plan.height).toBe(plan.rows[1]!.top + plain);
  });

  test('more maps than a card shows cost one line', () => {
    const [four, seven] = planEntries('mmmm', 'mmmmmmm').map((entry) =>
      measureCard(entry, { width: 400, isMany: true }, REM),
    );
    expect(seven! - four!).toBeCloseTo(measures.more * REM);
  });

  test('a card with one map needs no more height than its neighbours with two', () => {
    const plan = planGrid(planEntries('m', 'mm'), 700, REM);
    expect(plan.heights[0]).toBeLessThanOrEqual(plan.heights[1]!);
    expect(plan.rows[0]!.height).toBe(plan.heights[1]);
    // Where no image has two maps, the picture has the width of its card.
    const alone = planGrid(planEntries('m', 'm'), 700, REM);
    expect(alone.heights[0]! - plan.heights[0]!).toBeGreaterThan(plan.cardWidth / 4);
  });

  test('an empty grid has no height', () => {
    expect(planGrid([], 700, REM)).toMatchObject({ height: 0, rows: [] });
  });

  test('of ten thousand images only the rows in the window are found', () => {
    const entries = planEntries(...Array.from({ length: 10_000 }, () => 'mm'));
    const plan = planGrid(entries, 1216, REM);
    const { top, height } = plan.rows[1000]!;
    const [start, end] = rowsWithin(plan, top + 1, top + 2 * height);
    expect([start, end]).toEqual([1000, 1002]);
    expect(rowsWithin(plan, -500, -100)).toEqual([0, 0]);
    expect(rowsWithin(plan, plan.height - 1, plan.height + 900)).toEqual([
      plan.rows.length - 1,
      plan.rows.length,
    ]);
  });
});
