import { describe, expect, test } from 'vitest';
import { nearestNames, plainName } from '../../src/base/nearest-names.ts';
import { findMethod, methods } from '../../src/methods/registry.ts';
import { methodNames } from '../../src/methods/method-names.ts';
import { findPreset } from '../../src/presets/presets.ts';

const layers = ['conv1', 'conv1', 'relu1', 'conv2', 'block4/unit_3', 'block4', 'predictions'];

describe('near names', () => {
  test.each<[string, readonly string[]]>([
    ['conv9', ['conv1', 'conv2']],
    ['Conv1', ['conv1', 'conv2']],
    ['conv_1', ['conv1', 'conv2']],
    ['block4/unit3', ['block4/unit_3', 'block4']],
    ['prediction', ['predictions']],
    ['cnov1', ['conv1', 'conv2']],
    ['dense_7', []],
    ['x', []],
    ['', []],
  ])('%s: %j, each once', (wanted, expected) => {
    expect(nearestNames(wanted, layers)).toEqual(expected);
  });

  test('three at most', () => {
    expect(nearestNames('conv', ['conv1', 'conv2', 'conv3', 'conv4'])).toEqual([
      ...['conv1', 'conv2', 'conv3'],
    ]);
  });

  test('letters that are swapped are one slip', () => {
    expect(nearestNames('cta', ['cat', 'dog'])).toEqual(['cat']);
    expect(nearestNames('dgo', ['cat', 'dog'])).toEqual(['dog']);
  });
});

describe('methods as people type them', () => {
  test.each([
    ...[
      ['gradcam', 'grad-cam'],
      ['GradCAM', 'grad-cam'],
      ['Grad-CAM', 'grad-cam'],
      ['grad_cam', 'grad-cam'],
    ],
    ...[
      ['gradcam++', 'grad-cam-plus-plus'],
      ['Grad-CAM++', 'grad-cam-plus-plus'],
    ],
    ...[
      ['GradCAMPlusPlus', 'grad-cam-plus-plus'],
      ['SmoothGradCAM++', 'smooth-grad-cam-plus-plus'],
    ],
    ...[
      ['scorecam', 'score-cam'],
      ['layercam', 'layer-cam'],
      ['XGradCAM', 'xgrad-cam'],
    ],
    ...[
      ['HiResCAM', 'hires-cam'],
      ['EigenCAM', 'eigen-cam'],
      ['AblationCAM', 'ablation-cam'],
    ],
    ...[
      ['ig', 'integrated-gradients'],
      ['IG', 'integrated-gradients'],
      ['fullgrad', 'full-grad'],
    ],
    ...[
      ['Saliency', 'gradient'],
      ['Guided Backprop', 'guided-backprop'],
      ['CAM', 'cam'],
      ['RISE', 'rise'],
    ],
  ])('%s is %s', (typed, name) => {
    expect(findMethod(typed!).name).toBe(name);
  });

  test('no two methods share a name', () => {
    const all = methods.flatMap(({ name, aliases = [] }) => [
      ...new Set([name, ...aliases].map(plainName)),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  test('the literal type has the names of the registry', () => {
    expect(methods.map(({ name }) => name)).toEqual(methodNames);
  });

  test('a slip is answered with what is meant, anything else with all there is', () => {
    expect(() => findMethod('grad-cma')).toThrow(/did you mean grad-cam/);
    expect(() => findMethod('lime')).toThrow(/no method 'lime'; there is grad-cam, /);
  });

  test('presets too', () => {
    expect(findPreset('pytorch_grad_cam').name).toBe('pytorch-grad-cam');
    expect(findPreset('TorchCAM').name).toBe('torchcam');
  });
});
