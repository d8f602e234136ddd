import type { FoldBudget } from '../graph/fold/budget.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import type { Value } from '../graph/value.ts';
import type { CopyContext } from './copy-context.ts';
import type { ExternalFiles } from './decode-tensor.ts';

/** Everything that is collected while one ONNX file is translated. */
export interface OnnxTranslation {
  /** Names the file in errors. */
  readonly where: string;
  /** Version of ONNX's own operators. */
  readonly opset: number;
  readonly external: ExternalFiles;
  readonly builder: GraphBuilder;
  readonly budget: FoldBudget;
  /** The values that are translated so far, by their names in the file. */
  readonly values: Map<string, Value>;
  /** What copying nodes takes that are not translated; null within a branch, whose nodes are not copied. */
  readonly copying: CopyContext | null;
}
