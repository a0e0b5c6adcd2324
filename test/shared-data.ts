import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { execFileSync } from 'node:child_process'

/** The checkout that this file belongs to. */
export const PROJECT_ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Folder of the shared reference data: `STOWAGE_SHARED`, else `../shared` beside the checkout, else beside the
 * checkout that this one was cloned from.
 */
export const SHARED = process.env['STOWAGE_SHARED'] ?? findShared()

/** Whether the shared data is here; in CI a test that needs it runs, and fails, without it. */
export const hasShared = existsSync(SHARED) || process.env['CI'] === 'true'

/** Absolute path of a file in the shared data. */
export function shared(...parts: string[]): string {
  return path.join(SHARED, ...parts)
}

function findShared(): string {
  const beside = path.resolve(PROJECT_ROOT, '..', 'shared')
  if (existsSync(beside)) return beside
  try {
    const origin = execFileSync('git', ['config', '--get', 'remote.origin.url'], {
      cwd: PROJECT_ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    if (path.isAbsolute(origin)) return path.resolve(origin, '..', 'shared')
  } catch {
    // No git, or no remote: there is no other place to look.
  }
  return beside
}
