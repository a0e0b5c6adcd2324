import { podRequests } from '../../api/resources.ts'
import type { StaticWorkload } from '../packing/static-workload.ts'
import type { ShapeMix } from './shape-mix.ts'

/** How much of a resource pods ask for. */
export interface ResourceShare {
  readonly resource: 'cpu' | 'memory' | 'pods'
  /** Of the capacity of all nodes. */
  readonly share: number
}

/** What the pods ask for of all that the nodes of a mix have. */
export function utilisationOf(mix: ShapeMix, { templates, pods }: StaticWorkload): readonly ResourceShare[] {
  const asks = templates.map(({ spec }) => podRequests({ spec }))
  let [cpu, memory] = [0, 0]
  for (const pod of pods) {
    const isOwn = ['requests', 'guaranteed'].includes(templates[pod.template]?.sizing ?? '')
    cpu += isOwn ? pod.cpu : (asks[pod.template]?.cpu ?? 0)
    memory += isOwn ? pod.memory : (asks[pod.template]?.memory ?? 0)
  }
  const whole = (of: 'cpu' | 'memory' | 'pods'): number =>
    mix.reduce((sum, { shape, count }) => sum + shape[of] * count, 0)
  return [
    { resource: 'cpu', share: cpu / whole('cpu') },
    { resource: 'memory', share: memory / whole('memory') },
    { resource: 'pods', share: pods.length / whole('pods') },
  ]
}
