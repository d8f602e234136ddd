import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engines/port/engine.ts';
import type { MethodCase } from '../../contract/method-case.ts';
import { methodChecks } from '../../contract/method-checks.ts';
import { createEngine, engineNames } from '../../helper/engines.ts';
import { readFixture } from '../../helper/fixture.ts';

const cases = {
  residual: readFixture<MethodCase>('methods/residual.json'),
  plain: readFixture<MethodCase>('methods/plain.json'),
};

describe.each(engineNames)('every method on %s, against PyTorch', (backend) => {
  let engine: Engine;
  let tensorsBefore: number;
  beforeAll(async () => {
    engine = await createEngine(backend);
    tensorsBefore = tf.memory().numTensors;
  });
  afterAll(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

  // A check throws an error that says what is wrong; it has no `expect` of Vitest's.
  test.each(methodChecks(cases))('$title', { timeout: 60_000 }, async ({ run }) => {
    await expect(run(engine)).resolves.toBeUndefined();
  });
});
