import { NEVER } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import type { Handler, Timer } from '../../engine/simulation.ts'
import { changeSpeed, endOfWork, leaked, probeLatency } from './container-run.ts'
import type { ContainerExit, ContainerRecord } from './container.ts'
import type { CpuUser } from './cpu-contention.ts'
import { PROBE_KINDS } from './probe.ts'
import type { WorkerHost } from './worker-host.ts'

const STARTUP = 0
const LIVENESS = 1
const READINESS = 2

/** What the runs of containers come to, told to the worker of their pod. */
export interface RunListener {
  /** A probe wants the container killed, within this grace period if it has one of its own. */
  readonly unhealthy: (container: ContainerRecord, grace: Micros | undefined) => void
  /** Something that statuses show has changed. */
  readonly changed: () => void
  /** The container has reached its limit of memory. */
  readonly outOfMemory: (container: ContainerRecord) => void
  /** The pod uses another amount of memory, or of its node's disk. */
  readonly memoryChanged: () => void
}

/** Runs the containers of one pod: their work, their probes, what they use. */
export class ContainerRunner {
  readonly #host: WorkerHost
  readonly #pod: PodRow
  readonly #node: NodeRow
  readonly #listener: RunListener
  readonly #cpuUsers = new Map<ContainerRecord, CpuUser>()

  constructor(host: WorkerHost, pod: PodRow, node: NodeRow, listener: RunListener) {
    this.#host = host
    this.#pod = pod
    this.#node = node
    this.#listener = listener
  }

