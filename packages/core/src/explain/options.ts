import type { MethodProgress } from '../methods/explain-each.ts';
import type { MethodChoice } from '../methods/method-names.ts';
import type { PresetName } from '../presets/preset.ts';
import type { TargetChoice } from '../targets/target.ts';
import type { ViewOptions } from './view-session.ts';

/** What of a model's answer is explained, and how. */
export interface ExplainOptions extends ViewOptions {
  /** Names of methods; default Grad-CAM. */
  readonly methods?: readonly MethodChoice[];
  /**
   * As on the command line: `top1`, `242`, `boxer`, `not:242`, `242:281`, `region:cat`, `value`, ..; or
   * any function of the scores; see `readTarget`. Default `top1`: the most probable class, of a map the
   * region of the class with the largest area, of a detector the best box, of an output that is one number
   * this number.
   */
  readonly targets?: readonly TargetChoice[];
  /** Layers or endpoints; several with `+` between are fused into one map. Default `auto`. */
  readonly layers?: readonly string[];
  /** Name of a preset: the displayed map is that peer's; `raw` stays ours. */
  readonly like?: PresetName | (string & {});
  /** Budget of the methods that run the model many times: masks, channels, samples, steps. */
  readonly runs?: number;
  /** Inputs for one run of those methods. */
  readonly batch?: number;
  /** Takes effect between runs of the engine. */
  readonly signal?: AbortSignal;
  /** Of the methods that run the model many times, after each run. */
  readonly onProgress?: (progress: MethodProgress) => void;
}
