import type { IntOrString } from '../../api/types.generated.ts'
import { resolveFenceposts } from '../../controllers/deployment-fenceposts.ts'
import { logicFamily } from '../family.ts'

interface Input {
  readonly replicas: number
  readonly maxSurge?: IntOrString
  readonly maxUnavailable?: IntOrString
}

/** Numbers of pods that a rolling update may have more or fewer. An absent value counts as 0. */
export const deploymentFenceposts = logicFamily(
  'deployment-fenceposts',
  ({ replicas, maxSurge = 0, maxUnavailable = 0 }: Input) =>
    resolveFenceposts(maxSurge, maxUnavailable, replicas),
)
