import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import { podsOfNode } from './pods-of-node.ts'

/** How often it looks (kube-controller-manager v1.37, podgc `gcCheckPeriod`). */
const LOOK_EVERY: Micros = 20 * SECOND
/** How long a node has to be gone before its pods are collected (podgc `quarantineTime`). */
const QUARANTINE: Micros = 40 * SECOND

/**
 * Fails and deletes the pods of nodes whose Node object is gone: found at the first look after that,
 * collected at the first look after the quarantine. Looks only while a deleted node has pods.
 *
 * Leaves out the threshold of terminated pods and the out-of-service taint. Source: kube-controller-manager
 * v1.37, podgc `gcOrphaned`.
 */
export function startPodGarbageCollector(sim: Simulation, api: ApiServer): void {
  /** Nodes that are gone, with the end of their quarantine; undefined before the first look. */
  const goneNodes = new Map<NodeRow, Micros | undefined>()
  const look = sim.handler('pod-garbage-collector/look', () => {
    for (const [node, quarantinedUntil] of goneNodes) {
      if (podsOfNode(api.pods, node).length === 0) goneNodes.delete(node)
      else if (quarantinedUntil === undefined) goneNodes.set(node, sim.now + QUARANTINE)
      else if (sim.now >= quarantinedUntil) {
        collectPods(api, node)
        goneNodes.delete(node)
      }
    }
    if (goneNodes.size > 0) sim.after(LOOK_EVERY, look)
  })
  api.watch({
    name: 'pod-garbage-collector',
    kinds: ['Node'],
    onObject: ({ verb, key }) => {
      if (verb !== 'DELETED') return
      if (goneNodes.size === 0) sim.at(Math.ceil(sim.now / LOOK_EVERY) * LOOK_EVERY, look)
      goneNodes.set(api.nodeRows.everRowOf(key), undefined)
    },
  })
}

/** As upstream: a pod that has not finished is Failed first, then deleted without grace. */
function collectPods({ pods }: ApiServer, node: NodeRow): void {
  for (const pod of podsOfNode(pods, node)) {
    pods.finish(pod, { succeeded: false, reason: 'DeletionByPodGC' })
    pods.requestDeletion(pod, { grace: 0, reason: 'DeletionByPodGC' })
  }
}
