import {
  chooseImageInput,
  prepareInput,
  resolveLayer,
  type Model,
  type NdArray,
  type RunRequest,
} from '@gradcam/core';

/** Milliseconds of one image, the middle of several runs. */
export interface Timings {
  readonly forward: number;
  /** Forward, and back to the layer: Grad-CAM. */
  readonly gradCam: number;
  /** Forward, and back to the image by the guided rule: guided backprop. */
  readonly guidedBackprop: number;
  /** From the layer to the scores; as long as a forward run where a shortcut leads past the layer. */
  readonly tail: number;
}

/**
 * Times a model at a layer. Each round runs all requests once, so that a machine that grows slower
 * meanwhile does so for all; the first round, which compiles, does not count.
 *
 * @param others values of the inputs beside the picture, by their names, [1, ..].
 */
export async function measure(
  model: Model,
  layer: string,
  rounds: number,
  others: Readonly<Record<string, NdArray>> = {},
): Promise<Timings> {
  const { session, network } = model;
  const { node } = resolveLayer(model, layer);
  const input = chooseImageInput(network, { given: Object.keys(others) });
  const inputs = { ...others, [input]: drawPicture(model) };
  const seeds = [{ score: 'logit', of: { rank: 0 } }] as const;
  const { outputs } = await session.run({ inputs, outputs: [node] });
  const value: NdArray = outputs.get(node)!;
  const forward = { inputs, outputs: [] };
  const hasOthers = Object.keys(others).length > 0;
  const from = { layer: node, value };
  const tail = { from, outputs: [], inputs: hasOthers ? others : undefined };
  // No method requests what the model cannot do, so the time for it is never read.
  const orForward = (request: RunRequest): Promise<RunRequest> =>
    session.run(request).then(
      () => request,
      () => forward,
    );
  const back = { inputs, outputs: [] };
  const requests: Record<keyof Timings, RunRequest> = {
    forward,
    gradCam: await orForward({
      ...{ inputs, outputs: [node] },
      gradient: { seeds, wrt: [node], relu: 'plain' },
    }),
    guidedBackprop: await orForward({
      ...back,
      gradient: { seeds, wrt: [input], relu: 'guided' },
    }),
    tail: await orForward(tail),
  };
  const names = Object.keys(requests) as (keyof Timings)[];
  const times = new Map<keyof Timings, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      await session.run(requests[name]);
      if (round > 0) times.get(name)!.push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name)!)])) as Record<
    keyof Timings,
    number
  >;
}

/** Any picture will do, as the model takes it: gray, channels first, .. */
function drawPicture({ input }: Model): NdArray {
  const { height, width } = input;
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 37) % 251);
  return prepareInput({ width, height, channels: 3, data }, input).values;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
