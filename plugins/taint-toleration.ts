import { firstUntolerated, toleratesTaint } from '../src/api/tolerations.ts'
import type { TolerationOptions } from '../src/api/tolerations.ts'
import type { Taint, Toleration } from '../src/api/types.generated.ts'
import { PASS, definePlugin, signTolerations, unresolvable } from '../src/scheduler/framework/index.ts'
import type { PluginFactory, SchedulerPlugin } from '../src/scheduler/framework/index.ts'

const UNTOLERATED = unresolvable('node(s) had untolerated taint(s)')

/** Effects that keep a pod off a node. */
const REPELLING = ['NoSchedule', 'NoExecute'] as const

/**
 * Keeps pods off nodes with taints that they do not tolerate, and prefers nodes with fewer PreferNoSchedule taints
 * that they do not tolerate.
 *
 * Score: number of such taints, scaled by the maximum and reversed.
 * Source: Kubernetes v1.37, scheduler plugins/tainttoleration.
 */
export const taintToleration: PluginFactory = (_args, context) =>
  build({ comparisonOperators: context.gates.get('TaintTolerationComparisonOperators') ?? false })

function build(options: TolerationOptions): SchedulerPlugin {
  return definePlugin({
    name: 'TaintToleration',
    reads: ['taints'],
    sized: false,

    compile(pod) {
      const tolerations = pod.spec.tolerations ?? []
      return { tolerations, preferred: tolerations.filter(coversPreferNoSchedule) }
    },

    sign: signTolerations,

    filter(term, node, nodes) {
      const taints = nodes.taints(node)
      if (taints.length === 0) return PASS
      return firstUntolerated(taints, term.tolerations, REPELLING, options) === undefined ? PASS : UNTOLERATED
    },

    score(term, node, nodes) {
      let count = 0
      for (const taint of nodes.taints(node)) {
        if (taint.effect === 'PreferNoSchedule' && !isTolerated(taint, term.preferred, options)) count += 1
      }
      return count
    },

    normalize: 'by-maximum-reversed',

    events: ['node-added', 'node-updated', 'pending-pod-updated'],

    hint(term, change) {
      const tolerated = (taints: readonly Taint[] | undefined): boolean =>
        firstUntolerated(taints ?? [], term.tolerations, REPELLING, options) === undefined
      switch (change.type) {
        case 'node-added':
          return tolerated(change.node.spec?.taints)
        case 'node-updated':
          return !tolerated(change.old.spec?.taints) && tolerated(change.node.spec?.taints)
        case 'pending-pod-updated':
          return change.itself && change.updates.includes('tolerations')
        default:
          return false
      }
    },
  })
}

function coversPreferNoSchedule(toleration: Toleration): boolean {
  const { effect } = toleration
  return effect === undefined || effect === '' || effect === 'PreferNoSchedule'
}

function isTolerated(taint: Taint, tolerations: readonly Toleration[], options: TolerationOptions): boolean {
  return tolerations.some((toleration) => toleratesTaint(toleration, taint, options))
}
