/** Lets works go on as long as all that they take together stays within a total; the others wait in their order. */
export interface Budget {
  /**
   * Waits until so much is free. More than the total counts as the total: such a work is alone.
   *
   * @returns gives it back; a second call does nothing.
   */
  take(amount: number): Promise<() => void>;
}

export function createBudget(total: number): Budget {
  let free = total;
  const waiting: { readonly amount: number; readonly go: () => void }[] = [];
  // First come, first served: a large work is not passed by small ones for ever.
  const admit = (): void => {
    while (waiting.length > 0 && waiting[0]!.amount <= free) {
      const { amount, go } = waiting.shift()!;
      free -= amount;
      go();
    }
  };
  return {
    async take(asked) {
      const amount = Math.min(asked, total);
      await new Promise<void>((go) => {
        waiting.push({ amount, go });
        admit();
      });
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        free += amount;
        admit();
      };
    },
  };
}
