import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openWeights } from '../../src/formats/open-weights.ts';
import { openFileFolder } from '../../src/node/file-source.ts';
import { describeTensors, type ExpectedTensor } from '../support/fixtures.ts';
import { describeWithSharedData, sharedData } from '../support/shared-data.ts';

interface ExpectedFile {
  readonly tensors: Readonly<Record<string, ExpectedTensor>>;
}

describeWithSharedData('files of other people', () => {
  const expected = JSON.parse(
    readFileSync(join(sharedData, 'expected_tensors.json'), 'utf8'),
  ) as Record<string, ExpectedFile>;

  test.each(Object.keys(expected).filter((name) => !name.includes('minigo')))(
    '%s reads as an independent reader read it',
    async (name) => {
      const { tensors } = expected[name]!;
      const path = join(sharedData, name);
      const folder = openFileFolder(dirname(path));
      const file = await openWeights(folder, basename(path));
      const found = await describeTensors(file.tensors);
      await folder.close();
      const numeric = Object.entries(tensors).filter(([, { dtype }]) => dtype !== 'string');
      expect(found).toEqual(
        Object.fromEntries(
          numeric.map(([key, { dtype, shape, sha256 }]) => [key, { dtype, shape, sha256 }]),
        ),
      );
      expect(file.skipped.map((entry) => entry.name)).toEqual(
        Object.keys(tensors).filter((key) => tensors[key]!.dtype === 'string'),
      );
    },
  );

  test('an index without its data file lists its tensors, and says which file is missing', async () => {
    const { tensors } = expected['checkpoints/v2/minigo.index']!;
    const folder = openFileFolder(join(sharedData, 'checkpoints', 'v2'));
    const file = await openWeights(folder, 'minigo');
    expect(
      Object.fromEntries(file.tensors.map(({ name, dtype, shape }) => [name, { dtype, shape }])),
    ).toEqual(
      Object.fromEntries(
        Object.entries(tensors).map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
      ),
    );
    await expect(describeTensors(file.tensors)).rejects.toMatchObject({
      tag: 'NotFoundError',
      subject: 'minigo.data-00000-of-00001',
    });
    await folder.close();
  });
});
