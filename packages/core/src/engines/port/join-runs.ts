import { isGradcamError } from '../../base/errors.ts';
import type { PassSeed, RunRequest, RunResult, Session } from './engine.ts';
import { joinItems, takeItem } from './join-items.ts';
import type { Seed } from './seed.ts';

/** Sessions over one model for several pieces of work that run it in step. */
export interface JoinedRuns {
  /** One for each piece of work. Disposing one does nothing. */
  readonly sessions: readonly Session[];
  /** Each piece of work calls this once when it is over; the others no longer wait for it. */
  leave(): void;
  /** Frees what was opened beside the given session, which stays open. */
  dispose(): void;
}

interface Waiting {
  /** The place of the output that the pass is about; 0 is the session's own. */
  readonly output: number;
  readonly request: RunRequest;
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins the passes of several images. Each image is explained by itself, on a session of its own. When every
 * one of them waits for a pass, passes of the same kind run as one batch, and each image gets its own rows.
 * The seeds may differ between the images.
 *
 * If a joined pass fails, for example because one image makes the logits infinite, its images run one by one,
 * so that only those fail which fail alone.
 *
 * @param session must compute each item of a batch as it computes the item alone.
 */
export function joinRuns(session: Session, count: number): JoinedRuns {
  const outputs = new Map<number, Session>([[0, session]]);
  let active = count;
  let waiting: Waiting[] = [];
  const runWhenAllWait = (): void => {
    if (waiting.length === 0 || waiting.length < active) return;
    const all = waiting;
    waiting = [];
    void answerAll(all, (output) => outputs.get(output)!);
  };
  const createView = (output: number): Session => {
    const base = outputs.get(output)!;
    return {
      network: base.network,
      ...(base.engine !== undefined && { engine: base.engine }),
      run: (request) =>
        new Promise((resolve, reject) => {
          waiting.push({ output, request, resolve, reject });
          runWhenAllWait();
        }),
      ...(base.readWeights !== undefined && {
        readWeights: (names: readonly string[]) => base.readWeights!(names),
      }),
      ...(session.atOutput !== undefined && {
        atOutput: (place: number) => {
          if (!outputs.has(place)) outputs.set(place, session.atOutput!(place));
          return createView(place);
        },
      }),
      dispose: () => undefined,
    };
  };
  return {
    sessions: Array.from({ length: count }, () => createView(0)),
    leave() {
      active--;
      runWhenAllWait();
    },
    dispose() {
      for (const [place, opened] of outputs) if (place !== 0) opened.dispose();
    },
  };
}

async function answerAll(
  all: readonly Waiting[],
  sessionOf: (output: number) => Session,
): Promise<void> {
  const groups = new Map<string, Waiting[]>();
  for (const one of all) {
    const key = kindOf(one) ?? `alone ${groups.size}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const group of groups.values()) await answerGroup(group, sessionOf(group[0]!.output));
}

async function answerGroup(group: readonly Waiting[], session: Session): Promise<void> {
  if (group.length > 1) {
    try {
      const joined = await session.run(joinRequests(group.map(({ request }) => request)));
      group.forEach(({ resolve }, item) => resolve(takeResult(joined, item)));
      return;
    } catch (error) {
      if (!isGradcamError(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
    }
  }
  for (const { request, resolve, reject } of group) {
    await session.run(request).then(resolve, reject);
  }
}

/**
 * A text that is equal for requests of one image each that can be one batch; null for a request that runs
 * alone: one that resumes at a layer, or that has a batch already.
 */
function kindOf({ output, request }: Waiting): string | null {
  const { inputs = {}, from, outputs, gradient } = request;
  const isOneImage = Object.values(inputs).every(({ shape }) => shape[0] === 1);
  if (from !== undefined || !isOneImage) return null;
  return JSON.stringify([
    output,
    Object.keys(inputs).sort(),
    outputs,
    gradient && [gradient.wrt, gradient.relu, gradient.seeds.map(formOf)],
  ]);
}

function formOf(seed: PassSeed): 'numbers' | 'score' {
  return seed instanceof Float32Array ? 'numbers' : 'score';
}

function joinRequests(requests: readonly RunRequest[]): RunRequest {
  const [{ inputs = {}, outputs, gradient }] = requests as [RunRequest];
  const joined: RunRequest = {
    inputs: Object.fromEntries(
      Object.keys(inputs).map((name) => [
        name,
        joinItems(requests.map((request) => request.inputs![name]!)),
      ]),
    ),
    outputs,
  };
  if (gradient === undefined) return joined;
  const seeds = gradient.seeds.map((_, place) =>
    joinSeeds(requests.map((request) => request.gradient!.seeds[place]!)),
  );
  return { ...joined, gradient: { ...gradient, seeds } };
}

function joinSeeds(seeds: readonly PassSeed[]): PassSeed {
  const [first] = seeds;
  if (!(first instanceof Float32Array))
    return (seeds as readonly (Seed | readonly Seed[])[]).flat();
  const rows = seeds as readonly Float32Array[];
  return joinItems(rows.map((data) => ({ shape: [1, data.length], data }))).data;
}

function takeResult({ logits, outputs, gradients, seeds }: RunResult, item: number): RunResult {
  const takeAll = (arrays: RunResult['outputs']): RunResult['outputs'] =>
    new Map([...arrays].map(([name, array]) => [name, takeItem(array, item)]));
  return {
    logits: takeItem(logits, item),
    outputs: takeAll(outputs),
    gradients: gradients.map(takeAll),
    seeds: seeds.map((items) => items.slice(item, item + 1)),
  };
}
