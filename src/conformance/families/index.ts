import type { LogicFamily } from '../family.ts'
import { daemonSetNodes } from './daemonset-nodes.ts'
import { deploymentFenceposts } from './deployment-fenceposts.ts'
import { deployment } from './deployment.ts'
import { endpointSlice } from './endpointslice.ts'
import { nodeLifecycle } from './node-lifecycle.ts'
import { pdb } from './pdb.ts'
import { qosRequests } from './qos-requests.ts'
import { quantity } from './quantity.ts'
import { replicaSetRanking } from './replicaset-ranking.ts'
import { selectors } from './selectors.ts'
import { slowStart } from './slow-start.ts'
import { statefulSet } from './statefulset.ts'
import { taintTolerationTime } from './taint-toleration-time.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [
  daemonSetNodes,
  deployment,
  deploymentFenceposts,
  endpointSlice,
  nodeLifecycle,
  pdb,
  qosRequests,
  quantity,
  replicaSetRanking,
  selectors,
  slowStart,
  statefulSet,
  taintTolerationTime,
]
