import { expect, test } from 'vitest';
import { datedChangelog, withVersion } from '../release/set-version.mjs';

test('a release gives every package of ours one version', () => {
  const manifest = {
    name: '@gradcam/runs',
    version: '0.1.0',
    dependencies: { '@gradcam/core': '0.1.0', sharp: '0.35.5' },
  };
  expect(withVersion(manifest, '0.2.0')).toEqual({
    name: '@gradcam/runs',
    version: '0.2.0',
    dependencies: { '@gradcam/core': '0.2.0', sharp: '0.35.5' },
  });
});

test('a release dates its section of the changelog, and refuses one without', () => {
  const before = '# Changelog\n\n## 0.1.0, unreleased\n\n- a line\n';
  const after = datedChangelog(before, '0.1.0', '2026-12-01');
  expect(after).toBe('# Changelog\n\n## 0.1.0, 2026-12-01\n\n- a line\n');
  expect(() => datedChangelog(after, '0.2.0', '2026-12-01')).toThrow(/unreleased/);
});
