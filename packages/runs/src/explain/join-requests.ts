import type { PreparedInput } from '@gradcam/core';
import type { ExplainedImage, Explainer, ExplainerOptions, RunProgress } from './explainer.ts';

/**
 * How long an idle explainer waits for a request that was announced, in milliseconds since the last one came.
 * One picture is decoded in less. Where this takes longer, the explainer is not what the run waits for.
 */
const PATIENCE = 25;

export interface JoinOptions {
  /** The most images in one run of the model. */
  readonly most: number;
  /**
   * How long a request waits for others while the explainer is idle, in milliseconds. Default 0: requests
   * are joined that come while the explainer is busy, and an idle one begins at once.
   */
  readonly wait?: number;
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
  readonly options: ExplainerOptions;
  readonly onProgress: RunProgress;
  readonly resolve: (result: ExplainedImage) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins requests with the same options into one run of the model, through
 * {@link Explainer.explainTogether}. A full group begins at once. A smaller one begins when the explainer is
 * idle and no announced request is on its way. Each request is answered by itself: an image that fails does
 * not fail the others.
 *
 * Requests for evidence, and those to an explainer that takes one image at a time, are passed on as they
 * come.
 */
export function joinRequests(
  explainer: Explainer,
  { most, wait = 0 }: JoinOptions,
): JoiningExplainer {
  const waiting: Waiting[] = [];
  let [expected, running] = [0, 0];
  let timer: NodeJS.Timeout | undefined;

  const begin = (): void => {
    clearTimeout(timer);
    for (;;) {
      const group = nextGroup(waiting, most);
      if (group.length === 0) return;
      if (group.length < most && running > 0) return;
      const left = wait - (performance.now() - group[0]!.since);
      const delay = expected > 0 ? Math.max(left, PATIENCE) : left;
      if (group.length < most && delay > 0) {
        timer = setTimeout(beginAnyway, delay);
        return;
      }
      start(group);
    }
  };
  const beginAnyway = (): void => {
    start(nextGroup(waiting, most));
    begin();
  };
  const start = (group: readonly Waiting[]): void => {
    for (const one of group) waiting.splice(waiting.indexOf(one), 1);
    running++;
    void answer(explainer, group).then(() => {
      running--;
      begin();
    });
  };
  const explain: Explainer['explain'] = (input, options, onProgress) => {
    if (most === 1 || explainer.explainTogether === undefined || options.evidence !== undefined) {
      return explainer.explain(input, options, onProgress);
    }
    return new Promise((resolve, reject) => {
      const since = performance.now();
      waiting.push({ since, input, options, onProgress, resolve, reject });
      begin();
    });
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

/** The first request and those with the same options, at most so many; empty where none waits. */
function nextGroup(waiting: readonly Waiting[], most: number): readonly Waiting[] {
  const [first] = waiting;
  if (first === undefined) return [];
  return waiting.filter(({ options }) => isSame(options, first.options)).slice(0, most);
}

/** Whether two requests ask for the same, whatever they do with the answer. */
function isSame(a: ExplainerOptions, b: ExplainerOptions): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof ExplainerOptions>;
  return [...names].every((name) => {
    const [one, other] = [a[name], b[name]];
    if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
    return one.length === other.length && one.every((item, i) => item === other[i]);
  });
}

async function answer(explainer: Explainer, group: readonly Waiting[]): Promise<void> {
  const [{ input, options, onProgress }] = group as [Waiting];
  const asked =
    group.length === 1
      ? Promise.allSettled([explainer.explain(input, options, onProgress)])
      : explainer.explainTogether!(
          group.map((one) => one.input),
          options,
          (image, done, total) => group[image]!.onProgress(done, total),
        );
  try {
    const results = await asked;
    group.forEach(({ resolve, reject }, i) => {
      const result = results[i]!;
      if (result.status === 'fulfilled') resolve(result.value);
      else reject(result.reason);
    });
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
