import { assert } from '../../base/assert.ts'
import type { Sampler } from '../../base/distribution.ts'
import type { RandomStream } from '../../base/random.ts'
import { MILLISECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiAvailability } from '../../cluster/api-availability.ts'
import type { PayloadHandler, Simulation } from '../../engine/simulation.ts'

/** Settings of an etcd cluster. */
export interface EtcdOptions {
  /** How many members vote. */
  readonly members: number
  /** `--heartbeat-interval`: how often the leader says that it is there. */
  readonly heartbeat: Micros
  /** `--election-timeout`: how long members wait for that at least. */
  readonly electionTimeout: Micros
  /** Time of a message to another member and its answer. */
  readonly roundTrip: Micros
  /** Time until a write is on a member's disk. */
  readonly fsync: Sampler
}

/**
 * The defaults of etcd v3.6: heartbeats every 100 ms, elections after 1 s. Round trips of one data centre, and disks whose writes take 2 ms in
 * the median and 9 ms in the 99th percentile, which is to be below 10 ms (etcd documentation, FAQ, "What does the etcd warning 'failed to send
 * out heartbeat on time' mean?", and op-guide/hardware).
 */
export const ETCD_DEFAULTS: EtcdOptions = {
  members: 3,
  heartbeat: 100 * MILLISECOND,
  electionTimeout: 1000 * MILLISECOND,
  roundTrip: MILLISECOND,
  fsync: (stream) => Math.round(stream.lognormal(Math.log(2 * MILLISECOND), 0.65)),
}

interface Member {
  readonly number: number
  /** How many causes hold it down. */
  causes: number
  /** When it asks for votes, if it has heard of no leader until then. */
  timesOutAt: Micros
}

interface Elected {
  readonly term: number
  readonly member: number
}

const CAUSE = 'etcd'
/** Elections in a row without a winner before something must be wrong. */
const SPLIT_VOTES_MAX = 1000

/**
 * etcd as a quorum of members under Raft: writes are taken while a leader reaches most members.
 *
 *     leader down ─▶ no writes ─ the first of the others has waited for 1 to 2 s: votes ─▶ another leads, writes go on
 *     too few members ─▶ no writes ─ enough again before the leader has waited for 1 s ─▶ writes go on
 *                                 └─ the leader steps down ─ enough again ─▶ election
 *
 * Messages while nothing fails are no events. Source: etcd-io/raft v3.6 `tickElection`, `resetRandomizedElectionTimeout`, `checkQuorumActive`,
 * pre-votes (`--pre-vote`, on by default). Leaves out logs: each member that runs may lead.
 */
export class Etcd {
  readonly options: EtcdOptions
  readonly #sim: Simulation
  readonly #availability: ApiAvailability
  readonly #stream: RandomStream
  readonly #members: readonly Member[]
  readonly #elected: PayloadHandler<Elected>
  readonly #stepDown: PayloadHandler<number>
  readonly #observers: ((leader: number | undefined) => void)[] = []
  #leader: number | undefined = 0
  /** Changes of what an election, or the leader's patience, depends on: what was to come of former ones is void. */
  #term = 0

