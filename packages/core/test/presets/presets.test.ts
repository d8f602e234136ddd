import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isGradcamError } from '../../src/base/errors.ts';
import { conventionMatrix, methodMatrix } from '../../src/presets/matrix.ts';
import { presetNames } from '../../src/presets/preset.ts';
import { findPreset, peerMethod, presets } from '../../src/presets/presets.ts';

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('presets', () => {
  test('are eleven, each under its name', () => {
    expect(presets.map(({ name }) => name)).toEqual([...presetNames]);
    for (const name of presetNames) expect(findPreset(name).name).toBe(name);
  });

  test('an unknown name is answered with near ones', () => {
    const error = thrownBy(() => findPreset('torchcan'));
    expect(isGradcamError(error, 'not-found') && error.candidates).toContain('torchcam');
  });
});

describe('a method that a peer does not offer', () => {
  test('is an error that names peer, method and what there is', () => {
    const error = thrownBy(() => peerMethod(findPreset('tfjs-examples'), 'layer-cam'));
    expect(isGradcamError(error, 'unsupported')).toBe(true);
    expect(String(error)).toMatch(
      /layer-cam is not offered by this peer, tfjs-examples; with it there is grad-cam/,
    );
  });

  test('or that is not imitated, says what is different about it', () => {
    const error = thrownBy(() => peerMethod(findPreset('tf-keras-vis'), 'smoothgrad'));
    expect(isGradcamError(error, 'unsupported')).toBe(true);
    expect(String(error)).toMatch(/not imitated \(its random numbers.*there is grad-cam, /);
  });

  test('is not found among what every object has', () => {
    expect(() => peerMethod(findPreset('captum'), 'constructor')).toThrow(/not offered/);
  });
});

test('the docs hold the tables that the data gives', () => {
  const docs = readFileSync(new URL('../../../../docs/presets.md', import.meta.url), 'utf8');
  const found = tablesOf(docs);
  expect(found).toContainEqual(tablesOf(conventionMatrix())[0]);
  expect(found).toContainEqual(tablesOf(methodMatrix())[0]);
});

/** Cells of each table, without the padding that the formatter gives them. */
function tablesOf(markdown: string): string[][][] {
  return markdown
    .split(/\n\s*\n/)
    .filter((block) => block.startsWith('|'))
    .map((block) =>
      block
        .trim()
        .split('\n')
        .filter((line) => !/^[|\s:-]+$/.test(line))
        .map((line) =>
          line
            .slice(1, -1)
            .split('|')
            .map((cell) => cell.trim()),
        ),
    );
}
