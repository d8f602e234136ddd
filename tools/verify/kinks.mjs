// @ts-check
/**
 * Lists the decisions of a float32 engine at the kinks of a net: which ReLUs are open, and which cell of a
 * max pool is the largest. If such a decision depends on the last bit, correct engines may differ in it, and
 * the gradients below differ by much more than rounding.
 */

/**
 * The decisions by node: 1 for an open ReLU, and the index of the maximum for a pool.
 *
 * @param {import('@gradcam/core').Model} model @param {import('@gradcam/core').NdArray} input
 * @returns {Promise<Map<string, Int32Array>>}
 */
export async function listDecisions(model, input) {
  const { nodes, inputs } = model.network;
  const kinks = nodes.filter(({ op }) => op.kind === 'relu' || op.kind === 'maxPool');
  const names = kinks.map(({ name, op, inputs }) =>
    op.kind === 'relu' ? name : (inputs[0] ?? ''),
  );
  const { outputs } = await model.session.run({
    inputs: { [inputs[0] ?? '']: input },
    outputs: [...new Set(names)],
  });
  return new Map(
    kinks.map(({ name, op, shape }, i) => {
      const array = outputs.get(names[i] ?? '');
      if (array === undefined) throw new Error(`no value of ${names[i]}`);
      const decided =
        op.kind === 'maxPool'
          ? largestPlaces(array, op, shape)
          : Int32Array.from(array.data, (value) => (value > 0 ? 1 : 0));
      return [name, decided];
    }),
  );
}

/**
 * Nodes at which two engines decided differently, with the number of different decisions.
 *
 * @param {Map<string, Int32Array>} a @param {Map<string, Int32Array>} b
 */
export function compareDecisions(a, b) {
  return [...a].flatMap(([node, decisions]) => {
    const others = b.get(node);
    if (others?.length !== decisions.length) throw new Error(`${node}: another net`);
    const count = decisions.filter((decision, i) => decision !== others[i]).length;
    return count === 0 ? [] : [{ node, count, of: decisions.length }];
  });
}

/**
 * The first of the largest cells of each window, row by row.
 *
 * @param {import('@gradcam/core').NdArray} image [1, height, width, channels]
 * @param {Extract<import('@gradcam/core').Op, { kind: 'maxPool' }>} op
 * @param {readonly number[]} shape of the pool's result
 */
function largestPlaces({ shape: from, data }, { size, strides, padding }, shape) {
  const [, height = 1, width = 1, channels = 1] = from;
  const [rows = 1, columns = 1] = shape;
  const places = new Int32Array(rows * columns * channels);
  for (let i = 0; i < places.length; i++) {
    const channel = i % channels;
    const cell = Math.floor(i / channels);
    const top = Math.floor(cell / columns) * strides[0] - padding.top;
    const left = (cell % columns) * strides[1] - padding.left;
    let largest = -Infinity;
    for (let y = Math.max(0, top); y < Math.min(height, top + size[0]); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + size[1]); x++) {
        const value = data[(y * width + x) * channels + channel] ?? NaN;
        if (value <= largest) continue;
        largest = value;
        places[i] = y * width + x;
      }
    }
  }
  return places;
}
