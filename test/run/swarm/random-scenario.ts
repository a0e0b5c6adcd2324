import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { RandomStreams } from '../../../src/base/random.ts'
import type { RandomStream } from '../../../src/base/random.ts'
import { loadScenario } from '../../../src/scenario/load.ts'
import type { Scenario } from '../../../src/scenario/scenario.ts'

/** Seconds in which actions and outages begin; and until when nothing happens any more after them. */
const BUSY = 1200
const QUIET = 5400

const IMAGES = ['web:1', 'web:2', 'web:3']

type Value = Readonly<Record<string, unknown>>

/** Draws of one seed. */
class Draws {
  readonly #stream: RandomStream

  constructor(seed: number) {
    this.#stream = new RandomStreams(seed).stream('swarm')
  }

  between(low: number, high: number): number {
    return low + this.#stream.integer(high - low + 1)
  }

  of<T>(values: readonly T[]): T {
    return values[this.#stream.integer(values.length)] as T
  }

  isSo(chance: number): boolean {
    return this.#stream.uniform() < chance
  }
}

/**
 * A small cluster with workloads of all kinds, of which people scale, change, pause, restart and delete some, and drain nodes, while
 * machines go down: all in twenty minutes, after which an hour and more is quiet.
 */
export function randomScenario(seed: number, directory: string): Scenario {
  const draws = new Draws(seed)
  const nodes = draws.between(2, 5)
  const objects = randomObjects(draws)
  const file = path.join(directory, `objects-${seed}.yaml`)
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'))
  return loadScenario({
    overrides: [],
    raw: {
      apiVersion: 'stowage.dev/v1alpha1',
      kind: 'Scenario',
      metadata: { name: `swarm-${seed}` },
      spec: {
        seed,
        until: `${BUSY + QUIET}s`,
        nodes: [{ template: { count: nodes, shape: draws.of(['4:16Gi', '16:64Gi']) } }],
        objects: [file],
        actions: randomActions(draws, objects, nodes),
        failures: many(draws, 0, 4, () => randomFailure(draws, nodes)),
      },
    },
  })
}

function many<T>(draws: Draws, low: number, high: number, make: (index: number) => T): T[] {
  return Array.from({ length: draws.between(low, high) }, (_, index) => make(index))
}

function randomObjects(draws: Draws): readonly Value[] {
  return [
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 100 },
    ...many(draws, 1, 3, (index) => deployment(draws, `web-${index}`)),
    ...many(draws, 0, 2, (index) => statefulSet(draws, `db-${index}`)),
    ...many(draws, 0, 1, (index) => daemonSet(draws, `agent-${index}`)),
    ...many(draws, 0, 2, (index) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: `job-${index}` },
      spec: jobSpec(draws, `job-${index}`),
    })),
    ...many(draws, 0, 1, (index) => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: `tick-${index}` },
      spec: {
        schedule: '*/5 * * * *',
        concurrencyPolicy: draws.of(['Allow', 'Forbid', 'Replace']),
        jobTemplate: { spec: jobSpec(draws, `tick-${index}`) },
      },
    })),
    ...many(draws, 0, 2, (index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `bare-${index}`, labels: { app: draws.of(['web-0', 'db-0', 'bare']) } },
      spec: podSpec(draws),
    })),
    budget(draws, 'web-0'),
    budget(draws, 'db-0'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web-0' }, ports: [{ port: 80 }] },
    },
  ]
}

function podSpec(draws: Draws, more: Value = {}): Value {
  const grace = draws.of([0, 1, 30, 60])
  const requests = { cpu: `${draws.between(1, 5) * 100}m`, memory: `${draws.between(1, 8) * 64}Mi` }
  return {
    terminationGracePeriodSeconds: grace,
    ...(draws.isSo(0.3) ? { priorityClassName: 'high' } : {}),
    ...(draws.isSo(0.3) ? { initContainers: many(draws, 1, 2, (index) => initContainer(draws, index)) } : {}),
    containers: [
      {
        name: 'main',
        image: draws.of(IMAGES),
        resources: { requests },
        ...(draws.isSo(0.3)
          ? { readinessProbe: { httpGet: { port: 80 }, periodSeconds: draws.between(1, 10) } }
          : {}),
        ...(grace >= 30 && draws.isSo(0.3)
          ? { lifecycle: { preStop: { sleep: { seconds: draws.between(1, 29) } } } }
          : {}),
      },
    ],
    ...more,
  }
}

/** One that ends, or a sidecar. */
function initContainer(draws: Draws, index: number): Value {
  const container = { name: `init-${index}`, image: draws.of(IMAGES) }
  return draws.isSo(0.5) ? { ...container, restartPolicy: 'Always' } : container
}

function template(draws: Draws, app: string, more: Value = {}, annotations: Value = {}): Value {
  return { metadata: { labels: { app }, annotations }, spec: podSpec(draws, more) }
}

