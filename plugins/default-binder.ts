import { definePlugin } from '../src/scheduler/framework/index.ts'

/**
 * Binds the pod to the chosen node.
 *
 * A declaration: the scheduler writes the binding itself. Source: Kubernetes v1.37, scheduler plugins/defaultbinder.
 */
export const defaultBinder = definePlugin({
  name: 'DefaultBinder',
  reads: [],
  sized: false,
  compile: () => ({}),
})
