import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { explain } from '../../src/explain/explain.ts';
import { displayMapOf, type Explanation } from '../../src/explain/explanation.ts';
import type { Geometry } from '../../src/image/geometry.ts';
import type { Model, ModelOverrides } from '../../src/model/description.ts';
import { loadModel } from '../../src/model/model.ts';
import { openModelFolder, readImage } from '../../src/node/index.ts';
import { displayLike } from '../../src/presets/display-like.ts';
import { findPreset } from '../../src/presets/presets.ts';
import { renderPeerMap } from '../../src/presets/render-peer-map.ts';
import { readNpz } from '../evidence/read-npz.ts';
import { createEngine } from '../helper/engines.ts';
import { largestDifference } from '../helper/closeness.ts';
import { findShared } from '../helper/shared-data.ts';

const folder = findShared('data', 'peers');
const SLOW = 120_000;

/** Two float32 runs of one net, in PyTorch or TensorFlow and here. */
const AS_THE_PEER = 1e-5;

/**
 * Where little is left of large terms, rounding counts for more. Grad-CAM++ and XGrad-CAM divide by sums that
 * can be near 0 where a layer has negative values. At a point of integrated gradients, a ReLU may round to the
 * other side of its kink: of one net on this engine, of the other on ONNX Runtime. Ablation-CAM weights by differences of scores, divided by a score of
 * 1; silenced by -1e7, the scores are of that size, and their differences have its rounding.
 */
const conditioned: readonly (readonly [key: RegExp, tolerance: number])[] = [
  [/^(grad-cam-plus-plus|xgrad-cam)\|.*_bn\|/, 5e-4],
  [/^integrated-gradients\|/, 5e-4],
  [/^ablation-cam\|.*_bn\|/, 1e-3],
  [/^ablation-cam\|/, 3e-5],
];

/** What is not imitated: random numbers of NumPy and PyTorch, windows without a default, another baseline. */
const left = /^(nt-|smoothgrad|occlusion|integrated-gradients-mid|default-layer)/;

const folders = { pgc: 'pytorch-grad-cam', captum: 'captum', tkv: 'tf-keras-vis' } as const;

const options: Readonly<Record<string, string>> = {
  '+aug_smooth': ':aug-smooth',
  '+eigen_smooth': ':eigen-smooth',
  '@logit': ':logits',
};

/** `method+option|layer|class|kind`, the name of an array of the references. */
interface Key {
  readonly name: string;
  readonly method: string;
  readonly option: string;
  readonly layer: string;
  readonly target: number;
  readonly kind: string;
}

function readKey(name: string): Key {
  const [named = '', layer = '', target, kind = ''] = name.split('|');
  const [method = '', option = ''] = named.split(/(?=[+@])/);
  return { name, method, option, layer, target: Number(target), kind };
}

interface Explained {
  readonly find: (key: Key) => Explanation;
  readonly geometry: Geometry;
}

interface Case {
  readonly folder: string;
  readonly overrides?: ModelOverrides;
}

const listed =
  folder === null
    ? []
    : Object.keys(folders).flatMap((peer) =>
        readdirSync(path.join(folder, 'refs', peer)).map((net) => [peer, net] as const),
      );

describe.skipIf(folder === null).each(listed)('maps of %s itself, net %s', (peer, net) => {
  let model: Model;
  beforeAll(async () => {
    const cases = JSON.parse(readFileSync(path.join(folder!, 'cases.json'), 'utf8')) as Record<
      string,
      Case
    >;
    model = await loadModel(openModelFolder(path.join(folder!, cases[net]!.folder)), {
      engine: await createEngine('wasm'),
      ...cases[net]!.overrides,
    });
  });
  afterAll(() => model.dispose());

  /** Explanations of a picture by all methods, layers and classes of the keys, by method, layer and class. */
  async function explainKeys(keys: readonly Key[], image: string): Promise<Explained> {
    const picture = await readImage(path.join(folder!, `images/${image}.png`));
    const layers = [...new Set(keys.map(({ layer }) => layer))].filter((one) => one !== 'input');
    const { explanations, geometry } = await explain(model, picture, {
      methods: [...new Set(keys.map(({ method }) => method))],
      layers: layers.length > 0 ? layers : ['auto'],
      targets: [...new Set(keys.map(({ target }) => target))],
      like: `${folders[peer as keyof typeof folders]}${options[keys[0]!.option] ?? ''}`,
    });
    const find = ({ method, layer, target }: Key) =>
      explanations.find(
        (one) =>
          one.method === method &&
          one.target.index === target &&
          (layer === 'input' || one.layer === layer),
      )!;
    return { find, geometry };
  }

  /** What we show for a key of the references, and the same with the other sign where the sign is free. */
  function show(key: Key, { find, geometry }: Explained): readonly ArrayLike<number>[] {
    const explanation = find(key);
    const { method, option, kind } = key;
    const like = explanation.like!;
    if (kind === 'bytes') {
      const { data } = renderPeerMap(like, displayMapOf(explanation, geometry), geometry);
      return [data.filter((_, i) => i % 4 !== 3)];
    }
    const isShown = kind === 'display' || (kind === 'peer' && method === 'grad-cam');
    const shownOf = (raw: NdArray) =>
      isShown ? displayLike(raw, findPreset(like.preset), method, geometry.input).data : raw.data;
    const negative = { ...like.raw, data: like.raw.data.map((value) => -value) };
    const isFree = method.startsWith('eigen-') || option === '+eigen_smooth';
    const found = [like.raw, ...(isFree ? [negative] : [])].map(shownOf);
    // captum's gradients are magnitudes.
    if (kind === 'peer' && method === 'gradient') return found.map((one) => one.map(Math.abs));
    return kind === 'raw+' ? found.map((one) => one.map((value) => Math.max(0, value))) : found;
  }

  test('raw maps, displayed maps and pictures', { timeout: SLOW }, async () => {
    const worse: string[] = [];
    let compared = 0;
    for (const file of readdirSync(path.join(folder!, 'refs', peer, net))) {
      const refs = readNpz(readFileSync(path.join(folder!, 'refs', peer, net, file)));
      const groups = new Map<string, Key[]>();
      for (const name of refs.keys()) {
        if (left.test(name) || name.split('|').length !== 4) continue;
        const key = readKey(name);
        const group = key.option + (key.layer.includes('+') ? ' fused' : '');
        groups.set(group, [...(groups.get(group) ?? []), key]);
      }
      for (const keys of groups.values()) {
        const explained = await explainKeys(keys, path.basename(file, '.npz'));
        for (const key of keys) {
          const expected = refs.get(key.name)!;
          const differences = show(key, explained).map((one) =>
            one.length === expected.length ? largestDifference(one, expected) : Infinity,
          );
          const difference = Math.min(...differences);
          const [, tolerance] = conditioned.find(([pattern]) => pattern.test(key.name)) ?? [];
          // A byte may be one level off where a value lies on the edge of two.
          const most = key.kind === 'bytes' ? 1 / 255 + 1e-9 : (tolerance ?? AS_THE_PEER);
          compared++;
          if (!(difference <= most)) worse.push(`${key.name}: ${difference.toExponential(1)}`);
        }
      }
    }
    expect(worse).toEqual([]);
    expect(compared).toBeGreaterThan(30);
  });
});
