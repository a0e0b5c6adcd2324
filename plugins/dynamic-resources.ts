import { definePlugin } from '../src/scheduler/framework/index.ts'
import type { PostFilterResult } from '../src/scheduler/framework/index.ts'

const NOTHING_TO_FREE: PostFilterResult = Object.freeze({
  code: 'Unschedulable',
  message: '',
  candidates: [],
  ties: [],
  clearNomination: false,
})
const NO_STATE: PostFilterResult = Object.freeze({ ...NOTHING_TO_FREE, code: 'Error', message: 'not found' })

/**
 * Devices that pods claim. Of a pod without claims, the only kind that is simulated so far, it says what
 * kube-scheduler says: nothing to reject, score 0 on every node.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources.
 */
export const dynamicResources = definePlugin<object, never, boolean>({
  name: 'DynamicResources',
  reads: [],
  sized: false,
  compile: () => ({}),
  prepare: () => ({ state: true }),
  isIdle: () => true,
  postFilterNeedsLowerPriority: true,
  // An earlier plugin ended PreFilter, so that this one has no state: it fails, and no later PostFilter plugin runs.
  postFilter: (_term, _context, state) => (state === undefined ? NO_STATE : NOTHING_TO_FREE),
  score: () => 0,
  hint: () => false,
})
