import type { Container, PodTemplateSpec } from '../../api/types.generated.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { ActionTarget, ActionVerb } from '../../scenario/action.ts'

/** A workload, as far as actions change it. */
interface Workload extends StoredObject {
  readonly spec?: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly template?: PodTemplateSpec
  }
}

type WorkloadChange = Extract<ActionVerb, { verb: 'scale' | 'setImage' | 'restart' | 'pause' | 'resume' }>

/** Kinds that can be scaled by `spec.replicas`. */
const SCALABLE = new Set(['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet'])

/** Changes a workload as kubectl scale, set image, and rollout do; returns what is wrong with that, or undefined. */
export function changeWorkload(api: ApiServer, action: WorkloadChange): string | undefined {
  const { target } = action
  const store = api.collection<Workload>(target.kind)
  const workload = store.get(keyOf(target))
  if (workload === undefined) return `there is no ${nameOf(target)}`
  const changed = changedSpec(workload, action, api)
  if (typeof changed === 'string') return changed
  const written = store.update({ ...workload, spec: changed })
  return written.ok ? undefined : written.message
}

/** The key of an action's object in its store. */
export function keyOf({ namespace, name }: ActionTarget): string {
  return `${namespace}/${name}`
}

/** The object as messages call it. */
export function nameOf({ kind, namespace, name }: ActionTarget): string {
  return `${kind} ${namespace}/${name}`
}

function changedSpec(
  { spec = {} }: Workload,
  action: WorkloadChange,
  api: ApiServer,
): NonNullable<Workload['spec']> | string {
  const { target } = action
  switch (action.verb) {
    case 'scale':
      if (!SCALABLE.has(target.kind)) return `${nameOf(target)} has no replicas to scale`
      return { ...spec, replicas: action.replicas }
    case 'pause':
    case 'resume':
      if (target.kind !== 'Deployment') return `${nameOf(target)} cannot be paused: it is no Deployment`
      return { ...spec, paused: action.verb === 'pause' }
    case 'restart':
      return withTemplate(spec, target, (template) => restarted(template, api))
    case 'setImage': {
      const { images } = action
      return withTemplate(spec, target, (template) => withImages(template, images, target))
    }
  }
}

function withTemplate(
  spec: NonNullable<Workload['spec']>,
  target: ActionTarget,
  change: (template: PodTemplateSpec) => PodTemplateSpec | string,
): NonNullable<Workload['spec']> | string {
  if (spec.template === undefined) return `${nameOf(target)} has no template of pods`
  const template = change(spec.template)
  return typeof template === 'string' ? template : { ...spec, template }
}

/** As kubectl rollout restart: an annotation makes it another template. */
function restarted(template: PodTemplateSpec, api: ApiServer): PodTemplateSpec {
  const annotations = {
    ...template.metadata?.annotations,
    'kubectl.kubernetes.io/restartedAt': api.calendar.format(api.sim.now),
  }
  return { ...template, metadata: { ...template.metadata, annotations } }
}

function withImages(
  template: PodTemplateSpec,
  images: Readonly<Record<string, string>>,
  target: ActionTarget,
): PodTemplateSpec | string {
  const { containers, initContainers, ...spec } = template.spec ?? { containers: [] }
  const known = [...containers, ...(initContainers ?? [])].map(({ name }) => name)
  const unknown = Object.keys(images).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    return `${nameOf(target)} has no container ${unknown}; it has ${known.join(', ')}`
  }
  const withImage = (container: Container): Container => {
    const image = images[container.name]
    return image === undefined ? container : { ...container, image }
  }
  return {
    ...template,
    spec: {
      ...spec,
      containers: containers.map(withImage),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withImage) }),
    },
  }
}
