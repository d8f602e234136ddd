import { imageSize } from '../passes/batched-runs.ts';
import { createPredict, forwardPassOf } from '../passes/forward-pass.ts';
import { computeOcclusion, occlusionMap } from './occlusion.ts';
import { computeRise, riseMap } from './rise.ts';
import type { RunMethod } from '../method.ts';
import { computeAblationCam } from './ablation-cam.ts';
import { computeFinerCam } from './finer-cam.ts';
import { computeFullGrad } from './full-grad.ts';
import { settleOnInput } from './input-gradients.ts';
import { computeIntegratedGradients } from './integrated-gradients.ts';
import { computeScoreCam } from './score-cam.ts';
import { computeSmoothGradCamPlusPlus } from './smooth-grad-cam-plus-plus.ts';
import { computeSmoothGrad, type SmoothGrad } from './smooth-grad.ts';

const atLayer = { kind: 'runs', map: 'grid', usesLayer: true, relu: true } as const;
const atPixels = { kind: 'runs', map: 'pixels', usesLayer: false, relu: false } as const;
const blackBox = { kind: 'runs', map: 'grid', usesLayer: false, relu: true } as const;

/** Windows along the shorter side: 32 pixels of 224, in steps of 16. */
const WINDOWS = 7;

export const scoreCam: RunMethod = {
  ...atLayer,
  name: 'score-cam',
  title: 'Score-CAM',
  paper: 'https://arxiv.org/abs/1910.01279',
  gradientFree: true,
  summary: 'Channels weighted by the score of the image seen through each of them; no gradients.',
  cost: 'one forward run for each channel, or for as many as are asked for',
  async computeMaps(session, input, { runs, ...options }) {
    const channels = runs === undefined ? {} : { channels: runs };
    const { maps } = await computeScoreCam(forwardPassOf(session), input, {
      ...options,
      ...channels,
    });
    return maps.map((map) => ({ map }));
  },
};

export const ablationCam: RunMethod = {
  ...atLayer,
  name: 'ablation-cam',
  title: 'Ablation-CAM',
  paper:
    'https://openaccess.thecvf.com/content_WACV_2020/html/Desai_Ablation-CAM_Visual_Explanations_for_Deep_Convolutional_Network_via_Gradient-free_Localization_WACV_2020_paper.html',
  gradientFree: true,
  summary: 'Channels weighted by what the score loses without each of them.',
  cost: 'one run of the layers behind for each channel; nothing where those are a mean and one linear layer',
  async computeMaps(session, input, options) {
    const { maps } = await computeAblationCam(session, input, options);
    return maps.map((map) => ({ map }));
  },
};

export const finerCam: RunMethod = {
  ...atLayer,
  name: 'finer-cam',
  aliases: ['finercam'],
  title: 'Finer-CAM',
  paper: 'https://arxiv.org/abs/2501.11309',
  summary: 'Grad-CAM of what sets the class apart from the three classes most like it.',
  cost: 'as Grad-CAM, and a forward run for the scores',
  computeMaps: (session, input, options) => computeFinerCam(session, input, options),
};

export const smoothGradCamPlusPlus: RunMethod = {
  ...atLayer,
  name: 'smooth-grad-cam-plus-plus',
  aliases: ['smooth-grad-cam++'],
  title: 'Smooth Grad-CAM++',
  paper: 'https://arxiv.org/abs/1908.01224',
  summary: 'Grad-CAM++ with the gradients of noisy copies of the image.',
  cost: 'a forward and a backward run for each of 10 noisy copies',
  computeMaps: (session, input, { runs = 10, ...options }) =>
    computeSmoothGradCamPlusPlus(session, input, { ...options, samples: runs }),
};

function smoothing(
  statistic: 'mean' | 'squared' | 'variance',
  facts: Pick<RunMethod, 'name' | 'aliases' | 'title' | 'paper' | 'summary'>,
): RunMethod {
  return {
    ...atPixels,
    ...facts,
    cost: 'a forward and a backward run through the whole net for each of 50 noisy copies',
    async computeMaps(session, input, { runs = 50, ...options }) {
      const found = await computeSmoothGrad(session, input, { ...options, samples: runs });
      return found.map((one: SmoothGrad) => ({ map: one[statistic] }));
    },
  };
}

