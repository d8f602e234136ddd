import type { ServiceLimits } from '../limits.ts';
import type { ModelSource } from '../models/model-source.ts';

/** What a service needs. */
export interface ServiceOptions {
  readonly models: ModelSource;
  /**
   * The address to listen at; default 127.0.0.1. Any address that is not of this machine alone needs a token.
   */
  readonly host?: string;
  /** The port; 0, the default, takes any free one. */
  readonly port?: number;
  /** The bearer token that every request must have, except for its health. */
  readonly token?: string;
  readonly limits?: Partial<ServiceLimits>;
  /** Name and version of the program, as every picture states it. */
  readonly software: string;
  /** Version of the program, as the description of the interface states it. */
  readonly version: string;
  /** Gets messages for the operator. */
  readonly note: (text: string) => void;
}
