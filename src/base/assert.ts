/** Thrown when stowage breaks a promise of its own; a run that sees one ends, with what replays it. */
export class InvariantError extends Error {
  override name = 'InvariantError'
}

/**
 * Ends the run when a promise of ours does not hold; always on. The message is only for us: users get `InputError`. One
 * that has to be put together is a function, so that a promise that holds costs no text; where millions of calls would each
 * make that function, throw an `InvariantError` instead.
 */
export function assert(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantError(typeof message === 'string' ? message : message())
}
