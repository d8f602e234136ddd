import { joinWeights } from '../artifact/decode-weights.ts';
import { readManifest } from '../artifact/weights-manifest.ts';
import { GradcamError, isGradcamError } from '../base/errors.ts';
import type { Engine, GraphModelFile, Session } from '../engines/port/engine.ts';
import { findNode, type Network } from '../network/network.ts';
import { withInputFirst } from '../network/select-input.ts';
import { findImageInput } from '../network/taps.ts';
import { readGraphScaling } from '../readers/beside/graph-scaling.ts';
import type { TranslatedGraph } from '../readers/graph-def/finish-graph.ts';
import { listDefConstants } from '../readers/graph-def/def-constants.ts';
import { findOwnSize } from '../readers/graph-def/find-own-size.ts';
import { readGraphDef } from '../readers/graph-def/graph-def.ts';
import { translateGraph } from '../readers/graph-def/translate-graph.ts';
import { recommendGraphLayer } from '../readers/graph/recommend-layer.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import type { ModelJson } from '../readers/model-json.ts';
import { describeNetwork } from './describe-network.ts';
import type { LoadModelOptions, Model } from './description.ts';
import { proveGraph } from './prove-graph.ts';
import { chooseOutput, resolveReading, type Reading } from './resolve-reading.ts';
import { weightSourceOf } from './translated-weights.ts';

/** The parts of a GraphModel's files that are needed to open it in either way. */
interface GraphOpening {
  readonly file: GraphModelFile;
  readonly reading: Reading;
}

/**
 * Loads a GraphModel. If it can be translated and the translation computes what tfjs-converter computes,
 * the result is a network of the op set, with gradients. Otherwise an engine that runs GraphModels runs it
 * as it is.
 */
export async function loadGraphModel(
  json: ModelJson,
  files: ModelFiles,
  { engine, proofs, ...stated }: LoadModelOptions,
): Promise<Model> {
  const groups = readManifest(json.weightsManifest);
  const reading = await resolveReading(files, stated, json);
  const weights = groups.flatMap((group) => group.weights);
  const bytes = await joinWeights(groups, (path, maxBytes) => files.readFile(path, maxBytes));
  const file: GraphModelFile = {
    name: stated.id ?? 'graph-model',
    topology: json.modelTopology,
    signature: json.signature,
    weights,
    ...reading.sizes,
    ownSize:
      findOwnSize(readGraphDef(json.modelTopology), listDefConstants(weights, bytes)) ?? undefined,
    imageInput: reading.imageInput,
    bytes,
  };
  const opening = { file, reading };
  const translated = attemptTranslation(file);
  if ('obstacle' in translated)
    return openUntranslated(opening, engine, files, translated.obstacle);
  const paths = ['model.json', ...groups.flatMap((group) => group.paths)];
  const identity = (await files.identify?.(paths)) ?? null;
  const session = await openTranslated(translated, file, engine, identity);
  try {
    const proof = await proveGraph({ translated, file, engine, session, identity, proofs });
    if ('obstacle' in proof) {
      session.dispose();
      return await openUntranslated(opening, engine, files, proof.obstacle);
    }
    return await describeOpened(opening, engine, session, { translated, proof: proof.line });
  } catch (error) {
    session.dispose();
    throw error;
  }
}

/** @throws GradcamError `argument` for a stated size that is not the model's. */
function attemptTranslation(file: GraphModelFile): TranslatedGraph | { readonly obstacle: string } {
  try {
    return translateGraph(file);
  } catch (error) {
    if (!isGradcamError(error) || error.kind === 'argument') throw error;
    return { obstacle: error.message };
  }
}

async function openTranslated(
  { network, weights }: TranslatedGraph,
  { imageInput }: GraphModelFile,
  engine: Engine,
  identity: string | null,
): Promise<Session> {
  const placed = withInputFirst(network, imageInput);
  const source = weightSourceOf({ network, weights }, 'graph-model', identity);
  if (engine.openFrom !== undefined) return engine.openFrom(placed, source);
  return engine.open(placed, await source.read());
}

async function openUntranslated(
  opening: GraphOpening,
  engine: Engine,
  files: ModelFiles,
  obstacle: string,
): Promise<Model> {
  if (engine.openGraph === undefined) {
    throw new GradcamError(
      'unsupported',
      `${files.location}: this GraphModel is not translated (${obstacle}), and engine ${engine.name} does not run it as it stands; use createGraphModelEngine of @gradcam/core/graph-model`,
    );
  }
  const session = await engine.openGraph({ ...opening.file, obstacle }).catch((error: unknown) => {
    if (!isGradcamError(error, 'unsupported')) throw error;
    // The graph is neither translated nor run, so both reasons may help.
    throw new GradcamError('unsupported', `${error.message}; nor is it translated: ${obstacle}`);
  });
  try {
    return await describeOpened(opening, engine, session);
  } catch (error) {
    session.dispose();
    throw error;
  }
}

/** Whether the picture's size is the one to which the graph resizes pictures. */
function isResized({ ownSize }: GraphModelFile, network: Network): boolean {
  const [height, width] = findNode(network, findImageInput(network)).shape;
  return ownSize !== undefined && height === ownSize[0] && width === ownSize[1];
}

interface OpenedTranslation {
  readonly translated: TranslatedGraph;
  readonly proof: string;
}

async function describeOpened(
  { file, reading }: GraphOpening,
  engine: Engine,
  session: Session,
  opened?: OpenedTranslation,
): Promise<Model> {
  const { overrides, sidecars, artifact, text } = reading;
  const place = chooseOutput(session.network, overrides);
  const view = place === 0 ? session : session.atOutput!(place);
  const { network } = view;
  const { topology, weights, bytes } = file;
  const description = describeNetwork(network, overrides, {
    ...{ sidecars, artifact, text },
    resizes: isResized(file, network),
    scaling: await readGraphScaling(topology, network, { weights, bytes }),
    ...(opened && {
      endpoints: opened.translated.aliases,
      recommended: recommendGraphLayer(network)?.layer ?? null,
    }),
  });
  return {
    ...description,
    engine: session.engine ?? engine.name,
    session: view,
    proof: opened?.proof,
    dispose: () => session.dispose(),
  };
}
