import { existsSync, statSync } from 'node:fs'

import { readManifests } from '../../workload/node-list.ts'

/** Whether a file holds a scenario, and not objects of a cluster. */
export function isScenario(file: string): boolean {
  if (!existsSync(file) || statSync(file).isDirectory()) return false
  return readManifests(file).some(({ kind }) => kind === 'Scenario')
}