export const smoothGrad = smoothing('mean', {
  name: 'smoothgrad',
  aliases: ['smooth-grad'],
  title: 'SmoothGrad',
  paper: 'https://arxiv.org/abs/1706.03825',
  summary: 'The mean gradient over noisy copies of the image: less noise than one gradient.',
});

export const smoothGradSquared = smoothing('squared', {
  name: 'smoothgrad-squared',
  title: 'SmoothGrad squared',
  paper: 'https://arxiv.org/abs/1806.10758',
  summary: 'The mean squared gradient over noisy copies of the image; has no sign.',
});

export const varGrad = smoothing('variance', {
  name: 'vargrad',
  title: 'VarGrad',
  paper: 'https://arxiv.org/abs/1810.03307',
  summary: 'The variance of the gradient over noisy copies of the image; has no sign.',
});

export const integratedGradients: RunMethod = {
  ...atPixels,
  name: 'integrated-gradients',
  aliases: ['ig'],
  title: 'Integrated gradients',
  paper: 'https://arxiv.org/abs/1703.01365',
  summary: 'What each pixel gives to the score on the way from a blank image to this one.',
  cost: 'a forward and a backward run through the whole net for each of 50 points',
  computeMaps: (session, input, { runs = 50, ...options }) =>
    computeIntegratedGradients(session, input, { ...options, steps: runs }),
};

export const fullGrad: RunMethod = {
  ...blackBox,
  relu: false,
  name: 'full-grad',
  aliases: ['fullgrad'],
  title: 'FullGrad',
  paper: 'https://arxiv.org/abs/1905.00780',
  summary: 'What the pixels and the biases of every layer give to the score, in magnitude.',
  cost: 'a forward and a backward run through the whole net for each target',
  async computeMaps(session, input, options) {
    const found = await computeFullGrad(session, input, options);
    // Every cell of every layer adds something: the least of the map is what all pixels share.
    return found.map(({ map, completenessError }) => ({
      map,
      completenessError,
      nothing: map.data.reduce((least, value) => Math.min(least, value), Infinity),
    }));
  },
};

export const occlusion: RunMethod = {
  ...blackBox,
  name: 'occlusion',
  title: 'Occlusion',
  paper: 'https://arxiv.org/abs/1311.2901',
  gradientFree: true,
  summary: 'What the score loses when a window of the image is covered.',
  cost: 'one forward run for each window, 169 for an image of 224 pixels',
  async computeMaps(session, input, options) {
    const [height, width] = imageSize(input);
    const side = Math.max(1, Math.round(Math.min(height, width) / WINDOWS));
    const step = Math.ceil(side / 2);
    const { seeds } = await settleOnInput(session, input, options);
    const found = await computeOcclusion(createPredict(forwardPassOf(session), seeds), input, {
      ...options,
      patch: [side, side],
      stride: [step, step],
    });
    return seeds.map((_, s) => ({ map: occlusionMap(found, s) }));
  },
};

export const rise: RunMethod = {
  ...blackBox,
  name: 'rise',
  title: 'RISE',
  paper: 'https://arxiv.org/abs/1806.07421',
  gradientFree: true,
  summary:
    'The mean score of the image behind random masks, for each pixel over those that show it.',
  cost: 'one forward run for each of 4000 masks',
  async computeMaps(session, input, { runs = 4000, ...options }) {
    const { seeds } = await settleOnInput(session, input, options);
    const predict = createPredict(forwardPassOf(session), seeds);
    const found = await computeRise(predict, input, { ...options, masks: runs });
    // The mean score behind a mask says nothing of any pixel.
    return seeds.map((_, s) => ({
      map: riseMap(found, s),
      nothing: found.totals[s]! / found.masks,
    }));
  },
};

/** Every method of many runs, in the order of help texts and menus. */
export const runMethods: readonly RunMethod[] = [
  scoreCam,
  ablationCam,
  finerCam,
  smoothGradCamPlusPlus,
  smoothGrad,
  smoothGradSquared,
  varGrad,
  integratedGradients,
  fullGrad,
  occlusion,
  rise,
];
