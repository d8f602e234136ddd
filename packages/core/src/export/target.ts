import type { Head } from '../network/network.ts';
import { outputKindOf } from '../network/output-kind.ts';
import type { ClassTargetSpec } from '../targets/target.ts';
import type { GraphWriter } from '../engines/onnx/graph-writer.ts';
import { createExpressions } from '../engines/onnx/lower/expressions.ts';
import { scalar } from '../engines/onnx/lower/lowering.ts';
import { elementType } from '../engines/onnx/proto/onnx-model.ts';

/**
 * The score that an exported file explains: fixed when it is written, or chosen by the graph's input
 * `target`.
 */
export type ExportTarget =
  | Exclude<ClassTargetSpec, { kind: 'rank' }>
  | { readonly kind: 'best' }
  /** Any number of the output, by its index in the flattened output. */
  | { readonly kind: 'element'; readonly index: number }
  | { readonly kind: 'input' };

/** Name of the input that chooses the class: int64 [batch], -1 for the best class. */
export const TARGET_INPUT = 'target';

export interface TargetValues {
  /** int64 [batch]: the explained class; for a contrast the first class; for an element its index. */
  readonly classIndex: string;
  /** float32 [batch] */
  readonly score: string;
  /** Gradient of the score with respect to the logits, float32 [batch, classes]. */
  readonly gradient: string;
}

/** @param logits float32 [batch, scores] */
export function writeTarget(
  writer: GraphWriter,
  target: ExportTarget,
  logits: string,
  head: Head,
): TargetValues {
  const { classes } = head;
  if (outputKindOf(head) === 'binary' && target.kind !== 'element') {
    return writeSide(writer, target, logits);
  }
  const classIndex = writeClass(writer, target, logits);
  const own = {
    score: scoreOf(writer, logits, classIndex),
    hot: oneHot(writer, classIndex, classes),
  };
  if (target.kind === 'not') {
    const negative = (value: string): string => writer.add('Neg', [value]);
    return { classIndex, score: negative(own.score), gradient: negative(own.hot) };
  }
  if (target.kind === 'contrast') {
    const other = writeConstantClass(writer, target.than, logits);
    const score = writer.add('Sub', [own.score, scoreOf(writer, logits, other)]);
    const gradient = writer.add('Sub', [own.hot, oneHot(writer, other, classes)]);
    return { classIndex, score, gradient };
  }
  return { classIndex, score: own.score, gradient: own.hot };
}

/**
 * A single sigmoid stands for two classes: its score speaks for class 1, the score's negative for class 0.
 */
function writeSide(
  writer: GraphWriter,
  target: Exclude<ExportTarget, { kind: 'element' }>,
  logits: string,
): TargetValues {
  const column = writer.integers([1]);
  const best = (): string => {
    const isPositive = writer.add('GreaterOrEqual', [logits, scalar(writer, 0)]);
    const flat = writer.add('Squeeze', [isPositive, column]);
    return writer.add('Cast', [flat], { to: elementType.int64 });
  };
  const classIndex = writeClass(writer, target, logits, best);
  const { add, mul } = createExpressions(writer);
  const index = writer.add('Cast', [classIndex], { to: elementType.float32 });
  const sign = target.kind === 'not' ? add(1, mul(-2, index)) : add(-1, mul(2, index));
  const gradient = writer.add('Unsqueeze', [sign, column]);
  return { classIndex, score: mul(sign, writer.add('Squeeze', [logits, column])), gradient };
}

function writeClass(
  writer: GraphWriter,
  target: ExportTarget,
  logits: string,
  best = (): string => writer.add('ArgMax', [logits], { axis: 1, keepdims: 0 }),
): string {
  switch (target.kind) {
    case 'input': {
      const isOpen = writer.add('Less', [TARGET_INPUT, writer.integers([0], [])]);
      return writer.add('Where', [isOpen, best(), TARGET_INPUT]);
    }
    case 'best':
      return best();
    default:
      return writeConstantClass(writer, target.index, logits);
  }
}

/** The same class for every image of the batch. */
function writeConstantClass(writer: GraphWriter, index: number, logits: string): string {
  const batch = writer.add('Shape', [logits], { start: 0, end: 1 });
  return writer.add('Expand', [writer.integers([index]), batch]);
}

/** The logit of a class. For a class that the model does not have, the runtime fails. */
function scoreOf(writer: GraphWriter, logits: string, classIndex: string): string {
  const column = writer.add('Unsqueeze', [classIndex, writer.integers([1])]);
  const picked = writer.add('GatherElements', [logits, column], { axis: 1 });
  return writer.add('Squeeze', [picked, writer.integers([1])]);
}

function oneHot(writer: GraphWriter, classIndex: string, classes: number): string {
  const offAndOn = writer.once('off and on', () => writer.floats(Float32Array.of(0, 1), [2]));
  return writer.add('OneHot', [classIndex, writer.integers([classes]), offAndOn]);
}
