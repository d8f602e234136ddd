import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchItem, type NdArray } from '../../src/base/nd-array.ts';
import {
  blocksInTurn,
  findEvidencePreset,
  measureComplexity,
  measureDeletion,
  measureEnergyPointing,
  measureInfidelity,
  measureInsertion,
  measureMaskedImage,
  measurePointing,
  measureRoad,
  measureSparseness,
  type EvidenceSubject,
  type RoadMeasurement,
} from '../../src/evidence/index.ts';
import { prepareInput } from '../../src/image/prepare-input.ts';
import type { DisplayMap } from '../../src/image/display-map.ts';
import { computeGradCam } from '../../src/methods/grid/grad-cam.ts';
import { computeIntegratedGradients } from '../../src/methods/multi-pass/integrated-gradients.ts';
import { createPredict, forwardPassOf } from '../../src/methods/passes/forward-pass.ts';
import type { Model } from '../../src/model/description.ts';
import { loadModel } from '../../src/model/model.ts';
import { openModelFolder, readImage } from '../../src/node/index.ts';
import { inputMapOf } from '../../src/evidence/input-map.ts';
import { createEngine } from '../helper/engines.ts';
import { readFixture } from '../helper/fixture.ts';
import { findShared } from '../helper/shared-data.ts';
import { readNpy, readNpz } from './read-npz.ts';

/** The numbers that the real packages gave, by peer and metric. */
type Reference = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> & {
  readonly images: readonly string[];
  readonly classes: readonly number[];
};

/** What `tools/oracles/evidence_orders.py` writes: for each map, its pixels from the largest value on. */
interface StoredOrders {
  readonly maps: readonly string[];
}

const referenceFile = findShared('research', 'metrics_reference.json');
const folder = findShared('data', 'peers');
const SIDE = 64;

/** ROAD solves 90 systems of equations for each score. */
const SLOW = 120_000;

/** Two float32 runs of one net, PyTorch's or TensorFlow's and ours, as a share of the largest score. */
const AS_THE_PEER = 1e-5;

/**
 * torch-cam's maps of three images have equal values whose order rounding decides: 378 groups of them in one.
 * The area under the curve then depends on that order by up to this.
 */
const BY_ORDER_OF_TIES = 1e-3;

/** pytorch-grad-cam's thresholds remove up to 4 pixels of 4096 more than ours, whatever the percentile. */
const BY_FOUR_PIXELS = 2e-2;

