import type { PreparedInput } from '@gradcam/core';
import { dropUndefined } from '../drop-undefined.ts';
import type {
  ExplainedImage,
  Explainer,
  ExplainerOptions,
  RunProgress,
  TogetherOptions,
} from './explainer.ts';

/**
 * How long an idle explainer waits for a request that was announced, in milliseconds since the last one came.
 * One picture is decoded in less. Where this takes longer, the explainer is not what the run waits for.
 */
const PATIENCE = 25;

/**
 * One run is in the engine and a full second one may wait there, so that the engine has work while this
 * thread handles the answers.
 */
const RUNS_AT_ONCE = 2;

export interface JoinOptions {
  /** The most images in one run of the model. */
  readonly most: number;
  /**
   * How long a request waits for others while the explainer is idle, in milliseconds. Default 0: requests
   * are joined that come while the explainer is busy, and an idle one begins at once.
   */
  readonly wait?: number;
  /**
   * Called at the end of each run of the model that did not fail as a whole.
   *
   * @param queuedMs how long each of its requests had waited.
   */
  readonly onRun?: (run: { readonly ms: number; readonly queuedMs: readonly number[] }) => void;
}

/** A request that will come. */
export interface ExpectedRequest extends Pick<Explainer, 'explain'> {
  /** Says that the request will not come. After it has come this does nothing. */
  withdraw(): void;
}

/** An explainer that explains several images in one run of the model. */
export interface JoiningExplainer extends Explainer {
  /** Announces a request, so that others that have come wait for it. */
  expect(): ExpectedRequest;
}

