import { createMemoryFolder, FormatError, openWeights } from '@gradcam/converter';
import { GradcamError } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { crc32, maskedCrc32c } from '../fuzz/checksums.mjs';
import { digestWeights } from '../fuzz/digest.mjs';
import { fixtureSeeds } from '../fuzz/fixtures.mjs';
import { tableEntries } from '../fuzz/formats/table.mjs';
import { buildTar, sealTar, tarMembers } from '../fuzz/formats/tar.mjs';
import { zipMembers } from '../fuzz/formats/zip.mjs';
import { makeMutant, planMutant } from '../fuzz/mutant.mjs';
import { createRandom } from '../fuzz/random.mjs';
import { tensorflowTargets } from '../fuzz/targets/tensorflow.mjs';
import { weightTargets } from '../fuzz/targets/weights.mjs';
import { makeTableSeeds } from '../fuzz/targets/weight-seeds.mjs';

/** Each draws another way of packing: blocks, Snappy, methods. */
const WAYS = 6;

async function digestOf(name: string, bytes: Uint8Array): Promise<string> {
  return digestWeights(await openWeights(createMemoryFolder(new Map([[name, bytes]])), name));
}

function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}

describe('what the fuzzer packs again is a right file: damage is what a step does, and nothing else', () => {
  const tables = [...fixtureSeeds('converter/dtypes', /\.ckpt$/), ...makeTableSeeds()];
  test.each(tables)('$name, in other blocks', async ({ open, files }) => {
    const bytes = files[open]!;
    const expected = await digestOf(open, bytes);
    for (let way = 0; way < WAYS; way++) {
      const packed = tableEntries.pack(tableEntries.unpack(bytes), createRandom(way));
      // One way in ten leaves keys unsorted on purpose; those here were in order.
      expect(await digestOf(open, packed), `way ${way}`).toBe(expected);
    }
  });

  test.each(fixtureSeeds('converter/npy', /\.npz$/))('$name', async ({ open, files }) => {
    const bytes = files[open]!;
    const expected = await digestOf(open, bytes);
    for (let way = 0; way < WAYS; way++) {
      const packed = zipMembers.pack(zipMembers.unpack(bytes), createRandom(way));
      expect(await digestOf(open, packed), `way ${way}`).toBe(expected);
    }
  });

  test('a tar, whose sums it makes right after a change', () => {
    const members = [{ name: 'a/net.ckpt', bytes: text('weights'), extra: '0' }];
    const tar = buildTar(members);
    expect(tarMembers.unpack(tar)).toEqual(members);
    expect(sealTar(tar)).toEqual(tar);
    const other = Uint8Array.from(tar);
    other[0] = 'b'.charCodeAt(0);
    expect(sealTar(other)).toEqual(buildTar([{ ...members[0]!, name: 'b/net.ckpt' }]));
  });

  test('a graph whose weights are put into files beside it', async () => {
    const [whole, divided] = tensorflowTargets;
    const [started, web] = [await whole!.start(), await divided!.start()];
    const expected = await started.run(started.seeds.find(({ name }) => name === 'frozen.pb')!);
    expect(await web.run(web.seeds.find(({ name }) => name === 'float32')!)).toBe(expected);
  });

  test('checksums are those of the standards', () => {
    // The check value of both CRCs in the catalogue of parametrised CRC algorithms.
    expect(crc32(text('123456789'))).toBe(0xcbf43926);
    const rotated = ((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8;
    expect(maskedCrc32c(text('123456789'))).toBe(rotated >>> 0);
  });
});

test('a mutant is made again by its number alone', async () => {
  const target = weightTargets[0]!;
  const { seeds } = await target.start();
  const make = (campaign: number) =>
    makeMutant(target, seeds, planMutant(target, seeds.length, campaign, 7));
  expect(make(1)).toEqual(make(1));
  expect(make(2)).not.toEqual(make(1));
});

describe('the oracle', () => {
  /** The built classes, of which the fuzzer's readers throw theirs. */
  const observing = import('../fuzz/oracle.mjs');

  test.each([
    ['a digest', 'value', undefined],
    [new GradcamError('model', 'no'), 'GradcamError model', undefined],
    [new FormatError('npy', 'no'), 'FormatError', undefined],
    [new TypeError('x is undefined'), 'untagged TypeError', 'untagged'],
    ['thrown', 'untagged string', 'untagged'],
  ])('%s is %s', async (result, kind, fault) => {
    const { observe } = await observing;
    const outcome = await observe(async () => {
      if (result === 'a digest') return result;
      throw result;
    });
    expect(outcome.kind).toBe(kind);
    expect(outcome.fault?.kind).toBe(fault);
  });

  test('finds that two readers disagree', async () => {
    const { Disagreement, observe } = await observing;
    const outcome = await observe(() => Promise.reject(new Disagreement('other values')));
    expect(outcome.fault).toEqual({ kind: 'disagreement', cause: 'other values' });
  });
});
