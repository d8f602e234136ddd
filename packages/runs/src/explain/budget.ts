/**
 * Lets tasks run as long as the sum of the amounts that they take stays within a total. All other tasks
 * wait in order.
 */
export interface Budget {
  /**
   * Waits until this amount is free. An amount above the total counts as the total: such a task runs alone.
   *
   * @returns a function that gives the amount back; a second call does nothing.
   */
  take(amount: number): Promise<() => void>;
}

export function createBudget(total: number): Budget {
  let free = total;
  const waiting: { readonly amount: number; readonly go: () => void }[] = [];
  // First come, first served: small tasks cannot overtake a large one for ever.
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
