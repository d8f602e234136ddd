import { readGradcamJson, type ModelDescription, type ModelOverrides } from '@gradcam/core';
import { writeWholeAmongOthers } from '@gradcam/runs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { dropUndefined } from '../flags/drop-undefined.ts';

/** The name of the file next to a model that core reads before all other files. */
const DESCRIPTION_FILE = 'gradcam.json';

type Fields = Record<string, unknown>;

/**
 * Writes the facts that the user stated into the `gradcam.json` beside the model. The file is replaced whole
 * or not at all, and existing entries remain unless they were stated anew. Only stated facts are written,
 * because a stored guess would later be taken for a fact.
 *
 * @param folder the model's folder.
 * @returns the path of the file.
 * @throws CommandError 64 if nothing was stated or the model describes itself; 73 if the file cannot be
 *   written.
 */
export async function writeDescription(
  folder: string,
  model: ModelDescription,
  stated: ModelOverrides,
): Promise<string> {
  const file = path.join(folder, DESCRIPTION_FILE);
  if (model.artifact !== null) {
    throw new CommandError(
      exitCodes.usage,
      `${folder}: model.json already describes the model and takes precedence over ${DESCRIPTION_FILE}; give these flags to each command instead of --write`,
    );
  }
  const [labels, input] = [labelsOf(model, stated), inputOf(model, stated)];
  const { imageInput, boxes } = stated;
  const isNothing = labels === null && Object.keys(input).length === 0;
  if (isNothing && imageInput === undefined && boxes === undefined) {
    throw new CommandError(
      exitCodes.usage,
      '--write saves what other flags state, and there is none; add --labels, --input-range, --mean, --std, --channels, --fit, --crop, --resize, --input-size, --explain-input or --boxes',
    );
  }
  const before = await readBefore(file);
  const written = {
    ...before,
    schema: 1,
    ...labels,
    ...dropUndefined({ imageInput, boxes }),
    ...(Object.keys(input).length > 0 && {
      input: { ...(before['input'] as Fields | undefined), ...input },
    }),
  };
  readGradcamJson(written);
  try {
    await writeWholeAmongOthers(file, async (handle) => {
      await handle.writeFile(`${JSON.stringify(written, null, 2)}\n`);
    });
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.cannotCreate, `${file}: cannot be written (${code})`, {
      cause,
    });
  }
  return file;
}

function labelsOf({ classNames }: ModelDescription, stated: ModelOverrides): Fields | null {
  if (stated.classNames === undefined) return null;
  const { labels, wnids } = classNames;
  return wnids.length === 0 ? { labels } : { labels, wnids };
}

/**
 * The fields of the input. They are written all together: a mean has no meaning without the range of the
 * pixels that it is subtracted from.
 */
function inputOf({ input }: ModelDescription, stated: ModelOverrides): Fields {
  const { height, width, scale, mean, std, channelOrder, fit, cropFraction, resize } = input;
  const isScaled = [stated.inputRange, stated.mean, stated.std].some((one) => one !== undefined);
  const isPlaced = stated.fit !== undefined || stated.cropFraction !== undefined;
  return {
    ...(stated.inputSize && { height, width }),
    ...(isScaled && { scale, mean, std }),
    ...(stated.channelOrder && { channelOrder }),
    ...(isPlaced && { fit, cropFraction }),
    ...(stated.resize && { resize }),
  };
}

/** The content of the existing file. Core has already read and checked it. */
async function readBefore(file: string): Promise<Fields> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? {} : (JSON.parse(text) as Fields);
}
