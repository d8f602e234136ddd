import type { GraphNode, Network } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { chooseStripLayers, listLayers } from '../src/worker/layers.ts';

/** A chain of layers with square grids: `relu` and `conv` in turn, then a head. */
function chain(sides: readonly number[]): Network {
  const nodes: GraphNode[] = [
    { name: 'in', op: { kind: 'input' }, inputs: [], shape: [64, 64, 3], weights: {} },
  ];
  sides.forEach((side, i) => {
    nodes.push({
      name: `relu${i}`,
      op: { kind: 'relu' } as GraphNode['op'],
      inputs: [nodes.at(-1)!.name],
      shape: [side, side, 4],
      weights: {},
    });
  });
  nodes.push({
    name: 'scores',
    op: { kind: 'dense' } as GraphNode['op'],
    inputs: [nodes.at(-1)!.name],
    shape: [10],
    weights: {},
  });
  return {
    name: 'chain',
    nodes,
    inputs: ['in'],
    heads: [
      { logits: 'scores', probabilities: null, activation: 'softmax', shape: [10], classes: 10 },
    ],
    layers: new Map(nodes.slice(1).map(({ name }) => [name, name])),
    notes: [],
  };
}

describe('layers', () => {
  test('endpoints come first, each by its shortest name; single cells and vectors are left out', () => {
    const network = chain([8, 8, 4, 1]);
    const endpoints = { 'net/block1': 'relu1', block1: 'relu1', pool: 'relu3', fc: 'scores' };
    const model = { network, endpoints, defaultLayer: 'relu2' };
    expect(listLayers(model).map(({ name, isEndpoint }) => [name, isEndpoint])).toEqual([
      ['block1', true],
      ['relu0', false],
      ['relu1', false],
      ['relu2', false],
    ]);
    expect(chooseStripLayers(model)).toEqual(['block1']);
  });

  test('without endpoints the strip shows the activations', () => {
    const model = { network: chain([8, 8, 4]), endpoints: {}, defaultLayer: 'relu2' };
    expect(chooseStripLayers(model)).toEqual(['relu0', 'relu1', 'relu2']);
  });

  test('a deep net is thinned to 16, in order, with the last of each grid', () => {
    const sides = [64, 32, 16, 8].flatMap((side) => Array.from({ length: 25 }, () => side));
    const model = { network: chain(sides), endpoints: {}, defaultLayer: 'relu99' };
    const chosen = chooseStripLayers(model);
    expect(chosen.length).toBe(16);
    for (const last of ['relu24', 'relu49', 'relu74', 'relu99']) expect(chosen).toContain(last);
    const places = chosen.map((name) => Number(name.slice(4)));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    // Of each grid about as many: none is skipped.
    for (const start of [0, 25, 50, 75]) {
      const count = places.filter((place) => place >= start && place < start + 25).length;
      expect(count).toBe(4);
    }
  });
});
