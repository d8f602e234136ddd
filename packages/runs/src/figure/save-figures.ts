import {
  displayMapOf,
  findMethod,
  renderFigure,
  targetKey,
  type ExplainOptions,
  type Explanation,
  type Geometry,
  type ImageExplanation,
  type MethodName,
  type ResultFigure,
  type RgbImage,
} from '@gradcam/core';
import { encodePng } from '@gradcam/core/node';
import type { RunDirectory } from '../files/run-directory.ts';
import { nameFigure } from '../files/file-names.ts';
import { capitalise } from '../paint/capitalise.ts';
import { describeAnswer } from '../paint/describe-answer.ts';
import { describeTarget } from '../paint/describe-target.ts';
import { createPainter, describeGradients } from '../paint/paint-explanation.ts';
import type { SaveSettings } from '../paint/picture-settings.ts';
import { describeMadeBy } from '../paint/picture-texts.ts';
import { resizeImage, type SizedImage } from '../paint/resize-image.ts';

/** The methods of a figure's columns, after the image: those of figure 1 of the paper of Grad-CAM. */
export const figureMethods = [
  'grad-cam',
  'guided-backprop',
  'guided-grad-cam',
] as const satisfies readonly MethodName[];

/** Longest side of each picture in pixels; a smaller image is enlarged until titles fit above it. */
const SIDE = { least: 224, most: 448 };

/**
 * Writes a figure for each layer: the image, Grad-CAM, guided backpropagation and Guided Grad-CAM side by
 * side, in a row for each target.
 *
 * @param ask explains the image. It is asked only for methods that the run does not have.
 * @param explained what the run has of this image.
 * @param folder of the image, relative to the run folder.
 */
export async function saveFigures(
  ask: (options: ExplainOptions) => Promise<ImageExplanation>,
  image: RgbImage,
  geometry: Geometry,
  explained: readonly Explanation[],
  options: ExplainOptions,
  folder: string,
  settings: SaveSettings,
  run: Pick<RunDirectory, 'writeFile'>,
): Promise<ResultFigure[]> {
  const missing = figureMethods.filter((name) => !(options.methods ?? []).includes(name));
  const added =
    missing.length === 0 ? [] : (await ask({ ...options, methods: missing })).explanations;
  const all = [...explained, ...added];
  const sized = await resizeImage(image, geometry, SIDE);
  const figures: ResultFigure[] = [];
  const taken = new Set<string>();
  for (const layer of new Set(pick(all, 'grad-cam').map((one) => one.layer))) {
    const rows = pick(all, 'grad-cam')
      .filter((one) => one.layer === layer)
      .map((own) => [own, ...partnersOf(own, all)]);
    const name = nameFigure(layer, taken);
    taken.add(name);
    const figure = drawFigure(rows, layer, sized, settings);
    const texts = describeMadeBy(settings, { Layer: layer });
    const file = await run.writeFile(`${folder}/${name}.png`, await encodePng(figure, texts));
    figures.push({ layer, targets: rows.map(([own]) => own!.target), file });
  }
  return figures;
}

/** The explanations of a method, each target and layer once. */
function pick(explanations: readonly Explanation[], method: MethodName): Explanation[] {
  const found = new Map<string, Explanation>();
  for (const one of explanations) {
    const key = `${one.layer} ${targetKey(one.target)}`;
    if (one.method === method && !found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}

/** The guided maps of the same target, and of the same layer where the method has one. */
function partnersOf({ layer, target }: Explanation, all: readonly Explanation[]): Explanation[] {
  return figureMethods.slice(1).map((method) => {
    const found = pick(all, method).find(
      (one) =>
        targetKey(one.target) === targetKey(target) &&
        (!findMethod(method).usesLayer || one.layer === layer),
    );
    if (found === undefined) throw new Error(`figure: no map by ${method} at ${layer}`);
    return found;
  });
}

/** What the colours of the second column mean. */
function describeCam({ like }: Explanation, layer: string, { colormap }: SaveSettings): string {
  if (like !== undefined) return `Grad-CAM at ${layer} like ${like.preset}.`;
  const colours =
    colormap === 'diverging'
      ? 'red for the class and blue against it'
      : `in the colours of ${colormap}, from zero to its largest value`;
  return `Grad-CAM at ${layer}, ${colours}.`;
}

function drawFigure(
  rows: readonly (readonly Explanation[])[],
  layer: string,
  { image, geometry }: SizedImage,
  settings: SaveSettings,
): RgbImage {
  const plain = { ...settings, legend: false };
  const notes = [describeCam(rows[0]![0]!, layer, settings)];
  const pictures = rows.map((explanations) => {
    const painters = explanations.map((one) =>
      createPainter(one, displayMapOf(one, geometry), geometry, plain),
    );
    const [, { scale } = {}] = painters;
    if (scale !== undefined && notes.length === 1) notes.push(describeGradients(settings, scale));
    // A peer's overlay lays its map at pixels over the image in a colormap, which its papers do not show.
    const drawn = painters.map((painter, i) =>
      explanations[i]!.kind === 'pixels' && explanations[i]!.like !== undefined
        ? painter.heatmap()
        : painter.overlay(image),
    );
    return [image, ...drawn];
  });
  return renderFigure({
    titles: ['Image', ...figureMethods.map((name) => findMethod(name).title)],
    rows: rows.map(([own], i) => ({
      label: `${capitalise(describeTarget(own!.target))} ${describeAnswer(own!.diagnostics)}`,
      pictures: pictures[i]!,
    })),
    notes,
  });
}
