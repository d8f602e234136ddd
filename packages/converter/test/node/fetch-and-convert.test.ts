import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findTorchArchitecture } from '../../src/architectures/torch/families.ts';
import { getArchitecture } from '../../src/architectures/registry.ts';
import type { ModelJson } from '../../src/artifact/model-json.ts';
import type { ConvertResult } from '../../src/node/convert-model.ts';
import { fetchAndConvert } from '../../src/node/fetch-and-convert.ts';
import { PUBLISHED_MODELS, type PublishedModel } from '../../src/registry/published-models.ts';
import { TORCHVISION_WEIGHTS } from '../../src/registry/torchvision-weights.ts';
import { readFixture } from '../support/fixtures.ts';
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

  test('from two addresses with the same last name is two files', async () => {
    const bytes = await readFile(new URL('demo-vgg.npy', demo));
    const { url } = await startServer((request, response) => {
      if (request.url?.startsWith('/b/') === true) response.writeHead(404).end();
      else serveBytes(bytes, request, response);
    });
    const folder = await createTemporaryFolder();
    const fetchFrom = (path: string) =>
      fetchAndConvert({
        model: 'demo-vgg',
        source: new URL(path, url).href,
        outDirectory: join(folder, 'models'),
        cacheDirectory: join(folder, 'cache'),
      });
    await fetchFrom('/a/weights.npy');
    await expect(fetchFrom('/b/weights.npy')).rejects.toMatchObject({
      tag: 'DownloadError',
      status: 404,
    });
    await fetchFrom('/a/weights.npy?version=2');
    expect(await readdir(join(folder, 'cache', 'downloads'))).toHaveLength(4);
  });

  test.each<[string, (bytes: Uint8Array, response: ServerResponse) => void]>([
    ['a page of a captive portal', (_, response) => response.end('<html>log in</html>')],
    // Ends with the connection: nothing says that it is short.
    [
      'half of it',
      (bytes, response) => {
        response.shouldKeepAlive = false;
        response.removeHeader('transfer-encoding');
        response.end(bytes.subarray(0, bytes.length / 2));
      },
    ],
  ])('that sent %s once is asked again', async (_, answerOnce) => {
    const bytes = await readFile(new URL('demo-vgg.npy', demo));
    const { url, ranges } = await startServer((request, response, count) => {
      if (count === 0) answerOnce(bytes, response);
      else serveBytes(bytes, request, response);
    });
    const folder = await createTemporaryFolder();
    const fetchAgain = () =>
      fetchAndConvert({
        model: 'demo-vgg',
        source: url,
        outDirectory: join(folder, 'models'),
        cacheDirectory: join(folder, 'cache'),
      });
    const error = await fetchAgain().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ tag: 'FormatError' });
    expect((error as Error).message).toContain('the next fetch downloads again');
    expect(await readdir(join(folder, 'cache', 'downloads'))).toEqual([]);
    expect((await fetchAgain()).report?.used).toHaveLength(26);
    expect(ranges).toHaveLength(2);
  });

  test('of another net stays in the cache: its bytes are weights', async () => {
    const bytes = await readFile(new URL('demo-vgg.npy', demo));
    const { url, ranges } = await startServer((request, response) =>
      serveBytes(bytes, request, response),
    );
    const folder = await createTemporaryFolder();
    const fetching = { source: url, outDirectory: folder, cacheDirectory: folder };
    await expect(fetchAndConvert({ ...fetching, model: 'demo-resnet' })).rejects.toMatchObject({
      tag: 'MappingError',
    });
    await fetchAndConvert({ ...fetching, model: 'demo-vgg' });
    expect(ranges).toHaveLength(1);
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
    for (const { id, architecture, fallback } of PUBLISHED_MODELS) {
      const net =
        architecture === undefined ? getArchitecture(id) : findTorchArchitecture(architecture);
      expect(net?.id).toBe(architecture ?? id);
      if (fallback !== undefined) expect(ids).toContain(fallback);
    }
  });

  test('of an unknown model are a usage error with the nearest name', async () => {
    const outDirectory = await createTemporaryFolder();
    const fetching = fetchAndConvert({ model: 'resnet_v1_5', outDirectory });
    await expect(fetching).rejects.toThrow("did you mean 'resnet_v1_50'?");
  });
});

describe('weights of torchvision', () => {
  test('are checked against the digits in their names, and prepared as published', async () => {
    const { net, input } = TORCHVISION_WEIGHTS.find(({ id }) => id === 'resnet50.v2')!;
    expect(net).toBe('resnet50');
    expect(input).toEqual({ resize: 232, crop: 224, filter: 'bilinear' });
    const published = PUBLISHED_MODELS.find(({ id }) => id === 'resnet18.v1')!;
    expect(published.urls).toEqual(['https://download.pytorch.org/models/resnet18-f37072fd.pth']);
    // Other bytes under the published address, as a broken mirror would send them.
    const bytes = readFixture('torch/resnet_basic.pth');
    const requested: string[] = [];
    const fetch: typeof globalThis.fetch = async (url) => {
      requested.push(String(url));
      return new Response(bytes, { headers: { 'content-length': String(bytes.length) } });
    };
    const folder = await createTemporaryFolder();
    const work = fetchAndConvert({
      model: 'resnet18.v1',
      outDirectory: join(folder, 'models'),
      cacheDirectory: join(folder, 'cache'),
      transfer: { fetch, attempts: 1 },
    });
    await expect(work).rejects.toThrow(/beginning of the sha256 is [0-9a-f]{8}, expected f37072fd/);
    expect(requested).toEqual([...published.urls]);
  });

  test('that are as published are fetched once and converted', async () => {
    const bytes = readFixture('torch/resnet_basic.pth');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const fileName = `narrow-${sha256.slice(0, 8)}.pth`;
    const { url, ranges } = await startServer((request, response) =>
      serveBytes(bytes, request, response),
    );
    const published: PublishedModel = {
      ...PUBLISHED_MODELS.find(({ id }) => id === 'resnet18.v1')!,
      ...{ id: 'narrow.v1', architecture: 'resnet', fileName, urls: [`${url}/${fileName}`] },
      ...{ byteLength: bytes.length, sha256Prefix: sha256.slice(0, 8) },
    };
    const registry = PUBLISHED_MODELS as PublishedModel[];
    registry.push(published);
    onTestFinished(() => void registry.pop());
    const folder = await createTemporaryFolder();
    const fetchNarrow = (outDirectory: string): Promise<ConvertResult> =>
      fetchAndConvert({ model: 'narrow.v1', outDirectory, cacheDirectory: join(folder, 'cache') });
    const { directory, report } = await fetchNarrow(join(folder, 'models'));
    expect(report).toMatchObject({ id: 'narrow.v1', architecture: 'resnet', classes: 7 });
    expect((await readMetadata(directory)).source).toMatchObject({
      uri: published.urls[0],
      sha256,
    });
    await fetchNarrow(join(folder, 'others'));
    expect(ranges).toHaveLength(1);
  });

  test('of another net are not taken for the published ones', async () => {
    const bytes = readFixture('torch/resnet_basic.pth');
    const { url } = await startServer((request, response) => serveBytes(bytes, request, response));
    const folder = await createTemporaryFolder();
    const work = fetchAndConvert({
      model: 'resnet50.v1',
      source: `${url}/resnet50-0676ba61.pth`,
      outDirectory: join(folder, 'models'),
      cacheDirectory: join(folder, 'cache'),
    });
    await expect(work).rejects.toThrow(/is no resnet50: .* weights are missing/);
  });
});
