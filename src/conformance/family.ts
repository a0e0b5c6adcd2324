/**
 * A family of cases recorded from Kubernetes' own code (controllers, kubelet, admission, API machinery): runs what stowage has
 * for it on the input of a case, and gives the result in the shape that was recorded.
 */
export interface LogicFamily {
  /** Name of the family, which its cases carry. */
  readonly name: string
  /** Result for the input of one case. The input is as it was recorded: plain JSON. */
  run(input: unknown): object
}

/** A family whose input has a known shape. */
export function logicFamily<Input>(name: string, run: (input: Input) => object): LogicFamily {
  return { name, run: (input) => run(input as Input) }
}
