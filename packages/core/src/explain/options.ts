import type { MethodProgress } from '../methods/explain-each.ts';
import type { MethodChoice } from '../methods/method-names.ts';
import type { PresetName } from '../presets/preset.ts';
import type { TargetChoice } from '../targets/target.ts';
import type { ViewOptions } from './view-session.ts';
import type { WriteOptions } from './write-options.ts';
import type { WrittenCaption } from './written-caption.ts';

/** Options of `explain`: which scores are explained, at which layers, by which methods. */
export interface ExplainOptions extends ViewOptions {
  /** Names of methods; default Grad-CAM. */
  readonly methods?: readonly MethodChoice[];
  /**
   * The scores to explain: as on the command line (`top1`, `242`, `boxer`, `not:242`, `242:281`,
   * `region:cat`, `value`, ..), or any function of the scores; see `readTarget`. Default `top1`: the most
   * probable class; for a map the region of the class with the largest area; for a detector the best box; for
   * a single number that number.
   */
  readonly targets?: readonly TargetChoice[];
  /**
   * For a model that answers questions: the question, at most 10,000 characters. Its words become the values
   * of the model's text input. The answers are the model's classes, so `targets: ['yes', 'no']` explains two
   * answers to it.
   */
  readonly question?: string;
  /**
   * For a model that writes captions: the caption to explain, how the model writes its own (`{}`: the
   * likeliest word each time), or what `caption` of this model and image gave, which is not written again.
   * Default targets are then each word and the whole sentence, whose scores are log-probabilities. All words
   * are given to the model at once (teacher forcing), in one pass.
   */
  readonly caption?: string | WriteOptions | WrittenCaption;
  /**
   * With a given caption: lets the model also write its own, to compare their log-probabilities, or takes the
   * one that `caption` has returned.
   */
  readonly ownCaption?: WriteOptions | WrittenCaption;
  /** Layers or endpoints; several with `+` between are fused into one map. Default `auto`. */
  readonly layers?: readonly string[];
  /** Name of a preset: the displayed map is then that library's map. `raw` does not change. */
  readonly like?: PresetName | (string & {});
  /** Budget for methods that run the model many times: masks, channels, samples or steps. */
  readonly runs?: number;
  /** Number of images in one pass of these methods. */
  readonly batch?: number;
  /** Aborts between two passes of the engine. */
  readonly signal?: AbortSignal;
  /** Called by methods that run the model many times, after each pass. */
  readonly onProgress?: (progress: MethodProgress) => void;
}
