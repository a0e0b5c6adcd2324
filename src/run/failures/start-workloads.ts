import { BEHAVIOUR_PREFIX } from '../../api/behaviour-annotations.ts'
import type { Container, PodTemplateSpec, Probe } from '../../api/types.generated.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { rollBack } from '../../controllers/rollback.ts'
import { BadRollouts } from '../../failure/bad-rollout.ts'
import { PoisonousPods } from '../../failure/poisonous-pod.ts'
import type { BadRolloutSource } from '../../scenario/failures/bad-rollout.ts'
import type { PoisonousPodSource } from '../../scenario/failures/poisonous-pod.ts'
import type { FailureParts } from './failure-start.ts'

/** A workload, as far as a rollout changes it. */
interface Workload extends StoredObject {
  readonly spec?: { readonly template?: PodTemplateSpec }
}

/** Starts pods that kill their nodes. */
export function startPoisonousPods(parts: FailureParts, source: PoisonousPodSource, ordinal: number): void {
  const wanted = Object.entries(source.podLabels)
  new PoisonousPods(parts.sim, parts, {
    ...source,
    ordinal,
    isPoisonous: ({ namespace, labels }) =>
      (source.namespace ?? namespace) === namespace && wanted.every(([key, value]) => labels[key] === value),
  })
}

/** Starts rollouts of bad versions. */
export function startBadRollouts(
  { sim, api, log, note }: FailureParts,
  source: BadRolloutSource,
  ordinal: number,
): void {
  const { kind, namespace, name } = source.workload
  const key = `${namespace}/${name}`
  const object = `${kind} ${key}`
  const tell = (reason: string, message: string): void =>
    note({ kind: 'BadRollout', object, node: '', reason, message })
  const good = new GoodVersion()
  const releases = {
    name: object,
    release(version: number, isBad: boolean): boolean {
      const problem = api.availability.takesWrites
        ? rollOut(api, source, (container) => good.next(container, source, { version, isBad }))
        : 'no answer from the API server'
      tell(isBad ? 'Bad' : 'Good', problem ?? `version ${version}`)
      return problem === undefined
    },
    answers: () => api.availability.takesWrites,
    undo(): void {
      tell('Undo', rollBack(api, { kind, namespace, name, toRevision: 0 }).message)
    },
  }
  new BadRollouts(sim, log, releases, { ...source, ordinal })
}

/** What of a container differs between versions. */
interface Version {
  readonly image: string
  readonly behaviour: Readonly<Record<string, string>>
}

/** Remembers what a container was before its first bad version. */
class GoodVersion {
  #image: string | undefined

  next(
    { image = '' }: Container,
    { image: badImage, behaviour }: BadRolloutSource,
    { version, isBad }: { readonly version: number; readonly isBad: boolean },
  ): Version {
    this.#image ??= image
    const own = `${this.#image.includes('@') ? this.#image.split('@')[0] : this.#image}`
    const tagged = /:[^/]*$/.test(own) ? own : `${own}:0`
    if (isBad) return { image: badImage ?? `${tagged}-bad${version}`, behaviour }
    return { image: `${tagged}-good${version}`, behaviour: {} }
  }
}

/** Gives a container of a workload its next version; returns what is wrong with that, or undefined. */
function rollOut(
  api: ApiServer,
  { workload, container: wanted, behaviour }: BadRolloutSource,
  versionOf: (container: Container) => Version,
): string | undefined {
  const { kind, namespace, name } = workload
  const store = api.collection<Workload>(kind)
  const object = store.get(`${namespace}/${name}`)
  const template = object?.spec?.template
  const containers = template?.spec?.containers ?? []
  const container = wanted === undefined ? containers[0] : containers.find((one) => one.name === wanted.name)
  if (object === undefined) return `there is no ${kind} ${namespace}/${name}`
  if (template?.spec === undefined || container === undefined)
    return `there is no container ${wanted?.name ?? ''}`
  const next = versionOf(container)
  const keyOf = (field: string): string => `${BEHAVIOUR_PREFIX}${field}.${container.name}`
  const ofBad = new Set(Object.keys(behaviour).map(keyOf))
  const others = Object.entries(template.metadata?.annotations ?? {}).filter(([key]) => !ofBad.has(key))
  const added = Object.entries(next.behaviour).map(([field, text]) => [keyOf(field), text] as const)
  const changed = { ...withProbe(container, next.behaviour), image: next.image }
  const written = store.update({
    ...object,
    spec: {
      ...object.spec,
      template: {
        metadata: { ...template.metadata, annotations: Object.fromEntries([...others, ...added]) },
        spec: {
          ...template.spec,
          containers: containers.map((one) => (one === container ? changed : one)),
        },
      },
    },
  })
  return written.ok ? undefined : written.message
}

/** What fails in a version that never becomes ready, where its container has no probe of its own. */
const PROBE: Probe = {
  exec: { command: ['false'] },
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
}

function withProbe(container: Container, behaviour: Readonly<Record<string, string>>): Container {
  const fails = 'readiness-fails' in behaviour
  return fails && container.readinessProbe === undefined ? { ...container, readinessProbe: PROBE } : container
}
