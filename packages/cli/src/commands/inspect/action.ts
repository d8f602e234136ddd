import { inspectSource } from '@gradcam/converter/node';
import {
  describeOutput,
  findNode,
  listTaps,
  mainHead,
  outputKindOf,
  reportCapabilities,
  toPrintable,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import { describeAnyModel } from '../../models/describe-any.ts';
import { describeText } from '../../models/describe-text.ts';
import { shapesOf } from '../../models/model-flags.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import { printSources } from '../../models/print-sources.ts';
import { printCapabilities } from './print-capabilities.ts';
import { printWeights } from './print-weights.ts';
import { verifyModel } from './verify-model.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { createTerminal, type Terminal } from '../../terminal/messages.ts';
import { shortenMiddle } from '../../terminal/shorten-middle.ts';

/** The most characters of a layer's name in the table. Names of a graph's nodes may have two hundred. */
const LONGEST_NAME = 56;

export interface InspectFlags {
  readonly models?: string;
  readonly json?: boolean;
  readonly inputSize?: string;
  readonly explainInput?: string;
  readonly boxes?: string;
  readonly verify?: boolean;
  readonly engine: string;
  readonly debug?: boolean;
}

type DescribedModel = Awaited<ReturnType<typeof describeAnyModel>>;

interface LayerRow {
  readonly name: string;
  readonly op: string;
  /** Shape of the output, without the batch axis. */
  readonly shape: readonly number[];
  /** Rows and columns of a map at this layer; absent for a layer that has no map. */
  readonly grid?: readonly [rows: number, columns: number];
  readonly parameters: number;
  readonly endpoints: readonly string[];
  readonly recommended: boolean;
}

/**
 * `gradcam inspect`: lists the layers of a model or the tensors of a weight file. It reads no values and
 * starts no engine, except with `--verify` and for an ONNX file with nodes that are not translated.
 */
export async function runInspect(name: string, flags: InspectFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  if (flags.verify) {
    return printVerification(await resolveModel(name, flags.models, terminal), flags, terminal);
  }
  if (isWeightSource(name)) return inspectWeights(name, flags, terminal);
  const folder = await resolveModel(name, flags.models, terminal);
  const model = await describeAnyModel(openModelFolder(folder), shapesOf(flags));
  const layers = listLayers(model);
  const { id, input, defaultLayer, assumptions, network } = model;
  const head = mainHead(network);
  const capabilities = reportCapabilities(model);
  if (flags.json) {
    const heads = network.heads.map((one) => ({ ...one, kind: outputKindOf(one) }));
    const found = {
      id,
      input,
      defaultLayer,
      head: heads[0],
      heads,
      layers,
      capabilities,
      ...dropUndefined({ text: model.text }),
      readFrom: model.readFrom,
      notUsed: model.notUsed,
      assumptions,
    };
    terminal.out(JSON.stringify(found));
    return exitCodes.done;
  }
  terminal.out(
    `${toPrintable(id)}: ${input.height}x${input.width} ${input.channelOrder} to ${describeOutput(head)}`,
  );
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  terminal.out(`${parameters} parameters in ${layers.length} layers`);
  terminal.out(
    toPrintable(
      `scores: ${head.logits} (then ${head.activation}); default layer of maps: ${defaultLayer}`,
    ),
  );
  if (model.text !== undefined) terminal.out(toPrintable(`text: ${describeText(model.text)}`));
  for (const [i, { logits, probabilities, ...output }] of network.heads.entries()) {
    if (network.heads.length === 1) break;
    const name = toPrintable(probabilities ?? logits);
    terminal.out(`output ${i}: ${name}, ${describeOutput(output)}`);
  }
  const width = Math.min(Math.max(...layers.map(({ name }) => name.length)), LONGEST_NAME);
  for (const layer of layers) {
    const mark = layer.recommended ? '*' : ' ';
    const aliases = layer.endpoints.filter((endpoint) => endpoint !== layer.name).join(', ');
    const cells =
      layer.grid !== undefined && layer.shape.length < 3 ? ` (${layer.grid.join('x')})` : '';
    const shape = `${layer.shape.join('x')}${cells}`.padEnd(13);
    const parameters = String(layer.parameters || '').padStart(10);
    terminal.out(
      `${mark} ${toPrintable(shortenMiddle(layer.name, width)).padEnd(width)}  ${layer.op.padEnd(17)} ${shape} ${parameters}  ${toPrintable(aliases)}`.trimEnd(),
    );
  }
  if (layers.some(({ name }) => name.length > width)) {
    terminal.note('long names are cut in the middle; --json has them whole');
  }
  printCapabilities(capabilities, terminal);
  printSources(model, terminal);
  return exitCodes.done;
}

/**
 * Lists the tensors of a weight file. The files that an archive is unpacked to are removed also after an
 * interruption.
 */
async function inspectWeights(
  name: string,
  flags: InspectFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const guard = abortOnSignals(() => terminal.warn('stopping'));
  try {
    const weights = await inspectSource(name, { signal: guard.signal });
    if (flags.json) terminal.out(JSON.stringify(weights));
    else printWeights(weights, terminal);
    return exitCodes.done;
  } catch (error) {
    const interrupted = guard.exitCode();
    if (interrupted !== null && guard.signal.aborted) return interrupted;
    throw error;
  } finally {
    guard.release();
  }
}

/**
 * Whether the name is a weight file, a SavedModel or the prefix of a checkpoint's files. Any other name is
 * looked up as a model.
 */
function isWeightSource(name: string): boolean {
  if (/\.(json|onnx)([?#].*)?$/i.test(name)) return false;
  if (/^https?:\/\//i.test(name)) return true;
  const stats = statSync(name, { throwIfNoEntry: false });
  const isSavedModel =
    existsSync(path.join(name, 'saved_model.pb')) && !existsSync(path.join(name, 'model.json'));
  return stats?.isFile() === true || isSavedModel || existsSync(`${name}.index`);
}

async function printVerification(
  folder: string,
  flags: InspectFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const found = await verifyModel(folder, flags.engine, terminal);
  if (flags.json) {
    terminal.out(JSON.stringify(found));
  } else {
    terminal.out(`${found.shards} shards checked`);
    if (found.probeError !== null) {
      const error = found.probeError.toExponential(1);
      terminal.out(
        `probe on ${found.engine}: ${error} of the logits' range (<= ${found.tolerance})`,
      );
    }
    if (found.quantisationError !== null) {
      const error = found.quantisationError.toExponential(1);
      terminal.out(
        `quantisation: logits differ from those of the float32 weights by ${error} of their range`,
      );
    }
  }
  for (const failure of found.failures) terminal.warn(`${folder}: ${failure}`);
  return found.failures.length === 0 ? exitCodes.done : exitCodes.badData;
}

function listLayers(model: DescribedModel): LayerRow[] {
  const { network, endpoints, defaultLayer } = model;
  const sizes = new Map(
    (model.manifest ?? []).flatMap(({ weights }) =>
      weights.map(({ name, shape }) => [name, shape.reduce((count, size) => count * size, 1)]),
    ),
  );
  // The node of a fused activation has the layer's name, and the node with the weights stands beside it.
  const partsOf = (layer: string, node: string): string[] =>
    network.layers.has(`${layer}/linear`) ? [node] : [node, `${layer}/linear`];
  const countParameters = (layer: string, node: string): number =>
    network.nodes
      .filter(({ name }) => partsOf(layer, node).includes(name))
      .flatMap(({ weights }) => Object.values(weights))
      .reduce((sum, weight) => sum + (sizes.get(weight) ?? 0), 0);

  const recommended = endpoints[defaultLayer] ?? defaultLayer;
  const aliases = new Map<string, string[]>();
  for (const [endpoint, layer] of Object.entries(endpoints)) {
    aliases.set(layer, [...(aliases.get(layer) ?? []), endpoint]);
  }
  const grids = new Map(
    listTaps(network).map(({ layer, shape: [rows = 1, columns = 1] }) => [
      layer,
      [rows, columns] as const,
    ]),
  );
  return [...network.layers].map(([name, node]) => {
    const { op, shape } = findNode(network, node);
    return {
      name,
      op: op.kind === 'opaque' ? op.className : op.kind,
      shape,
      ...(grids.has(name) ? { grid: grids.get(name)! } : {}),
      parameters: countParameters(name, node),
      endpoints: aliases.get(name) ?? [],
      recommended: name === recommended && grids.has(name),
    };
  });
}
