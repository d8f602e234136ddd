import { describe, expect, test } from 'vitest';
import { executeNodes, type GraphModel } from '../../../src/engines/graph-model/execute.ts';

/** A model that tfjs-converter refuses to run with these words. */
function failing(message: string): GraphModel {
  const execute = (): never => {
    throw new Error(message);
  };
  return { execute, executeAsync: execute } as unknown as GraphModel;
}

const messageOf = (text: string): Promise<string> =>
  executeNodes(failing(text), {}, ['y']).then(
    () => '',
    (error: Error) => error.message,
  );

describe('a graph that tfjs does not run', () => {
  test('with loops around the network: the first node in one, and what to do', async () => {
    const nodes = Array.from({ length: 200 }, (_, i) => `map/while/node_${i}`).join(',');
    const found = await messageOf(
      `Cannot compute the outputs [${nodes}] from the provided inputs [image]. Consider providing the following inputs: [].`,
    );
    expect(found).toBe(
      'tfjs does not run the GraphModel: node map/while/node_0 is part of a loop, as detectors have around their network; export the model up to its raw boxes and scores, without the loops before and behind',
    );
  });

  test('for another reason: the first line of what tfjs says, cut where it is long', async () => {
    expect(await messageOf('shapes differ\nat some place')).toBe(
      'tfjs does not run the GraphModel: shapes differ',
    );
    expect((await messageOf('x'.repeat(5000))).length).toBeLessThan(350);
  });
});
