import type { LogicFamily } from '../family.ts'
import { deploymentFenceposts } from './deployment-fenceposts.ts'
import { deployment } from './deployment.ts'
import { replicaSetRanking } from './replicaset-ranking.ts'
import { slowStart } from './slow-start.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [
  deployment,
  deploymentFenceposts,
  replicaSetRanking,
  slowStart,
]