  /** A run begins now. */
  start(container: ContainerRecord): void {
    const { host } = this
    const { now } = host.sim
    container.state = 'running'
    container.isBegun = true
    container.runs += 1
    container.startedAt = now
    container.waitingReason = undefined
    container.waitingMessage = undefined
    container.kill = undefined
    container.isStarted = container.plan.probes[STARTUP] === undefined
    const work = host.draws.work(container, host.api.pods.table.duration(this.#pod))
    host.checkpoints.begin(this.#pod, container, work)
    container.workAt = now
    container.speed = this.#cpuSpeed
    container.throttled = 0
    const fails = host.draws.failures(container)
    PROBE_KINDS.forEach((kind, index) => container.probes[index]?.containerStarted(now, fails[kind]))
    this.#setLate(container)
    this.#scheduleEnd(container)
    this.#startUse(container)
    this.#listener.memoryChanged()
    if (container.state !== 'running') return
    this.probe(container, STARTUP, false)
    if (container.isStarted) this.#begun(container)
  }

  /** A run that began before, without a worker, goes on: it has `workLeft` to do and uses so many bytes. */
  adopt(
    container: ContainerRecord,
    run: { readonly startedAt: Micros; readonly workLeft: Micros; readonly memory: number },
  ): void {
    container.state = 'running'
    container.isBegun = true
    container.isStarted = true
    container.isHookDone = true
    container.runs = 1
    container.startedAt = run.startedAt
    const speed = this.#cpuSpeed
    container.speed = speed
    container.workLeft = speed === 1 ? run.workLeft : Math.round(run.workLeft * speed)
    container.workFrom = container.workLeft
    container.workAt = this.host.sim.now
    container.memoryBase = run.memory
    container.memory = run.memory
    this.#scheduleEnd(container)
  }

  /** Nothing of the run goes on, and nobody is told. */
  abandon(container: ContainerRecord): void {
    this.stopTimers(container)
    if (container.state === 'running') this.#leaveWork(container)
    // Nothing of it is done from here on, whatever its state says until somebody looks.
    container.workLeft = NEVER
    this.#leaveCpu(container)
    container.kill = undefined
    container.memory = 0
    container.disk = 0
  }

  /** What a running container asks for has changed: so does its share of the cpu. */
  replanned(container: ContainerRecord): void {
    const wanted = container.cpu?.wanted
    if (wanted === undefined) return
    this.#leaveCpu(container)
    this.#wantCpu(container, wanted)
  }

  /** The machine is faster or slower than it was: so is the work of a running container, and its answers to probes. */
  strained(container: ContainerRecord, isProbed: boolean): void {
    if (container.state !== 'running') return
    this.#workOn(container)
    this.#setLate(container)
    if (isProbed) this.probeAgain(container)
  }

  /** Waits anew for what the probes of a running container will say. */
  probeAgain(container: ContainerRecord): void {
    if (container.state !== 'running') return
    if (container.isStarted) {
      this.probe(container, LIVENESS, false)
      this.probe(container, READINESS, false)
    } else this.probe(container, STARTUP, false)
  }

  /** Nobody probes it any more. */
  stopProbes(container: ContainerRecord): void {
    for (const timer of container.probeTimers) this.cancel(timer)
    container.probeTimers.fill(undefined)
  }

  /** The run is over; the state becomes terminated. */
  end(container: ContainerRecord, exit: Pick<ContainerExit, 'exitCode' | 'reason' | 'isByProbe'>): void {
    const { now } = this.host.sim
    this.#leaveWork(container)
    this.stopTimers(container)
    container.state = 'terminated'
    container.previousExit = container.exit
    container.exit = { ...exit, startedAt: container.startedAt, finishedAt: now, run: container.runs - 1 }
    this.#tell(container, container.exit)
    container.kill = undefined
    for (const probe of container.probes) probe?.hold()
    this.#leaveCpu(container)
    container.disk = 0
    container.memoryBase = 0
    this.#setMemory(container, 0)
  }

  /** Has it end by a signal at an instant. */
  killAt(container: ContainerRecord, kill: NonNullable<ContainerRecord['kill']>): void {
    this.cancel(container.killTimer)
    container.kill = kill
    container.killTimer = this.#at(kill.at, this.host.handlers.killed, container.plan.index)
  }

  /** No more is asked of its liveness: its end has been decided. */
  quiet(container: ContainerRecord): void {
    for (const index of [STARTUP, LIVENESS]) {
      container.probes[index]?.hold()
      this.cancel(container.probeTimers[index])
      container.probeTimers[index] = undefined
    }
  }

  /** Waits for the next change of what a probe says. */
  probe(container: ContainerRecord, index: number, isAsked: boolean): void {
    const probe = container.probes[index]
    if (probe === undefined) return
    this.cancel(container.probeTimers[index])
    container.probeTimers[index] = undefined
    const change = probe.nextChange(this.host.sim.now, isAsked)
    if (change === undefined) return
    const delay = Math.min(probeLatency(container, this.#cpuSpeed), probe.plan.timeout)
    const at = change.at + delay
    container.probeTurns[index] = change.to
    const place = container.plan.index * PROBE_KINDS.length + index
    container.probeTimers[index] = this.#at(at, this.host.handlers.probe, place)
  }

  /** The change that a probe's timer waited for is there. */
  probed(container: ContainerRecord, index: number): void {
    container.probeTimers[index] = undefined
    const probe = container.probes[index]
    const to = container.probeTurns[index]
    if (probe === undefined || to === undefined || container.state !== 'running') return
    const kills = probe.change(to)
    if (kills) {
      this.#listener.unhealthy(container, probe.plan.terminationGrace)
      return
    }
    if (index === STARTUP) {
      container.isStarted = true
      probe.hold()
      this.#begun(container)
    } else this.probe(container, index, false)
    this.#listener.changed()
  }

  /** What it uses is another amount from now on. */
  usageStep(container: ContainerRecord): void {
    container.usageTimer = undefined
    if (container.state === 'running') this.#useAt(container)
  }

  /** Cancels all that would happen to it. */
  stopTimers(container: ContainerRecord): void {
    const { timer, endTimer, killTimer, usageTimer, probeTimers } = container
    for (const one of [timer, endTimer, killTimer, usageTimer, ...probeTimers]) this.cancel(one)
    container.timer = undefined
    container.endTimer = undefined
    container.killTimer = undefined
    container.usageTimer = undefined
    probeTimers.fill(undefined)
  }

  get host(): WorkerHost {
    return this.#host
  }

  cancel(timer: Timer | undefined): void {
    if (timer !== undefined) this.#host.sim.cancel(timer)
  }

  /** Counts the work done, and keeps what its last checkpoint holds. */
  #leaveWork(container: ContainerRecord): void {
    const { host } = this
    changeSpeed(container, host.sim.now, 1)
    const { workFrom, workLeft } = container
    const lost = host.checkpoints.end(this.#pod, container)
    if (workLeft === NEVER || container.plan.kind !== 'regular') return
    const kept = workFrom - workLeft - lost
    for (const observer of host.observers) observer.workEnded?.(this.#pod, { kept, lost })
  }

  #tell(
    { plan, throttled }: ContainerRecord,
    { exitCode, reason, startedAt, finishedAt }: ContainerExit,
  ): void {
    const { observers } = this.#host
    if (observers.length === 0) return
    const { kind, spec } = plan
    const span = finishedAt - startedAt
    const run = { container: spec.name, kind, exitCode, reason, span, throttled }
    for (const observer of observers) observer.runEnded?.(this.#pod, run)
  }

  /** Other probes wait for the startup probe; readiness is asked at once. */
  #begun(container: ContainerRecord): void {
    this.probe(container, LIVENESS, false)
    this.probe(container, READINESS, true)
  }

  #at(at: Micros, handler: Handler, second: number): Timer {
    return this.#host.sim.at(at, handler, this.#pod, second)
  }

  #scheduleEnd(container: ContainerRecord): void {
    this.cancel(container.endTimer)
    const at = endOfWork(container)
    container.endTimer =
      at === NEVER ? undefined : this.#at(at, this.#host.handlers.end, container.plan.index)
  }

  #startUse(container: ContainerRecord): void {
    const { memory } = container.plan.behaviour
    if (memory === undefined) container.memoryBase = this.#host.memoryOf(this.#pod, container)
    this.#useAt(container)
  }

  #useAt(container: ContainerRecord): void {
    const { draws, sim } = this.#host
    const since = sim.now - container.startedAt
    const { behaviour } = container.plan
    const run = { since, resample: behaviour.resample }
    let until = NEVER
    if (behaviour.cpu !== undefined) {
      const use = draws.use('cpu', behaviour.cpu, run)
      until = Math.min(until, use.until)
      this.#wantCpu(container, use.amount)
    }
    if (behaviour.disk !== undefined) {
      const use = draws.use('disk', behaviour.disk, run)
      until = Math.min(until, use.until)
      this.#setDisk(container, use.amount)
    }
    if (behaviour.memory !== undefined) {
      const use = draws.use('memory', behaviour.memory, run)
      until = Math.min(until, use.until)
      container.memoryBase = use.amount
    }
    const memory = leaked(container, since)
    until = Math.min(until, memory.until)
    if (until !== NEVER) {
      const at = Math.max(container.startedAt + until, sim.now + 1)
      container.usageTimer = this.#at(at, this.#host.handlers.usage, container.plan.index)
    }
    this.#setMemory(container, memory.bytes)
    const { memoryLimit } = container.plan
    const isKnown = behaviour.memory !== undefined || behaviour.memoryLeak !== undefined
    if (isKnown && memory.bytes >= (memoryLimit ?? NEVER)) this.#listener.outOfMemory(container)
  }

  #setMemory(container: ContainerRecord, bytes: number): void {
    if (container.memory === bytes) return
    container.memory = bytes
    this.#listener.memoryChanged()
  }