function deployment(draws: Draws, name: string): Value {
  const rollingUpdate = { maxSurge: draws.of([1, '25%', '100%']), maxUnavailable: draws.of([0, 1, '25%']) }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: draws.between(0, 8),
      minReadySeconds: draws.of([0, 0, 5]),
      revisionHistoryLimit: draws.of([0, 2, 10]),
      strategy: draws.isSo(0.2) ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate },
      selector: { matchLabels: { app: name } },
      template: template(draws, name),
    },
  }
}

function statefulSet(draws: Draws, name: string): Value {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      replicas: draws.between(0, 4),
      serviceName: name,
      podManagementPolicy: draws.of(['OrderedReady', 'Parallel']),
      minReadySeconds: draws.of([0, 5]),
      selector: { matchLabels: { app: name } },
      template: template(draws, name),
    },
  }
}

function daemonSet(draws: Draws, name: string): Value {
  const rollingUpdate = draws.of([{ maxUnavailable: 1 }, { maxUnavailable: 0, maxSurge: 1 }])
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      selector: { matchLabels: { app: name } },
      template: template(draws, name),
    },
  }
}

function jobSpec(draws: Draws, app: string): Value {
  const completions = draws.between(1, 6)
  const lasting = {
    'stowage.dev/duration': `${draws.between(1, 200)}s`,
    ...(draws.isSo(0.2) ? { 'stowage.dev/exit-code': '1' } : {}),
  }
  return {
    completions,
    parallelism: draws.between(1, 4),
    completionMode: draws.of(['NonIndexed', 'Indexed']),
    backoffLimit: draws.between(0, 3),
    podReplacementPolicy: draws.of(['Failed', 'TerminatingOrFailed']),
    ...(draws.isSo(0.3) ? { ttlSecondsAfterFinished: draws.of([0, 100]) } : {}),
    template: template(draws, app, { restartPolicy: draws.of(['Never', 'OnFailure']) }, lasting),
  }
}

function budget(draws: Draws, app: string): Value {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app },
    spec: { maxUnavailable: draws.of([1, '50%']), selector: { matchLabels: { app } } },
  }
}

function randomActions(draws: Draws, objects: readonly Value[], nodes: number): readonly Value[] {
  const targets = objects
    .filter(({ kind }) => !['Pod', 'Service', 'PriorityClass'].includes(String(kind)))
    .map((object) => ({ kind: String(object['kind']), name: (object['metadata'] as { name: string }).name }))
  return many(draws, 2, 20, () => randomAction(draws, targets, nodes)).flat()
}

/** An action; a pause comes with the end of it. Several come in one instant now and then. */
function randomAction(
  draws: Draws,
  targets: readonly { readonly kind: string; readonly name: string }[],
  nodes: number,
): readonly Value[] {
  const at = draws.between(1, BUSY / 10) * 10
  if (draws.isSo(0.15)) return [{ at: `${at}s`, drain: randomDrain(draws, nodes) }]
  const target = draws.of(targets)
  const { kind } = target
  if (draws.isSo(0.12)) {
    const propagationPolicy = draws.of(['Background', 'Foreground', 'Orphan'])
    return [{ at: `${at}s`, delete: { ...target, propagationPolicy } }]
  }
  if (kind === 'Job' || kind === 'CronJob' || kind === 'PodDisruptionBudget') return []
  const verb = draws.of(['scale', 'setImage', 'restart', 'pause', 'undo'])
  if (verb === 'scale' && kind !== 'DaemonSet') {
    return [{ at: `${at}s`, scale: { ...target, replicas: draws.between(0, 8) } }]
  }
  if (verb === 'pause' && kind === 'Deployment') {
    const resumedAt = at + draws.between(0, 200)
    return [
      { at: `${at}s`, pause: target },
      { at: `${resumedAt}s`, resume: target },
    ]
  }
  if (verb === 'restart' || verb === 'undo') return [{ at: `${at}s`, [verb]: target }]
  return [{ at: `${at}s`, setImage: { ...target, images: { main: draws.of(IMAGES) } } }]
}

function randomDrain(draws: Draws, nodes: number): Value {
  return {
    node: `node-${draws.between(0, nodes - 1)}`,
    uncordonAfter: `${draws.between(0, 300)}s`,
    timeout: `${draws.between(10, 900)}s`,
    disableEviction: draws.isSo(0.2),
  }
}

function randomFailure(draws: Draws, nodes: number): Value {
  const failure = {
    selector: { 'kubernetes.io/hostname': `node-${draws.between(0, nodes - 1)}` },
    at: `${draws.between(1, BUSY)}s`,
    for: `${draws.of([5, 45, 120, 500, 1500])}s`,
  }
  if (draws.isSo(0.7)) return { zoneOutage: failure }
  return { maintenance: { ...failure, shutdownGracePeriod: `${draws.between(0, 60)}s` } }
}