  constructor(sim: Simulation, availability: ApiAvailability, options: EtcdOptions = ETCD_DEFAULTS) {
    this.options = options
    this.#sim = sim
    this.#availability = availability
    this.#stream = sim.random.stream('etcd/elections')
    this.#members = Array.from({ length: options.members }, (_, number) => ({
      number,
      causes: 0,
      timesOutAt: 0,
    }))
    this.#elected = sim.payloadHandler<Elected>('etcd/elected', ({ term, member }) => {
      if (term === this.#term) this.#lead(member)
    })
    this.#stepDown = sim.payloadHandler<number>('etcd/step-down', (term) => {
      if (term === this.#term) this.loseLeader()
    })
  }

  /** Number of the member that leads, from 0; undefined while there is none. */
  get leader(): number | undefined {
    return this.#leader
  }

  /** Numbers of the members that run. */
  get running(): readonly number[] {
    return this.#members.flatMap(({ causes, number }) => (causes === 0 ? [number] : []))
  }

  /** Tells of each change of the leader. */
  onLeader(observer: (leader: number | undefined) => void): void {
    this.#observers.push(observer)
  }

  /** Members go down, or have one cause more to be so. */
  stop(members: readonly number[]): void {
    const hadQuorum = this.#hasQuorum()
    for (const number of members) this.#member(number).causes += 1
    if (this.#leader !== undefined && members.includes(this.#leader)) this.loseLeader()
    else if (this.#leader === undefined) this.#elect()
    else if (hadQuorum && !this.#hasQuorum()) {
      this.#availability.stop(CAUSE)
      this.#term += 1
      this.#sim.atWith(this.#sim.now + this.options.electionTimeout, this.#stepDown, this.#term)
    }
  }

  /** One cause less for each: those without any run again. */
  start(members: readonly number[]): void {
    for (const number of members) {
      const member = this.#member(number)
      assert(member.causes > 0, () => `etcd member ${number} is not down`)
      member.causes -= 1
      if (member.causes === 0) member.timesOutAt = this.#sim.now + this.#patience()
    }
    if (this.#leader === undefined) this.#elect()
    else if (this.#hasQuorum()) {
      this.#term += 1
      this.#availability.resume(CAUSE)
    }
  }

  /** The leader leads no longer, though it may run: the members wait for it, and then vote. */
  loseLeader(): void {
    const { heartbeat } = this.options
    this.#availability.stop(CAUSE)
    this.#tell(undefined)
    const heardAt = Math.floor(this.#sim.now / heartbeat) * heartbeat
    for (const member of this.#members) member.timesOutAt = heardAt + this.#patience()
    this.#elect()
  }

  /** How long a member waits for a leader: the time-out, and up to as long again. */
  #patience(): Micros {
    return Math.round(this.options.electionTimeout * (1 + this.#stream.uniform()))
  }

  #hasQuorum(): boolean {
    return this.running.length > this.#members.length / 2
  }

  #elect(): void {
    this.#term += 1
    if (!this.#hasQuorum()) return
    const { roundTrip } = this.options
    const voters = this.#members.filter(({ causes }) => causes === 0)
    for (const member of voters) {
      while (member.timesOutAt < this.#sim.now) member.timesOutAt += this.#patience()
    }
    for (let tries = 0; ; tries++) {
      assert(tries < SPLIT_VOTES_MAX, 'etcd elects nobody')
      voters.sort((one, other) => one.timesOutAt - other.timesOutAt || one.number - other.number)
      const [first, second] = voters
      if (first === undefined) return
      const isContested = second !== undefined && second.timesOutAt - first.timesOutAt < roundTrip
      const votes = voters.length - (isContested ? 1 : 0)
      if (votes > this.#members.length / 2) {
        this.#sim.atWith(first.timesOutAt + this.#voting(), this.#elected, {
          term: this.#term,
          member: first.number,
        })
        return
      }
      // Both voted for themselves: nobody has most votes, and all wait anew.
      for (const member of [first, second]) if (member !== undefined) member.timesOutAt += this.#patience()
    }
  }

  /** A round for the pre-vote, one for the vote, which is on disk before it is given, and one for the first entry of the new leader. */
  #voting(): Micros {
    const { roundTrip, fsync } = this.options
    return 3 * roundTrip + fsync(this.#stream) + fsync(this.#stream)
  }

  #lead(member: number): void {
    this.#tell(member)
    this.#availability.resume(CAUSE)
  }

  #tell(leader: number | undefined): void {
    if (this.#leader === leader) return
    this.#leader = leader
    for (const observer of this.#observers) observer(leader)
  }

  #member(number: number): Member {
    const member = this.#members[number]
    assert(member !== undefined, () => `there is no etcd member ${number}`)
    return member
  }
}
