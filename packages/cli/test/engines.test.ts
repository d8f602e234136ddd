import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, startCommand } from './run-command.ts';
import { readMap, relativeError } from './view/live-page.ts';

/** A folder with `@tensorflow/tfjs-node` installed, if there is one. */
const tfjsNodeFolder = process.env['GRADCAM_TFJS_NODE'];

/**
 * Chromium's own Vulkan loader and its adapter in software, SwiftShader, with which ONNX Runtime's WebGPU runs
 * without a graphics card.
 */
const chromium = '/usr/lib/chromium';
const software = {
  LD_LIBRARY_PATH: chromium,
  VK_ICD_FILENAMES: path.join(chromium, 'vk_swiftshader_icd.json'),
};

/** Of a map's largest value, as between other engines on the live page. */
const TOLERANCE = 1e-4;

const scene = path.join(root, 'demo/scenes/cat-and-dog.png');

async function explainWith(engine: string, cwd: string) {
  const place = makeTemporaryFolder();
  const weights = path.join(root, 'demo/weights/demo-resnet.tar.gz');
  const model = path.join(place, 'model');
  const converted = await runCommand(['convert', weights, '--arch', 'demo-resnet', '--out', model]);
  expect(converted.code, converted.stderr).toBe(0);
  const out = path.join(place, 'run');
  const args = ['explain', scene, '--model', model, '--engine', engine, '--out', out, '--debug'];
  return { ...(await startCommand(args, { cwd }).done), out };
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

describe('--engine', { timeout: 60_000 }, () => {
  test('auto says with --debug what it took and why', async () => {
    const { code, stderr } = await explainWith('auto', root);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/engine onnx-cpu, chosen by auto: ONNX Runtime works here/);
  });

  test.for([
    ['node', '@tensorflow/tfjs-node'],
    ['node-gpu', '@tensorflow/tfjs-node-gpu'],
  ] as const)(
    '%s without its package ends with 69 and the command',
    async ([engine, name], { skip }) => {
      skip(isInstalled(name), `${name} is installed beside the command`);
      const { code, stderr } = await explainWith(engine, makeTemporaryFolder());
      expect(code).toBe(69);
      expect(stderr).toContain(`${name} is not installed`);
      expect(stderr).toContain(`run: npm install ${name}@4.22.0`);
    },
  );

  // On a machine that has such a card it works; what it then computes is the self-test of doctor.
  test.each(['webgpu', 'cuda'])('%s runs, or ends with 69 and what it needs', async (engine) => {
    const { code, stderr, out } = await explainWith(engine, root);
    if (code === 0) {
      const run = JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as object;
      expect(run).toMatchObject({ engine: `onnx-${engine}` });
      return;
    }
    expect(code).toBe(69);
    expect(stderr).toMatch(new RegExp(`engine ${engine} does not start here: it needs an? `));
  });

  const isSoftwareThere = existsSync(software.VK_ICD_FILENAMES);
  test.skipIf(process.env['GRADCAM_WEBGPU'] !== '1' || !isSoftwareThere)(
    'webgpu on an adapter in software: the maps are those of onnx',
    { timeout: 900_000 },
    async () => {
      const place = makeTemporaryFolder();
      const net = 'packages/core/test/fixtures/onnx/resnet.torchscript-open.onnx';
      const explain = async (engine: string, env: Readonly<Record<string, string>>) => {
        const out = path.join(place, engine);
        const methods = 'grad-cam,layer-cam,guided-backprop';
        const { code, stdout, stderr } = await startCommand(
          [
            ...['explain', scene, '--model', path.join(root, net), '--engine', engine],
            ...['--method', methods, '--target', '2', '--save', 'raw', '--json', '--out', out],
          ],
          { env },
        ).done;
        expect(code, stderr).toBe(0);
        const { explanations } = JSON.parse(stdout) as {
          explanations: { files: { raw: string } }[];
        };
        return Promise.all(explanations.map(({ files }) => readMap(path.join(out, files.raw))));
      };
      const expected = await explain('onnx', {});
      const found = await explain('webgpu', software);
      expect(found).toHaveLength(3);
      found.forEach((map, i) => expect(relativeError(map, expected[i]!)).toBeLessThan(TOLERANCE));
    },
  );

  test('a name that is none ends with 64 and all names', async () => {
    const { code, stderr } = await explainWith('tpu', root);
    expect(code).toBe(64);
    expect(stderr).toContain(
      "--engine takes auto, onnx, wasm, cpu, webgpu, cuda, node, node-gpu; got 'tpu'",
    );
  });

  test.skipIf(tfjsNodeFolder === undefined)('node, where it is installed', async () => {
    const { code, stderr, out } = await explainWith('node', tfjsNodeFolder!);
    expect(code, stderr).toBe(0);
    const run = JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as object;
    expect(run).toMatchObject({ engine: 'tfjs-node' });
  });
});
