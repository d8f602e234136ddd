import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { convertKeras } from '../../../src/artifact/convert-keras.ts';
import { createMemoryFolder } from '../../../src/bytes/source.ts';
import { readAffineCode } from '../../../src/formats/keras/lambda-bytecode.ts';
import { replaceLambdas } from '../../../src/formats/keras/lambda-layers.ts';
import { isKerasModel } from '../../../src/formats/keras/read-keras.ts';
import { openWeights } from '../../../src/formats/open-weights.ts';
import { readFixture, readFixtureJson } from '../../support/fixtures.ts';
import { loadModel, measureError } from '../../support/load-model.ts';
import { createMemorySink } from '../../support/memory-sink.ts';

/** tfjs on the processor and TensorFlow sum in another order. */
const TOLERANCE = 2e-6;

const bytes32 = (...values: number[]): number[] => [
  ...new Uint8Array(Int32Array.from(values).buffer),
];
const float = (value: number): number[] => [0xe7, ...new Uint8Array(Float64Array.of(value).buffer)];
const whole = (value: number): number[] => [0xe9, ...bytes32(value)];
const none = 0x4e;

/** A code object as Python's marshal writes its beginning, and bytes for the rest, which is not read. */
function marshal(
  head: readonly number[],
  body: readonly number[],
  constants: number[][],
): Uint8Array {
  return Uint8Array.from([
    ...[0xe3, ...bytes32(...head)],
    ...[0x73, ...bytes32(body.length), ...body],
    ...[0x29, constants.length, ...constants.flat()],
    ...new Array<number>(40).fill(0x4e),
  ]);
}

/** x / a - b before Python 3.6: instructions of one and three bytes. */
const OLD = [0x7c, 0, 0, 0x64, 1, 0, 0x1b, 0x64, 2, 0, 0x18, 0x53];
/** The same from 3.6 to 3.10: pairs. */
const PAIRS = [0x7c, 0, 0x64, 1, 0x1b, 0, 0x64, 2, 0x18, 0, 0x53, 0];
/** The same in 3.11 and 3.12: RESUME, BINARY_OP, and a place for a cache behind it. */
const NEW = [...[0x97, 0, 0x7c, 0, 0x64, 1, 0x7a, 11, 0, 0], ...[0x64, 2, 0x7a, 10, 0, 0, 0x53, 0]];
const FIVE = [1, 0, 1, 2, 0x43];
const SIX = [1, 0, 0, 1, 2, 0x43];
const CONSTANTS = [[none], float(127.5), whole(1)];

describe('bytecode of Python, by its opcodes in Lib/opcode.py', () => {
  test.each([
    ['3.5', FIVE, OLD],
    ['3.7', FIVE, PAIRS],
    ['3.9', SIX, PAIRS],
    ['3.12', FIVE, NEW],
  ])('x / 127.5 - 1 of Python %s', (_, head, body) => {
    const found = readAffineCode(marshal(head, body, CONSTANTS));
    expect(found).toEqual({ scale: 1 / 127.5, offset: -1 });
  });

  test.each<[string, number[], number[][], object | null]>([
    // (x - 128) * 2
    ['a product', [0x7c, 0, 0x64, 0, 0x18, 0, 0x64, 1, 0x14, 0, 0x53, 0], [whole(128), whole(2)], { scale: 2, offset: -256 }],
    // 1 - x
    ['a difference', [0x64, 0, 0x7c, 0, 0x18, 0, 0x53, 0], [whole(1)], { scale: -1, offset: 1 }],
    ['x * x', [0x7c, 0, 0x7c, 0, 0x14, 0, 0x53, 0], [], null],
    ['1 / x', [0x64, 0, 0x7c, 0, 0x1b, 0, 0x53, 0], [whole(1)], null],
    ['x / 0', [0x7c, 0, 0x64, 0, 0x1b, 0, 0x53, 0], [whole(0)], null],
    ['a constant alone', [0x64, 0, 0x53, 0], [whole(1)], null],
    ['another variable', [0x7c, 1, 0x53, 0], [], null],
    ['a call', [0x74, 0, 0x7c, 0, 0x83, 1, 0x53, 0], [], null],
    ['BINARY_OP before it existed', [0x7c, 0, 0x64, 0, 0x7a, 11, 0x53, 0], [whole(2)], null],
    ['nothing returned', [0x7c, 0], [], null],
  ])('%s', (_, body, constants, expected) => {
    expect(readAffineCode(marshal(FIVE, body, constants))).toEqual(expected);
  }); // prettier-ignore

  test('two arguments, and bytes that are cut or changed, are not understood, and end', () => {
    expect(readAffineCode(marshal([2, 0, 2, 2, 0x43], PAIRS, CONSTANTS))).toBeNull();
    const good = marshal(FIVE, NEW, CONSTANTS);
    for (let length = 0; length < 60; length++) {
      expect(readAffineCode(good.subarray(0, length))).toBeNull();
    }
    for (let place = 0; place < good.length; place++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = Uint8Array.from(good);
        changed[place] = value;
        const found = readAffineCode(changed);
        expect(found === null || Number.isFinite(found.scale)).toBe(true);
      }
    }
    expect(readAffineCode(new Uint8Array(100_000))).toBeNull();
  });
});

