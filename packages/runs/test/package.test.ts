import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as runs from '@gradcam/runs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  dependencies: Record<string, string>;
};

describe('the package', () => {
  test('depends on core and on what encodes pictures, and on nothing else', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['@gradcam/core', 'sharp']);
  });

  test('exports this, and nothing by accident', () => {
    expect(Object.keys(runs).sort()).toMatchInlineSnapshot(`
      [
        "DEFAULT_TILE",
        "PARTS_FOLDER",
        "RunError",
        "canSweep",
        "checkRequest",
        "checkSameSettings",
        "checkSimilar",
        "claimPart",
        "colourings",
        "countEvidencePasses",
        "createBudget",
        "createImageReader",
        "createTally",
        "defaultEvidence",
        "describePrediction",
        "describeSettings",
        "describeTarget",
        "digestReferences",
        "embedTargets",
        "examineMaps",
        "explainImage",
        "explainImages",
        "figureMethods",
        "findFileInside",
        "finishRun",
        "guardWrite",
        "hasPart",
        "isRunError",
        "isWebAddress",
        "joinRequests",
        "measureRunFile",
        "openRun",
        "openRunDirectory",
        "overlayModes",
        "pictureFormats",
        "prepareImage",
        "publishPart",
        "randomiseModel",
        "readBytes",
        "readFoundFile",
        "readPart",
        "readResults",
        "readRun",
        "readRunJson",
        "referenceOf",
        "removePart",
        "removeParts",
        "replaceLines",
        "saveKinds",
        "toReadableLine",
        "writeSheets",
        "writeWhole",
        "writeWholeAmongOthers",
      ]
    `);
  });
});
