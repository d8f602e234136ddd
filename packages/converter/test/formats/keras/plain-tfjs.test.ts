import * as layers from '@tensorflow/tfjs-layers';
import { serialization } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { TFJS_LAYERS } from '../../../src/formats/keras/plain-tfjs.ts';

test('the layers that plain tfjs has are those that it registers', () => {
  const { classNameMap } = serialization.SerializationMap.getMap();
  const registered = Object.entries(classNameMap)
    .filter(
      ([, [type]]) => (type as { prototype: unknown }).prototype instanceof layers.layers.Layer,
    )
    .map(([name]) => name)
    .filter((name) => !name.endsWith('Cell') && !name.endsWith('Cells'));
  const models = ['Model', 'Functional', 'Sequential'];
  expect([...TFJS_LAYERS].sort()).toEqual(
    registered.filter((name) => !models.includes(name)).sort(),
  );
});
