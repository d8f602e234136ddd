import { GradcamError } from '../../base/errors.ts';
import type { OnnxFileNode } from './proto/onnx-schema.ts';
import { trainingOps } from './translators.ts';

/**
 * Operators that are never copied: control flow, whose branches read values around them; what behaves
 * otherwise while a model is trained; and results whose size depends on the picture.
 */
const neverCopied: ReadonlySet<string> = new Set([
  ...['If', 'Loop', 'Scan', 'SequenceMap', 'Dropout', 'BatchNormalization'],
  ...['NonZero', 'NonMaxSuppression', 'Unique', 'Compress'],
]);

/** Operators of other domains that draw random numbers or choose words. */
const random = /random|dropout|bernoulli|multinomial|sampling|search/i;

/** The operator set in which copied nodes are written where the file's is older. */
const WRITTEN = 18;

/** The operator set from which on an operator means something else, or no longer exists. */
const changes: Readonly<Record<string, number>> = {
  ...{ Upsample: 10, Slice: 10, TopK: 10, Clip: 11, Pad: 18, Resize: 11, Scatter: 11 },
  ...{ Softmax: 13, LogSoftmax: 13, Hardmax: 13, Squeeze: 13, Unsqueeze: 13, Split: 13 },
  ...{ ReduceSum: 13, RoiAlign: 16, ReduceMean: 18, ReduceMax: 18, ReduceMin: 18 },
  ...{ ReduceProd: 18, ReduceL1: 18, ReduceL2: 18, ReduceLogSum: 18, ReduceLogSumExp: 18 },
  ...{ ReduceSumSquare: 18 },
};

/**
 * The reason why a node cannot be copied into a graph of the operator set in which graphs are written here;
 * null where it can.
 *
 * @param reason why it is not translated, which is also the reason for an operator that is never copied.
 */
export function refuseCopy(
  { type, domain, attributes }: OnnxFileNode,
  what: string,
  opsets: ReadonlyMap<string, number>,
  reason: GradcamError,
): GradcamError | null {
  const isOwn = domain === '';
  if (isOwn ? neverCopied.has(type) || trainingOps.has(type) : random.test(type)) return reason;
  const refuse = (text: string): GradcamError =>
    new GradcamError('unsupported', `${what}: ${text}`);
  for (const { name, graph, tensor, isUnread } of attributes.values()) {
    if (graph !== undefined || isUnread === true) {
      return refuse(
        `its attribute '${name}' is a graph, or of another kind that is not read, so the node is neither translated nor copied`,
      );
    }
    if (tensor?.place.kind === 'external') {
      return refuse(`its attribute '${name}' lies in another file, which is not supported`);
    }
  }
  const opset = opsets.get('') ?? 0;
  const changed = isOwn ? changes[type] : undefined;
  if (changed === undefined || opset >= changed) return null;
  return refuse(
    `the operator ${type} of operator set ${opset} is not translated, and it changed in set ${changed}, so it is not copied into a graph of set ${WRITTEN}; convert the file (onnx.version_converter.convert_version(model, ${WRITTEN}))`,
  );
}
