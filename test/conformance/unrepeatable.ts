/**
 * Cases whose recording is one of several that the same code makes, by family.
 *
 * In the first StatefulSet the worker sleeps for good at its first error, for the process's clock was real before it was virtual; in the
 * others Go's `select` drew which of two goroutines goes on, and so whether a deletion was asked for once more
 * (docs/workloads/statefulsets.md). Endpoints come into slices in the random order of a Go map, which these cases show in later steps
 * (docs/workloads/services.md).
 */
export const UNREPEATABLE: Readonly<Record<string, readonly string[]>> = {
  statefulset: ['statefulset/1-0', 'statefulset/1-16', 'statefulset/1-152', 'statefulset/1-211'],
  endpointslice: [13, 57, 209, 227, 240, 260, 262, 266, 380].map((number) => `endpointslice/1-${number}`),
}
