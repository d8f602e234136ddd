import type { ArtifactDescription } from '../artifact/artifact.ts';
import type { TextDescription } from '../artifact/text-description.ts';
import { validateArtifact } from '../artifact/validate-artifact.ts';
import { GradcamError } from '../base/errors.ts';
import type { StatedSizes } from '../network/input-layout.ts';
import type { Network } from '../network/network.ts';
import { withInputFirst } from '../network/select-input.ts';
import { findPresence } from '../network/coordinates.ts';
import { findOutput, withOutputFirst } from '../network/select-output.ts';
import { readSidecars } from '../readers/beside/read-sidecars.ts';
import { DESCRIPTION_FILE } from '../readers/beside/gradcam-json.ts';
import { noSidecars, type Sidecars } from '../readers/beside/sidecar.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import type { ModelJson } from '../readers/model-json.ts';
import { readVocabulary } from '../readers/text/read-vocabulary.ts';
import { findBoxOutputs } from '../targets/detect/box-outputs.ts';
import type { ModelOverrides } from './description.ts';

/** What the caller and the files beside a model state about reading it. */
export interface Reading {
  readonly sidecars: Sidecars;
  /** The caller's statements, with the box reading that a file beside the model states. */
  readonly overrides: ModelOverrides;
  /** The input size that the caller states, and the usual one for a model that leaves its size open. */
  readonly sizes: StatedSizes;
  /** The name of the input that takes the picture, if anybody states it. */
  readonly imageInput: string | undefined;
  /** The model's own description in its `model.json`; null for a model without one. */
  readonly artifact: ArtifactDescription | null;
  /** How a question or caption becomes tokens, with the words of the vocabulary, if anybody states it. */
  readonly text: TextDescription | undefined;
}

/**
 * Reads the files beside a model and joins what they state with the caller's statements, which win.
 *
 * @param json the `model.json`, which may hold the model's own description.
 * @param inside what the model's own file states. Among the files beside it, only `gradcam.json` wins over
 * these statements.
 * @throws GradcamError `argument` for an input size that is not two whole numbers of pixels within the
 * limit; `model` for a mistake in the model's own description, and for a vocabulary that cannot be read.
 */
export async function resolveReading(
  files: ModelFiles,
  stated: ModelOverrides,
  { userDefinedMetadata }: Pick<ModelJson, 'userDefinedMetadata'>,
  inside: Sidecars = noSidecars,
): Promise<Reading> {
  const block = userDefinedMetadata?.['gradcam'];
  const artifact = block === undefined ? null : validateArtifact(block);
  const sidecars = joinSidecars(await readSidecars(files), inside);
  const text = artifact?.text ?? sidecars.found.find((one) => one.text !== undefined)?.text;
  const kept = withKeptBoxes(stated, sidecars);
  // The scores of a caption's words may have the shape of a detector's boxes.
  const overrides =
    text?.role === 'caption'
      ? { ...kept, boxes: { layout: 'none', ...kept.boxes } as const }
      : kept;
  return {
    sidecars,
    overrides,
    sizes: { ...inputSizeOf(overrides), ...usualSizeOf(sidecars) },
    imageInput: overrides.imageInput ?? imageInputOf(sidecars),
    artifact,
    text: text && (await readVocabulary(text, files)),
  };
}

function joinSidecars(beside: Sidecars, inside: Sidecars): Sidecars {
  const isOwn = beside.found[0]?.file === DESCRIPTION_FILE;
  const [first, rest] = [beside.found.slice(0, isOwn ? 1 : 0), beside.found.slice(isOwn ? 1 : 0)];
  return {
    found: [...first, ...inside.found, ...rest],
    notUsed: [...inside.notUsed, ...beside.notUsed],
  };
}

/** Puts the output to explain and the input that takes the picture first. */
export function withChosenEnds(network: Network, { overrides, imageInput }: Reading): Network {
  const placed = withOutputFirst(network, chooseOutput(network, overrides));
  return withInputFirst(placed, imageInput);
}

/**
 * The index of the output to explain: the stated one, or a detector's scores, or what says whether the points
 * of the first output are there, or the first.
 */
export function chooseOutput(network: Network, { output, boxes }: ModelOverrides): number {
  if (output !== undefined) return findOutput(network, output);
  const scores = boxes?.layout === 'none' ? undefined : findBoxOutputs(network)?.scores;
  return scores ?? findPresence(network) ?? 0;
}

/** More pixels on a side than any net is made for. Memory grows with the square of the side. */
const MAX_SIDE = 16_384;

function inputSizeOf({ inputSize }: ModelOverrides): Pick<StatedSizes, 'inputSize'> {
  if (inputSize === undefined) return {};
  const isSide = (n: number): boolean => Number.isSafeInteger(n) && n > 0 && n <= MAX_SIDE;
  if (inputSize.length === 2 && inputSize.every(isSide)) return { inputSize };
  throw new GradcamError(
    'argument',
    `inputSize: expected height and width in pixels, at most ${MAX_SIDE}, got ${inputSize.join(', ')}`,
  );
}

function usualSizeOf({ found }: Sidecars): Pick<StatedSizes, 'usualSize'> {
  return { usualSize: found.find(({ input }) => input?.size !== undefined)?.input?.size };
}

function imageInputOf({ found }: Sidecars): string | undefined {
  return found.find(({ imageInput }) => imageInput !== undefined)?.imageInput;
}

/** Fields of the box reading that the caller states win over those of a file beside the model. */
function withKeptBoxes(overrides: ModelOverrides, { found }: Sidecars): ModelOverrides {
  const kept = found.find(({ boxes }) => boxes !== undefined)?.boxes;
  return kept === undefined ? overrides : { ...overrides, boxes: { ...kept, ...overrides.boxes } };
}
