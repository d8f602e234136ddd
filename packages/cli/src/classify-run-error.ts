import { isGradcamError, type GradcamErrorKind } from '@gradcam/core';
import { isRunError, type RunErrorKind } from '@gradcam/runs';
import type { FleetError, FleetErrorKind } from '@gradcam/service/fleet';
import { CommandError, exitCodes, type ExitCode } from './exit-codes.ts';

const codeOfKind: Readonly<Record<GradcamErrorKind, ExitCode>> = {
  model: exitCodes.badData,
  unsupported: exitCodes.badData,
  image: exitCodes.badData,
  'not-found': exitCodes.usage,
  argument: exitCodes.usage,
  engine: exitCodes.engineUnavailable,
};

const codeOfRunError: Readonly<Record<RunErrorKind, ExitCode>> = {
  argument: exitCodes.usage,
  data: exitCodes.badData,
  'not-found': exitCodes.noInput,
  'cannot-create': exitCodes.cannotCreate,
  'cannot-write': exitCodes.cannotWrite,
};

const codeOfFleetError: Readonly<Record<FleetErrorKind, ExitCode>> = {
  argument: exitCodes.usage,
  data: exitCodes.badData,
  refused: exitCodes.badData,
  obsolete: exitCodes.badData,
  queue: exitCodes.engineUnavailable,
};

const codeOfSystemError: Readonly<Record<string, ExitCode>> = {
  ENOENT: exitCodes.noInput,
  EACCES: exitCodes.cannotWrite,
  EROFS: exitCodes.cannotCreate,
  ENOSPC: exitCodes.cannotWrite,
  EDQUOT: exitCodes.cannotWrite,
  EIO: exitCodes.cannotWrite,
};

/** The exit code of an error that loading or running a model throws; null for any other. */
export function classifyRunError(error: unknown): ExitCode | null {
  if (error instanceof CommandError) return error.exitCode;
  if (isGradcamError(error)) return codeOfKind[error.kind];
  if (isRunError(error)) return codeOfRunError[error.kind];
  if (isFleetError(error)) return codeOfFleetError[error.kind];
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === undefined ? null : (codeOfSystemError[code] ?? null);
}

/** By its name: the package of the fleet loads the client of the queue, which few commands need. */
function isFleetError(error: unknown): error is FleetError {
  return error instanceof Error && error.name === 'FleetError';
}
