/**
 * Something is wrong with a claim, a class or a slice: the whole scheduling cycle of the pod ends with an error, where a
 * node that merely lacks devices would only be left out.
 */
export class AllocationError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AllocationError'
  }
}
