import type { Sampler } from '../../base/distribution.ts'
import { MILLISECOND } from '../../base/time.ts'

/** How long a container runtime takes. */
export interface RuntimeTimes {
  /** Added to the start-up of a pod: what its sandbox takes more than one of runc. */
  readonly sandbox: Sampler
  /** To create and start one container in a sandbox. */
  readonly container: Sampler
}

/**
 * Time that the sandbox of a well-known handler takes beyond that of runc (20 ms), cold: gVisor 50 ms in all, Kata with QEMU
 * 500 ms, Kata with Firecracker 125 ms. Source: stuzhuk.page, "Five container runtimes: when runc is not the answer" (2026),
 * one small Go server in each; Firecracker's as Agache et al., NSDI 2020, have it too.
 */
const SANDBOX_EXTRA: Readonly<Record<string, number>> = {
  runc: 0,
  crun: 0,
  runsc: 30 * MILLISECOND,
  gvisor: 30 * MILLISECOND,
  kata: 480 * MILLISECOND,
  'kata-qemu': 480 * MILLISECOND,
  'kata-clh': 480 * MILLISECOND,
  'kata-fc': 105 * MILLISECOND,
}

/** Times of a handler: as they were set, else as they are known, else those of runc. */
export function runtimeTimes(
  set: ReadonlyMap<string, RuntimeTimes>,
  handler: string | undefined,
): RuntimeTimes {
  const known = set.get(handler ?? 'runc')
  if (known !== undefined) return known
  const extra = SANDBOX_EXTRA[handler ?? 'runc'] ?? 0
  return { sandbox: () => extra, container: () => 0 }
}
