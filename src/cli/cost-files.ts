import { rmSync } from 'node:fs'
import path from 'node:path'

/** Files that `run --profile-cost` leaves beside the reports. */
export const COST_FILES = { table: 'cost.csv', flame: 'cost.svg' } as const

/** Takes away the costs of an earlier run: they are not of the one whose reports stand beside them. */
export function forgetCosts(directory: string): void {
  for (const name of Object.values(COST_FILES)) rmSync(path.join(directory, name), { force: true })
}
