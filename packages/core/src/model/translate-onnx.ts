import { GradcamError, isGradcamError } from '../base/errors.ts';
import type { RawTensor } from '../network/copied-node.ts';
import type { RunOnnxValues } from '../engines/port/engine.ts';
import type { StatedSizes } from '../network/input-layout.ts';
import { MAX_NODE_VALUES } from '../network/network-limits.ts';
import {
  createFindings,
  type CopyFacts,
  type CopyFindings,
} from '../readers/onnx-file/copy-context.ts';
import { encodePart } from '../readers/onnx-file/encode-part.ts';
import type { OnnxNetwork } from '../readers/onnx-file/finish-onnx.ts';
import { listCopyable, listValues } from '../readers/onnx-file/list-copyable.ts';
import { listTableRows } from '../readers/onnx-file/table-rows.ts';
import { readOnnxNetwork } from '../readers/onnx-file/read-onnx-network.ts';
import type { OnnxFile } from './onnx-file.ts';
import { randomInputs, zeroInputs } from './random-inputs.ts';

/**
 * Most rounds of running a file and translating it again. A round finds all nodes whose operators are not
 * translated; further rounds find those that only their inputs show.
 */
const MAX_ROUNDS = 24;

/** A file and how it is to be translated. */
export interface OnnxTranslating {
  readonly file: OnnxFile;
  /** How errors name the file. */
  readonly where: string;
  readonly sizes: StatedSizes;
  /** Runs the file where nodes have to be copied; without it they are refused. */
  readonly run: RunOnnxValues | undefined;
}

/**
 * Translates an ONNX file. Nodes that are not translated are copied, if an output needs them and ONNX Runtime
 * runs them: a run of the part of the file before them shows the shapes of their values.
 *
 * @throws GradcamError `unsupported` naming the node.
 */
export async function translateOnnx(translating: OnnxTranslating): Promise<OnnxNetwork> {
  const { run } = translating;
  const values = new Map<string, RawTensor>();
  const chosen = new Set<number>();
  const refused = new Map<number, string>();
  for (let round = 0; ; round++) {
    const found = attempt(translating, { values, chosen, refused });
    const { findings, result } = found;
    const places = listCopyable(findings, values);
    const isDone = places.size === 0 && [...findings.toChoose].every((place) => chosen.has(place));
    if (isDone || run === undefined || round === MAX_ROUNDS) {
      if (!(result instanceof GradcamError)) return result;
      throw run === undefined && places.size > 0 ? withAdvice(result) : result;
    }
    for (const place of findings.toChoose) chosen.add(place);
    const shown = await show(translating, findings, [...places, ...findings.toChoose]);
    for (const [name, value] of shown.values) values.set(name, value);
    for (const [place, reason] of shown.refused) refused.set(place, reason);
  }
}

function attempt(
  { file, where, sizes }: OnnxTranslating,
  facts: CopyFacts,
): { findings: CopyFindings; result: OnnxNetwork | GradcamError } {
  const findings = createFindings();
  try {
    const { model, external } = file;
    return { findings, result: readOnnxNetwork(model, where, external, sizes, facts, findings) };
  } catch (error) {
    if (!isGradcamError(error, 'unsupported')) throw error;
    return { findings, result: error };
  }
}

function withAdvice({ message }: GradcamError): GradcamError {
  return new GradcamError(
    'unsupported',
    `${message}; ONNX Runtime may run this node as it is: use createOnnxEngine of @gradcam/core/onnx (--engine onnx)`,
  );
}

/** The values that runs of the file have shown, and the nodes that cannot be copied, with the reasons. */
interface Shown {
  readonly values: ReadonlyMap<string, RawTensor>;
  readonly refused: ReadonlyMap<number, string>;
}

/** Runs the nodes at some places together; if that fails, each alone, so that the error names the node. */
async function show(
  translating: OnnxTranslating,
  findings: CopyFindings,
  places: readonly number[],
): Promise<Shown> {
  try {
    return await runPlaces(translating, findings, places);
  } catch (error) {
    if (!isGradcamError(error, 'engine')) throw error;
    if (places.length === 1)
      return { values: new Map(), refused: new Map([[places[0]!, error.message]]) };
  }
  const values = new Map<string, RawTensor>();
  const refused = new Map<number, string>();
  for (const place of places) {
    const shown = await show(translating, findings, [place]);
    for (const [name, value] of shown.values) values.set(name, value);
    for (const [one, reason] of shown.refused) refused.set(one, reason);
    // The nodes behind a refused one cannot be run either.
    if (refused.size > 0) break;
  }
  return { values, refused };
}

/** Runs the file on random pixels and on zeros, because the size of a value may depend on the picture. */
async function runPlaces(
  { file, run }: OnnxTranslating,
  findings: CopyFindings,
  places: readonly number[],
): Promise<Shown> {
  const outputs = listValues(file.model, findings, places);
  const part = encodePart(file.model, findings, outputs);
  const tables = listTableRows(file.model.graph);
  const inputs = findings.inputs
    .filter(({ name }) => part.inputs.has(name))
    .map((input) => ({ ...input, rows: tables.get(input.name) }));
  const [random, zeros] = [randomInputs(inputs), zeroInputs(inputs)];
  if (random === null || zeros === null) {
    const reason = 'its shapes are not known, because no values are made for an input of its type';
    throw new GradcamError('engine', reason);
  }
  const [first, second] = await run!({
    model: part.model,
    external: new Map(
      [...file.locations].map(([location, name]) => [location, file.external.get(name)!]),
    ),
    inputs: [random, zeros],
    outputs,
    maxValues: MAX_NODE_VALUES,
  });
  const refused = new Map<number, string>();
  for (const place of places) {
    const changing = findings.nodes[place]!.outputs.find(
      (name) => name !== '' && first!.get(name)?.shape.join() !== second!.get(name)?.shape.join(),
    );
    if (changing !== undefined) {
      refused.set(place, `the size of its output '${changing}' depends on the picture`);
    }
  }
  return { values: first!, refused };
}
