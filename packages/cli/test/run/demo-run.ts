import { parseResults, type FailureLine, type ResultLine, type RunFile } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { models, root } from '../demo-nets.ts';

export { models };

export const scenes = path.join(root, 'demo/scenes');

/** A command line that explains with the demo net and saves what is quickest. */
export function explainArgs(images: readonly string[], out: string, ...flags: string[]): string[] {
  const model = ['--model', 'demo-resnet', '--models', models];
  return ['explain', ...images, ...model, '--out', out, '--save', 'raw', ...flags];
}

export function readLines(out: string): (ResultLine | FailureLine)[] {
  return parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8')).lines;
}

export function readRun(out: string): RunFile {
  return JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as RunFile;
}

/** What `--json` prints. */
export function parseJsonLines(stdout: string): (ResultLine & FailureLine)[] {
  return stdout
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => JSON.parse(row) as ResultLine & FailureLine);
}

/** Small pictures of coloured noise, each another: a seeded generator, so that failures come again. */
export async function writeNoise(
  folder: string,
  count: number,
  seed = 1,
  size: readonly [width: number, height: number] = [48, 36],
): Promise<string[]> {
  let state = seed;
  const next = (): number => {
    // Numerical Recipes' linear congruence; its upper bits are random enough for pixels.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  const [width, height] = size;
  const files: string[] = [];
  for (let i = 0; i < count; i++) {
    const data = Uint8Array.from({ length: width * height * 3 }, next);
    const file = path.join(folder, `noise-${String(i).padStart(5, '0')}.png`);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toFile(file);
    files.push(file);
  }
  return files;
}
