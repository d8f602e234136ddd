import { validateArtifact } from '../artifact/validate-artifact.ts';
import { findBoxOutputs } from '../targets/detect/box-outputs.ts';
import { withDetector } from '../targets/detect/find-detector.ts';
import { GradcamError } from '../base/errors.ts';
import type { StatedSizes } from '../network/input-layout.ts';
import { mainHead, type Network } from '../network/network.ts';
import { findOutput } from '../network/select-output.ts';
import { findImageInput, findRecommended } from '../network/taps.ts';
import type { OwnScaling } from '../readers/beside/own-scaling.ts';
import { nameTheRest, resolveSidecars } from '../readers/beside/resolve-sidecars.ts';
import { noSidecars, type Sidecars } from '../readers/beside/sidecar.ts';
import { describeInput, findImage } from './describe-input.ts';
import type { ModelDescription, ModelOverrides } from './description.ts';
import type { ModelJson } from '../readers/model-json.ts';
import { noteOutputs } from './note-outputs.ts';

/** More pixels on a side than any net is made for; the memory of its values grows with their square. */
const MAX_SIDE = 16_384;

/** The input's size, where a caller states it; checked before anything is made of it. */
export function inputSizeOf({ inputSize }: ModelOverrides): Pick<ModelOverrides, 'inputSize'> {
  if (inputSize === undefined) return {};
  const isSide = (n: number): boolean => Number.isSafeInteger(n) && n > 0 && n <= MAX_SIDE;
  if (inputSize.length === 2 && inputSize.every(isSide)) return { inputSize };
  throw new GradcamError(
    'argument',
    `inputSize: expected height and width in pixels, at most ${MAX_SIDE}, got ${inputSize.join(', ')}`,
  );
}

/** For a model that leaves its input's size open: the size that a file beside it states. */
export function usualSizeOf({ found }: Sidecars): Pick<StatedSizes, 'usualSize'> {
  const usualSize = found.find(({ input }) => input?.size !== undefined)?.input?.size;
  return usualSize === undefined ? {} : { usualSize };
}

/** The input that takes the picture, where a file beside the model states it. */
export function imageInputOf({ found }: Sidecars): string | undefined {
  return found.find(({ imageInput }) => imageInput !== undefined)?.imageInput;
}

/** What is stated, with what a file beside the model says of boxes where the caller says nothing else. */
export function withKeptBoxes(overrides: ModelOverrides, { found }: Sidecars): ModelOverrides {
  const kept = found.find(({ boxes }) => boxes !== undefined)?.boxes;
  return kept === undefined ? overrides : { ...overrides, boxes: { ...kept, ...overrides.boxes } };
}

/** The place of the output that is explained: the one that is stated, a detector's scores, or the first. */
export function chooseOutput(network: Network, { output, boxes }: ModelOverrides): number {
  if (output !== undefined) return findOutput(network, output);
  return boxes?.layout === 'none' ? 0 : (findBoxOutputs(network)?.scores ?? 0);
}

/** What a model's files say beside its topology. */
export interface Sayings {
  readonly sidecars: Sidecars;
  readonly scaling: OwnScaling | null;
  /** Other names of layers, and the layer that `auto` means, where a reader knows better. */
  readonly endpoints?: Readonly<Record<string, string>>;
  readonly recommended?: string | null;
}

/** What is known or assumed of a network beside its topology. */
export function describeNetwork(
  plain: Network,
  { userDefinedMetadata }: Pick<ModelJson, 'userDefinedMetadata'>,
  overrides: ModelOverrides,
  sayings: Sayings = { sidecars: noSidecars, scaling: null },
): ModelDescription {
  const { sidecars, scaling, endpoints = {}, recommended = null } = sayings;
  const block = userDefinedMetadata?.['gradcam'];
  const artifact = block === undefined ? null : validateArtifact(block);
  const found = withDetector(plain, overrides.boxes ?? {}, {
    sidecars,
    labels: [overrides.classNames?.labels, artifact?.labels],
  });
  const { network } = found;
  const assumptions = [
    ...network.notes,
    ...noteOutputs(network, overrides.output !== undefined),
    ...found.notes,
  ];
  const output = mainHead(network);
  // A model that describes itself needs no files beside it.
  const told = resolveSidecars(artifact === null ? sidecars : noSidecars, {
    image: findImage(network),
    output,
    stated: {
      classNames: overrides.classNames !== undefined,
      pixels: [overrides.inputRange, overrides.mean, overrides.std].some(
        (one) => one !== undefined,
      ),
      channelOrder: overrides.channelOrder !== undefined,
      fit: overrides.fit !== undefined,
      resize: overrides.resize !== undefined,
      imageInput: overrides.imageInput !== undefined,
    },
  });
  const readFrom = [...told.readFrom];
  const sources = { told, scaling, assumptions, readFrom };
  const names = overrides.classNames ??
    told.classNames ?? { labels: artifact?.labels ?? [], wnids: artifact?.wnids ?? [] };
  const described = artifact?.defaultEndpoint ?? told.defaultLayer;
  return {
    id: overrides.id ?? artifact?.id ?? network.name,
    network,
    input: describeInput(network, artifact, overrides, sources),
    classNames: nameTheRest(names, output),
    endpoints: artifact?.endpoints ?? endpoints,
    defaultLayer:
      overrides.output === undefined && described !== undefined
        ? described
        : (recommended ?? recommendLayer(network, assumptions)),
    artifact,
    readFrom,
    notUsed: told.notUsed,
    assumptions,
  };
}

/** What `auto` means; of a model without a spatial layer the picture itself, where methods at the input work. */
function recommendLayer(network: Network, assumptions: string[]): string {
  const found = findRecommended(network);
  if (found !== null) return found.layer;
  assumptions.push(
    'the model has no layer with a spatial output: only methods at the input explain it (gradient, input-x-gradient, integrated-gradients, occlusion, rise)',
  );
  return findImageInput(network);
}
