import {
  displayMapOf,
  findMethod,
  type ExplainOptions,
  type Explanation,
  type ImageExplanation,
  type Network,
  type ResultSweep,
  type RgbImage,
} from '@gradcam/core';
import { nameExplanation } from '../files/file-names.ts';
import { createPainter } from '../paint/paint-explanation.ts';
import { resizeImage } from '../paint/resize-image.ts';
import type { SaveSettings } from '../paint/picture-settings.ts';
import type { RunDirectory } from '../files/run-directory.ts';
import { chooseLayers } from './choose-layers.ts';
import { encodeAnimation } from './encode-animation.ts';

/** Longest side of a frame, in pixels. */
const MAX_SIDE = 512;

/** Whether a method can be swept: one pass gives its maps at all layers. */
export function canSweep(name: string): boolean {
  const { map, passes, presumes } = findMethod(name);
  return map === 'grid' && passes === 'shared' && presumes === undefined;
}

/**
 * Writes an animation over the layers for each target and each method that {@link canSweep} accepts, all from
 * one pass of the model.
 *
 * @param ask explains the image.
 * @param folder of the image, relative to the run folder.
 */
export async function saveSweeps(
  network: Network,
  ask: (options: ExplainOptions) => Promise<ImageExplanation>,
  image: RgbImage,
  options: ExplainOptions,
  folder: string,
  settings: SaveSettings,
  run: Pick<RunDirectory, 'writeFile'>,
): Promise<ResultSweep[]> {
  const methods = (options.methods ?? ['grad-cam']).filter(canSweep);
  const needsGradient = methods.some((name) => !findMethod(name).gradientFree);
  const layers = chooseLayers(network, needsGradient);
  const { explanations, geometry } = await ask({ ...options, methods, layers });
  const small = await resizeImage(image, geometry, { most: MAX_SIDE });
  const sweeps: ResultSweep[] = [];
  const taken = new Set<string>();
  for (const frames of groupBySubject(explanations)) {
    const { method, target } = frames[0]!;
    const name = nameExplanation({ ...frames[0]!, layer: 'sweep' }, taken);
    taken.add(name);
    const pictures = frames.map((explanation, i) => {
      const map = displayMapOf(explanation, small.geometry);
      const painter = createPainter(explanation, map, small.geometry, {
        ...settings,
        legend: true,
      });
      return painter.overlay(small.image, `${i + 1} of ${frames.length}`);
    });
    const file = await run.writeFile(`${folder}/${name}.webp`, await encodeAnimation(pictures));
    sweeps.push({ method, target, layers: frames.map(({ layer }) => layer), file });
  }
  return sweeps;
}

/** The explanations grouped by method and target, in the order of the layers; each layer once in a group. */
function groupBySubject(explanations: readonly Explanation[]): Explanation[][] {
  const groups = new Map<string, Map<string, Explanation>>();
  for (const explanation of explanations) {
    const { method, target, layer } = explanation;
    const key = JSON.stringify([method, target]);
    const group = groups.get(key) ?? new Map<string, Explanation>();
    group.set(layer, explanation);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => [...group.values()]);
}