interface Waiting {
  /** When it came, in milliseconds. */
  readonly since: number;
  readonly input: PreparedInput;
  /** Without the signal, which is the request's own. */
  readonly options: ExplainerOptions;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: RunProgress;
  readonly resolve: (result: ExplainedImage) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins requests with the same options, apart from the question, into one run of the model, through
 * {@link Explainer.explainTogether}. A full group begins at once, unless two runs are at work. A smaller one
 * begins when the explainer is idle and no announced request is on its way. Each request is answered by
 * itself: an image that fails does not fail the others.
 *
 * A request whose signal is aborted leaves its group, and a run that all its requests have left is cancelled.
 *
 * Requests for evidence, and those to an explainer that takes one image at a time, are groups of one.
 */
export function joinRequests(
  explainer: Explainer,
  { most, wait = 0, onRun = () => {} }: JoinOptions,
): JoiningExplainer {
  const waiting: Waiting[] = [];
  let [expected, running] = [0, 0];
  let timer: NodeJS.Timeout | undefined;

  const sizeOf = ({ evidence }: ExplainerOptions): number =>
    explainer.explainTogether === undefined || evidence !== undefined ? 1 : most;

  /** @param isPatient whether a group that is not full waits for others. */
  const begin = (isPatient = true): void => {
    clearTimeout(timer);
    const groups = groupByOptions(waiting);
    const full = groups.find((group) => group.length >= sizeOf(group[0]!.options));
    const [oldest] = groups;
    if (oldest === undefined || running >= RUNS_AT_ONCE) return;
    const left = wait - (performance.now() - oldest[0]!.since);
    const delay = expected > 0 ? Math.max(left, PATIENCE) : left;
    const isDue = running === 0 && (!isPatient || delay <= 0);
    const chosen = isDue ? oldest : full;
    if (chosen !== undefined) {
      start(chosen.slice(0, sizeOf(chosen[0]!.options)));
      begin();
    } else if (running === 0) {
      timer = setTimeout(() => begin(false), delay);
    }
  };
  const start = (group: readonly Waiting[]): void => {
    for (const one of group) waiting.splice(waiting.indexOf(one), 1);
    running++;
    void answer(explainer, group, onRun).then(() => {
      running--;
      begin();
    });
  };
  const explain: Explainer['explain'] = async (input, { signal, ...options }, onProgress) => {
    signal?.throwIfAborted();
    let settle = (): void => {};
    try {
      return await new Promise<ExplainedImage>((resolve, reject) => {
        const since = performance.now();
        const one: Waiting = { since, input, options, signal, onProgress, resolve, reject };
        const leave = (): void => {
          const at = waiting.indexOf(one);
          if (at >= 0) waiting.splice(at, 1);
          reject(signal!.reason);
        };
        signal?.addEventListener('abort', leave, { once: true });
        settle = () => signal?.removeEventListener('abort', leave);
        waiting.push(one);
        begin();
      });
    } finally {
      settle();
    }
  };
  return {
    explain,
    expect() {
      let isExpected = true;
      expected++;
      const arrive = (): void => {
        if (isExpected) expected--;
        isExpected = false;
      };
      return {
        explain(...request) {
          arrive();
          return explain(...request);
        },
        withdraw() {
          arrive();
          begin();
        },
      };
    },
    drop() {
      clearTimeout(timer);
      for (const { reject } of waiting.splice(0)) {
        reject(new DOMException('cancelled before it began', 'AbortError'));
      }
      explainer.drop();
    },
  };
}

/** Requests that ask for the same, the group with the oldest first. */
function groupByOptions(waiting: readonly Waiting[]): Waiting[][] {
  const groups: Waiting[][] = [];
  for (const one of waiting) {
    const group = groups.find(([first]) => isSame(one.options, first!.options));
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  return groups;
}

/** Whether two requests ask for the same, whatever they do with the answer. */
function isSame(a: ExplainerOptions, b: ExplainerOptions): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof ExplainerOptions>;
  return [...names].every((name) => {
    const [one, other] = [a[name], b[name]];
    // Each image may have its own question.
    if (name === 'question') return (one === undefined) === (other === undefined);
    if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
    return one.length === other.length && one.every((item, i) => item === other[i]);
  });
}

async function answer(
  explainer: Explainer,
  group: readonly Waiting[],
  onRun: NonNullable<JoinOptions['onRun']>,
): Promise<void> {
  const start = performance.now();
  const controller = new AbortController();
  const cancelUnwanted = (): void => {
    if (group.every(({ signal }) => signal?.aborted)) controller.abort();
  };
  for (const { signal } of group) signal?.addEventListener('abort', cancelUnwanted);
  const isCancellable = group.every(({ signal }) => signal !== undefined);
  const options: ExplainerOptions = dropUndefined({
    ...group[0]!.options,
    signal: isCancellable ? controller.signal : undefined,
  });
  try {
    const results = await ask(explainer, group, options);
    onRun({ ms: performance.now() - start, queuedMs: group.map(({ since }) => start - since) });
    group.forEach(({ resolve, reject }, i) => {
      const result = results[i]!;
      if (result.status === 'fulfilled') resolve(result.value);
      else reject(result.reason);
    });
  } catch (error) {
    for (const { reject } of group) reject(error);
  } finally {
    for (const { signal } of group) signal?.removeEventListener('abort', cancelUnwanted);
  }
}

/** The options with the question of each request, where they ask several. */
function withQuestions(
  group: readonly Waiting[],
  { question, ...options }: ExplainerOptions,
): TogetherOptions {
  if (question === undefined) return options;
  const questions = group.map((one) => one.options.question!);
  const isOne = questions.every((one) => one === question);
  return isOne ? { ...options, question } : { ...options, questions };
}

async function ask(
  explainer: Explainer,
  group: readonly Waiting[],
  options: ExplainerOptions,
): Promise<readonly PromiseSettledResult<ExplainedImage>[]> {
  if (group.length === 1) {
    const [{ input, onProgress }] = group as [Waiting];
    return Promise.allSettled([explainer.explain(input, options, onProgress)]);
  }
  const inputs = group.map(({ input }) => input);
  return explainer.explainTogether!(inputs, withQuestions(group, options), (image, done, total) =>
    group[image]!.onProgress(done, total),
  );
}
