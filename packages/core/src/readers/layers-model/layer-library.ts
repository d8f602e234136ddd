/** What a network needs to know of a layer that is not of the op set. */
export interface LibraryLayer {
  /** Shapes of its outputs, without the batch axis. */
  readonly outputShapes: readonly (readonly number[])[];
  /** What becomes of a mask over time steps: a layer may make one, hand its own on, or end it. */
  readonly mask: 'makes' | 'passes' | 'ends';
  /** Whether the layer's own result depends on the mask that reaches it. */
  readonly readsMask: boolean;
}

/**
 * Layers that another runtime can compute, as `createLayersEngine` of `@gradcam/core/layers` brings
 * them: recurrent ones, and those that a user has registered.
 */
export interface LayerLibrary {
  /**
   * Asked of every layer whose class the op set does not have.
   *
   * @returns null for a class that the library does not have either.
   * @throws GradcamError `unsupported` for an attribute that the library would ignore.
   */
  describe(
    layer: {
      readonly name: string;
      readonly className: string;
      readonly config: Readonly<Record<string, unknown>>;
      readonly keras3: boolean;
    },
    inputShapes: readonly (readonly number[])[],
  ): LibraryLayer | null;
}
