import { describe, expect, test } from 'vitest';
import { describeModel } from '../../src/model/describe-model.ts';
import { foreignRuntime, reportCapabilities } from '../../src/model/capabilities.ts';
import { layerLibrary } from '../../src/engines/tfjs-layers/index.ts';
import { layersFiles, registerSoftGate } from '../helper/layers-fixture.ts';
import { filesOf } from '../helper/model-files.ts';
import { residualNet } from '../helper/small-nets.ts';

function namesOf(report: ReturnType<typeof reportCapabilities>, possible: boolean): string[] {
  return report.methods.filter((one) => one.possible === possible).map(({ method }) => method);
}

describe('what a model can', () => {
  test('a net of our ops: every method', async () => {
    const model = await describeModel(filesOf(residualNet()));
    const report = reportCapabilities(model);
    expect(report.foreignLayers).toEqual([]);
    expect(report.ownLayers).toContain('relu1');
    expect(namesOf(report, false)).toEqual([]);
    expect(foreignRuntime(model.network)).toBeNull();
  });

  test('a layer of a user behind the one that is asked for: the plain gradient alone', async () => {
    registerSoftGate();
    const model = await describeModel(layersFiles('gated'), {}, layerLibrary);
    const report = reportCapabilities(model, 'conv2');
    expect(report.foreignLayers).toEqual([
      { layer: 'gate', className: 'SoftGate', by: 'tfjs-layers' },
    ]);
    expect(report.layer).toBe('conv2');
    expect(namesOf(report, false)).toEqual([
      'cam',
      'guided-backprop',
      'deconvnet',
      'guided-grad-cam',
      'cnn-fixations',
    ]);
    expect(report.methods.find(({ method }) => method === 'deconvnet')).toMatchObject({
      reason: expect.stringMatching(/gate \(SoftGate\).*ReLU policy deconvnet/) as string,
    });
    expect(foreignRuntime(model.network)).toBe('tfjs-layers');
  });

  test('the same, at a layer behind it: nothing of a layer stands in the way of CAM', async () => {
    const model = await describeModel(layersFiles('gated'), {}, layerLibrary);
    const report = reportCapabilities(model, 'conv3');
    expect(namesOf(report, true)).toEqual(expect.arrayContaining(['grad-cam', 'cam', 'rise']));
  });
});
