import type { LogicFamily } from '../family.ts'
import { admissionPlugins } from './admission-plugins.ts'
import { cronJobTimes } from './cronjob-times.ts'
import { cronJob } from './cronjob.ts'
import { daemonSetNodes } from './daemonset-nodes.ts'
import { defaulting } from './defaulting.ts'
import { deploymentFenceposts } from './deployment-fenceposts.ts'
import { deployment } from './deployment.ts'
import { endpointSlice } from './endpointslice.ts'
import { evictionConfig } from './eviction-config.ts'
import { evictionRank } from './eviction-rank.ts'
import { evictionSync } from './eviction-sync.ts'
import { job } from './job.ts'
import { limitranger } from './limitranger.ts'
import { nodeLifecycle } from './node-lifecycle.ts'
import { pdb } from './pdb.ts'
import { qosRequests } from './qos-requests.ts'
import { quantity } from './quantity.ts'
import { quota } from './quota.ts'
import { replicaSetRanking } from './replicaset-ranking.ts'
import { selectors } from './selectors.ts'
import { slowStart } from './slow-start.ts'
import { statefulSet } from './statefulset.ts'
import { taintTolerationTime } from './taint-toleration-time.ts'
import { validation } from './validation.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [
  admissionPlugins,
  cronJob,
  cronJobTimes,
  daemonSetNodes,
  defaulting,
  deployment,
  deploymentFenceposts,
  endpointSlice,
  evictionConfig,
  evictionRank,
  evictionSync,
  job,
  limitranger,
  nodeLifecycle,
  pdb,
  qosRequests,
  quantity,
  quota,
  replicaSetRanking,
  selectors,
  slowStart,
  statefulSet,
  taintTolerationTime,
  validation,
]
