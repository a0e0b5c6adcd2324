import { millisecondsOf } from '../../base/go-duration.ts'
import type { Problems } from './problems.ts'

type Fields = Readonly<Record<string, unknown>>

/** Fields that a simulation has no use for: what they set does not exist here. */
const IDLE: Readonly<Record<string, string>> = {
  leaderElection: 'there is one scheduler, which always leads',
  clientConnection: 'the simulated API server is not reached over a network',
  enableProfiling: 'use the profiler of Node.js',
  enableContentionProfiling: 'use the profiler of Node.js',
  delayCacheUntilActive: 'there is one scheduler, which always leads',
}

/** Defaults of leader election in milliseconds (component-base v1.37). */
const LEASE = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 }

/**
 * Checks the settings that have no meaning in a simulation, and warns of those that are there.
 *
 * Source: Kubernetes v1.37, component-base/config/validation and scheduler/apis/config/validation.
 */
export function validateIdleSettings(fields: Fields, problems: Problems): void {
  for (const [field, message] of Object.entries(IDLE)) {
    if ((fields[field] ?? undefined) !== undefined) problems.warn([field], `has no effect: ${message}`)
  }
  const burst = Number(((fields['clientConnection'] ?? {}) as Fields)['burst'] ?? 0)
  if (burst < 0) problems.invalid(['clientConnection', 'burst'], burst, 'must be non-negative')
  validateLeaderElection((fields['leaderElection'] ?? {}) as Fields, problems)
  const parallelism = Number(fields['parallelism'] ?? 1)
  if (parallelism <= 0) {
    problems.invalid(['parallelism'], parallelism, 'should be an integer value greater than zero')
  } else if (parallelism !== 1) {
    const message = 'has no effect: the search for nodes is that of parallelism 1, which alone repeats itself'
    problems.warn(['parallelism'], message)
  }
}

function validateLeaderElection(election: Fields, problems: Problems): void {
  if (election['leaderElect'] === false) return
  const at = 'leaderElection'
  // The defaulting takes a duration of 0 for one that is absent.
  const spans = Object.entries(LEASE).map(([field, fallback]) => {
    const span = millisecondsOf(election[field], fallback) || fallback
    if (span <= 0) problems.invalid([at, field], election[field], 'must be greater than zero')
    return span
  })
  const [lease = 0, renew = 0] = spans
  if (lease <= renew) {
    const found = election['renewDeadline'] ?? '10s'
    problems.invalid([at, 'leaseDuration'], found, 'must be greater than `RenewDeadline`')
  }
  const lock = (election['resourceLock'] ?? '') === '' ? 'leases' : election['resourceLock']
  if (lock !== 'leases') problems.invalid([at, 'resourceLock'], lock, 'resourceLock value must be "leases"')
}
