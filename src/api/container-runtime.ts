/** First versions that serve version 1 of the Container Runtime Interface, by the name in `containerRuntimeVersion`. */
const FIRST_WITH_V1: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['containerd', [1, 6]],
  ['cri-o', [1, 20]],
])

/**
 * Whether a kubelet since v1.26 registers a node with this runtime: it must speak CRI v1. Unknown runtimes are taken to.
 *
 * Source: kubernetes.io/docs/concepts/containers/cri; containerd/containerd RELEASES.md.
 */
export function speaksCriV1(containerRuntimeVersion: string): boolean {
  const match = /^([a-z-]+):\/\/v?(\d+)\.(\d+)/.exec(containerRuntimeVersion)
  const first = FIRST_WITH_V1.get(match?.[1] ?? '')
  if (first === undefined) return true
  const [major, minor] = [Number(match?.[2]), Number(match?.[3])]
  return major > first[0] || (major === first[0] && minor >= first[1])
}