describe('Lambda layers of a model', () => {
  const code = (given: object, text = btoa(String.fromCharCode(...marshal(FIVE, NEW, CONSTANTS)))) => ({
    class_name: 'Sequential',
    config: {
      layers: [{ class_name: 'Lambda', config: { name: 'l', function: [text, null, null], ...given } }],
    },
  }); // prettier-ignore
  const classOf = (model: object): unknown =>
    (replaceLambdas(model as never).model as ReturnType<typeof code>).config.layers[0]!.class_name;

  test('one that scales and shifts becomes a Rescaling, which is said', () => {
    expect(classOf(code({}))).toBe('Rescaling');
    expect(replaceLambdas(code({})).notes).toEqual([
      'layer l (Lambda) is read as Rescaling, since its Python bytecode computes x * 0.00784313725490196 - 1; nothing was executed',
    ]);
    // Before base64, each character stood for a byte.
    expect(classOf(code({}, String.fromCharCode(...marshal(FIVE, OLD, CONSTANTS))))).toBe(
      'Rescaling',
    );
  });

  test.each([
    ['arguments', { arguments: { factor: 2 } }],
    ['defaults', { function: ['AAAA', [2], null] }],
    ['a closure', { function: ['AAAA', null, [2]] }],
    ['a function by its name', { function: 'scale' }],
  ])('%s: it stays a Lambda', (_, given) => {
    expect(classOf(code(given))).toBe('Lambda');
  });
});

describe('files of Keras that begin with a Lambda, in plain tfjs, against Keras', () => {
  const { picture, probabilities } = readFixtureJson<{
    picture: number[];
    probabilities: number[];
  }>('keras-lambda/scaling.expected.json');

  async function convert(name: string) {
    const content = readFixture(`keras-lambda/${name}`);
    const file = await openWeights(createMemoryFolder(new Map([[name, content]])), name);
    if (!isKerasModel(file)) throw new Error(`${name} is no whole model`);
    const sink = createMemorySink();
    const digests = { sha256: '', conversion: '' };
    return { sink, report: await convertKeras({ file, sink, source: { uri: name, digests } }) };
  }

  test.each(['scaling.h5', 'scaling.keras'])('%s', async (name) => {
    const { sink, report } = await convert(name);
    expect(report.notes).toEqual([
      'layer scaling (Lambda) is read as Rescaling, since its Python bytecode computes x * 0.00784313725490196 - 1; nothing was executed',
    ]);
    const model = await loadModel(sink);
    const found = tf.tidy(() => {
      const input = tf.tensor4d(Float32Array.from(picture), [1, 8, 8, 3]);
      return (model.predict(input) as tf.Tensor).dataSync<'float32'>();
    });
    model.dispose();
    expect(measureError(found, Float32Array.from(probabilities))).toBeLessThan(TOLERANCE);
  });

  test('one that does more stays a Lambda, which plain tfjs lacks', async () => {
    const { report } = await convert('square.h5');
    expect(report.notes?.join()).toMatch(/it lacks: scaling: the class Lambda/);
  });
});
