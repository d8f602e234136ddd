import type { FailureLine, ResultExplanation, ResultLine, RunFile } from '@gradcam/core';
import {
  createDisplayMap,
  findBox,
  findPeak,
  fitImage,
  renderHeatmap,
  renderOverlay,
  type NdArray,
  type RgbImage,
} from '@gradcam/core';
import { encodeNpy, encodePng } from '@gradcam/core/node';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The classes that the pretended model knows. */
export const classes = ['cat', 'dog', 'bicycle', 'umbrella'] as const;

export interface ScenePlan {
  readonly image: string;
  readonly width: number;
  readonly height: number;
  /** Class to the cell [row, column] of the 7x7 grid where its map peaks; null for a blank map. */
  readonly peaks: Readonly<Record<string, readonly [number, number] | null>>;
}

/** `run.json` of a run with Grad-CAM at one layer. */
export function planRun(status: RunFile['status'] = 'done'): RunFile {
  return {
    schema: 1,
    status,
    startedAt: '2026-03-02T09:30:00.000Z',
    model: { id: 'demo-resnet', path: 'models/demo-resnet', digest: 'ab'.repeat(32) },
    engine: 'wasm',
    versions: { gradcam: '0.1.0' },
    settings: {
      methods: ['grad-cam'],
      targets: ['cat', 'dog'],
      layers: ['auto'],
      save: ['overlay', 'heatmap', 'raw'],
      colormap: 'turbo',
      alpha: 0.5,
      fit: 'crop',
    },
    assumptions: ['pixels are scaled to 0..1'],
  };
}

/** Computes a scene's maps with core, writes its files and returns its line. */
export async function writeScene(run: string, plan: ScenePlan): Promise<ResultLine> {
  const { image, width, height } = plan;
  const picture = paintScene(width, height);
  const geometry = fitImage(picture, { width: 224, height: 224, fit: 'crop', cropFraction: 1 });
  const slug = image.replace(/[^a-z0-9._-]+/gi, '-').toLowerCase();
  const explanations: ResultExplanation[] = [];
  for (const [label, peak] of Object.entries(plan.peaks)) {
    const index = classes.findIndex((name) => name === label);
    const raw = hill(peak);
    const map = createDisplayMap(raw, true, geometry);
    const stem = `images/${slug}/grad-cam--block4--${index}`;
    const files = {
      overlay: `${stem}.overlay.png`,
      heatmap: `${stem}.heatmap.png`,
      raw: `${stem}.npy`,
    };
    const overlay = await encodePng(renderOverlay(picture, map, 'turbo', 0.5));
    await writeFileWithFolder(join(run, files.overlay), overlay);
    const heatmap = await encodePng(renderHeatmap(map, 'turbo'));
    await writeFileWithFolder(join(run, files.heatmap), heatmap);
    await writeFileWithFolder(join(run, files.raw), encodeNpy(raw));
    explanations.push({
      method: 'grad-cam',
      layer: 'block4',
      target: { kind: 'class', index, label },
      score: 9.12 - index,
      grid: [7, 7],
      relu: true,
      files,
      peak: findPeak(raw, geometry),
      box: findBox(map),
      diagnostics: {
        probability: 0.6 / (index + 1),
        gradientNorm: 0.31,
        negativeShare: 0.4,
        cellSize: [geometry.view.width / 7, geometry.view.height / 7],
        ...(peak === null ? { blank: 'all evidence at this layer speaks against the class' } : {}),
      },
    });
  }
  return {
    image,
    sha256: 'cd'.repeat(32),
    width,
    height,
    predictions: classes.map((label, index) => ({
      index,
      label,
      probability: 0.6 / (index + 1) ** 2,
      logit: 9 - index,
    })),
    explanations,
    ms: 41,
  };
}

/** Writes `run.json` and `results.jsonl`. */
export async function writeRun(
  run: string,
  file: RunFile,
  lines: readonly (ResultLine | FailureLine)[],
): Promise<void> {
  await mkdir(run, { recursive: true });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(join(run, 'results.jsonl'), text);
  await writeFile(join(run, 'run.json'), JSON.stringify(file));
}

async function writeFileWithFolder(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** A raw map that falls off around one cell; all below zero for null. */
function hill(peak: readonly [number, number] | null): NdArray {
  const data = new Float32Array(49).map((_, i) => {
    if (peak === null) return -0.1;
    const [row, column] = [Math.floor(i / 7), i % 7];
    return 1.4 - 0.5 * Math.hypot(row - peak[0], column - peak[1]);
  });
  return { shape: [7, 7], data };
}

/** A picture with a sky, a ground and a disc: enough to see whether a map is laid over it rightly. */
function paintScene(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isDisc = Math.hypot(x - width * 0.35, y - height * 0.45) < height * 0.22;
      const sky = [150 - (60 * y) / height, 185 - (40 * y) / height, 220] as const;
      const colour = isDisc ? [235, 205, 120] : y > height * 0.7 ? [105, 130, 85] : sky;
      colour.forEach((value, c) => (data[(y * width + x) * 3 + c] = value));
    }
  }
  return { width, height, channels: 3, data };
}
