import type { NdArray } from '../base/nd-array.ts';
import { concatenate, createMessageWriter } from '../base/protobuf-writer.ts';
import type { Engine, OnnxFileInput, Session } from '../engines/port/engine.ts';
import { GradcamError, isGradcamError } from '../base/errors.ts';
import type { OnnxNetwork } from '../readers/onnx-file/finish-onnx.ts';
import type { FileValue } from '../readers/graph/file-value.ts';
import { listTableRows } from '../readers/onnx-file/table-rows.ts';
import { toStoredOrder } from '../readers/graph/stored-order.ts';
import type { ProofStore } from './description.ts';
import type { OnnxFile } from './onnx-file.ts';
import { BATCH_ADVICE } from '../readers/onnx-file/graph-inputs.ts';
import { brightestPixel } from './brightest-pixel.ts';
import { randomInputs } from './random-inputs.ts';
import { runInBatch } from './run-in-batch.ts';
import { differenceOf, PROOF_TOLERANCE, roundingOf } from './proof-difference.ts';
import {
  allowedOf,
  changeOf,
  describeAllowed,
  nudge,
  type ProvenOutput,
} from './proof-sensitivity.ts';

/** The tolerance for half precision: its numbers have 11 bits, and every layer rounds to them. */
const HALF_TOLERANCE = 2e-2;

/**
 * The tolerance for a quantised file. If a value lies between two steps, another order of summation may
 * round it to the other step, and a step is 1/255 to 1/127 of a range.
 */
const QUANTISED_TOLERANCE = 3e-2;

/** Raise this number whenever the translation changes, so that old proofs no longer count. */
const TRANSLATION = 6;

/** A loaded model, and everything that is needed to compare it with its file. */
export interface Proving {
  readonly file: OnnxFile;
  readonly translated: OnnxNetwork;
  readonly engine: Engine;
  readonly session: Session;
  /** A text that changes whenever the file may have changed; null where changes cannot be noticed. */
  readonly identity: string | null;
  readonly proofs: ProofStore | undefined;
}

/**
 * Compares a translated model with its untouched file, which the engine's runtime runs, on random pixels.
 *
 * @returns one line with the result, or with the reason why the two were not compared.
 * @throws GradcamError `unsupported` where they differ. It names the first layer that differs.
 */
export async function proveTranslation(proving: Proving): Promise<string> {
  const { engine, identity, proofs, translated } = proving;
  if (engine.runOnnxFile === undefined) {
    if (translated.fixedBatch > 1)
      throw refuseBatch(
        translated,
        `engine ${engine.name} cannot tell whether its pictures are computed apart (engine onnx can)`,
      );
    return `the translation was not compared with the file, which engine ${engine.name} does not run (engine onnx does)`;
  }
  const sizes = translated.inputs.map(({ shape }) => shape);
  const key =
    identity === null ? null : JSON.stringify([TRANSLATION, engine.name, sizes, identity]);
  const kept = key === null ? null : ((await proofs?.read(key)) ?? null);
  if (kept !== null) return `${kept} (found before)`;
  const found = await compare(proving);
  if (translated.fixedBatch > 1 && !found.startsWith(PROVEN)) throw refuseBatch(translated, found);
  if (key !== null) await proofs?.keep(key, found);
  return found;
}

/** The beginning of a proof that compared something. */
const PROVEN = 'the translation computes what the file says';

function refuseBatch({ fixedBatch, network }: OnnxNetwork, reason: string): GradcamError {
  return new GradcamError(
    'unsupported',
    `${network.name}: the model takes batches of exactly ${fixedBatch}: ${reason}; ${BATCH_ADVICE}`,
  );
}

async function compare(proving: Proving): Promise<string> {
  const { file, translated, engine, session } = proving;
  const inputs = inputsOf(file, translated);
  if (inputs === null)
    return 'the translation was not compared with the file, whose input is of half precision';
  const outputs = comparedValues(translated);
  const names = outputs.map(({ name }) => name);
  // Where an output of the file is an index, the scores before it are compared.
  const stated = new Set(file.model.graph.outputs.map(({ name }) => name));
  const within = names.filter((name) => !stated.has(name));
  const model = within.length === 0 ? file.bytes : withOutputs(file.bytes, within);
  let theirs: ReadonlyMap<string, NdArray>;
  try {
    theirs = await runFile(proving, inputs, names, model);
  } catch (error) {
    if (!isGradcamError(error, 'engine')) throw error;
    return `the translation was not compared with the file: ${error.message}`;
  }
  const own = await session.run({
    inputs: ownInputs(translated, inputs),
    outputs: [...new Set(outputs.map(({ node }) => node))],
  });
  const { tolerance, because } = toleranceFor(file);
  const errors = outputs.map((output) => {
    const rounding = roundingOf(translated.network, output.node);
    return differenceOf(output, theirs.get(output.name)!, own.outputs.get(output.node)!, rounding);
  });
  const isExact = errors.every((error) => error <= tolerance);
  const nudged = isExact ? null : await runFile(proving, nudgeAll(inputs), names, model);
  const proven = outputs.map((output, i): ProvenOutput => {
    const [before, after] = [theirs.get(output.name)!, nudged?.get(output.name)];
    const sensitivity = after === undefined ? 0 : changeOf(output, before, after);
    return { name: output.name, error: errors[i]!, sensitivity };
  });
  const wrong = proven.find((output) => output.error > allowedOf(output, tolerance));
  if (wrong !== undefined) {
    throw await refuse(proving, inputs, wrong.name, wrong.error, tolerance);
  }
  const range = Math.max(...errors).toExponential(1);
  const allowed = describeAllowed(proven, tolerance, because);
  return `${PROVEN}: on random pixels its outputs are within ${range} of their range (${allowed}) of those of ${engine.name} running the file itself`;
}

