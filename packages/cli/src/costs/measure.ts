import {
  chooseImageInput,
  prepareInput,
  resolveLayer,
  type Model,
  type NdArray,
  type RunRequest,
} from '@gradcam/core';

/** Milliseconds for one image, each the median of several passes. */
export interface Timings {
  readonly forward: number;
  /** A forward pass, and the gradient back to the layer, as in Grad-CAM. */
  readonly gradCam: number;
  /** A forward pass, and the gradient back to the image by the guided rule, as in guided backprop. */
  readonly guidedBackprop: number;
  /** From the layer to the scores. It is the time of a forward pass if a shortcut leads past the layer. */
  readonly tail: number;
}

/**
 * Times a model at a layer. Each round runs all requests once, so that a machine that becomes slower slows
 * all of them alike. The first round, which compiles, does not count.
 *
 * @param others values of the inputs other than the picture, by their names, each with a batch axis of 1.
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
  // If the model cannot do this request, a forward pass is timed instead. Its time is never read, because no
  // method makes such a request of this model.
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

/**
 * Draws some picture in the form that the model takes, for example gray or with channels first. Its content
 * does not matter.
 */
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
