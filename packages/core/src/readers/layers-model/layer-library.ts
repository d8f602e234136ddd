/** What a network needs to know about a layer outside the op set. */
export interface LibraryLayer {
  /** Shapes of the layer's outputs, without the batch axis. */
  readonly outputShapes: readonly (readonly number[])[];
  /** What the layer does with a mask over time steps: it may make one, pass one on, or drop it. */
  readonly mask: 'makes' | 'passes' | 'ends';
  /** Whether the layer's own result depends on the mask that reaches it. */
  readonly readsMask: boolean;
}

/**
 * Layers that another runtime can compute: recurrent ones, and those that a user has registered.
 * `createLayersEngine` of `@gradcam/core/layers` provides them.
 */
export interface LayerLibrary {
  /**
   * Describes a layer whose class is not in the op set.
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
