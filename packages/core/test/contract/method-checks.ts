import type { NdArray } from '../../src/base/nd-array.ts';
import { displayMapOf, explain, type Explanation } from '../../src/explain/explain.ts';
import { methods } from '../../src/methods/registry.ts';
import { ensure, ensureClose, type Check } from './check.ts';
import { gradientChecks } from './gradient-checks.ts';
import { decodeStored, pictureOf, withModel, type MethodCase } from './method-case.ts';

/**
 * Float32 from pixels to map against float64: some ten layers, each some roundings of 2^-24 of its
 * largest values; of the methods of many runs, sums over their runs. A wrong formula shows at 1e-2.
 */
const WHOLE_NET = 3e-5;

/** Two ways to the same float32 numbers through other batches: roundings of sums alone. */
const REORDERED = 1e-5;

/**
 * What every method must give on every engine, from pixels to raw map, on the nets of the oracle.
 *
 * @param cases the files of `fixtures/methods`, by name.
 */
export function methodChecks(cases: Readonly<Record<string, MethodCase>>): Check[] {
  return [
    everyMethodHasAnOracle(cases),
    ...Object.entries(cases).flatMap(([name, methodCase]) => [
      ...goldenChecks(name, methodCase),
      ...peerChecks(name, methodCase),
      ...gradientChecks(name, methodCase),
      blackPictureCheck(name, methodCase),
      batchCheck(name, methodCase),
    ]),
  ];
}

/**
 * Methods whose maps have another oracle: `fixations/oracle.test.ts` compares CNN-Fixations with a reference
 * that was written from its rules, point for point.
 */
const elsewhere: ReadonlySet<string> = new Set(['cnn-fixations']);

function everyMethodHasAnOracle(cases: Readonly<Record<string, MethodCase>>): Check {
  return {
    title: 'every method of the registry has an oracle’s map',
    async run() {
      const known = new Set(Object.values(cases).flatMap(({ maps }) => maps.map((m) => m.method)));
      const missing = methods
        .map(({ name }) => name)
        .filter((name) => !known.has(name) && !elsewhere.has(name));
      ensure(missing.length === 0, () => `no oracle’s map of ${missing.join(', ')}`);
    },
  };
}

/** One explanation of all that the case has of one method. */
async function explainCase(
  model: Parameters<typeof explain>[0],
  methodCase: MethodCase,
  names: readonly string[],
  options: Parameters<typeof explain>[2] = {},
): Promise<readonly Explanation[]> {
  const found = await explain(model, pictureOf(methodCase), {
    methods: names,
    layers: methodCase.layers,
    targets: methodCase.targets,
    runs: methodCase.runs,
    ...options,
  });
  return found.explanations;
}

function goldenChecks(name: string, methodCase: MethodCase): Check[] {
  const names = [...new Set(methodCase.maps.map(({ method }) => method))];
  return names.map((method) => ({
    title: `${name}: ${method} as the oracle has it`,
    async run(engine) {
      const stored = methodCase.maps.filter((map) => map.method === method);
      const layers = [...new Set(stored.flatMap(({ layer }) => layer ?? []))];
      const asked = layers.length > 0 ? { layers } : {};
      const found = await withModel(engine, methodCase, (model) =>
        explainCase(model, methodCase, [method], asked),
      );
      ensure(found.length === stored.length, () => `${found.length} maps, not ${stored.length}`);
      for (const map of stored) {
        const place = methodCase.targets.indexOf(map.target);
        const perTarget = found.length / methodCase.targets.length;
        const explanation =
          found[place * perTarget + Math.max(0, layers.indexOf(map.layer ?? ''))]!;
        const what = `${method} at ${explanation.layer} of ${map.target}`;
        ensureClose(what, explanation.raw, decodeStored(map.raw), WHOLE_NET, map.scale);
        if (map.completenessError === undefined) continue;
        // Of scores, which are sums over all that the map adds up.
        const error = explanation.diagnostics.completenessError ?? NaN;
        const allowed = WHOLE_NET * map.scale * explanation.raw.data.length;
        ensure(
          Math.abs(error - map.completenessError) <= allowed,
          () => `${what}: expected a completeness error of ${map.completenessError}, got ${error}`,
        );
      }
    },
  }));
}

