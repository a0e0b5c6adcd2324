import { definePlugin } from '../src/scheduler/framework/index.ts'
import type { PluginFactory } from '../src/scheduler/framework/index.ts'

/** What the plugin is while its gate is off: it acts at no extension point. */
const ABSENT = definePlugin({ name: 'PodGroupPodsCount', reads: [], sized: false, compile: () => ({}) })

/**
 * Prefers placements that take more pods of a PodGroup.
 *
 * Behind the feature gate TopologyAwareWorkloadScheduling.
 * Source: Kubernetes v1.37, scheduler plugins/podgrouppodscount: pods there already and pods placed, 0 to 100 by the most.
 */
export const podGroupPodsCount: PluginFactory = (_args, { gates }) =>
  gates.get('TopologyAwareWorkloadScheduling') === true
    ? definePlugin({
        ...ABSENT,
        placementScore: (_context, { scheduled }) => scheduled,
        placementNormalize: 'max',
      })
    : ABSENT
