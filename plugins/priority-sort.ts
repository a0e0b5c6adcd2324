import { definePlugin } from '../src/scheduler/framework/index.ts'

/**
 * Orders the active queue: higher priority first, then the earlier time of creation or last failure.
 *
 * A declaration: the queue keeps this order itself. Source: Kubernetes v1.37, scheduler plugins/queuesort.
 */
export const prioritySort = definePlugin({
  name: 'PrioritySort',
  reads: [],
  sized: false,
  compile: () => ({}),
})