  #setDisk(container: ContainerRecord, bytes: number): void {
    if (container.disk === bytes) return
    container.disk = bytes
    this.#listener.memoryChanged()
  }

  #wantCpu(container: ContainerRecord, wanted: number): void {
    if (container.cpu?.wanted === wanted) return
    this.#leaveCpu(container)
    container.cpu = { wanted, given: wanted }
    const { cpuLimit, cpuRequest } = container.plan
    const user: CpuUser = {
      wanted,
      limit: cpuLimit,
      request: cpuRequest,
      give: (milli) => this.#giveCpu(container, milli),
    }
    this.#cpuUsers.set(container, user)
    this.#host.cpu.join(this.#node, user)
  }

  #leaveCpu(container: ContainerRecord): void {
    const user = this.#cpuUsers.get(container)
    if (user === undefined) return
    this.#cpuUsers.delete(container)
    container.cpu = undefined
    this.#host.cpu.leave(this.#node, user)
  }

  /** It works on at the share that it gets of what it wants. */
  #giveCpu(container: ContainerRecord, milli: number): void {
    const { cpu } = container
    if (cpu === undefined) return
    cpu.given = milli
    this.#workOn(container)
  }

  #workOn(container: ContainerRecord): void {
    const { wanted, given } = container.cpu ?? { wanted: 0, given: 0 }
    const share = wanted === 0 ? 1 : given / wanted
    changeSpeed(container, this.#host.sim.now, share * this.#cpuSpeed)
    this.#scheduleEnd(container)
  }

  #setLate(container: ContainerRecord): void {
    const latency = probeLatency(container, this.#cpuSpeed)
    for (const probe of container.probes) probe?.setLate(latency > probe.plan.timeout)
  }

  get #cpuSpeed(): number {
    return this.#host.speedOf(this.#node).cpu
  }
}
