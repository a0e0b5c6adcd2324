import type { Sampler } from '../../base/distribution.ts'
import type { RandomStream } from '../../base/random.ts'
import type { Micros } from '../../base/time.ts'

/** The disks of etcd's members: how long a write takes to be on one, which may change. */
export class EtcdDisks {
  readonly #usual: Sampler
  /** What makes them slow, the newest last. */
  readonly #slow: Sampler[] = []

  constructor(usual: Sampler) {
    this.#usual = usual
  }

  /** Time until a write is on a disk. */
  readonly fsync = (stream: RandomStream): Micros => (this.#slow.at(-1) ?? this.#usual)(stream)

  /** Writes take so long from now on, until `recover` with the same. */
  slow(fsync: Sampler): void {
    this.#slow.push(fsync)
  }

  recover(fsync: Sampler): void {
    const place = this.#slow.lastIndexOf(fsync)
    if (place >= 0) this.#slow.splice(place, 1)
  }

  /** Time until most of the members have a write on their disks: that of the one in the middle, and a message to it. */
  commitTime(members: number, roundTrip: Micros, stream: RandomStream): Micros {
    const times = Array.from({ length: members }, () => this.fsync(stream)).sort((one, other) => one - other)
    return (times[Math.floor(members / 2)] ?? 0) + (members > 1 ? roundTrip : 0)
  }
}
