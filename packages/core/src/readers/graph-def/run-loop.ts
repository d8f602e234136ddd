import { GradcamError } from '../../base/errors.ts';
import type { Failure, Value } from '../graph/value.ts';
import type { DefSource, WholeDefNode } from './graph-def.ts';
import type { Loop } from './loops.ts';

/**
 * Rounds of one loop. A loop over the pictures of a batch has one round, since a graph is read for one
 * picture; one over the rows of a picture or the steps of a sequence has some hundreds.
 */
const MOST_ROUNDS = 1024;

/** Nodes that all rounds of a loop have together. */
const MOST_STEPS = 100_000;

/** What a loop needs of the graph around it. */
export interface LoopContext {
  readonly valueOf: (source: DefSource) => Value | undefined;
  readonly keep: (node: string, values: readonly Value[]) => void;
  /** Translates a node that is no part of the loop's own machinery. */
  readonly translate: (node: WholeDefNode) => void;
}

/**
 * Writes a loop out, round by round, while its condition is a constant. Its exits get their values; if it
 * cannot be written out, they get the reason.
 */
export function runLoop(loop: Loop, context: LoopContext): void {
  const problem = runRounds(loop, context);
  if (problem === null) return;
  const failed = failure(loop, problem);
  for (const { op, name } of loop.nodes) if (op === 'Exit') context.keep(name, [failed]);
}

/** @returns why it cannot be written out; null where it is. */
function runRounds(loop: Loop, { valueOf, keep, translate }: LoopContext): string | null {
  const { nodes, hasInner } = loop;
  if (hasInner) return 'a loop inside it is not supported';
  const dead = failure(loop, 'this round is not run');
  const valueAt = ({ sources }: WholeDefNode, place: number): Value =>
    (sources[place] && valueOf(sources[place])) ?? dead;
  const backs = new Set(nodes.filter(({ op }) => op === 'NextIteration').map(({ name }) => name));
  const conditions = new Set(nodes.filter(({ op }) => op === 'LoopCond').map(({ name }) => name));
  const beginnings = nodes.flatMap((node) => {
    const back = node.op === 'Merge' ? node.sources.find(({ node: one }) => backs.has(one)) : null;
    const first = node.sources.find((one) => one !== back);
    return back && first ? [{ name: node.name, first, back }] : [];
  });
  const isBeginning = new Set(beginnings.map(({ name }) => name));
  for (const node of nodes) if (node.op === 'Enter') keep(node.name, [valueAt(node, 0)]);
  for (let round = 0; ; round++) {
    if (round > MOST_ROUNDS || round * nodes.length > MOST_STEPS) {
      return `it has more than ${round - 1} rounds of ${nodes.length} nodes`;
    }
    const begun = beginnings.map(({ first, back }) => valueOf(round === 0 ? first : back) ?? dead);
    beginnings.forEach(({ name }, i) => keep(name, [begun[i]!]));
    let goesOn: boolean | null = null;
    for (const node of nodes) {
      const { op, name, inputs } = node;
      if (op === 'Enter' || isBeginning.has(name)) continue;
      if (op === 'LoopCond') {
        const value = valueAt(node, 0);
        if (value.kind === 'failure') return value.error.message;
        if (value.kind !== 'constant') return 'how often it runs depends on the picture';
        goesOn = value.values()[0] !== 0;
        keep(name, [value]);
      } else if (op === 'Switch' && conditions.has(inputs[1] ?? '')) {
        const value = valueAt(node, 0);
        keep(name, goesOn === true ? [dead, value] : [value, dead]);
      } else if (op === 'NextIteration' || op === 'Exit') {
        keep(name, [valueAt(node, 0)]);
      } else if (goesOn !== false) {
        translate(node);
      }
    }
    if (goesOn === null) return 'it has no condition';
    if (!goesOn) return null;
  }
}

function failure({ name }: Loop, what: string): Failure {
  return { kind: 'failure', error: new GradcamError('unsupported', `loop ${name}: ${what}`) };
}
