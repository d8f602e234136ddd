/** How maps are examined. */
export interface EvidenceSettings {
  /** The number of maps with values at random places that each map is compared with; default 19. */
  readonly orders: number;
  /** The number of steps in which pixels are deleted; default 10. */
  readonly steps: number;
  /** Seed of the random places, and of the noise that replaces the weights; default 1. */
  readonly seed: number;
}

/**
 * With 19 random maps, chance alone puts a map below all of them once in twenty times. Ten steps of
 * deletion tell maps apart as well as twenty do, in half the time.
 */
export const defaultEvidence: EvidenceSettings = { orders: 19, steps: 10, seed: 1 };

/** Forward passes of one input that the examination of one map takes, without those of its method. */
export function countEvidencePasses({ orders, steps }: EvidenceSettings): number {
  return (orders + 1) * (steps + 1);
}
