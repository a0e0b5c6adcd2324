import { definePlugin, unresolvable } from '../src/scheduler/framework/index.ts'

/**
 * Keeps a pod out of the queue while it has scheduling gates.
 *
 * Source: Kubernetes v1.37, scheduler plugins/schedulinggates.
 */
export const schedulingGates = definePlugin({
  name: 'SchedulingGates',
  reads: [],
  sized: false,

  compile: (pod) => ({ gates: (pod.spec.schedulingGates ?? []).map((gate) => gate.name) }),

  enqueue(term) {
    if (term.gates.length === 0) return undefined
    return unresolvable(`waiting for scheduling gates: [${term.gates.join(' ')}]`)
  },

  hint: (_term, change) =>
    change.type === 'pending-pod-updated' && change.itself && change.updates.includes('gates-eliminated'),
})
