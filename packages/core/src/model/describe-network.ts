import type { ArtifactDescription } from '../artifact/artifact.ts';
import type { TextDescription } from '../artifact/text-description.ts';
import { dropUndefined } from '../base/drop-undefined.ts';
import { withDetector } from '../targets/detect/find-detector.ts';
import { withCoordinates } from '../network/coordinates.ts';
import { mainHead, type Network } from '../network/network.ts';
import { findImageInput, findRecommended } from '../network/taps.ts';
import type { OwnScaling } from '../readers/beside/own-scaling.ts';
import { nameTheRest, resolveSidecars } from '../readers/beside/resolve-sidecars.ts';
import { noSidecars, type Sidecars } from '../readers/beside/sidecar.ts';
import { listUnread, listWords } from '../readers/text/tokenize.ts';
import { describeInput, findImage } from './describe-input.ts';
import type { ModelDescription, ModelOverrides } from './description.ts';
import { checkTextFits } from './check-text-fits.ts';
import { noteOutputs } from './note-outputs.ts';

/** Facts about a model beside its topology, from its files. */
export interface FileFacts {
  readonly sidecars: Sidecars;
  readonly scaling: OwnScaling | null;
  /** Whether the model takes pictures of any size and resizes them itself, without keeping their shape. */
  readonly resizes?: boolean;
  /** The model's own description; null or absent for a model without one. */
  readonly artifact?: ArtifactDescription | null;
  /** How the model's text becomes tokens, if anybody states it. */
  readonly text?: TextDescription | undefined;
  /** Further names of layers, if the reader of the file knows some. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** The layer that `auto` means, if the reader of the file has a better rule for it. */
  readonly recommended?: string | null;
}

/**
 * Joins a network with everything that is known or assumed about it.
 *
 * @throws GradcamError `model` for a description of another model, and those of {@link describeInput}.
 */
export function describeNetwork(
  plain: Network,
  overrides: ModelOverrides,
  facts: FileFacts = { sidecars: noSidecars, scaling: null },
): ModelDescription {
  const { sidecars, scaling, endpoints = {}, recommended = null, artifact = null, text } = facts;
  const { resizes = false } = facts;
  const isNamed = [overrides.classNames, artifact, ...sidecars.found.map((one) => one.classNames)]
    .map((one) => one?.labels?.length)
    .includes(mainHead(plain).classes);
  const found = withDetector(isNamed ? plain : withCoordinates(plain), overrides.boxes ?? {}, {
    sidecars,
    labels: [overrides.classNames?.labels, artifact?.labels],
  });
  const { network } = found;
  if (text !== undefined) checkTextFits(text, network);
  const assumptions = [
    ...network.notes,
    ...noteOutputs(network, overrides.output !== undefined, text?.role === 'caption'),
    ...found.notes,
    ...(text === undefined ? [] : noteUnread(text)),
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
  const isYolox = output.detector?.layout === 'yolox';
  const sources = { told, scaling, resizes, isYolox, assumptions, readFrom };
  assumptions.push(...listAssumed(artifact, overrides));
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
    ...dropUndefined({ text }),
    readFrom,
    notUsed: told.notUsed,
    assumptions,
  };
}

/** Words that a tokenizer of another kind may have read. */
function noteUnread(text: TextDescription): string[] {
  const unread = listUnread(text);
  if (unread.length === 0) return [];
  const isOne = unread.length === 1;
  return [
    `the words of a text are its runs of ${text.lower ? 'lower-case ' : ''}letters, digits and apostrophes, so ${listWords(unread)} of the vocabulary ${isOne ? 'is' : 'are'} never read; where the model was trained on texts with ${isOne ? 'it' : 'them'}, give its tokens with the input ${text.input} itself`,
  ];
}

/** What the converter had to assume, except for facts that the caller states. */
function listAssumed(
  artifact: ArtifactDescription | null,
  { classNames, inputRange, mean, std, fit, cropFraction, resize }: ModelOverrides,
): string[] {
  const { architecture, head, input, labels } = artifact?.assumed ?? {};
  const isStated = [inputRange, mean, std, fit, cropFraction, resize].some(
    (one) => one !== undefined,
  );
  const lines = [architecture, head, isStated ? undefined : input, classNames ? undefined : labels];
  return lines.filter((line) => line !== undefined);
}

/**
 * The layer that `auto` means. For a model without a spatial layer it is the input, where some methods work.
 */
function recommendLayer(network: Network, assumptions: string[]): string {
  const found = findRecommended(network);
  if (found !== null) return found.layer;
  assumptions.push(
    'the model has no layer with a spatial output: only methods at the input explain it (gradient, input-x-gradient, integrated-gradients, occlusion, rise)',
  );
  return findImageInput(network);
}