function nudgeAll(inputs: ReadonlyMap<string, OnnxFileInput>): Map<string, OnnxFileInput> {
  const isFraction = ({ type }: OnnxFileInput): boolean => type === 'float32' || type === 'float64';
  return new Map(
    [...inputs].map(([name, input]) => [
      name,
      isFraction(input) ? { ...input, data: nudge(input.data) } : input,
    ]),
  );
}

/**
 * The outputs, and the values before their sigmoids, which show a difference also where the sigmoids are so
 * small that rounding hides it.
 */
function comparedValues({ outputs, values, network }: OnnxNetwork): readonly FileValue[] {
  const logits = network.heads
    .filter(({ activation }) => activation === 'sigmoid')
    .flatMap((head) => values.find(({ node }) => node === head.logits) ?? []);
  const names = new Set(outputs.map(({ name }) => name));
  return [...outputs, ...logits.filter(({ name }) => !names.has(name))];
}

async function runFile(
  { file, engine, translated }: Proving,
  inputs: ReadonlyMap<string, OnnxFileInput>,
  outputs: readonly string[],
  model = file.bytes,
): Promise<ReadonlyMap<string, NdArray>> {
  const external = new Map(
    [...file.locations].map(([location, name]) => [location, file.external.get(name)!]),
  );
  const run = (given: typeof inputs) =>
    engine.runOnnxFile!({ model, external, inputs: given, outputs });
  const { fixedBatch } = translated;
  if (fixedBatch === 1) return run(inputs);
  const first = await runInBatch(run, inputs, fixedBatch);
  if (first !== null) return first;
  throw refuseBatch(translated, 'the result of a picture changes with the others of its batch');
}

const HALF_TYPES: ReadonlySet<number> = new Set([10, 16]);

function toleranceFor({ model }: OnnxFile): { tolerance: number; because: string } {
  const { nodes, initializers } = model.graph;
  if (nodes.some(({ type }) => type === 'QuantizeLinear')) {
    return { tolerance: QUANTISED_TOLERANCE, because: ': the file rounds to steps' };
  }
  const isHalf = initializers.some(({ type }) => HALF_TYPES.has(type));
  return { tolerance: isHalf ? HALF_TOLERANCE : PROOF_TOLERANCE, because: '' };
}

/** Random values for each input; null where an input has a type that is not made here. */
function inputsOf({ model }: OnnxFile, translated: OnnxNetwork): Map<string, OnnxFileInput> | null {
  const tables = listTableRows(model.graph);
  const typed = translated.inputs.map(({ name, shape }) => {
    const type = model.graph.inputs.find((input) => input.name === name)?.type ?? 0;
    return { name, type, shape, rows: tables.get(name) };
  });
  return typed.some(({ type }) => HALF_TYPES.has(type))
    ? null
    : randomInputs(typed, 1, brightestPixel(translated));
}

function ownInputs(
  { inputs, network }: OnnxNetwork,
  made: ReadonlyMap<string, OnnxFileInput>,
): Record<string, NdArray> {
  return Object.fromEntries(
    inputs.map(({ name, node, shape, order }) => {
      const stored = network.nodes.find((one) => one.name === node)!.shape;
      const data = toStoredOrder(made.get(name)!.data, shape, order);
      return [node, { shape: [1, ...stored], data }];
    }),
  );
}

async function refuse(
  proving: Proving,
  inputs: ReadonlyMap<string, OnnxFileInput>,
  output: string,
  error: number,
  tolerance: number,
): Promise<GradcamError> {
  const layer = await findFirst(proving, inputs, tolerance).catch(() => null);
  const first = layer === null ? '' : `; the first layer that differs is '${layer}'`;
  return new GradcamError(
    'unsupported',
    `${proving.translated.network.name}: translated, the model computes something else than its file: output '${output}' differs by ${error.toExponential(1)} of its range, ${tolerance} is allowed${first}; this is a fault of this program, please report it with the model`,
  );
}

/** The first layer whose value differs, among the values that file and network both have. */
async function findFirst(
  proving: Proving,
  inputs: ReadonlyMap<string, OnnxFileInput>,
  tolerance: number,
): Promise<string | null> {
  const { file, translated, session } = proving;
  const values = translated.values.filter(
    ({ name }) => !file.model.graph.outputs.some((one) => one.name === name),
  );
  const model = withOutputs(
    file.bytes,
    values.map(({ name }) => name),
  );
  const found = await runFile(
    proving,
    inputs,
    values.map(({ name }) => name),
    model,
  );
  const own = await session.run({
    inputs: ownInputs(translated, inputs),
    outputs: [...new Set(values.map(({ node }) => node))],
  });
  const wrong = values.find(
    (value) =>
      differenceOf(
        ...([value, found.get(value.name)!, own.outputs.get(value.node)!] as const),
        roundingOf(translated.network, value.node),
      ) > tolerance,
  );
  return wrong?.node ?? null;
}

/**
 * Adds outputs to an ONNX file. In Protocol Buffers, bytes appended to a message are merged into it, so the
 * graph's new outputs are simply appended to the file.
 */
function withOutputs(model: Uint8Array, names: readonly string[]): Uint8Array {
  const writer = createMessageWriter();
  writer.encoded(model);
  writer.message(7, () => {
    for (const name of names) writer.message(12, () => writer.text(1, name));
  });
  return concatenate(writer.finish());
}
