/**
 * Cases whose recording is one of several that the same code makes, or hangs on the order of goroutines, by family.
 *
 * In the first StatefulSet the worker sleeps for good at its first error, for the process's clock was real before it was virtual; in the
 * others Go's `select` drew which of two goroutines goes on, and so whether a deletion was asked for once more
 * (docs/workloads/statefulsets.md). Endpoints come into slices in the random order of a Go map, which these cases show in later steps
 * (docs/workloads/services.md).
 *
 * The real Deployment and ReplicaSet controllers, run 40 times on each of the Deployments here (docs/workloads/deployments.md), gave what
 * was recorded so often: 135 never; 562 7, 415 9, 409 16, 31 17, 117 19, 40 21, 175 25, 402 31 times, with 2 to 36
 * outcomes: chance. 439 and 513 repeat (39 and 40 times): in 439 it is which of two equal pods the script took, in 513 the order in which
 * goroutines take turns, as far as it is not modelled.
 */
export const UNREPEATABLE: Readonly<Record<string, readonly string[]>> = {
  deployment: [31, 40, 117, 135, 175, 402, 409, 415, 439, 513, 562].map((number) => `deployment/1-${number}`),
  statefulset: ['statefulset/1-0', 'statefulset/1-16', 'statefulset/1-152', 'statefulset/1-211'],
  endpointslice: [13, 57, 209, 227, 240, 260, 262, 266, 380].map((number) => `endpointslice/1-${number}`),
}
