import { convertModel } from '../../src/node/convert-model.ts';
import { fixturePath, readFixtureJson } from './fixtures.ts';
import { createSmallArchitecture, type OracleExpectation } from './small-architectures.ts';

/** A process to be killed: converts into the folder it is given, again and again, never the same. */
const [out = ''] = process.argv.slice(2);
const { architecture } = readFixtureJson<OracleExpectation>('slim/vgg16.expected.json');
for (let run = 0; ; run++) {
  await convertModel({
    source: fixturePath('slim/vgg16.npy'),
    architecture: createSmallArchitecture(architecture),
    id: `run-${process.pid}-${run}`,
    out,
  });
  if (run === 0) process.stdout.write('converting\n');
}
