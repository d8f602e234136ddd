import { countElements, type NdArray } from '../base/nd-array.ts';
import { isGradcamError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { Engine, GraphModelFile, RunResult, Session } from '../engines/port/engine.ts';
import { findNode, mainHead } from '../network/network.ts';
import type { TranslatedGraph } from '../readers/graph-def/finish-graph.ts';
import type { FileValue } from '../readers/graph/file-value.ts';
import { brightestPixel } from './brightest-pixel.ts';
import type { ProofStore } from './description.ts';
import { differenceOf, PROOF_TOLERANCE, roundingOf } from './proof-difference.ts';
import {
  allowedOf,
  changeOf,
  describeAllowed,
  nudge,
  type ProvenOutput,
} from './proof-sensitivity.ts';

/** Raise this number whenever the translation changes, so that old proofs no longer count. */
const TRANSLATION = 6;

/** The parts of a loaded GraphModel that are compared. */
export interface GraphProving {
  readonly translated: TranslatedGraph;
  readonly file: GraphModelFile;
  readonly engine: Engine;
  readonly session: Session;
  /** A text that changes whenever the files may have changed; null where changes cannot be noticed. */
  readonly identity: string | null;
  readonly proofs: ProofStore | undefined;
}

/** The result in one line. An obstacle is the reason why the translation must not be used. */
export type GraphProof = { readonly line: string } | { readonly obstacle: string };

/** The beginning of a stored proof that found a difference. */
const DIFFERS = 'the translation computes something else than the graph';

/** Compares a translated GraphModel with its graph, which tfjs-converter runs as it is, on random pixels. */
export async function proveGraph(proving: GraphProving): Promise<GraphProof> {
  const { engine, identity, proofs, translated } = proving;
  if (engine.openGraph === undefined) {
    return {
      line: `the translation was not compared with the graph, which engine ${engine.name} does not run (createGraphModelEngine does)`,
    };
  }
  const sizes = translated.network.inputs.map((name) => findNode(translated.network, name).shape);
  const key =
    identity === null
      ? null
      : JSON.stringify(['graph-model', TRANSLATION, engine.name, sizes, identity]);
  const kept = key === null ? null : ((await proofs?.read(key)) ?? null);
  if (kept !== null) return proofOf(`${kept} (found before)`);
  const found = await compare(proving);
  if (key !== null) await proofs?.keep(key, found);
  return proofOf(found);
}

function proofOf(line: string): GraphProof {
  return line.startsWith(DIFFERS) ? { obstacle: line } : { line };
}

async function compare(proving: GraphProving): Promise<string> {
  const { translated, file, engine, session } = proving;
  const inputs = randomInputs(translated);
  let original: Session | null = null;
  try {
    original = await engine.openGraph!(file);
    const asked = heldBy(original, translated.outputs);
    const names = asked.map(({ name }) => name);
    const theirs = await original.run({ inputs, outputs: names });
    const ours = await session.run({ inputs, outputs: nodesOf(asked) });
    const compared = [
      ...asked.map((value) => comparisonOf(value, session)),
      ...compareLogits(original, session, ours),
    ];
    const errors = compared.map((one) => errorOf(one, theirs, ours));
    const isExact = errors.every((error) => error <= PROOF_TOLERANCE);
    const nudged = isExact
      ? null
      : await original.run({ inputs: nudgeAll(inputs), outputs: names });
    const outputs = compared.map((one, i): ProvenOutput => {
      const { value, read } = one;
      const sensitivity = nudged === null ? 0 : changeOf(value, read(theirs), read(nudged));
      return { name: value.name, error: errors[i]!, sensitivity };
    });
    const allowed = describeAllowed(outputs, PROOF_TOLERANCE);
    const wrong = outputs.filter((output) => output.error > allowedOf(output, PROOF_TOLERANCE));
    const largest = Math.max(...(wrong.length > 0 ? wrong : outputs).map(({ error }) => error));
    const range = `${largest.toExponential(1)} of their range`;
    if (wrong.length === 0) {
      return `the translation computes what the graph says: on random pixels its outputs are within ${range} (${allowed}) of those of tfjs-converter`;
    }
    const first = await findFirst(original, proving, inputs);
    return `${DIFFERS}: on random pixels its outputs differ by ${range} from those of tfjs-converter, ${PROOF_TOLERANCE} is allowed${first === null ? '' : `; the first node that differs is ${first}`}`;
  } catch (error) {
    if (!isGradcamError(error)) throw error;
    return `the translation was not compared with the graph: ${error.message}`;
  } finally {
    original?.dispose();
  }
}

function randomInputs(translated: TranslatedGraph): Record<string, NdArray> {
  const { network, wholeInputs } = translated;
  const random = createRandom(1);
  const brightest = brightestPixel(translated);
  return Object.fromEntries(
    network.inputs.map((name) => {
      const shape = [1, ...findNode(network, name).shape];
      // Pixels of an input of integers have fractions too where a picture was resized; both sides round them.
      const largest = wholeInputs.has(name) ? 255 : brightest;
      const data = Float32Array.from({ length: countElements(shape) }, () => largest * random());
      return [name, { shape, data }];
    }),
  );
}

/** The values that tfjs-converter can return by their names. */
function heldBy({ network }: Session, values: readonly FileValue[]): readonly FileValue[] {
  const names = new Set(network.nodes.map(({ name }) => name));
  return values.filter(({ name }) => names.has(name));
}

function nodesOf(values: readonly FileValue[]): string[] {
  return [...new Set(values.map(({ node }) => node))];
}

/** One value of the two programs, and how it is read from the results of either. */
interface Comparison {
  readonly value: FileValue;
  readonly read: (theirs: RunResult) => NdArray;
  readonly readOwn: (ours: RunResult) => NdArray;
  /** A difference that counts as none. */
  readonly rounding: number;
}

function comparisonOf(value: FileValue, { network }: Session): Comparison {
  return {
    value,
    read: ({ outputs }) => outputs.get(value.name)!,
    readOwn: ({ outputs }) => outputs.get(value.node)!,
    rounding: roundingOf(network, value.node),
  };
}

function errorOf(
  { value, read, readOwn, rounding }: Comparison,
  theirs: RunResult,
  ours: RunResult,
): number {
  return differenceOf(value, read(theirs), readOwn(ours), rounding);
}

function nudgeAll(inputs: Readonly<Record<string, NdArray>>): Record<string, NdArray> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => [name, { ...array, data: nudge(array.data) }]),
  );
}

/** The scores before the softmax, which show more than probabilities that are all 0 or 1. */
function compareLogits(original: Session, session: Session, ours: RunResult): Comparison[] {
  const [head, own] = [mainHead(original.network), mainHead(session.network)];
  if (head.activation !== own.activation || head.classes !== own.classes) return [];
  const shape = ours.logits.shape;
  const order = shape.map((_, axis) => axis);
  const value = { name: head.logits, node: own.logits, shape, order, isLogarithm: false };
  const read = ({ logits }: RunResult): NdArray => logits;
  return [{ value, read, readOwn: read, rounding: 0 }];
}

/** The first node whose value differs, among the values that graph and network both have. */
async function findFirst(
  original: Session,
  { translated, session }: GraphProving,
  inputs: Record<string, NdArray>,
): Promise<string | null> {
  const values = heldBy(original, translated.values);
  const theirs = await original.run({ inputs, outputs: values.map(({ name }) => name) });
  const ours = await session.run({ inputs, outputs: nodesOf(values) });
  const wrong = values.find(
    (value) => errorOf(comparisonOf(value, session), theirs, ours) > PROOF_TOLERANCE,
  );
  return wrong?.name ?? null;
}
