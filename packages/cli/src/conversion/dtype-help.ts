/** The help text of `--dtype`, which `fetch` and `convert` share. */
export const dtypeHelp =
  'type of the stored weights: float32 as in the source; float16, uint16, uint8 are quantised';