/** The methods of many runs in the way of other libraries. */
function peerChecks(name: string, methodCase: MethodCase): Check[] {
  const names = [...new Set(methodCase.peers.map(({ method }) => method))];
  return names.map((peerMethod) => ({
    title: `${name}: ${peerMethod} as the oracle has it`,
    async run(engine) {
      const [like, method] = peerMethod.split('/') as [string, string];
      const stored = methodCase.peers.filter((map) => map.method === peerMethod);
      const layers = [...new Set(stored.flatMap(({ layer }) => layer ?? []))];
      const targets = [...new Set(stored.map(({ target }) => target))];
      const found = await withModel(engine, methodCase, (model) =>
        explainCase(model, methodCase, [method], {
          like,
          targets,
          ...(layers.length > 0 ? { layers } : {}),
        }),
      );
      ensure(found.length === stored.length, () => `${found.length} maps, not ${stored.length}`);
      for (const map of stored) {
        const perTarget = found.length / targets.length;
        const place = targets.indexOf(map.target) * perTarget;
        const explanation = found[place + Math.max(0, layers.indexOf(map.layer ?? ''))]!;
        const what = `${peerMethod} at ${explanation.layer} of ${map.target}`;
        ensureClose(what, explanation.like!.raw, decodeStored(map.raw), WHOLE_NET, map.scale);
      }
    },
  }));
}

function blackPictureCheck(name: string, methodCase: MethodCase): Check {
  return {
    title: `${name}: a black picture gives finite maps, a blank one with its reason`,
    async run(engine) {
      const picture = pictureOf(methodCase);
      const black = { ...picture, data: new Uint8Array(picture.data.length) };
      const { explanations, geometry } = await withModel(engine, methodCase, (model) =>
        explain(model, black, { methods: anywhere, layers: methodCase.layers, runs: 3 }),
      );
      for (const explanation of explanations) {
        const { method, layer, raw, diagnostics } = explanation;
        const what = `${method} at ${layer}`;
        ensure(raw.data.every(Number.isFinite), () => `${what}: the raw map is not finite`);
        const { values } = displayMapOf(explanation, geometry);
        const isBlank = values.every((value) => value === 0);
        ensure(
          values.every((value) => value >= -1 && value <= 1),
          () => `${what}: displayed values beyond -1..1`,
        );
        ensure(
          !isBlank || diagnostics.blank !== undefined,
          () => `${what}: blank without a reason`,
        );
      }
    },
  };
}

/** Methods that any layer of any net can be explained by. */
const anywhere = methods.filter(({ presumes }) => presumes === undefined).map(({ name }) => name);

function batchCheck(name: string, methodCase: MethodCase): Check {
  const names = methods.filter(({ passes }) => passes === 'own').map(({ name }) => name);
  return {
    title: `${name}: methods of many runs give the same whatever the batch`,
    async run(engine) {
      const [single, several] = await withModel(engine, methodCase, async (model) => [
        await explainCase(model, methodCase, names, { batch: 1 }),
        await explainCase(model, methodCase, names, { batch: 4 }),
      ]);
      single!.forEach(({ method, layer, target, raw }, i) => {
        const stored = methodCase.maps.find(
          (map) => map.method === method && [layer, null].includes(map.layer),
        );
        const what = `${method} at ${layer} of ${target.index} in batches of 4`;
        ensureClose(what, several![i]!.raw, raw, REORDERED, stored?.scale ?? largest(raw));
      });
    },
  };
}

function largest({ data }: NdArray): number {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
