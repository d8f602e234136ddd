import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../src/bytes/source.ts';
import { readArrayChunks } from '../../src/tensors/array-chunks.ts';
import { readFortranChunks } from '../../src/tensors/fortran-chunks.ts';
import { concat } from '../support/build-table.ts';

/** Bytes of an array in column-major order whose element i (row-major) holds bytes of i. */
function writeColumnMajor(shape: readonly number[], elementBytes: number): Uint8Array {
  const total = shape.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(total * elementBytes);
  for (let element = 0; element < total; element++) {
    let rest = element;
    const index = [...shape].reverse().map((size) => {
      const digit = rest % size;
      rest = Math.floor(rest / size);
      return digit;
    });
    index.reverse();
    let place = 0;
    let step = 1;
    index.forEach((digit, axis) => {
      place += digit * step;
      step *= shape[axis]!;
    });
    for (let byte = 0; byte < elementBytes; byte++) {
      bytes[place * elementBytes + byte] = (element * 31 + byte * 7) & 0xff;
    }
  }
  return bytes;
}

function writeRowMajor(total: number, elementBytes: number): Uint8Array {
  return Uint8Array.from({ length: total * elementBytes }, (_, index) => {
    const element = Math.floor(index / elementBytes);
    return (element * 31 + (index % elementBytes) * 7) & 0xff;
  });
}

describe('column-major arrays', () => {
  test('come out row-major, whatever the shape, the window, and the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1, 2, 4, 8),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        async (shape, elementBytes, windowElements, chunkElements) => {
          const bytes = writeColumnMajor(shape, elementBytes);
          const chunks: Uint8Array[] = [];
          const limits = {
            windowBytes: windowElements * elementBytes,
            chunkBytes: chunkElements * elementBytes,
          };
          const source = createMemorySource('f', bytes);
          for await (const chunk of readFortranChunks(source, shape, elementBytes, limits)) {
            expect(chunk.length).toBeLessThanOrEqual(limits.chunkBytes);
            chunks.push(chunk);
          }
          const total = bytes.length / elementBytes;
          expect(concat(...chunks)).toEqual(writeRowMajor(total, elementBytes));
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  test('of zero size have no chunks', async () => {
    const chunks = readFortranChunks(createMemorySource('f', new Uint8Array(0)), [0, 3], 4);
    expect(await chunks.next()).toMatchObject({ done: true });
  });
});

describe('array chunks', () => {
  test('complex numbers are swapped scalar by scalar', async () => {
    const source = createMemorySource('c', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const layout = {
      dtype: 'complex64',
      shape: [1],
      fortranOrder: false,
      bigEndian: true,
    } as const;
    const chunks: Uint8Array[] = [];
    for await (const chunk of readArrayChunks(source, layout)) chunks.push(chunk);
    expect(concat(...chunks)).toEqual(Uint8Array.of(4, 3, 2, 1, 8, 7, 6, 5));
  });
});
