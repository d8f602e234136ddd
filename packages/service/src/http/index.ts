/**
 * Explanations over HTTP.
 *
 * @module
 */
export {};