describe.skipIf(referenceFile === null || folder === null)(
  'as the real packages',
  { timeout: SLOW },
  () => {
    let reference: Reference;
    let model: Model;
    let inputs: NdArray[];
    let maps: NdArray[];
    /** Maps without ties, whose order is the one that NumPy's argsort, which is not stable, gives. */
    let ordered: NdArray[];
    let masks: Uint8Array[];

    beforeAll(async () => {
      reference = JSON.parse(readFileSync(referenceFile!, 'utf8')) as Reference;
      const engine = await createEngine('onnx');
      model = await loadModel(openModelFolder(path.join(folder!, 'models/resgap')), {
        engine,
        ...{ inputRange: '0..1', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      });
      const values = readNpy(readFileSync(path.join(folder!, 'metrics-maps.npy')));
      const all = Float32Array.from(values);
      const size = SIDE * SIDE;
      maps = reference.images.map((_, i) => ({
        shape: [SIDE, SIDE],
        data: all.slice(i * size, (i + 1) * size),
      }));
      const stored = readNpz(readFileSync(path.join(folder!, 'images/masks.npz')));
      masks = reference.images.map((name, i) => {
        const mask = stored.get(`${name}|${reference.classes[i]}`)!;
        return Uint8Array.from(mask, (value) => (value > 0 ? 1 : 0));
      });
      const orders = readFixture<StoredOrders>('evidence/numpy-orders.json');
      ordered = orders.maps.map((text) => {
        const order = new Uint16Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
        const data = new Float32Array(size);
        order.forEach((pixel, place) => (data[pixel] = size - place));
        return { shape: [SIDE, SIDE], data };
      });
      inputs = [];
      for (const name of reference.images) {
        const image = await readImage(path.join(folder!, `images/${name}.png`));
        inputs.push(prepareInput(image, model.input).values);
      }
    });
    afterAll(() => model.dispose());

    const subjectOf = (i: number, score: 'logit' | 'probability'): EvidenceSubject => ({
      predict: createPredict(forwardPassOf(model.session), [
        { score, of: { class: reference.classes[i]! } },
      ]),
      input: inputs[i]!,
      map: maps[i]!,
      scoreName: score,
    });

    /** Compares a number of each image with the peer's; null for an image that is left out. */
    async function expectAsPeer(
      peer: string,
      metric: string,
      measure: (i: number) => Promise<number | null>,
      toleranceOf: (i: number) => number = () => AS_THE_PEER,
    ): Promise<void> {
      const expected = reference[peer]![metric]!;
      const scale = Math.max(1, ...expected.map(Math.abs));
      for (const [i, value] of expected.entries()) {
        const found = await measure(i);
        if (found === null) continue;
        expect(Math.abs(found - value) / scale, `${metric} of ${reference.images[i]}`).toBeLessThan(
          toleranceOf(i),
        );
      }
    }

    describe.each(['logit', 'probability'] as const)('%s', (score) => {
      const xpliqueModel = score === 'logit' ? 'logit model' : 'softmax model';

      test('xplique: deletion and insertion', async () => {
        const { deletion, insertion } = findEvidencePreset('xplique');
        const cases = [
          [`Deletion(steps 10, ${xpliqueModel})`, measureDeletion, deletion],
          [`Insertion(steps 10, ${xpliqueModel})`, measureInsertion, insertion],
          ...(score === 'logit'
            ? []
            : ([
                ['Deletion(steps 64, softmax model)', measureDeletion, { ...deletion, steps: 64 }],
                [
                  'Insertion(steps 64, softmax model)',
                  measureInsertion,
                  { ...insertion, steps: 64 },
                ],
                [
                  'Deletion(steps 10, max_percentage_perturbed 0.5, softmax model)',
                  measureDeletion,
                  { ...deletion, most: 0.5 },
                ],
                [
                  'Insertion(steps 10, max_percentage_perturbed 0.5, softmax model)',
                  measureInsertion,
                  { ...insertion, most: 0.5 },
                ],
              ] as const)),
        ] as const;
        for (const [metric, measure, options] of cases) {
          await expectAsPeer('xplique', metric, async (i) => {
            const subject = { ...subjectOf(i, score), map: ordered[i]! };
            return (await measure(subject, options)).value;
          });
        }
      });

      test('xplique: average drop, increase and gain', async () => {
        const { maskedImage } = findEvidencePreset('xplique');
        const measure = (i: number) => measureMaskedImage(subjectOf(i, score), maskedImage);
        await expectAsPeer(
          'xplique',
          `AverageDropMetric(${xpliqueModel})`,
          async (i) => (await measure(i)).drop.value,
        );
        await expectAsPeer(
          'xplique',
          `AverageIncreaseMetric(${xpliqueModel})`,
          async (i) => (await measure(i)).increase.value,
        );
        if (score === 'logit') expect((await measure(2)).gain.value).toBeNull();
        else {
          await expectAsPeer(
            'xplique',
            'AverageGainMetric(softmax model)',
            async (i) => (await measure(i)).gain.value,
          );
        }
      });

      test('torch-cam: deletion, insertion, average drop and increase, by its own map', async () => {
        const { deletion, insertion, maskedImage } = findEvidencePreset('torchcam');
        // It explains what its `logits_fn` gives, and normalises its map at the layer.
        const node = 'b2_relu';
        const own: NdArray[] = [];
        for (const [i, values] of inputs.entries()) {
          const seed = { score, of: { class: reference.classes[i]! } } as const;
          const { outputs, gradients } = await model.session.run({
            inputs: { [model.network.inputs[0]!]: values },
            outputs: [node],
            gradient: { seeds: [seed], wrt: [node], relu: 'plain' },
          });
          const raw = computeGradCam({
            activations: batchItem(outputs.get(node)!, 0),
            gradients: batchItem(gradients[0]!.get(node)!, 0),
          });
          own.push(inputMapOf({ raw, relu: true }, [SIDE, SIDE]));
        }
        const withOwn = (i: number) => ({ ...subjectOf(i, score), map: own[i]! });
        const toleranceOf = (i: number): number =>
          [1, 2, 3].includes(i) ? BY_ORDER_OF_TIES : 1e-5;
        for (const steps of [20, 8]) {
          const name = (kind: string): string =>
            `DeletionInsertionMetric.${kind}_auc.${score}.steps ${steps}`;
          await expectAsPeer(
            'torchcam',
            name('deletion'),
            async (i) => (await measureDeletion(withOwn(i), { ...deletion, steps })).value,
            toleranceOf,
          );
          await expectAsPeer(
            'torchcam',
            name('insertion'),
            async (i) => (await measureInsertion(withOwn(i), { ...insertion, steps })).value,
            toleranceOf,
          );
        }
        const measure = (i: number) => measureMaskedImage(withOwn(i), maskedImage);
        await expectAsPeer(
          'torchcam',
          `ClassificationMetric.avg_drop.${score}`,
          async (i) => (await measure(i)).drop.value,
        );
        await expectAsPeer(
          'torchcam',
          `ClassificationMetric.conf_increase.${score}`,
          async (i) => (await measure(i)).increase.value,
        );
      });

      test('pytorch-grad-cam: drop and increase', async () => {
        const { maskedImage } = findEvidencePreset('pytorch-grad-cam');
        const measure = (i: number) => measureMaskedImage(subjectOf(i, score), maskedImage);
        await expectAsPeer(
          'pytorch-grad-cam',
          `CamMultImageConfidenceChange.${score}`,
          async (i) => {
            const { score: whole, maskedScore } = await measure(i);
            return maskedScore - whole;
          },
        );
        await expectAsPeer(
          'pytorch-grad-cam',
          `DropInConfidence.${score}`,
          async (i) => (await measure(i)).drop.value,
        );
        await expectAsPeer(
          'pytorch-grad-cam',
          `IncreaseInConfidence.${score}`,
          async (i) => (await measure(i)).increase.value,
        );
      });

      test('pytorch-grad-cam: ROAD without noise, wherever its threshold separates pixels', async () => {
        const found: RoadMeasurement[] = [];
        for (let i = 0; i < inputs.length; i++) {
          found.push(await measureRoad(subjectOf(i, score), { noise: 0 }));
        }
        let compared = 0;
        for (const percentile of [20, 50, 80, 90]) {
          const place = (100 - percentile) / 10 - 1;
          const takeSound = (values: Float32Array, share: number, value: number): number | null => {
            if (!keepsAsMany(values, share)) return null;
            compared += 1;
            return value;
          };
          const name = (order: string): string =>
            `ROAD${order}RelevantFirst(${percentile}).${score}.noise 0.0`;
          await expectAsPeer('pytorch-grad-cam', name('Most'), async (i) =>
            takeSound(maps[i]!.data, percentile, found[i]!.mostRelevant[place]!),
          );
          await expectAsPeer('pytorch-grad-cam', name('Least'), async (i) =>
            takeSound(turned(maps[i]!.data), percentile, found[i]!.leastRelevant[place]!),
          );
        }
        // Of the 2 x 4 x 5 numbers; the others are of maps with ties at the threshold.
        expect(compared).toBe(24);
        await expectAsPeer(
          'pytorch-grad-cam',
          `ROADCombined.${score}.noise 0.0`,
          async (i) => (i < 2 ? found[i]!.value : null),
          () => BY_FOUR_PIXELS,
        );
      });
    });

    test('xplique and Quantus: sparseness and complexity', async () => {
      for (const peer of ['xplique', 'quantus']) {
        const near = async (
          metric: string,
          measure: (map: NdArray) => { readonly value: number | null },
        ): Promise<void> => {
          for (const [i, value] of reference[peer]![metric]!.entries()) {
            // Quantus adds 1e-7 to every value, xplique 1e-8 to sums; they agree with each other to 5e-5.
            expect(Math.abs(measure(maps[i]!).value! - value)).toBeLessThan(5e-5);
          }
        };
        await near('Sparseness', measureSparseness);
        await near('Complexity', measureComplexity);
      }
    });

    test('Quantus: the pointing game, and the mass on the object', async () => {
      const displayOf = (i: number): DisplayMap => ({
        ...SQUARE,
        values: maps[i]!.data,
        visible: new Uint8Array(SIDE * SIDE).fill(1),
      });
      const region = (i: number) => ({ mask: { ...SQUARE, data: masks[i]! } });
      const hits = maps.map((_, i) => measurePointing(displayOf(i), region(i)).value);
      expect(hits.map((value) => value! > 0)).toEqual(reference['quantus']!['PointingGame']);
      await expectAsPeer(
        'quantus',
        'RelevanceMassAccuracy',
        async (i) => measureEnergyPointing(displayOf(i), region(i)).value,
      );
    });

    test('captum: infidelity of integrated gradients, each block removed once', async () => {
      await expectAsPeer(
        'captum',
        'infidelity(IntegratedGradients 50 Gauss-Legendre, each of 64 blocks of 8x8 to zero once; perturbation = mask)',
        async (i) => {
          const seeds = [{ score: 'logit', of: { class: reference.classes[i]! } }] as const;
          const [found] = await computeIntegratedGradients(model.session, inputs[i]!, {
            ...{ seeds, steps: 50, rule: 'gauss-legendre' },
          });
          const subject = { ...subjectOf(i, 'logit'), map: found!.map };
          const perturbation = blocksInTurn(8);
          return (await measureInfidelity(subject, { perturbation, samples: 64, scaled: false }))
            .value;
        },
      );
    });
  },
);

const SQUARE = { width: SIDE, height: SIDE };

/** As pytorch-grad-cam turns a map round to remove the least relevant pixels. */
function turned(values: Float32Array): Float32Array {
  return values.map((value) => 1 - value);
}

/** Whether as many pixels lie below NumPy's percentile as should, with no ties at the threshold. */
function keepsAsMany(values: Float32Array, percentile: number): boolean {
  const sorted = values.slice().sort();
  const place = (percentile / 100) * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  const threshold = below + (above - below) * (place % 1);
  return sorted.filter((value) => value < threshold).length === Math.ceil(place);
}
