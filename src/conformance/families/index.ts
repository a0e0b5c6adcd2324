import type { LogicFamily } from '../family.ts'
import { admissionPlugins } from './admission-plugins.ts'
import { defaulting } from './defaulting.ts'
import { limitranger } from './limitranger.ts'
import { nodeLifecycle } from './node-lifecycle.ts'
import { pdb } from './pdb.ts'
import { qosRequests } from './qos-requests.ts'
import { quantity } from './quantity.ts'
import { quota } from './quota.ts'
import { selectors } from './selectors.ts'
import { taintTolerationTime } from './taint-toleration-time.ts'
import { validation } from './validation.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [
  admissionPlugins,
  defaulting,
  limitranger,
  nodeLifecycle,
  pdb,
  qosRequests,
  quantity,
  quota,
  selectors,
  taintTolerationTime,
  validation,
]
