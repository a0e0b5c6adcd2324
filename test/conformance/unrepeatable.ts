/**
 * Cases whose recording is one of several that the same code makes, by family.
 *
 * In the first StatefulSet the worker sleeps for good at its first error, for the process's clock was real before it was virtual; in the
 * others Go's `select` drew which of two goroutines goes on, and so whether a deletion was asked for once more
 * (docs/workloads/statefulsets.md). Endpoints come into slices in the random order of a Go map, which these cases show in later steps
 * (docs/workloads/services.md). The Deployment and ReplicaSet controllers ran side
 * by side, on a fake API server that lets a write of the status overwrite the size of a set: which of them came first decides what each
 * acted on, and cases that are alike in all come out differently. That these are such is concluded, not seen; in 1-439 it is which of
 * two equal pods the recorder took (docs/workloads/deployments.md).
 */
export const UNREPEATABLE: Readonly<Record<string, readonly string[]>> = {
  deployment: [
    6, 27, 31, 40, 117, 121, 135, 165, 175, 183, 198, 323, 338, 402, 409, 415, 424, 428, 439, 471, 513, 541,
    547, 557, 562, 592,
  ].map((number) => `deployment/1-${number}`),
  statefulset: ['statefulset/1-0', 'statefulset/1-16', 'statefulset/1-152', 'statefulset/1-211'],
  endpointslice: [13, 57, 209, 227, 240, 260, 262, 266, 380].map((number) => `endpointslice/1-${number}`),
}
