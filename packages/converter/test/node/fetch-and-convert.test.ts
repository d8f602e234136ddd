import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { getArchitecture } from '../../src/architectures/registry.ts';
import type { ModelJson } from '../../src/artifact/model-json.ts';
import { fetchAndConvert } from '../../src/node/fetch-and-convert.ts';
import { PUBLISHED_MODELS } from '../../src/registry/published-models.ts';
import { serveBytes, startServer } from '../support/file-server.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const demo = new URL('../../../../demo/weights/', import.meta.url);

async function readMetadata(directory: string) {
  const text = await readFile(join(directory, 'model.json'), 'utf8');
  return (JSON.parse(text) as ModelJson).userDefinedMetadata.gradcam;
}

describe('the demo nets', () => {
  test.each(['demo-resnet', 'demo-vgg'])('%s needs no network', async (model) => {
    const outDirectory = await createTemporaryFolder();
    const fetch = () => expect.unreachable('nothing is fetched');
    const { directory, report } = await fetchAndConvert({
      model,
      outDirectory,
      transfer: { fetch },
    });
    expect(directory).toBe(join(outDirectory, model));
    expect(report?.classes).toBe(10);
    const { labels, input, defaultEndpoint } = await readMetadata(directory);
    expect(labels?.slice(0, 2)).toEqual(['cat', 'dog']);
    expect(input.height).toBe(128);
    expect(defaultEndpoint).toBe(getArchitecture(model).defaultEndpoint);
  });
});

describe('a source in the place of the published ones', () => {
  test('from a URL is downloaded, and named in the metadata', async () => {
    const bytes = await readFile(new URL('demo-vgg.npy', demo));
    const { url } = await startServer((request, response) => serveBytes(bytes, request, response));
    const folder = await createTemporaryFolder();
    const stages = new Set<string>();
    const { directory } = await fetchAndConvert({
      model: 'demo-vgg',
      source: url,
      outDirectory: join(folder, 'models'),
      cacheDirectory: join(folder, 'cache'),
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect((await readMetadata(directory)).source.uri).toBe(url);
    expect([...stages]).toEqual(['download', 'convert']);
  });

  test('from a file', async () => {
    const outDirectory = await createTemporaryFolder();
    const source = new URL('demo-vgg.npy', demo).href;
    const { report } = await fetchAndConvert({ model: 'demo-vgg', source, outDirectory });
    expect(report?.used).toHaveLength(26);
  });
});

describe('published weights', () => {
  test('that no address has are taken in their other form, and this is said', async () => {
    const folder = await createTemporaryFolder();
    const asked: string[] = [];
    const notices: string[] = [];
    const fetching = fetchAndConvert({
      model: 'vgg16',
      outDirectory: folder,
      cacheDirectory: folder,
      transfer: {
        attempts: 1,
        async fetch(url) {
          asked.push(new URL(url).pathname.split('/').at(-1)!);
          return new Response(null, { status: 404 });
        },
      },
      onNotice: (notice) => notices.push(notice),
    });
    await expect(fetching).rejects.toMatchObject({ tag: 'DownloadError', status: 404 });
    expect(asked).toEqual(['vgg16.npy', ...Array(2).fill('vgg_16_2016_08_28.tar.gz')]);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/HTTP 404; .*taking vgg_16_2016_08_28.tar.gz instead$/);
  });

  test('have architectures, and other forms that exist', () => {
    const ids = PUBLISHED_MODELS.map(({ id }) => id);
    for (const { id, fallback } of PUBLISHED_MODELS) {
      expect(getArchitecture(id).id).toBe(id);
      if (fallback !== undefined) expect(ids).toContain(fallback);
    }
  });

  test('of an unknown model are a usage error with the nearest name', async () => {
    const outDirectory = await createTemporaryFolder();
    const fetching = fetchAndConvert({ model: 'resnet_v1_5', outDirectory });
    await expect(fetching).rejects.toThrow("did you mean 'resnet_v1_50'?");
  });
});
